"""Tiny pipelines whose text model is one of Qwen's: Ovis, LongCat, Krea 2, Ideogram 4, Nucleus, DreamLite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.runtime.tinymodels import parts_more as parts


def save_ovis(folder: Path) -> Path:
    """OvisImagePipeline: 32 x 32 pixels."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, OvisImagePipeline, OvisImageTransformer2DModel
    from transformers import Qwen3Config, Qwen3Model

    torch.manual_seed(70)
    transformer = OvisImageTransformer2DModel(
        in_channels=16,
        out_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        axes_dims_rope=(4, 4, 8),
    )
    pipe = OvisImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0),
        vae=parts.vae(4, shift_factor=0.1),
        text_encoder=parts.liven(Qwen3Model(Qwen3Config(**parts.decoder_config()))),
        tokenizer=parts.qwen2_tokenizer(),
        transformer=parts.liven(transformer),
    )
    return parts.save(pipe, folder)


def save_longcat(folder: Path) -> Path:
    """LongCatImagePipeline: 32 x 32 pixels; its processor needs torchvision. Give `enable_prompt_rewrite=False`."""
    import torch
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        LongCatImagePipeline,
        LongCatImageTransformer2DModel,
    )

    torch.manual_seed(71)
    transformer = LongCatImageTransformer2DModel(
        in_channels=64,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        pooled_projection_dim=16,
        axes_dims_rope=[4, 4, 8],
    )
    pipe = LongCatImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0),
        vae=parts.vae(16, shift_factor=0.1),
        text_encoder=parts.qwen2_5_vl(),
        tokenizer=parts.qwen2_tokenizer(),
        text_processor=parts.qwen2_vl_processor(),
        transformer=parts.liven(transformer),
    )
    return parts.save(pipe, folder)


def save_krea2(folder: Path) -> Path:
    """Krea2Pipeline: 32 x 32 pixels."""
    import torch
    from diffusers import (
        AutoencoderKLQwenImage,
        FlowMatchEulerDiscreteScheduler,
        Krea2Pipeline,
        Krea2Transformer2DModel,
    )

    torch.manual_seed(72)
    transformer = Krea2Transformer2DModel(
        in_channels=16,
        num_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        num_key_value_heads=1,
        intermediate_size=32,
        timestep_embed_dim=16,
        text_hidden_dim=16,
        num_text_layers=2,
        text_num_attention_heads=2,
        text_num_key_value_heads=1,
        text_intermediate_size=16,
        num_layerwise_text_blocks=1,
        num_refiner_text_blocks=1,
        axes_dims_rope=(4, 6, 6),
    )
    pipe = Krea2Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=AutoencoderKLQwenImage(**parts.video_vae()),
        text_encoder=parts.qwen3_vl(head=False),
        tokenizer=parts.qwen2_tokenizer(),
        transformer=parts.liven(transformer),
        text_encoder_select_layers=(1, 2),
    )
    return parts.save(pipe, folder)


def save_ideogram4(folder: Path) -> Path:
    """Ideogram4Pipeline: 32 x 32 pixels. 36 layers of the text model, as the class taps up to the 35th."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, Ideogram4Pipeline

    torch.manual_seed(73)
    pipe = Ideogram4Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=parts.flux2_vae(),
        text_encoder=parts.qwen3_vl(layers=36, head=False),
        tokenizer=parts.qwen2_tokenizer(),
        transformer=_ideogram_transformer(),
        unconditional_transformer=_ideogram_transformer(),
    )
    return parts.save(pipe, folder)


def save_nucleus(folder: Path) -> Path:
    """NucleusMoEImagePipeline: 32 x 32 pixels, two experts; its processor needs torchvision."""
    import torch
    from diffusers import (
        AutoencoderKLQwenImage,
        FlowMatchEulerDiscreteScheduler,
        NucleusMoEImagePipeline,
        NucleusMoEImageTransformer2DModel,
    )

    torch.manual_seed(74)
    transformer = NucleusMoEImageTransformer2DModel(
        in_channels=16,
        out_channels=4,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        num_key_value_heads=1,
        joint_attention_dim=16,
        axes_dims_rope=(4, 6, 6),
        mlp_ratio=2.0,
        dense_moe_strategy="all_moe",
        num_experts=2,
        moe_intermediate_dim=16,
        capacity_factors=[2.0, 2.0],
    )
    pipe = NucleusMoEImagePipeline(
        transformer=parts.liven(transformer),
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=AutoencoderKLQwenImage(**parts.video_vae()),
        text_encoder=parts.qwen3_vl(layers=9),
        processor=parts.qwen3_vl_processor(),
    )
    return parts.save(pipe, folder)


def save_dreamlite(folder: Path) -> Path:
    """DreamLitePipeline: 64 x 64 pixels; its processor needs torchvision."""
    from diffusers import DreamLitePipeline

    return parts.save(DreamLitePipeline(**_dreamlite(75)), folder)


def save_dreamlite_mobile(folder: Path) -> Path:
    """DreamLiteMobilePipeline, without guidance: 64 x 64 pixels; its processor needs torchvision."""
    from diffusers import DreamLiteMobilePipeline

    return parts.save(DreamLiteMobilePipeline(**_dreamlite(76)), folder)


def _dreamlite(seed: int) -> dict[str, Any]:
    import torch
    from diffusers import AutoencoderTiny, DreamLiteUNetModel, FlowMatchEulerDiscreteScheduler

    torch.manual_seed(seed)
    unet = DreamLiteUNetModel(
        sample_size=8,
        down_block_types=("DreamLiteCrossAttnNoSelfAttnDownBlock2D", "DreamLiteCrossAttnDownBlock2D"),
        up_block_types=("DreamLiteCrossAttnUpBlock2D", "DreamLiteUpBlock2D"),
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=8,
        cross_attention_dim=16,
        attention_head_dim=8,
    )
    vae = AutoencoderTiny(
        encoder_block_out_channels=(8, 8),
        decoder_block_out_channels=(8, 8),
        num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1),
    )
    return {
        "text_encoder": parts.qwen3_vl(),
        "tokenizer": parts.qwen2_tokenizer(),
        "processor": parts.qwen3_vl_processor(),
        "vae": vae,
        "unet": parts.liven(unet),
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
    }


def _ideogram_transformer() -> Any:
    from diffusers import Ideogram4Transformer2DModel

    return parts.liven(
        Ideogram4Transformer2DModel(
            in_channels=16,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            intermediate_size=32,
            adaln_dim=8,
            llm_features_dim=13 * 16,
            mrope_section=(4, 2, 2),
        )
    )


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "OvisImagePipeline": save_ovis,
    "LongCatImagePipeline": save_longcat,
    "Krea2Pipeline": save_krea2,
    "Ideogram4Pipeline": save_ideogram4,
    "NucleusMoEImagePipeline": save_nucleus,
    "DreamLitePipeline": save_dreamlite,
    "DreamLiteMobilePipeline": save_dreamlite_mobile,
}
