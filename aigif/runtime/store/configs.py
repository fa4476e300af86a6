"""The architectures of single-file checkpoints, as diffusers' configurations.

A checkpoint holds numbers only; what they are the numbers of is known from its family. Sources: for SD 1 and 2
CompVis' and Stability's stable-diffusion v1-inference.yaml, v2-inference.yaml and v2-inference-v.yaml; for SDXL
generative-models configs/inference/sd_xl_base.yaml and sd_xl_refiner.yaml; the text models OpenAI's CLIP ViT-L/14 and
LAION's OpenCLIP ViT-H/14 and ViT-bigG/14; the names and the schedulers' settings those of the models' repositories on
the Hugging Face hub. Written as what differs from the defaults of diffusers' and transformers' classes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigif.runtime.store.header import Header
from aigif.runtime.store.recognise import PIPELINES, UNET, VAE

__all__ = ["TOKENIZER_PADS", "Prediction", "components", "misfit", "scheduler_config", "write_folder"]

_CROSS_DOWN, _CROSS_UP = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"
_SD = {
    "sample_size": 64,
    "block_out_channels": [320, 640, 1280, 1280],
    "down_block_types": [_CROSS_DOWN, _CROSS_DOWN, _CROSS_DOWN, "DownBlock2D"],
    "up_block_types": ["UpBlock2D", _CROSS_UP, _CROSS_UP, _CROSS_UP],
}
_TEXT_TIME = {
    "sample_size": 128,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
}
_UNETS: Mapping[str, dict[str, Any]] = {
    "sd1": {**_SD, "cross_attention_dim": 768, "attention_head_dim": 8},
    "sd2": {
        **_SD,
        "cross_attention_dim": 1024,
        "attention_head_dim": [5, 10, 20, 20],
        "use_linear_projection": True,
    },
    "sdxl": {
        **_TEXT_TIME,
        "block_out_channels": [320, 640, 1280],
        "down_block_types": ["DownBlock2D", _CROSS_DOWN, _CROSS_DOWN],
        "up_block_types": [_CROSS_UP, _CROSS_UP, "UpBlock2D"],
        "transformer_layers_per_block": [1, 2, 10],
        "attention_head_dim": [5, 10, 20],
        "cross_attention_dim": 2048,
        "projection_class_embeddings_input_dim": 2816,
    },
    "sdxl-refiner": {
        **_TEXT_TIME,
        "block_out_channels": [384, 768, 1536, 1536],
        "down_block_types": ["DownBlock2D", _CROSS_DOWN, _CROSS_DOWN, "DownBlock2D"],
        "up_block_types": ["UpBlock2D", _CROSS_UP, _CROSS_UP, "UpBlock2D"],
        "transformer_layers_per_block": 4,
        "attention_head_dim": [6, 12, 24, 24],
        "cross_attention_dim": 1280,
        "projection_class_embeddings_input_dim": 2560,
    },
}
_VAE_SHAPE = {
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "layers_per_block": 2,
}
_VAE_SD = {**_VAE_SHAPE, "sample_size": 512, "scaling_factor": 0.18215, "force_upcast": False}
_VAE_XL = {**_VAE_SHAPE, "sample_size": 1024, "scaling_factor": 0.13025, "force_upcast": True}
_CLIP_L = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "hidden_act": "quick_gelu",
    "projection_dim": 768,
}
_CLIP_H = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 23,  # of 24: SD 2 takes the layer before the last
    "num_attention_heads": 16,
    "hidden_act": "gelu",
    "projection_dim": 512,
}
_CLIP_BIG_G = {
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "hidden_act": "gelu",
    "projection_dim": 1280,
}
_TEXT: Mapping[str, dict[str, dict[str, Any]]] = {
    "sd1": {"text_encoder": _CLIP_L},
    "sd2": {"text_encoder": _CLIP_H},
    "sdxl": {"text_encoder": _CLIP_L, "text_encoder_2": _CLIP_BIG_G},
    "sdxl-refiner": {"text_encoder_2": _CLIP_BIG_G},
}
_CLIP_COMMON = {
    "vocab_size": 49408,
    "max_position_embeddings": 77,
    "layer_norm_eps": 1e-5,
    "bos_token_id": 0,  # these three as in the repositories: transformers then takes the
    "eos_token_id": 2,  # text's end where its largest token stands, as CLIP does
    "pad_token_id": 1,
}

TOKENIZER_PADS: Mapping[str, dict[str, str]] = {
    "sd1": {"tokenizer": "<|endoftext|>"},
    "sd2": {"tokenizer": "!"},
    "sdxl": {"tokenizer": "<|endoftext|>", "tokenizer_2": "!"},
    "sdxl-refiner": {"tokenizer_2": "!"},
}
"""The tokenizers of each family, and what they fill short prompts with. All have CLIP's one vocabulary."""

_INDEX: Mapping[str, dict[str, bool]] = {
    "sdxl": {"force_zeros_for_empty_prompt": True},
    "sdxl-refiner": {"force_zeros_for_empty_prompt": False, "requires_aesthetics_score": True},
}
_BETAS = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "clip_sample": False,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "trained_betas": None,
}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a checkpoint's network predicts, and how its noise levels were trained."""

    v: bool = False
    zero_terminal_snr: bool = False


def components(family: str, prediction: Prediction) -> dict[str, dict[str, Any]]:
    """The configuration of each model in a checkpoint of `family`: unet, vae, text_encoder …

    SD 2 with v prediction is the model of 768 pixels. SD 2's attention is upcast, which SD 2.1 needs in half
    precision and which changes nothing in float32.
    """
    vae = _VAE_XL if family.startswith("sdxl") else _VAE_SD
    texts = {name: {**_CLIP_COMMON, **config} for name, config in _TEXT[family].items()}
    unet = dict(_UNETS[family])
    if family == "sd2":
        unet |= {"upcast_attention": True, "sample_size": 96 if prediction.v else 64}
        vae = {**vae, "sample_size": 768 if prediction.v else 512}
    return {"unet": unet, "vae": dict(vae), **texts}


def scheduler_config(family: str, prediction: Prediction) -> dict[str, Any]:
    """The configuration of the family's own scheduler, as its repository on the hub has it."""
    xl = family.startswith("sdxl")
    config: dict[str, Any] = {
        "_class_name": "EulerDiscreteScheduler" if xl else "PNDMScheduler",
        **_BETAS,
        "prediction_type": "v_prediction" if prediction.v else "epsilon",
    }
    if xl:
        config |= {"timestep_spacing": "leading", "interpolation_type": "linear", "use_karras_sigmas": False}
        config |= {"sample_max_value": 1.0}
    if prediction.zero_terminal_snr:
        config |= {"rescale_betas_zero_snr": True}
    return config


def misfit(header: Header, family: str) -> str:
    """How a checkpoint's shapes differ from its family's; empty where the ones looked at agree."""
    configs = components(family, Prediction())
    unet = configs["unet"]
    channels = unet["block_out_channels"]
    wanted = {
        f"{UNET}input_blocks.0.0.weight": (channels[0], unet.get("in_channels", 4), 3, 3),
        f"{VAE}decoder.conv_out.weight": (3, configs["vae"]["block_out_channels"][0], 3, 3),
    }
    for name, shape in wanted.items():
        if header.shape(name) != shape:
            return f"{name} has the shape {list(header.shape(name))}, {family} has {list(shape)}"
    widths = [i.shape[-1] for n, i in header.tensors.items() if n.endswith("attn2.to_k.weight") and i.shape]
    if any(width != unet["cross_attention_dim"] for width in widths):
        return f"its cross attention takes texts of width {widths[0]}, {family} has {unet['cross_attention_dim']}"
    return ""


def write_folder(folder: Path, family: str, prediction: Prediction) -> None:
    """Write the configurations into `folder` in the hub's layout, as `from_single_file(config=…)` wants them.

    The tokenizers are not among them: their vocabulary is no fact about the checkpoint.
    """
    index: dict[str, Any] = {"_class_name": PIPELINES[family], **_INDEX.get(family, {})}
    index |= {"unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]}
    config = scheduler_config(family, prediction)
    index["scheduler"] = ["diffusers", config["_class_name"]]
    files = {"scheduler/scheduler_config.json": config}
    for name, content in components(family, prediction).items():
        kind = {"unet": "UNet2DConditionModel", "vae": "AutoencoderKL"}.get(name)
        if kind is not None:
            files[f"{name}/config.json"] = {"_class_name": kind, **content}
            continue
        text = "CLIPTextModelWithProjection" if name == "text_encoder_2" else "CLIPTextModel"
        index[name] = ["transformers", text]
        files[f"{name}/config.json"] = {"architectures": [text], "model_type": "clip_text_model", **content}
    for name in TOKENIZER_PADS[family]:
        index[name] = ["transformers", "CLIPTokenizer"]
    absent = {"sdxl-refiner": ("text_encoder", "tokenizer")}.get(family, ())
    index |= {name: [None, None] for name in absent}
    if family in ("sd1", "sd2"):
        index |= {"safety_checker": [None, None], "feature_extractor": [None, None]}
        index |= {"requires_safety_checker": False}
    files["model_index.json"] = index
    for name, entry in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(entry), encoding="utf-8")
