"""Tokenizers, text models, VAEs and the like that several of the tiny pipelines share: random and small.

The tokenizers are made up: byte by byte, with the special tokens that the pipelines' templates use.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
]
VOCABULARY = 256 + len(SPECIAL)

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.content is string %}{{ message.content }}"
    "{% else %}{% for part in message.content %}{{ part.text }}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def save(pipe: Any, folder: Path) -> Path:
    """The pipeline in the hub's layout, weights as safetensors."""
    pipe.save_pretrained(str(folder), safe_serialization=True)
    return folder


@contextlib.contextmanager
def named_as_in_the_hub(module: str) -> Iterator[None]:
    """Make `model_index.json` name `module` for parts that diffusers has moved to `pipelines.deprecated`.

    diffusers 0.42 writes "diffusers" for them, where it can't find them again. The hub's folders have the old name.
    """
    pipelines = importlib.import_module("diffusers.pipelines")
    setattr(pipelines, module, importlib.import_module(f"diffusers.pipelines.deprecated.{module}"))
    try:
        yield
    finally:
        delattr(pipelines, module)


def liven(module: Any, gain: float = 1.0) -> Any:
    """Weights large enough that prompt and guidance are seen in the picture, zero-initialised ones included.

    Matrices and kernels get a normal distribution of variance gain² / fan-in; vectors stay as they are.
    """
    import torch

    with torch.no_grad():
        for weight in module.parameters():
            if weight.dim() > 1:
                weight.normal_(0.0, gain / weight[0].numel() ** 0.5)
    return module


def byte_vocabulary() -> dict[str, int]:
    from tokenizers.pre_tokenizers import ByteLevel

    return {piece: index for index, piece in enumerate([*sorted(ByteLevel.alphabet()), *SPECIAL])}


def byte_tokenizer() -> Any:
    """A `PreTrainedTokenizerFast` of bytes that puts a start token before each text, so that none is empty."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(vocab=byte_vocabulary(), merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|im_start|> $A", special_tokens=[("<|im_start|>", byte_vocabulary()["<|im_start|>"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        unk_token="<|endoftext|>",
        pad_token="<|endoftext|>",
        model_max_length=512,
    )


def qwen2_tokenizer() -> Any:
    """`Qwen2Tokenizer` of bytes, with a chat template."""
    from transformers import Qwen2Tokenizer

    tokenizer = Qwen2Tokenizer(
        vocab=byte_vocabulary(), merges=[], model_max_length=4096, chat_template=CHAT_TEMPLATE
    )
    tokenizer.add_special_tokens({"additional_special_tokens": SPECIAL[1:]})
    return tokenizer


def qwen3_vl(width: int = 16, layers: int = 2, *, head: bool = True) -> Any:
    """Qwen3-VL, text and (unused) vision: `Qwen3VLForConditionalGeneration`, or `Qwen3VLModel` without head."""
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration, Qwen3VLModel

    config = Qwen3VLConfig(
        text_config={
            "hidden_size": width,
            "intermediate_size": width,
            "num_hidden_layers": layers,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "head_dim": 8,
            "vocab_size": VOCABULARY,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 1, 1]},
        },
        vision_config={
            "depth": 1,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": width,
            "num_position_embeddings": 16,
            "deepstack_visual_indexes": [0],
        },
        **_special_ids(),
    )
    return liven(Qwen3VLForConditionalGeneration(config) if head else Qwen3VLModel(config))


def qwen3_vl_processor() -> Any:
    """`Qwen3VLProcessor`. Its video part needs torchvision."""
    from transformers import Qwen2VLImageProcessor, Qwen3VLProcessor, Qwen3VLVideoProcessor

    return Qwen3VLProcessor(
        Qwen2VLImageProcessor(patch_size=16),
        qwen2_tokenizer(),
        Qwen3VLVideoProcessor(),
        chat_template=CHAT_TEMPLATE,
    )


def qwen2_vl_processor() -> Any:
    """`Qwen2VLProcessor`. Its video part needs torchvision."""
    from transformers import Qwen2VLImageProcessor, Qwen2VLProcessor, Qwen2VLVideoProcessor

    return Qwen2VLProcessor(
        Qwen2VLImageProcessor(), qwen2_tokenizer(), Qwen2VLVideoProcessor(), chat_template=CHAT_TEMPLATE
    )


def qwen2_5_vl(width: int = 16, layers: int = 1) -> Any:
    """`Qwen2_5_VLForConditionalGeneration`."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    config = Qwen2_5_VLConfig(
        text_config={
            "hidden_size": width,
            "intermediate_size": width,
            "num_hidden_layers": layers,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "vocab_size": VOCABULARY,
            "bos_token_id": 257,
            "eos_token_id": 258,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 1, 1]},
        },
        vision_config={
            "depth": 1,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": width,
            "fullatt_block_indexes": [0],
        },
        **_special_ids(),
    )
    return liven(Qwen2_5_VLForConditionalGeneration(config))


def decoder_config(width: int = 32, layers: int = 2) -> dict[str, Any]:
    """What the configurations of Llama-like text models have in common."""
    return {
        "vocab_size": VOCABULARY,
        "hidden_size": width,
        "intermediate_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 8,
        "max_position_embeddings": 1024,
        "pad_token_id": 256,
        "bos_token_id": 257,
        "eos_token_id": 258,
    }


def vae(channels: int, *, blocks: int = 2, **options: Any) -> Any:
    """`AutoencoderKL`: latents are smaller than the picture by a factor 2^(blocks - 1)."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(**_blocks(blocks), latent_channels=channels, **options)


def flux2_vae(channels: int = 4, *, blocks: int = 2) -> Any:
    """`AutoencoderKLFlux2`, whose statistics of the latents are no ones and zeros."""
    from diffusers import AutoencoderKLFlux2

    model = AutoencoderKLFlux2(**_blocks(blocks), latent_channels=channels)
    model.bn.running_mean.normal_(0.0, 0.2)
    model.bn.running_var.uniform_(0.5, 1.5)
    return model.eval()


def _blocks(count: int) -> dict[str, Any]:
    return {
        "block_out_channels": (8, 16, 16, 16)[:count],
        "norm_num_groups": 4,
        "layers_per_block": 1,
        "down_block_types": ("DownEncoderBlock2D",) * count,
        "up_block_types": ("UpDecoderBlock2D",) * count,
        "sample_size": 32,
    }


def _special_ids() -> dict[str, int]:
    ids = byte_vocabulary()
    return {
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
    }


def video_vae() -> dict[str, Any]:
    """Options of the VAEs of Wan and Qwen-Image: four latent channels, smaller by a factor 4."""
    return {
        "base_dim": 8,
        "z_dim": 4,
        "dim_mult": [1, 2, 2],
        "num_res_blocks": 1,
        "temperal_downsample": [False, True],
        "latents_mean": [0.1, -0.1, 0.2, 0.0],
        "latents_std": [1.0, 1.1, 0.9, 1.2],
    }
