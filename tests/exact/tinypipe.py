"""A small pipeline of real classes with weights from whole numbers, which are the same on every platform."""

from __future__ import annotations

from typing import Any

from tests.exact.operations import inputs

STEPS, SIDE = 4, 32


def pipeline(scheduler: str = "DDIMScheduler", gain: float = 1.0) -> Any:
    """A StableDiffusionPipeline of 32 x 32 pixels without tokenizer; `gain` scales the network's weights."""
    import diffusers
    import torch
    from transformers import CLIPTextConfig, CLIPTextModel

    unet = diffusers.UNet2DConditionModel(
        sample_size=8,
        layers_per_block=1,
        block_out_channels=(16, 32),
        norm_num_groups=4,
        cross_attention_dim=32,
        attention_head_dim=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )
    vae = diffusers.AutoencoderKL(
        block_out_channels=(16, 16, 16),
        norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        latent_channels=4,
    )
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=100,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=20,
            bos_token_id=0,
            eos_token_id=2,
            pad_token_id=1,
        )
    )
    for at, part in enumerate((unet, vae, text)):
        _fill(part, at, gain if part is unet else 1.0)
        part.eval()
    kind = getattr(diffusers, scheduler)
    betas = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    extra = {"clip_sample": False, "set_alpha_to_one": False} if scheduler == "DDIMScheduler" else {}
    pipe = diffusers.StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=None,
        unet=unet,
        scheduler=kind(**betas, **extra, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    torch.manual_seed(0)
    return pipe


def _fill(part: Any, seed: int, gain: float) -> None:
    import torch

    with torch.no_grad():
        for at, (name, parameter) in enumerate(sorted(part.named_parameters())):
            numbers = inputs(parameter.numel(), 100 * seed + at, 2.0**-15).reshape(parameter.shape)
            if "norm" in name and name.endswith("weight"):
                numbers = 1.0 + 0.25 * numbers
            elif parameter.ndim > 1 and "embedding" not in name:
                fan = parameter[0].numel()
                numbers = numbers * (2.0 * gain * 2.0 ** -(fan.bit_length() // 2))
            parameter.copy_(numbers.to(torch.float32))


def picture(pipe: Any, seed: int = 0, batch: int = 1, steps: int = STEPS) -> Any:
    """The samples, float32 from 0 to 1, of a batch: run it under the arithmetic that is wanted."""
    import torch

    scheduler = type(pipe.scheduler).from_config(pipe.scheduler.config)
    pipe.scheduler = scheduler
    ids = torch.tensor([[0, *((7 * i + 13) % 97 + 3 for i in range(8)), 2, *[1] * 10]])
    empty = torch.tensor([[0, 2, *[1] * 18]])
    with torch.no_grad():
        prompt, negative = pipe.text_encoder(ids)[0], pipe.text_encoder(empty)[0]
        generators = [torch.Generator().manual_seed(seed + i) for i in range(batch)]
        return pipe(
            prompt_embeds=prompt.repeat(batch, 1, 1),
            negative_prompt_embeds=negative.repeat(batch, 1, 1),
            num_inference_steps=steps,
            guidance_scale=5.0,
            height=SIDE,
            width=SIDE,
            generator=generators,
            output_type="np",
        ).images
