"""Tiny Stable Diffusion in its generations, with refiner and few-step kin; and FLUX.1."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.runtime import tiny
from tests.runtime.tinymodels import parts_more as parts


def save_sd2(folder: Path) -> Path:
    """StableDiffusionPipeline as SD 2.1 has it: v prediction, OpenCLIP's next-to-last layer, linear projections."""
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel

    torch.manual_seed(6)
    unet = UNet2DConditionModel(
        **tiny._unet() | {"attention_head_dim": (2, 4)}, cross_attention_dim=32, use_linear_projection=True
    )
    pipe = StableDiffusionPipeline(
        vae=AutoencoderKL(**tiny._vae(4)),
        text_encoder=tiny._clip(),
        tokenizer=tiny._clip_tokenizer(),
        unet=unet,
        scheduler=DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            prediction_type="v_prediction",
            clip_sample=False,
            set_alpha_to_one=False,
            steps_offset=1,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    return parts.save(pipe, folder)


def save_sdxl_refiner(folder: Path) -> Path:
    """StableDiffusionXLImg2ImgPipeline with one text model and an aesthetic score, for the latents of `save_sdxl`."""
    import torch
    from diffusers import (
        AutoencoderKL,
        EulerDiscreteScheduler,
        StableDiffusionXLImg2ImgPipeline,
        UNet2DConditionModel,
    )

    torch.manual_seed(7)
    unet = UNet2DConditionModel(
        **tiny._unet(),
        cross_attention_dim=32,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=32 + 5 * 8,
    )
    pipe = StableDiffusionXLImg2ImgPipeline(
        vae=AutoencoderKL(**tiny._vae(4)),
        text_encoder=None,
        text_encoder_2=tiny._clip(projected=True),
        tokenizer=None,
        tokenizer_2=tiny._clip_tokenizer(),
        unet=unet,
        scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear", timestep_spacing="leading"),
        requires_aesthetics_score=True,
        force_zeros_for_empty_prompt=False,
        add_watermarker=False,
    )
    return parts.save(pipe, folder)


def save_lcm(folder: Path) -> Path:
    """LatentConsistencyModelPipeline: the UNet has the guidance scale as an input."""
    import torch
    from diffusers import AutoencoderKL, LatentConsistencyModelPipeline, LCMScheduler, UNet2DConditionModel

    torch.manual_seed(8)
    pipe = LatentConsistencyModelPipeline(
        vae=AutoencoderKL(**tiny._vae(4)),
        text_encoder=tiny._clip(),
        tokenizer=tiny._clip_tokenizer(),
        unet=UNet2DConditionModel(**tiny._unet(), cross_attention_dim=32, time_cond_proj_dim=16),
        scheduler=LCMScheduler(beta_schedule="scaled_linear", clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    return parts.save(pipe, folder)


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "StableDiffusionPipeline": tiny.save_sd,
    "StableDiffusionXLPipeline": tiny.save_sdxl,
    "StableDiffusionXLImg2ImgPipeline": save_sdxl_refiner,
    "StableDiffusion3Pipeline": tiny.save_sd3,
    "LatentConsistencyModelPipeline": save_lcm,
    "FluxPipeline": tiny.save_flux,
}
VARIANTS: dict[str, Callable[..., Any]] = {"Stable Diffusion 2": save_sd2}
