"""Tiny pipelines with a prior and a decoder of its own: Stable Cascade, Würstchen, unCLIP (Karlo)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.runtime.tiny import _clip, _clip_tokenizer
from tests.runtime.tinymodels import parts_more as parts


def save_stable_cascade(folder: Path) -> Path:
    """StableCascadeCombinedPipeline: 128 x 128 pixels from a prior latent of 3 x 3."""
    import torch
    from diffusers import DDPMWuerstchenScheduler, StableCascadeCombinedPipeline, StableCascadeUNet

    torch.manual_seed(30)
    common = {"conditioning_dim": 16, "clip_text_pooled_in_channels": 32, "dropout": 0.0, "clip_seq": 2}
    prior = StableCascadeUNet(
        in_channels=4,
        out_channels=4,
        block_out_channels=(16, 16),
        num_attention_heads=(2, 2),
        down_num_layers_per_block=(1, 1),
        up_num_layers_per_block=(1, 1),
        clip_text_in_channels=32,
        clip_image_in_channels=16,
        switch_level=(False,),
        timestep_conditioning_type=("sca", "crp"),
        **common,
    )
    decoder = StableCascadeUNet(
        in_channels=4,
        out_channels=4,
        patch_size=2,
        block_out_channels=(8, 16),
        num_attention_heads=(-1, 2),
        down_num_layers_per_block=(1, 1),
        up_num_layers_per_block=(1, 1),
        block_types_per_layer=(
            ("SDCascadeResBlock", "SDCascadeTimestepBlock"),
            ("SDCascadeResBlock", "SDCascadeTimestepBlock", "SDCascadeAttnBlock"),
        ),
        effnet_in_channels=4,
        pixel_mapper_in_channels=3,
        timestep_conditioning_type=("sca",),
        **common,
    )
    with parts.named_as_in_the_hub("wuerstchen"):
        pipe = StableCascadeCombinedPipeline(
            tokenizer=_clip_tokenizer(),
            text_encoder=_clip(projected=True),
            decoder=parts.liven(decoder, 0.3),
            scheduler=DDPMWuerstchenScheduler(),
            vqgan=parts.liven(_paella(), 0.2),
            prior_prior=parts.liven(prior),
            prior_text_encoder=_clip(projected=True),
            prior_tokenizer=_clip_tokenizer(),
            prior_scheduler=DDPMWuerstchenScheduler(),
        )
        return parts.save(pipe, folder)


def save_wuerstchen(folder: Path) -> Path:
    """WuerstchenCombinedPipeline: 128 x 128 pixels from a prior latent of 3 x 3."""
    import torch
    from diffusers import DDPMWuerstchenScheduler, WuerstchenCombinedPipeline
    from diffusers.pipelines.deprecated.wuerstchen import WuerstchenDiffNeXt, WuerstchenPrior

    torch.manual_seed(31)
    prior = WuerstchenPrior(c_in=2, c=8, c_cond=32, c_r=8, depth=1, nhead=2, dropout=0.0)
    decoder = WuerstchenDiffNeXt(
        c_cond=32,
        c_r=8,
        c_hidden=[16],
        nhead=[-1],
        blocks=[1],
        level_config=["CT"],
        inject_effnet=[True],
        effnet_embd=2,
        clip_embd=32,
        dropout=0.0,
    )
    with parts.named_as_in_the_hub("wuerstchen"):
        pipe = WuerstchenCombinedPipeline(
            tokenizer=_clip_tokenizer(),
            text_encoder=_clip(),
            decoder=parts.liven(decoder, 0.3),
            scheduler=DDPMWuerstchenScheduler(),
            vqgan=parts.liven(_paella(), 0.2),
            prior_tokenizer=_clip_tokenizer(),
            prior_text_encoder=_clip(),
            prior_prior=parts.liven(prior),
            prior_scheduler=DDPMWuerstchenScheduler(),
        )
        return parts.save(pipe, folder)


def save_unclip(folder: Path) -> Path:
    """UnCLIPPipeline: 16 x 16 pixels of the decoder made 32 x 32."""
    import torch
    from diffusers import PriorTransformer, UnCLIPPipeline, UnCLIPScheduler, UNet2DConditionModel
    from diffusers.pipelines.deprecated.unclip import UnCLIPTextProjModel

    torch.manual_seed(32)
    prior = PriorTransformer(num_attention_heads=2, attention_head_dim=8, num_layers=1, embedding_dim=32)
    prior.clip_std.data.fill_(0.5)
    text_proj = UnCLIPTextProjModel(clip_embeddings_dim=32, time_embed_dim=64, cross_attention_dim=16)
    decoder = UNet2DConditionModel(
        sample_size=16,
        in_channels=3,
        out_channels=6,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=8,
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        resnet_time_scale_shift="scale_shift",
        cross_attention_dim=16,
        attention_head_dim=8,
        class_embed_type="identity",
    )
    with parts.named_as_in_the_hub("unclip"):
        pipe = UnCLIPPipeline(
            prior=parts.liven(prior),
            decoder=parts.liven(decoder, 0.3),
            text_encoder=_clip(projected=True),
            tokenizer=_clip_tokenizer(),
            text_proj=parts.liven(text_proj),
            super_res_first=parts.liven(_super_resolution(), 0.5),
            super_res_last=parts.liven(_super_resolution(), 0.5),
            prior_scheduler=UnCLIPScheduler(
                variance_type="fixed_small_log", prediction_type="sample", clip_sample_range=5.0
            ),
            decoder_scheduler=UnCLIPScheduler(variance_type="learned_range"),
            # Karlo's predicts noise; after so few steps that leaves only black and white
            super_res_scheduler=UnCLIPScheduler(variance_type="fixed_small_log", prediction_type="sample"),
        )
        return parts.save(pipe, folder)


def _super_resolution() -> Any:
    from diffusers import UNet2DModel

    return UNet2DModel(
        sample_size=32,
        in_channels=6,
        out_channels=3,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=8,
        down_block_types=("ResnetDownsampleBlock2D",) * 2,
        up_block_types=("ResnetUpsampleBlock2D",) * 2,
        resnet_time_scale_shift="scale_shift",
        attention_head_dim=8,
    )


def _paella() -> Any:
    from diffusers.pipelines.deprecated.wuerstchen import PaellaVQModel

    return PaellaVQModel(bottleneck_blocks=1, embed_dim=16, num_vq_embeddings=8).eval()


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "StableCascadeCombinedPipeline": save_stable_cascade,
    "WuerstchenCombinedPipeline": save_wuerstchen,
    "UnCLIPPipeline": save_unclip,
}
