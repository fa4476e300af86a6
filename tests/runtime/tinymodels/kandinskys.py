"""Tiny Kandinsky models, from 2.1 (prior and decoder in one folder) to 5."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.runtime import tiny
from tests.runtime.tinymodels import parts_more as parts

_WIDTH = 32


def save_kandinsky21(folder: Path) -> Path:
    """KandinskyCombinedPipeline: 64 x 64 pixels; the decoder has text and image embedding as conditions."""
    import torch
    from diffusers import DDIMScheduler, KandinskyCombinedPipeline
    from diffusers.pipelines.kandinsky.text_encoder import MCLIPConfig, MultilingualCLIP

    torch.manual_seed(21)
    tokenizer = _xlm_tokenizer()
    text = MultilingualCLIP(
        MCLIPConfig(
            numDims=_WIDTH,
            transformerDimensions=_WIDTH,
            hidden_size=_WIDTH,
            intermediate_size=16,
            num_attention_heads=2,
            num_hidden_layers=1,
            vocab_size=len(tokenizer),
            max_position_embeddings=100,
        )
    )
    pipe = KandinskyCombinedPipeline(
        text_encoder=text.eval(),
        tokenizer=tokenizer,
        unet=_decoder("text_image", "text_image_proj"),
        scheduler=DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, clip_sample=False, set_alpha_to_one=False, steps_offset=1
        ),
        movq=_movq(),
        **_prior(),
    )
    return parts.save(pipe, folder)


def save_kandinsky22(folder: Path) -> Path:
    """KandinskyV22CombinedPipeline: 64 x 64 pixels; the decoder has the image embedding alone as condition."""
    import torch
    from diffusers import DDPMScheduler, KandinskyV22CombinedPipeline

    torch.manual_seed(22)
    pipe = KandinskyV22CombinedPipeline(
        unet=_decoder("image", "image_proj"),
        scheduler=DDPMScheduler(
            beta_start=0.00085, beta_end=0.012, clip_sample=False, variance_type="learned_range"
        ),
        movq=_movq(),
        **_prior(),
    )
    return parts.save(pipe, folder)


def save_kandinsky3(folder: Path) -> Path:
    """Kandinsky3Pipeline: T5 and a UNet of its own."""
    import torch
    from diffusers import DDPMScheduler, Kandinsky3Pipeline, Kandinsky3UNet

    torch.manual_seed(23)
    unet = Kandinsky3UNet(
        in_channels=4,
        time_embedding_dim=4,
        groups=2,
        attention_head_dim=4,
        layers_per_block=3,
        block_out_channels=(16, 32),
        cross_attention_dim=4,
        encoder_hid_dim=32,
    )
    pipe = Kandinsky3Pipeline(
        tokenizer=tiny._t5_tokenizer(),
        text_encoder=tiny._t5(),
        unet=parts.liven(unet),
        scheduler=DDPMScheduler(
            beta_start=0.00085, beta_end=0.02, beta_schedule="squaredcos_cap_v2", clip_sample=False
        ),
        movq=_movq(),
    )
    return parts.save(pipe, folder)


def save_kandinsky5(folder: Path) -> Path:
    """Kandinsky5T2IPipeline, which makes pictures of about a mebipixel only.

    A tokenizer stands in for the processor, which needs torchvision for the videos that no call gives it.
    """
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, Kandinsky5T2IPipeline, Kandinsky5Transformer3DModel

    torch.manual_seed(24)
    transformer = Kandinsky5Transformer3DModel(
        in_visual_dim=4,
        in_text_dim=16,
        in_text_dim2=32,
        time_dim=8,
        out_visual_dim=4,
        patch_size=(1, 2, 2),
        model_dim=8,
        ff_dim=8,
        num_text_blocks=1,
        num_visual_blocks=1,
        axes_dims=(2, 2, 4),
        visual_cond=False,
        attention_type="regular",
    )
    pipe = Kandinsky5T2IPipeline(
        transformer=parts.liven(transformer),
        vae=parts.vae(4, blocks=4),
        text_encoder=parts.qwen2_5_vl(),
        tokenizer=parts.qwen2_tokenizer(),
        text_encoder_2=tiny._clip(),
        tokenizer_2=tiny._clip_tokenizer(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    return parts.save(pipe, folder)


def _prior() -> dict[str, Any]:
    import torch
    from diffusers import PriorTransformer, UnCLIPScheduler
    from transformers import CLIPImageProcessorPil, CLIPVisionConfig, CLIPVisionModelWithProjection

    prior = PriorTransformer(num_attention_heads=2, attention_head_dim=8, embedding_dim=_WIDTH, num_layers=1)
    torch.nn.init.ones_(prior.clip_std)  # zeros would make every embedding the same
    vision = CLIPVisionConfig(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=28,
        patch_size=14,
        projection_dim=_WIDTH,
    )
    return {
        "prior_prior": prior,
        "prior_image_encoder": CLIPVisionModelWithProjection(vision).eval(),
        "prior_text_encoder": tiny._clip(projected=True),
        "prior_tokenizer": tiny._clip_tokenizer(),
        "prior_scheduler": UnCLIPScheduler(
            variance_type="fixed_small_log",
            prediction_type="sample",
            clip_sample=True,
            clip_sample_range=10.0,
        ),
        "prior_image_processor": CLIPImageProcessorPil(size=28, crop_size=28),
    }


def _decoder(addition: str, projection: str) -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=8,
        in_channels=4,
        out_channels=8,  # noise and variance
        addition_embed_type=addition,
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=8,
        encoder_hid_dim=_WIDTH,
        encoder_hid_dim_type=projection,
        cross_attention_dim=_WIDTH,
        attention_head_dim=4,
        resnet_time_scale_shift="scale_shift",
    )


def _movq() -> Any:
    from diffusers import VQModel

    return VQModel(
        block_out_channels=(32, 32, 32, 32),  # a spatial norm has 32 groups
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        layers_per_block=1,
        norm_type="spatial",
        num_vq_embeddings=12,
        vq_embed_dim=4,
    )


def _xlm_tokenizer() -> Any:
    from transformers import XLMRobertaTokenizer

    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(chr(code), -3.0) for code in range(97, 123)]
    return XLMRobertaTokenizer(vocab=[*pieces, ("<mask>", 0.0)], model_max_length=77)


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "KandinskyCombinedPipeline": save_kandinsky21,
    "KandinskyV22CombinedPipeline": save_kandinsky22,
    "Kandinsky3Pipeline": save_kandinsky3,
    "Kandinsky5T2IPipeline": save_kandinsky5,
}
