"""Tensors of a diffusers pipeline under the names that CompVis' and Stability's programs give them.

The names are those of CompVis' latent-diffusion (ldm/modules/diffusionmodules/openaimodel.py and model.py), of
transformers' CLIP inside cond_stage_model, and of OpenCLIP; the way back is diffusers' loaders/single_file_utils.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_RESNET = {
    "norm1.": "in_layers.0.",
    "conv1.": "in_layers.2.",
    "time_emb_proj.": "emb_layers.1.",
    "norm2.": "out_layers.0.",
    "conv2.": "out_layers.3.",
    "conv_shortcut.": "skip_connection.",
}
_UNET = {
    "conv_in.": "input_blocks.0.0.",
    "conv_norm_out.": "out.0.",
    "conv_out.": "out.2.",
    "time_embedding.linear_1.": "time_embed.0.",
    "time_embedding.linear_2.": "time_embed.2.",
    "add_embedding.linear_1.": "label_emb.0.0.",
    "add_embedding.linear_2.": "label_emb.0.2.",
}
_VAE_ATTENTION = {
    "group_norm.": "norm.",
    "to_q.": "q.",
    "to_k.": "k.",
    "to_v.": "v.",
    "to_out.0.": "proj_out.",
}


def save(pipe: Any, family: str, path: Path, extra: dict[str, Any] | None = None, **metadata: str) -> Path:
    """Write the single file of a pipeline."""
    from safetensors.torch import save_file

    tensors = {f"model.diffusion_model.{name}": part for name, part in unet(pipe.unet).items()}
    tensors |= {f"first_stage_model.{name}": part for name, part in vae(pipe.vae).items()}
    tensors |= _texts(pipe, family) | (extra or {})
    save_file({name: part.contiguous().clone() for name, part in tensors.items()}, str(path), metadata)
    return path


def unet(model: Any) -> dict[str, Any]:
    layers = model.config.layers_per_block
    found = {}
    for name, tensor in model.state_dict().items():
        found[_unet_name(name, layers)] = tensor
    return found


def _unet_name(name: str, layers: int) -> str:
    for ours, theirs in _UNET.items():
        if name.startswith(ours):
            return theirs + name[len(ours) :]
    block, part, index, rest = _split(name)
    if name.startswith("mid_block."):
        at = 1 if part == "attentions" else 2 * index
        return f"middle_block.{at}." + (rest if part == "attentions" else _renamed(rest, _RESNET))
    if name.startswith("down_blocks."):
        first = f"input_blocks.{block * (layers + 1) + index + 1}"
        if part == "downsamplers":
            return f"input_blocks.{(block + 1) * (layers + 1)}.0.op." + rest.removeprefix("conv.")
    else:
        first = f"output_blocks.{block * (layers + 1) + index}"
        if part == "upsamplers":
            after = 2 if _has_attention(block) else 1
            return f"output_blocks.{block * (layers + 1) + layers}.{after}." + rest
    return f"{first}.1.{rest}" if part == "attentions" else f"{first}.0." + _renamed(rest, _RESNET)


def _has_attention(block: int) -> bool:
    return block == 0  # of the tiny UNets' up blocks


def _split(name: str) -> tuple[int, str, int, str]:
    match = re.fullmatch(r"\w+_block(?:s\.(\d+))?\.(\w+)\.(\d+)\.(.+)", name)
    assert match, name
    return int(match[1] or 0), match[2], int(match[3]), match[4]


def _renamed(rest: str, names: dict[str, str]) -> str:
    for ours, theirs in names.items():
        if rest.startswith(ours):
            return theirs + rest[len(ours) :]
    raise AssertionError(rest)


def vae(model: Any) -> dict[str, Any]:
    found = {}
    for name, tensor in model.state_dict().items():
        side, _, rest = name.partition(".")
        if side in ("quant_conv", "post_quant_conv"):
            found[name] = tensor
            continue
        found[f"{side}.{_vae_name(rest, len(model.config.block_out_channels))}"] = (
            tensor[:, :, None, None] if ".to_" in rest and tensor.ndim == 2 else tensor
        )
    return found


def _vae_name(name: str, blocks: int) -> str:
    if name.startswith(("conv_in", "conv_out")):
        return name
    if name.startswith("conv_norm_out"):
        return name.replace("conv_norm_out", "norm_out")
    block, part, index, rest = _split(name)
    rest = rest.replace("conv_shortcut", "nin_shortcut")
    if name.startswith("mid_block."):
        return (
            f"mid.block_{index + 1}.{rest}"
            if part == "resnets"
            else f"mid.attn_1.{_renamed(rest, _VAE_ATTENTION)}"
        )
    if name.startswith("down_blocks."):
        return (
            f"down.{block}.downsample.{rest}"
            if part == "downsamplers"
            else f"down.{block}.block.{index}.{rest}"
        )
    block = blocks - 1 - block
    return f"up.{block}.upsample.{rest}" if part == "upsamplers" else f"up.{block}.block.{index}.{rest}"


def _texts(pipe: Any, family: str) -> dict[str, Any]:
    if family == "sd1":
        return clip(pipe.text_encoder, "cond_stage_model.transformer.")
    if family == "sd2":
        return open_clip(pipe.text_encoder, "cond_stage_model.model.")
    if family == "sdxl-refiner":
        return open_clip(pipe.text_encoder_2, "conditioner.embedders.0.model.")
    return clip(pipe.text_encoder, "conditioner.embedders.0.transformer.") | open_clip(
        pipe.text_encoder_2, "conditioner.embedders.1.model."
    )


def _plain(model: Any) -> dict[str, Any]:
    return {name.removeprefix("text_model."): tensor for name, tensor in model.state_dict().items()}


def clip(model: Any, prefix: str) -> dict[str, Any]:
    return {f"{prefix}text_model.{name}": tensor for name, tensor in _plain(model).items()}


def open_clip(model: Any, prefix: str) -> dict[str, Any]:
    import torch

    tensors = _plain(model)
    width = tensors["embeddings.position_embedding.weight"].shape[1]
    found = {
        "positional_embedding": tensors["embeddings.position_embedding.weight"],
        "token_embedding.weight": tensors["embeddings.token_embedding.weight"],
        "ln_final.weight": tensors["final_layer_norm.weight"],
        "ln_final.bias": tensors["final_layer_norm.bias"],
        "text_projection": tensors.get("text_projection.weight", torch.eye(width)).T,
    }
    for layer in range(model.config.num_hidden_layers):
        here, there = f"encoder.layers.{layer}", f"transformer.resblocks.{layer}"
        for kind in ("weight", "bias"):
            queries = [tensors[f"{here}.self_attn.{part}_proj.{kind}"] for part in "qkv"]
            found[f"{there}.attn.in_proj_{kind}"] = torch.cat(queries)
            found[f"{there}.attn.out_proj.{kind}"] = tensors[f"{here}.self_attn.out_proj.{kind}"]
            found[f"{there}.ln_1.{kind}"] = tensors[f"{here}.layer_norm1.{kind}"]
            found[f"{there}.ln_2.{kind}"] = tensors[f"{here}.layer_norm2.{kind}"]
            found[f"{there}.mlp.c_fc.{kind}"] = tensors[f"{here}.mlp.fc1.{kind}"]
            found[f"{there}.mlp.c_proj.{kind}"] = tensors[f"{here}.mlp.fc2.{kind}"]
    return {prefix + name: tensor for name, tensor in found.items()}
