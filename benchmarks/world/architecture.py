"""The networks and the noise schedule: small instances of the classes that Stable Diffusion 1 is made of."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from benchmarks.world.tokenizer import CONTEXT
from benchmarks.world.vocabulary import PICTURE_SIDE

Autoencoder: TypeAlias = Any
"""An ``AutoencoderKL``; diffusers' classes have no types that a checker can use."""
UNet: TypeAlias = Any
"""A ``UNet2DConditionModel``."""
Scheduler: TypeAlias = Any
"""A ``DDIMScheduler``."""
Pipeline: TypeAlias = Any
"""A ``StableDiffusionPipeline``."""

LATENT_CHANNELS: Final = 8
LATENT_SIDE: Final = 16
TEXT_WIDTH: Final = 128
TRAINING_TIMESTEPS: Final = 1000


def new_vae() -> Autoencoder:
    """An untrained autoencoder: pictures (n, 3, 128, 128) of -1 to 1, latents (n, 8, 16, 16)."""
    return AutoencoderKL(  # type: ignore[no-untyped-call]
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 48, 64),
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=1,
        sample_size=PICTURE_SIDE,
        mid_block_add_attention=False,
        scaling_factor=1.0,
        force_upcast=False,
    )


def new_unet() -> UNet:
    """An untrained predictor of velocities, attending to the text at 8 by 8.

    The text's mean also joins the embedding of the timestep, and so reaches every layer.
    """
    return UNet2DConditionModel(  # type: ignore[no-untyped-call]
        sample_size=LATENT_SIDE,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=(64, 128),
        layers_per_block=1,
        norm_num_groups=16,
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=4,
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
        use_linear_projection=True,
    )


def new_text_encoder(vocabulary: int, start: int, end: int) -> CLIPTextModel:
    """An untrained text encoder: tokens (n, 40) to states (n, 40, 128)."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=TEXT_WIDTH,
            intermediate_size=3 * TEXT_WIDTH,
            projection_dim=TEXT_WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=CONTEXT,
            hidden_act="quick_gelu",
            bos_token_id=start,
            eos_token_id=end,
            pad_token_id=end,
        )
    )


def new_scheduler() -> Scheduler:
    """The noise schedule: velocity prediction, noise up to a signal-to-noise ratio of about 2.5e-4.

    Velocity prediction: Salimans and Ho, "Progressive Distillation for Fast Sampling of Diffusion
    Models" (2022). Trailing steps begin at pure noise, as Lin et al., "Common Diffusion Noise
    Schedules and Sample Steps are Flawed" (2023), advise.
    """
    return DDIMScheduler(  # type: ignore[no-untyped-call]
        num_train_timesteps=TRAINING_TIMESTEPS,
        beta_start=0.00085,
        beta_end=0.02,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,
    )


def count_parameters(module: torch.nn.Module) -> int:
    """Weights of a module."""
    return sum(parameter.numel() for parameter in module.parameters())
