"""Tiny pipelines of earlier designs: DeepFloyd IF (pixels), latent diffusion with LDMBert, aMUSEd (tokens)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.runtime.tiny import _clip, _clip_tokenizer, _t5, _t5_tokenizer, _unet
from tests.runtime.tinymodels import parts_more as parts


def save_if(folder: Path) -> Path:
    """IFPipeline without safety checker and watermark: 32 x 32 pixels, learned variance."""
    import torch
    from diffusers import DDPMScheduler, IFPipeline, UNet2DConditionModel

    torch.manual_seed(40)
    unet = UNet2DConditionModel(
        sample_size=32,
        in_channels=3,
        out_channels=6,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=8,
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        cross_attention_dim=32,
        encoder_hid_dim=32,
        attention_head_dim=8,
        addition_embed_type="text",
        addition_embed_type_num_heads=2,
        cross_attention_norm="group_norm",
        resnet_time_scale_shift="scale_shift",
        act_fn="gelu",
    )
    pipe = IFPipeline(
        tokenizer=_t5_tokenizer(),
        text_encoder=_t5(),
        unet=parts.liven(unet),
        scheduler=DDPMScheduler(
            beta_schedule="squaredcos_cap_v2",
            thresholding=True,
            dynamic_thresholding_ratio=0.95,
            sample_max_value=1.5,
            variance_type="learned_range",
        ),
        safety_checker=None,
        feature_extractor=None,
        watermarker=None,
        requires_safety_checker=False,
    )
    return parts.save(pipe, folder)


def save_ldm(folder: Path) -> Path:
    """LDMTextToImagePipeline: 64 x 64 pixels."""
    import torch
    from diffusers import DDIMScheduler, LDMTextToImagePipeline, UNet2DConditionModel
    from diffusers.pipelines.latent_diffusion.pipeline_latent_diffusion import LDMBertConfig, LDMBertModel

    torch.manual_seed(41)
    tokenizer = _bert_tokenizer()
    bert = LDMBertModel(
        LDMBertConfig(
            vocab_size=len(tokenizer),
            d_model=32,
            encoder_layers=1,
            encoder_ffn_dim=32,
            encoder_attention_heads=2,
            head_dim=8,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    pipe = LDMTextToImagePipeline(
        vqvae=parts.vae(4, blocks=4),
        bert=parts.liven(bert),
        tokenizer=tokenizer,
        unet=parts.liven(UNet2DConditionModel(**_unet() | {"sample_size": 8}, cross_attention_dim=32)),
        scheduler=DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False
        ),
    )
    return parts.save(pipe, folder)


def save_amused(folder: Path) -> Path:
    """AmusedPipeline: 32 x 32 pixels, 16 x 16 tokens of a codebook of 32."""
    import torch
    from diffusers import AmusedPipeline, AmusedScheduler, UVit2DModel, VQModel

    torch.manual_seed(42)
    transformer = UVit2DModel(
        hidden_size=16,
        cond_embed_dim=32,
        micro_cond_encode_dim=2,
        micro_cond_embed_dim=10,
        encoder_hidden_size=32,
        vocab_size=36,
        codebook_size=32,
        in_channels=16,
        block_out_channels=16,
        num_res_blocks=1,
        downsample=True,
        upsample=True,
        block_num_heads=2,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        sample_size=16,
    )
    vqvae = VQModel(
        block_out_channels=(8, 16),
        norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=8,
        num_vq_embeddings=32,
        sample_size=32,
        mid_block_add_attention=False,
        lookup_from_codebook=True,
    )
    pipe = AmusedPipeline(
        vqvae=parts.liven(vqvae),
        tokenizer=_clip_tokenizer(),
        text_encoder=_clip(projected=True),
        transformer=parts.liven(transformer),
        scheduler=AmusedScheduler(mask_token_id=35),
    )
    return parts.save(pipe, folder)


def _bert_tokenizer() -> Any:
    """`BertTokenizer` of single characters."""
    from transformers import BertTokenizer

    characters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*special, *characters, *(f"##{character}" for character in characters)]
    return BertTokenizer(vocab={piece: id for id, piece in enumerate(pieces)}, model_max_length=77)


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "IFPipeline": save_if,
    "LDMTextToImagePipeline": save_ldm,
    "AmusedPipeline": save_amused,
}
