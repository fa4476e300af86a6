"""Tiny architectures of the single-file families, and pipelines of them with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aigif.runtime.store import configs
from aigif.runtime.store.configs import Prediction, scheduler_config
from tests.runtime import tiny

_UNET = {
    "sample_size": 16,
    "block_out_channels": [16, 32],
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
    "attention_head_dim": 8,
}
_TIME = {"addition_embed_type": "text_time", "addition_time_embed_dim": 8, "use_linear_projection": True}
_UNETS = {
    "sd1": {**_UNET, "cross_attention_dim": 32},
    "sd2": {**_UNET, "cross_attention_dim": 48, "use_linear_projection": True},
    "sdxl": {
        **_UNET,
        **_TIME,
        "cross_attention_dim": 32 + 48,
        "projection_class_embeddings_input_dim": 48 + 6 * 8,
        "transformer_layers_per_block": [1, 2],
    },
    "sdxl-refiner": {
        **_UNET,
        **_TIME,
        "cross_attention_dim": 48,
        "projection_class_embeddings_input_dim": 48 + 5 * 8,
    },
}
_VAE = {
    "block_out_channels": [8, 16],
    "norm_num_groups": 8,
    "down_block_types": ["DownEncoderBlock2D"] * 2,
    "up_block_types": ["UpDecoderBlock2D"] * 2,
    "layers_per_block": 1,
    "sample_size": 32,
}


def components(family: str, prediction: Prediction | None = None) -> dict[str, dict[str, Any]]:
    """What takes the place of `configs.components` in the tests."""
    scale = 0.13025 if family.startswith("sdxl") else 0.18215
    clip = {"text_encoder": _clip(32)} if family in ("sd1", "sdxl") else {}
    if family == "sd2":
        clip = {"text_encoder": _clip(48, "gelu")}
    if family.startswith("sdxl"):
        clip["text_encoder_2"] = _clip(48, "gelu")
    return {"unet": dict(_UNETS[family]), "vae": {**_VAE, "scaling_factor": scale}, **clip}


def pipeline(family: str, prediction: Prediction | None = None, seed: int = 0) -> Any:
    """A pipeline of the family's class with random weights of the tiny architecture."""
    import diffusers
    import torch
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(seed)
    parts: dict[str, Any] = {"text_encoder": None, "tokenizer": None} if family == "sdxl-refiner" else {}
    for name, config in components(family).items():
        if name == "unet":
            parts[name] = diffusers.UNet2DConditionModel(**config)
        elif name == "vae":
            parts[name] = diffusers.AutoencoderKL(**config)
        else:
            kind = CLIPTextModelWithProjection if name.endswith("_2") else CLIPTextModel
            parts[name] = kind(CLIPTextConfig(**config))
    for name, pad in configs.TOKENIZER_PADS[family].items():
        parts[name] = tiny._clip_tokenizer()
        parts[name].pad_token = pad
    own = scheduler_config(family, prediction or Prediction())
    parts["scheduler"] = getattr(diffusers, own["_class_name"]).from_config(own)
    if family in ("sd1", "sd2"):
        parts |= {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    else:
        parts |= configs._INDEX[family]
    return getattr(diffusers, configs.PIPELINES[family])(**parts)


def save(family: str, folder: Path) -> Path:
    """Such a pipeline in the hub's layout."""
    pipeline(family).save_pretrained(str(folder), safe_serialization=True)
    return folder


def _clip(width: int, activation: str = "quick_gelu") -> dict[str, Any]:
    words = len(tiny._clip_vocabulary())
    return {
        "vocab_size": words,
        "hidden_size": width,
        "intermediate_size": width,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "max_position_embeddings": 77,
        "projection_dim": width,
        "hidden_act": activation,
        "bos_token_id": words - 2,
        "eos_token_id": words - 1,
        "pad_token_id": words - 1,
    }
