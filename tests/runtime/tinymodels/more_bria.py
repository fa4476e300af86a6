"""Tiny pipelines of Bria: 3.2, FIBO and FIBO 2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.runtime.tiny import _t5, _t5_tokenizer
from tests.runtime.tinymodels import parts_more as parts


def save_bria(folder: Path) -> Path:
    """BriaPipeline: 32 x 32 pixels."""
    import torch
    from diffusers import BriaPipeline, BriaTransformer2DModel, FlowMatchEulerDiscreteScheduler

    torch.manual_seed(60)
    transformer = BriaTransformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=None,
        axes_dims_rope=[0, 4, 4],
    )
    pipe = BriaPipeline(
        transformer=parts.liven(transformer),
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=parts.vae(4, shift_factor=0.1),
        text_encoder=_t5(),
        tokenizer=_t5_tokenizer(),
    )
    return parts.save(pipe, folder)


def save_bria_fibo(folder: Path) -> Path:
    """BriaFiboPipeline: 64 x 64 pixels.

    The vocabulary is that of SmolLM3 and more: the class has its start token, 128000, built in.
    """
    import torch
    from diffusers import (
        AutoencoderKLWan,
        BriaFiboPipeline,
        BriaFiboTransformer2DModel,
        FlowMatchEulerDiscreteScheduler,
    )
    from transformers import SmolLM3Config, SmolLM3ForCausalLM

    torch.manual_seed(61)
    transformer = BriaFiboTransformer2DModel(
        patch_size=1,
        in_channels=4,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=16,
        text_encoder_dim=8,
        pooled_projection_dim=None,
        axes_dims_rope=[0, 4, 4],
    )
    text = parts.decoder_config(width=8) | {"vocab_size": 128_016, "pad_token_id": 128_004}
    vae = AutoencoderKLWan(
        **parts.video_vae() | {"dim_mult": [1, 1, 1, 1], "temperal_downsample": [False, True, True]},
        in_channels=12,
        out_channels=12,
        patch_size=2,
        scale_factor_spatial=16,
    )
    pipe = BriaFiboPipeline(
        transformer=parts.liven(transformer),
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae,
        text_encoder=SmolLM3ForCausalLM(SmolLM3Config(**text)),
        tokenizer=parts.byte_tokenizer(),
    )
    return parts.save(pipe, folder)


def save_bria_fibo2(folder: Path) -> Path:
    """BriaFibo2Pipeline: 32 x 32 pixels. Its processor needs torchvision.

    36 layers of the text model, as the class reads the states up to the 35th.
    """
    import torch
    from diffusers import BriaFibo2Pipeline, BriaFibo2Transformer2DModel, FlowMatchEulerDiscreteScheduler

    torch.manual_seed(62)
    transformer = BriaFibo2Transformer2DModel(
        in_channels=4,
        patch_size=2,
        dim=32,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        cap_feat_dim=48,
        injection_layer_ids=(1,),
        perceiver_num_layers=1,
        min_num_gist_tokens=4,
        max_num_gist_tokens=8,
        gist_step=4,
        gist_min_text_len=4,
        gist_max_text_len=16,
        axes_dims=(4, 6, 6),
        axes_lens=(128, 32, 32),
    )
    pipe = BriaFibo2Pipeline(
        transformer=parts.liven(transformer),
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=parts.flux2_vae(),
        text_encoder=parts.qwen3_vl(layers=36),
        processor=parts.qwen3_vl_processor(),
    )
    return parts.save(pipe, folder)


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "BriaPipeline": save_bria,
    "BriaFiboPipeline": save_bria_fibo,
    "BriaFibo2Pipeline": save_bria_fibo2,
}
