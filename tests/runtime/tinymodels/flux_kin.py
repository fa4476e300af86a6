"""Tiny kin of FLUX.1: Kontext, FLUX.2 and its klein, Chroma."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.runtime import tiny
from tests.runtime.tinymodels import parts_more as parts


def save_flux_kontext(folder: Path) -> Path:
    """FluxKontextPipeline, whose call would make every picture about a mebipixel large by itself."""
    import torch
    from diffusers import AutoencoderKL, FluxKontextPipeline, FluxTransformer2DModel

    torch.manual_seed(9)
    transformer = FluxTransformer2DModel(
        **_blocks(),
        in_channels=16,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=(4, 4, 8),
        guidance_embeds=True,
    )
    pipe = FluxKontextPipeline(
        scheduler=_flow(use_dynamic_shifting=True, shift=3.0),
        vae=AutoencoderKL(**tiny._vae(4), shift_factor=0.06),
        text_encoder=tiny._clip(),
        tokenizer=tiny._clip_tokenizer(),
        text_encoder_2=tiny._t5(),
        tokenizer_2=tiny._t5_tokenizer(),
        transformer=transformer,
    )
    return parts.save(pipe, folder)


def save_flux2(folder: Path) -> Path:
    """Flux2Pipeline: Mistral 3 as text model, three of whose layers are put side by side; guidance as an input.

    A tokenizer stands in for the processor, which needs torchvision for the pictures that no call gives it.
    """
    import torch
    from diffusers import Flux2Pipeline, Flux2Transformer2DModel
    from transformers import Mistral3Config, Mistral3ForConditionalGeneration

    torch.manual_seed(10)
    text = parts.decoder_config(16, layers=30) | {"model_type": "mistral", "sliding_window": None}
    vision = {"model_type": "pixtral", "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1}
    config = Mistral3Config(
        text_config=text,
        vision_config=vision | {"num_attention_heads": 1, "head_dim": 8, "image_size": 16, "patch_size": 8},
        image_token_index=parts.byte_vocabulary()["<|image_pad|>"],
    )
    tokenizer = parts.byte_tokenizer()
    tokenizer.chat_template = parts.CHAT_TEMPLATE
    pipe = Flux2Pipeline(
        scheduler=_flow(use_dynamic_shifting=True),
        vae=parts.flux2_vae(),
        text_encoder=Mistral3ForConditionalGeneration(config).eval(),
        tokenizer=tokenizer,
        transformer=parts.liven(
            Flux2Transformer2DModel(
                **_blocks(), in_channels=16, joint_attention_dim=48, axes_dims_rope=(4, 4, 4, 4)
            )
        ),
    )
    return parts.save(pipe, folder)


def save_flux2_klein(folder: Path) -> Path:
    """Flux2KleinPipeline: Qwen 3 as text model, classifier-free guidance."""
    import torch
    from diffusers import Flux2KleinPipeline, Flux2Transformer2DModel
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(11)
    pipe = Flux2KleinPipeline(
        scheduler=_flow(use_dynamic_shifting=True),
        vae=parts.flux2_vae(),
        text_encoder=Qwen3ForCausalLM(Qwen3Config(**parts.decoder_config(16, layers=27))).eval(),
        tokenizer=parts.qwen2_tokenizer(),
        transformer=parts.liven(
            Flux2Transformer2DModel(
                **_blocks(),
                in_channels=16,
                joint_attention_dim=48,
                axes_dims_rope=(4, 4, 4, 4),
                guidance_embeds=False,
            )
        ),
    )
    return parts.save(pipe, folder)


def save_chroma(folder: Path) -> Path:
    """ChromaPipeline: T5 alone, classifier-free guidance."""
    import torch
    from diffusers import AutoencoderKL, ChromaPipeline, ChromaTransformer2DModel

    torch.manual_seed(12)
    transformer = ChromaTransformer2DModel(
        **_blocks(),
        in_channels=16,
        joint_attention_dim=32,
        axes_dims_rope=(4, 4, 8),
        approximator_hidden_dim=32,
        approximator_layers=1,
        approximator_num_channels=16,
    )
    pipe = ChromaPipeline(
        scheduler=_flow(),
        vae=AutoencoderKL(**tiny._vae(4), shift_factor=0.06),
        text_encoder=tiny._t5(),
        tokenizer=tiny._t5_tokenizer(),
        transformer=parts.liven(transformer),
    )
    return parts.save(pipe, folder)


def _blocks() -> dict[str, Any]:
    return {
        "patch_size": 1,
        "num_layers": 1,
        "num_single_layers": 1,
        "attention_head_dim": 16,
        "num_attention_heads": 2,
    }


def _flow(**options: Any) -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler

    return FlowMatchEulerDiscreteScheduler(**options)


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "FluxKontextPipeline": save_flux_kontext,
    "Flux2Pipeline": save_flux2,
    "Flux2KleinPipeline": save_flux2_klein,
    "ChromaPipeline": save_chroma,
}
