"""Tiny diffusion transformers with one text model: PixArt, Sana, HunyuanDiT, Lumina, AuraFlow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.runtime import tiny
from tests.runtime.tinymodels import parts_more as parts


def save_pixart_alpha(folder: Path) -> Path:
    """PixArtAlphaPipeline: 64 x 64 pixels from its configuration, noise and variance predicted."""
    from diffusers import DPMSolverMultistepScheduler, PixArtAlphaPipeline

    return _save_pixart(folder, PixArtAlphaPipeline, DPMSolverMultistepScheduler(), 13)


def save_pixart_sigma(folder: Path) -> Path:
    """PixArtSigmaPipeline, built as PixArt-alpha."""
    from diffusers import DPMSolverMultistepScheduler, PixArtSigmaPipeline

    return _save_pixart(folder, PixArtSigmaPipeline, DPMSolverMultistepScheduler(), 14)


def save_sana(folder: Path) -> Path:
    """SanaPipeline: linear attention, Gemma 2 after a long instruction, an autoencoder without attention."""
    import torch
    from diffusers import DPMSolverMultistepScheduler, SanaPipeline

    torch.manual_seed(15)
    scheduler = DPMSolverMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
    )
    return parts.save(SanaPipeline(**_sana(), scheduler=scheduler), folder)


def save_sana_sprint(folder: Path) -> Path:
    """SanaSprintPipeline: consistency sampling, guidance as an input of the network."""
    import torch
    from diffusers import SanaSprintPipeline, SCMScheduler

    torch.manual_seed(16)
    return parts.save(
        SanaSprintPipeline(
            **_sana(guidance_embeds=True, qk_norm="rms_norm_across_heads"), scheduler=SCMScheduler()
        ),
        folder,
    )


def save_hunyuan_dit(folder: Path) -> Path:
    """HunyuanDiTPipeline: BERT and T5, size and crop as conditions."""
    import torch
    from diffusers import DDPMScheduler, HunyuanDiT2DModel, HunyuanDiTPipeline
    from transformers import BertConfig, BertModel, BertTokenizer

    torch.manual_seed(17)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *tiny.WORDS]
    bert = BertModel(
        BertConfig(
            vocab_size=len(words),
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
        )
    )
    transformer = HunyuanDiT2DModel(
        sample_size=16,
        num_layers=2,
        patch_size=2,
        attention_head_dim=8,
        num_attention_heads=2,
        in_channels=4,
        cross_attention_dim=16,
        cross_attention_dim_t5=32,
        pooled_projection_dim=16,
        hidden_size=16,
        activation_fn="gelu-approximate",
    )
    pipe = HunyuanDiTPipeline(
        vae=parts.vae(4, blocks=4),
        text_encoder=bert.eval(),
        tokenizer=BertTokenizer(vocab={word: index for index, word in enumerate(words)}, model_max_length=77),
        transformer=parts.liven(transformer),
        scheduler=DDPMScheduler(
            beta_start=0.00085,
            beta_end=0.03,
            beta_schedule="scaled_linear",
            prediction_type="v_prediction",
            clip_sample=False,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
        text_encoder_2=tiny._t5(),
        tokenizer_2=tiny._t5_tokenizer(),
    )
    return parts.save(pipe, folder)


def save_lumina(folder: Path) -> Path:
    """LuminaPipeline: Gemma, whose next-to-last layer it takes."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, LuminaNextDiT2DModel, LuminaPipeline
    from transformers import GemmaConfig, GemmaModel

    torch.manual_seed(18)
    transformer = LuminaNextDiT2DModel(
        sample_size=16,
        patch_size=2,
        in_channels=4,
        hidden_size=24,
        num_layers=2,
        num_attention_heads=3,
        num_kv_heads=1,
        multiple_of=16,
        cross_attention_dim=16,
        learn_sigma=True,
    )
    torch.nn.init.zeros_(transformer.pad_token)  # the model leaves it unset
    pipe = LuminaPipeline(
        transformer=parts.liven(transformer),
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=parts.vae(4, blocks=4),
        text_encoder=GemmaModel(GemmaConfig(**parts.decoder_config(16))).eval(),
        tokenizer=parts.byte_tokenizer(),
    )
    return parts.save(pipe, folder)


def save_lumina2(folder: Path) -> Path:
    """Lumina2Pipeline: Gemma 2 after a system prompt."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, Lumina2Pipeline, Lumina2Transformer2DModel

    torch.manual_seed(19)
    transformer = Lumina2Transformer2DModel(
        sample_size=16,
        patch_size=2,
        in_channels=4,
        hidden_size=24,
        num_layers=2,
        num_attention_heads=3,
        num_kv_heads=1,
        multiple_of=16,
        axes_dim_rope=(4, 2, 2),
        axes_lens=(512, 64, 64),
        cap_feat_dim=16,
    )
    pipe = Lumina2Pipeline(
        transformer=parts.liven(transformer),
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=parts.vae(4, blocks=4, shift_factor=0.06),
        text_encoder=_gemma2(),
        tokenizer=parts.byte_tokenizer(),
    )
    return parts.save(pipe, folder)


def save_aura_flow(folder: Path) -> Path:
    """AuraFlowPipeline: UMT5."""
    import torch
    from diffusers import (
        AuraFlowPipeline,
        AuraFlowTransformer2DModel,
        AutoencoderKL,
        FlowMatchEulerDiscreteScheduler,
    )
    from transformers import UMT5Config, UMT5EncoderModel

    torch.manual_seed(20)
    transformer = AuraFlowTransformer2DModel(
        sample_size=16,
        patch_size=2,
        in_channels=4,
        num_mmdit_layers=1,
        num_single_dit_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        caption_projection_dim=16,
        joint_attention_dim=32,
        out_channels=4,
        pos_embed_max_size=64,
    )
    text = UMT5Config(
        vocab_size=len(tiny._t5_pieces()), d_model=32, d_kv=8, d_ff=32, num_layers=1, num_heads=2
    )
    pipe = AuraFlowPipeline(
        tokenizer=tiny._t5_tokenizer(),
        text_encoder=UMT5EncoderModel(text).eval(),
        vae=AutoencoderKL(**tiny._vae(4)),
        transformer=parts.liven(transformer, 2.0),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=1.73),
    )
    return parts.save(pipe, folder)


def _save_pixart(folder: Path, kind: Any, scheduler: Any, seed: int) -> Path:
    import torch
    from diffusers import AutoencoderKL, PixArtTransformer2DModel

    torch.manual_seed(seed)
    transformer = PixArtTransformer2DModel(
        sample_size=16,
        num_layers=2,
        patch_size=2,
        attention_head_dim=8,
        num_attention_heads=2,
        caption_channels=32,
        in_channels=4,
        cross_attention_dim=16,
        out_channels=8,
    )
    pipe = kind(
        tokenizer=tiny._t5_tokenizer(),
        text_encoder=tiny._t5(),
        vae=AutoencoderKL(**tiny._vae(4)),
        transformer=parts.liven(transformer),
        scheduler=scheduler,
    )
    return parts.save(pipe, folder)


def _sana(**options: Any) -> dict[str, Any]:
    from diffusers import AutoencoderDC, SanaTransformer2DModel

    blocks = ("ResBlock", "EfficientViTBlock")
    vae = AutoencoderDC(
        latent_channels=4,
        attention_head_dim=2,
        encoder_block_types=blocks,
        decoder_block_types=blocks,
        encoder_block_out_channels=(8, 8),
        decoder_block_out_channels=(8, 8),
        encoder_qkv_multiscales=((), (5,)),
        decoder_qkv_multiscales=((), (5,)),
        encoder_layers_per_block=(1, 1),
        decoder_layers_per_block=(1, 1),
        downsample_block_type="conv",
        upsample_block_type="interpolate",
        decoder_norm_types="rms_norm",
        decoder_act_fns="silu",
    )
    transformer = SanaTransformer2DModel(
        patch_size=1,
        in_channels=4,
        out_channels=4,
        num_layers=1,
        num_attention_heads=2,
        attention_head_dim=8,
        num_cross_attention_heads=2,
        cross_attention_head_dim=8,
        cross_attention_dim=16,
        caption_channels=16,
        sample_size=32,
        **options,
    )
    return {
        "tokenizer": parts.byte_tokenizer(),
        "text_encoder": _gemma2(),
        "vae": vae,
        "transformer": parts.liven(transformer),
    }


def _gemma2() -> Any:
    from transformers import Gemma2Config, Gemma2Model

    return Gemma2Model(Gemma2Config(**parts.decoder_config(16) | {"max_position_embeddings": 4096})).eval()


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "PixArtAlphaPipeline": save_pixart_alpha,
    "PixArtSigmaPipeline": save_pixart_sigma,
    "SanaPipeline": save_sana,
    "SanaSprintPipeline": save_sana_sprint,
    "HunyuanDiTPipeline": save_hunyuan_dit,
    "LuminaPipeline": save_lumina,
    "Lumina2Pipeline": save_lumina2,
    "AuraFlowPipeline": save_aura_flow,
}
