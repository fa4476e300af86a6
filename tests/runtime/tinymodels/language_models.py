"""Tiny pipelines with a large language model for the prompt: Qwen-Image, Z-Image, HunyuanImage, Kolors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.runtime import tiny
from tests.runtime.tinymodels import parts_more as parts


def save_qwen_image(folder: Path) -> Path:
    """QwenImagePipeline: Qwen 2.5 VL."""
    import torch
    from diffusers import AutoencoderKLQwenImage, QwenImagePipeline, QwenImageTransformer2DModel

    torch.manual_seed(25)
    transformer = QwenImageTransformer2DModel(
        patch_size=2,
        in_channels=16,
        out_channels=4,
        num_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        axes_dims_rope=(8, 4, 4),
    )
    vae = AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=4,
        dim_mult=[1, 2, 2, 2],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
        latents_mean=[0.0] * 4,
        latents_std=[1.0] * 4,
    )
    pipe = QwenImagePipeline(
        scheduler=_flow(use_dynamic_shifting=True),
        vae=vae,
        text_encoder=parts.qwen2_5_vl().eval(),
        tokenizer=parts.qwen2_tokenizer(),
        transformer=parts.liven(transformer, 2.0),
    )
    return parts.save(pipe, folder)


def save_qwen_image_21(folder: Path) -> Path:
    """QwenImage21Pipeline: Qwen 3 VL, whose processor needs torchvision; pictures with an alpha channel."""
    import torch
    from diffusers import AutoencoderKLQwenImage21, QwenImage21Pipeline, QwenImage21Transformer2DModel

    torch.manual_seed(26)
    transformer = QwenImage21Transformer2DModel(
        patch_size=1,
        in_channels=8,
        out_channels=8,
        num_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        context_in_dim=16,
        mlp_ratio=2,
        axes_dims_rope=(4, 6, 6),
    )
    vae = AutoencoderKLQwenImage21(
        base_dim=4,
        decoder_base_dim=4,
        z_dim=8,
        dim_mult=[1, 1, 1, 1, 1],
        num_res_blocks=1,
        attn_scales=[],
        temperal_downsample=[False, True, True, True],
        latents_mean=[0.0] * 8,
        latents_std=[1.0] * 8,
    )
    pipe = QwenImage21Pipeline(
        scheduler=_flow(),
        vae=vae,
        text_encoder=parts.qwen3_vl().eval(),
        processor=parts.qwen3_vl_processor(),
        transformer=parts.liven(transformer),
    )
    return parts.save(pipe, folder)


def save_z_image(folder: Path) -> Path:
    """ZImagePipeline: Qwen 3."""
    import torch
    from diffusers import AutoencoderKL, ZImagePipeline, ZImageTransformer2DModel
    from transformers import Qwen3Config, Qwen3Model

    torch.manual_seed(27)
    transformer = ZImageTransformer2DModel(
        all_patch_size=(2,),
        all_f_patch_size=(1,),
        in_channels=4,
        dim=32,
        n_layers=1,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=16,
        axes_dims=[8, 4, 4],
        axes_lens=[256, 32, 32],
    )
    pipe = ZImagePipeline(
        scheduler=_flow(shift=3.0),
        vae=AutoencoderKL(**tiny._vae(4), shift_factor=0.06),
        text_encoder=Qwen3Model(Qwen3Config(**parts.decoder_config(16))).eval(),
        tokenizer=parts.qwen2_tokenizer(),
        transformer=parts.liven(transformer),
    )
    return parts.save(pipe, folder)


def save_hunyuan_image(folder: Path) -> Path:
    """HunyuanImagePipeline as distilled: guidance as an input; ByT5 for text in quotes."""
    import torch
    from diffusers import AutoencoderKLHunyuanImage, HunyuanImagePipeline, HunyuanImageTransformer2DModel
    from transformers import ByT5Tokenizer, T5Config, T5EncoderModel

    torch.manual_seed(28)
    transformer = HunyuanImageTransformer2DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=8,
        num_layers=1,
        num_single_layers=1,
        num_refiner_layers=1,
        patch_size=(1, 1),
        guidance_embeds=True,
        text_embed_dim=16,
        text_embed_2_dim=16,
        rope_axes_dim=(4, 4),
    )
    vae = AutoencoderKLHunyuanImage(
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        block_out_channels=(32, 32, 32, 32),
        layers_per_block=1,
        spatial_compression_ratio=8,
        sample_size=64,
        scaling_factor=0.48,
    )
    letters = ByT5Tokenizer()
    pipe = HunyuanImagePipeline(
        scheduler=_flow(shift=7.0),
        vae=vae,
        text_encoder=parts.qwen2_5_vl(layers=2).eval(),
        tokenizer=parts.qwen2_tokenizer(),
        text_encoder_2=T5EncoderModel(
            T5Config(vocab_size=len(letters), d_model=16, d_kv=4, d_ff=16, num_layers=1, num_heads=2)
        ).eval(),
        tokenizer_2=letters,
        transformer=parts.liven(transformer),
    )
    return parts.save(pipe, folder)


def save_kolors(folder: Path) -> Path:
    """KolorsPipeline: ChatGLM, whose tokenizer needs sentencepiece; SDXL's network and conditions."""
    import torch
    from diffusers import AutoencoderKL, EulerDiscreteScheduler, KolorsPipeline, UNet2DConditionModel
    from diffusers.pipelines.kolors import ChatGLMModel, ChatGLMTokenizer
    from diffusers.pipelines.kolors.text_encoder import ChatGLMConfig

    torch.manual_seed(29)
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = folder / "tokenizer.model"
    vocabulary.write_bytes(_sentencepiece_model())
    tokenizer = ChatGLMTokenizer(str(vocabulary))
    text = ChatGLMModel(
        ChatGLMConfig(
            num_layers=2,
            padded_vocab_size=len(tokenizer) + 8,
            hidden_size=16,
            ffn_hidden_size=16,
            kv_channels=8,
            num_attention_heads=2,
            seq_length=256,
            multi_query_attention=False,
            rmsnorm=True,
            original_rope=True,
        )
    )
    unet = UNet2DConditionModel(
        **tiny._unet(),
        cross_attention_dim=16,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=16 + 6 * 8,
    )
    pipe = KolorsPipeline(
        vae=AutoencoderKL(**tiny._vae(4)),
        text_encoder=_filled(text).eval(),
        tokenizer=tokenizer,
        unet=unet,
        scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear", timestep_spacing="leading"),
    )
    return parts.save(pipe, folder)


def _filled(model: Any) -> Any:
    # ChatGLM leaves its weights as the memory held them.
    import torch

    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.fill_(1.0) if weight.dim() == 1 and "norm" in name else weight.zero_()
    return parts.liven(model)


def _sentencepiece_model() -> bytes:
    import io

    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter([" ".join(tiny.WORDS)] * 8 + [chr(c) for c in range(97, 123)]),
        model_writer=model,
        vocab_size=40,
        model_type="bpe",
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()


def _flow(**options: Any) -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler

    return FlowMatchEulerDiscreteScheduler(**options)


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "QwenImagePipeline": save_qwen_image,
    "QwenImage21Pipeline": save_qwen_image_21,
    "ZImagePipeline": save_z_image,
    "HunyuanImagePipeline": save_hunyuan_image,
    "KolorsPipeline": save_kolors,
}
