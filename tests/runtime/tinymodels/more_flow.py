"""Tiny flow-matching pipelines: OmniGen, HiDream, Cosmos 2, PRX, ERNIE-Image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.runtime.tiny import _clip, _clip_tokenizer, _t5, _t5_tokenizer
from tests.runtime.tinymodels import parts_more as parts


def save_omnigen(folder: Path) -> Path:
    """OmniGenPipeline: 64 x 64 pixels; the class counts on a VAE of factor 8. It needs torchvision."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, OmniGenPipeline, OmniGenTransformer2DModel
    from transformers import LlamaTokenizer

    torch.manual_seed(50)
    letters = [chr(code) for code in range(33, 127)]
    pieces = ["<unk>", "<s>", "</s>", "▁", "<0x0A>", *letters]
    tokenizer = LlamaTokenizer(
        vocab={piece: id for id, piece in enumerate(pieces)},
        merges=[],
        pad_token="</s>",
        model_max_length=4096,
    )
    transformer = OmniGenTransformer2DModel(
        in_channels=4,
        hidden_size=32,
        num_attention_heads=2,
        num_key_value_heads=1,
        intermediate_size=32,
        num_layers=1,
        pad_token_id=2,
        vocab_size=len(tokenizer),
        max_position_embeddings=4096,
        rope_scaling={"short_factor": [1.0] * 8, "long_factor": [1.0] * 8},
        pos_embed_max_size=32,
        time_step_dim=16,
    )
    pipe = OmniGenPipeline(
        transformer=parts.liven(transformer),
        scheduler=FlowMatchEulerDiscreteScheduler(invert_sigmas=True),
        vae=parts.vae(4, blocks=4),
        tokenizer=tokenizer,
    )
    return parts.save(pipe, folder)


def save_hidream(folder: Path) -> Path:
    """HiDreamImagePipeline: any size becomes 128 x 128 pixels, as the VAE makes nothing smaller."""
    import torch
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        HiDreamImagePipeline,
        HiDreamImageTransformer2DModel,
    )
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(51)
    transformer = HiDreamImageTransformer2DModel(
        patch_size=2,
        in_channels=4,
        out_channels=4,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        caption_channels=[32, 32],
        text_emb_dim=64,
        num_routed_experts=2,
        num_activated_experts=1,
        axes_dims_rope=(4, 2, 2),
        max_resolution=(64, 64),
        llama_layers=[0, 1],
    )
    config = LlamaConfig(**parts.decoder_config(), attn_implementation="eager")
    pipe = HiDreamImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=parts.vae(4, blocks=1, shift_factor=0.1),
        text_encoder=_long_clip(),
        tokenizer=_clip_tokenizer(),
        text_encoder_2=_long_clip(),
        tokenizer_2=_clip_tokenizer(),
        text_encoder_3=_t5(),
        tokenizer_3=_t5_tokenizer(),
        text_encoder_4=LlamaForCausalLM(config),
        tokenizer_4=parts.byte_tokenizer(),
        transformer=parts.liven(transformer),
    )
    return parts.save(pipe, folder)


def save_cosmos2(folder: Path) -> Path:
    """Cosmos2TextToImagePipeline: 32 x 32 pixels. Its safety checker is a stand-in, which is not saved."""
    import torch
    from diffusers import (
        AutoencoderKLWan,
        Cosmos2TextToImagePipeline,
        CosmosTransformer3DModel,
        FlowMatchEulerDiscreteScheduler,
    )

    torch.manual_seed(52)
    transformer = CosmosTransformer3DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=16,
        num_layers=1,
        mlp_ratio=2,
        text_embed_dim=32,
        adaln_lora_dim=4,
        max_size=(4, 16, 16),
        patch_size=(1, 2, 2),
        rope_scale=(2.0, 1.0, 1.0),
        extra_pos_embed_type="learnable",
    )
    pipe = Cosmos2TextToImagePipeline(
        text_encoder=_t5(),
        tokenizer=_t5_tokenizer(),
        transformer=parts.liven(transformer),
        vae=AutoencoderKLWan(**parts.video_vae()),
        scheduler=FlowMatchEulerDiscreteScheduler(use_karras_sigmas=True),
        safety_checker=stand_in(),
    )
    pipe.register_to_config(safety_checker=(None, None))
    return parts.save(pipe, folder)


def stand_in() -> Any:
    """In the place of Cosmos' safety checker, a large download: it finds everything safe and changes no pixel."""
    import torch
    from diffusers import ModelMixin

    class Harmless(ModelMixin):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("nothing", torch.zeros(1))

        def check_text_safety(self, text: str) -> bool:
            return True

        def check_video_safety(self, frames: Any) -> Any:
            return frames

    return Harmless()


def save_ernie(folder: Path) -> Path:
    """ErnieImagePipeline without prompt enhancer: 32 x 32 pixels."""
    import torch
    from diffusers import ErnieImagePipeline, ErnieImageTransformer2DModel, FlowMatchEulerDiscreteScheduler
    from transformers import Mistral3Config, Mistral3Model

    torch.manual_seed(53)
    transformer = ErnieImageTransformer2DModel(
        hidden_size=32,
        num_attention_heads=2,
        num_layers=1,
        ffn_hidden_size=32,
        in_channels=16,
        out_channels=16,
        text_in_dim=32,
        rope_axes_dim=(4, 6, 6),
    )
    config = Mistral3Config(
        text_config={"model_type": "ministral3", **parts.decoder_config()},
        vision_config={
            "model_type": "pixtral",
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "image_size": 32,
            "head_dim": 8,
        },
        image_token_id=parts.byte_vocabulary()["<|image_pad|>"],
    )
    pipe = ErnieImagePipeline(
        transformer=parts.liven(transformer),
        vae=parts.flux2_vae(),
        text_encoder=Mistral3Model(config),
        tokenizer=parts.byte_tokenizer(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    return parts.save(pipe, folder)


def save_prx(folder: Path) -> Path:
    """PRXPipeline: 32 x 32 pixels, with `use_resolution_binning=False`. diffusers' class needs ftfy.

    The text model lies as diffusers looks for it: under the pipeline's module, with T5Gemma's whole configuration.
    """
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, PRXPipeline
    from transformers import T5GemmaConfig
    from transformers.models.t5gemma.modeling_t5gemma import T5GemmaEncoder

    torch.manual_seed(54)
    part = parts.decoder_config() | {"sliding_window": 64, "query_pre_attn_scalar": 8}
    config = T5GemmaConfig(encoder=part, decoder=part, vocab_size=parts.VOCABULARY)
    pipe = PRXPipeline(
        transformer=_prx_transformer(4),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        text_encoder=T5GemmaEncoder(config.encoder),
        tokenizer=parts.byte_tokenizer(),
        vae=parts.vae(4, shift_factor=0.1),
        default_sample_size=256,
    )
    pipe.register_to_config(text_encoder=("prx", "T5GemmaEncoder"))
    parts.save(pipe, folder)
    config.save_pretrained(str(folder / "text_encoder"))
    return folder


def save_prx_pixel(folder: Path) -> Path:
    """PRXPixelPipeline: 32 x 32 pixels, with `use_resolution_binning=False`. diffusers' class needs ftfy."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, PRXPixelPipeline
    from transformers import Qwen3Config, Qwen3Model

    torch.manual_seed(55)
    pipe = PRXPixelPipeline(
        transformer=_prx_transformer(3, bottleneck_size=16, resolution_embeds=True),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        text_encoder=Qwen3Model(Qwen3Config(**parts.decoder_config())),
        tokenizer=parts.byte_tokenizer(),
        prompt_max_tokens=32,
    )
    return parts.save(pipe, folder)


def _prx_transformer(channels: int, **options: Any) -> Any:
    from diffusers import PRXTransformer2DModel

    return parts.liven(
        PRXTransformer2DModel(
            in_channels=channels,
            context_in_dim=32,
            hidden_size=32,
            mlp_ratio=2.0,
            num_heads=2,
            depth=1,
            axes_dim=[8, 8],
            **options,
        )
    )


def _long_clip() -> Any:
    """CLIP's text model for 128 tokens."""
    model = _clip(projected=True)
    model.config.max_position_embeddings = 128
    return type(model)(model.config)


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "OmniGenPipeline": save_omnigen,
    "HiDreamImagePipeline": save_hidream,
    "Cosmos2TextToImagePipeline": save_cosmos2,
    "ErnieImagePipeline": save_ernie,
    "PRXPipeline": save_prx,
    "PRXPixelPipeline": save_prx_pixel,
}
