"""Tiny pipelines of CogView 3 Plus, CogView 4 and GLM-Image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.runtime.tiny import _t5, _t5_tokenizer
from tests.runtime.tinymodels import parts_more as parts


def save_cogview3(folder: Path) -> Path:
    """CogView3PlusPipeline with the DPM scheduler of CogVideoX, which draws noise; 32 x 32 pixels."""
    import torch
    from diffusers import CogVideoXDPMScheduler, CogView3PlusPipeline, CogView3PlusTransformer2DModel

    torch.manual_seed(20)
    transformer = CogView3PlusTransformer2DModel(
        patch_size=2,
        in_channels=4,
        num_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        out_channels=4,
        text_embed_dim=32,
        time_embed_dim=8,
        condition_dim=4,
        pos_embed_max_size=16,
        sample_size=16,
    )
    pipe = CogView3PlusPipeline(
        tokenizer=_t5_tokenizer(),
        text_encoder=_t5(),
        vae=parts.vae(4),
        transformer=parts.liven(transformer),
        scheduler=CogVideoXDPMScheduler(),
    )
    return parts.save(pipe, folder)


def save_cogview4(folder: Path) -> Path:
    """CogView4Pipeline: 32 x 32 pixels."""
    import torch
    from diffusers import CogView4Pipeline, CogView4Transformer2DModel, FlowMatchEulerDiscreteScheduler
    from transformers import GlmConfig, GlmModel

    torch.manual_seed(21)
    transformer = CogView4Transformer2DModel(
        patch_size=2,
        in_channels=4,
        num_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        out_channels=4,
        text_embed_dim=32,
        time_embed_dim=8,
        condition_dim=4,
        sample_size=16,
    )
    pipe = CogView4Pipeline(
        tokenizer=parts.byte_tokenizer(),
        text_encoder=GlmModel(GlmConfig(**parts.decoder_config())),
        vae=parts.vae(4),
        transformer=parts.liven(transformer),
        scheduler=FlowMatchEulerDiscreteScheduler(
            base_shift=0.25,
            max_shift=0.75,
            base_image_seq_len=256,
            use_dynamic_shifting=True,
            time_shift_type="linear",
        ),
    )
    return parts.save(pipe, folder)


def save_glm_image(folder: Path) -> Path:
    """GlmImagePipeline: 64 x 64 pixels, after an autoregressive prior over 2 x 2 picture tokens."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, GlmImagePipeline, GlmImageTransformer2DModel
    from transformers import ByT5Tokenizer

    torch.manual_seed(22)
    transformer = GlmImageTransformer2DModel(
        patch_size=2,
        in_channels=4,
        out_channels=4,
        num_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        text_embed_dim=32,
        time_embed_dim=8,
        condition_dim=4,
        prior_vq_quantizer_codebook_size=CODEBOOK,
    )
    tokenizer = ByT5Tokenizer()
    pipe = GlmImagePipeline(
        tokenizer=tokenizer,
        processor=_processor(),
        text_encoder=_byt5(len(tokenizer)),
        vision_language_encoder=_prior(),
        vae=parts.vae(4, blocks=4, latents_mean=[0.1, -0.1, 0.2, 0.0], latents_std=[1.0, 1.1, 0.9, 1.2]),
        transformer=parts.liven(transformer),
        scheduler=FlowMatchEulerDiscreteScheduler(
            base_shift=0.25,
            max_shift=0.75,
            base_image_seq_len=256,
            use_dynamic_shifting=True,
            time_shift_type="linear",
        ),
    )
    return parts.save(pipe, folder)


CODEBOOK = 32
"""Number of picture tokens of the prior. Start and end of a picture come after them."""

_GRID = {"image_token": "<|image|>", "grid_bos_token": "<|grid_bos|>", "grid_eos_token": "<|grid_eos|>"}
_TEXT_START = CODEBOOK + 2


def _prior() -> Any:
    from transformers import GlmImageConfig, GlmImageForConditionalGeneration

    tokenizer = _prior_tokenizer()
    text = parts.decoder_config() | {
        "vocab_size": len(tokenizer),
        "vision_vocab_size": _TEXT_START,
        "pad_token_id": tokenizer.pad_token_id,
        "eos_token_id": CODEBOOK + 1,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 1, 1]},
    }
    config = GlmImageConfig(
        text_config=text,
        vision_config={
            "depth": 1,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "image_size": 64,
        },
        vq_config={"embed_dim": 8, "num_embeddings": CODEBOOK, "latent_channels": 16},
        image_token_id=tokenizer.convert_tokens_to_ids("<|image|>"),
        image_start_token_id=CODEBOOK,
        image_end_token_id=CODEBOOK + 1,
    )
    model = GlmImageForConditionalGeneration(config)
    model.generation_config.suppress_tokens = [CODEBOOK, CODEBOOK + 1]  # random weights would end too early
    return parts.liven(model, 2.0)


def _prior_tokenizer() -> Any:
    """Ids of the picture's tokens first, then bytes, then special tokens."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    special = [*parts.SPECIAL, *_GRID.values()]
    picture = [f"<|picture_{number}|>" for number in range(CODEBOOK)] + ["<|boi|>", "<|eoi|>"]
    pieces = [*picture, *sorted(pre_tokenizers.ByteLevel.alphabet()), *special]
    tokenizer = Tokenizer(models.BPE(vocab={piece: id for id, piece in enumerate(pieces)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.add_special_tokens([*picture, *special])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|boi|>",
        eos_token="<|eoi|>",
        pad_token="<|endoftext|>",
        padding_side="left",
        extra_special_tokens=_GRID,
    )


def _processor() -> Any:
    from transformers import GlmImageImageProcessor, GlmImageProcessor

    return GlmImageProcessor(GlmImageImageProcessor(), _prior_tokenizer(), chat_template=parts.CHAT_TEMPLATE)


def _byt5(vocabulary: int) -> Any:
    from transformers import T5Config, T5EncoderModel

    return T5EncoderModel(
        T5Config(vocab_size=vocabulary, d_model=32, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
    )


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "CogView3PlusPipeline": save_cogview3,
    "CogView4Pipeline": save_cogview4,
    "GlmImagePipeline": save_glm_image,
}
