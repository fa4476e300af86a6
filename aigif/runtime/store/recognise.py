"""What a safetensors file is, told by the names, shapes and types of its tensors alone.

The names are facts of the formats: checkpoints in CompVis' layout (github.com/CompVis/latent-diffusion), Stability's
generative-models and Black Forest Labs' flux, as diffusers 0.42's loaders/single_file_utils.py and ComfyUI's
comfy/model_detection.py and comfy/supported_models.py tell them apart; adapters as kohya's sd-scripts, diffusers,
peft and LyCORIS name them; embeddings as AUTOMATIC1111's modules/textual_inversion saves them.
"""

from __future__ import annotations

from aigif.runtime.store.adapterkinds import recognise_adapter
from aigif.runtime.store.header import Header
from aigif.runtime.store.kinds import WIDTHS, Kind, Recognised

__all__ = ["Kind", "Recognised", "recognise"]


UNET = "model.diffusion_model."
VAE = "first_stage_model."
_CLIP_SD1 = "cond_stage_model.transformer.text_model."
_CLIP_SD1_OLD = "cond_stage_model.transformer.embeddings."
_CLIP_SD2 = "cond_stage_model.model."
_SGM_FIRST = "conditioner.embedders.0."
_SGM_SECOND = "conditioner.embedders.1.model."

# Transformers: a name that only this family has (with or without the prefix above), family, pipeline. First fit wins.
_TRANSFORMERS = (
    ("single_stream_modulation.lin.weight", "flux2", "Flux2Pipeline"),
    ("distilled_guidance_layer.in_proj.bias", "chroma", "ChromaPipeline"),
    ("double_blocks.0.img_attn.norm.key_norm.scale", "flux1", "FluxPipeline"),
    ("joint_blocks.0.context_block.adaLN_modulation.1.bias", "sd3", "StableDiffusion3Pipeline"),
    ("double_layers.0.attn.w2q.weight", "aura-flow", "AuraFlowPipeline"),
    ("layers.0.adaLN_modulation.0.weight", "z-image", "ZImagePipeline"),
    ("cap_embedder.0.weight", "lumina2", "Lumina2Pipeline"),
    ("blocks.0.cross_attn.q_linear.weight", "sana", "SanaPipeline"),
    ("double_stream_blocks.0.block.adaLN_modulation.1.bias", "hidream", "HiDreamImagePipeline"),
    ("transformer_blocks.0.img_mod.1.weight", "qwen-image", "QwenImagePipeline"),
)

PIPELINES = {
    "sd1": "StableDiffusionPipeline",
    "sd2": "StableDiffusionPipeline",
    "sdxl": "StableDiffusionXLPipeline",
    "sdxl-refiner": "StableDiffusionXLImg2ImgPipeline",
}
_INPUTS = {9: "an inpainting model", 8: "an image-editing model", 5: "a depth model", 7: "an upscaler"}
# Channels of the first convolution beyond the latent's four.

_QUANTISED = "its weights are quantised with scales beside them, which are not applied here"


def recognise(header: Header) -> Recognised:
    """What the file with this header is; reads nothing else."""
    names = header.tensors
    for attempt in (_embedding, recognise_adapter, _control, _checkpoint, _denoiser, _vae):
        found = attempt(header)
        if found is not None:
            return found
    shown = next(iter(names), "nothing")
    return Recognised(
        Kind.OTHER, refused=f"it is nothing that this version knows (first tensor: {shown[:60]!r})"
    )


def _embedding(header: Header) -> Recognised | None:
    names = set(header.tensors)
    if {"clip_l", "clip_g"} & names and len(names) <= 3:
        return Recognised(
            Kind.EMBEDDING, "sdxl" if "clip_g" in names else "sd1", detail=", ".join(sorted(names))
        )
    if "emb_params" in names:
        width = (header.shape("emb_params") or (0,))[-1]
        return Recognised(Kind.EMBEDDING, WIDTHS.get(width, ""), detail="emb_params")
    if len(names) == 1:
        (name,) = names
        shape = header.shape(name)
        if 1 <= len(shape) <= 2 and shape[-1] in (768, 1024) and "." not in name:
            return Recognised(Kind.EMBEDDING, WIDTHS[shape[-1]], detail=f"token {name[:40]}")
    return None


def _control(header: Header) -> Recognised | None:
    starts = {name.partition(".")[0] for name in header.tensors}
    if starts & {"control_model", "controlnet_cond_embedding", "zero_convs", "control_layers"}:
        return Recognised(
            Kind.CONTROLNET, detail="ControlNet", refused="a ControlNet needs an image to follow"
        )
    if {"image_proj", "ip_adapter"} <= starts:
        return Recognised(Kind.OTHER, detail="IP-Adapter", refused="an IP-Adapter needs an image prompt")
    if "adapter" in starts and any(".body." in name for name in header.tensors):
        return Recognised(Kind.OTHER, detail="T2I-Adapter", refused="a T2I-Adapter needs an image to follow")
    return None


def _checkpoint(header: Header) -> Recognised | None:
    """A UNet of CompVis' or Stability's layout with its text model."""
    names = header.tensors
    if f"{UNET}input_blocks.0.0.weight" not in names:
        return None
    family = _text_family(header)
    if not family:
        return None
    lacks = _lacking(header, family)
    detail = _prediction(header, family)
    refused = _other_input(header, f"{UNET}input_blocks.0.0.weight")
    if lacks and not refused:
        refused = lacks
    return Recognised(Kind.CHECKPOINT, family, PIPELINES[family], detail, refused)


def _text_family(header: Header) -> str:
    def has(prefix: str) -> bool:
        return any(name.startswith(prefix) for name in header.tensors)

    if has(_SGM_SECOND):
        return "sdxl"
    if has(f"{_SGM_FIRST}model."):
        return "sdxl-refiner" if has(f"{UNET}label_emb.") else "sd2"
    if has(_CLIP_SD2):
        return "sd2"
    return "sd1" if has(_CLIP_SD1) or has(_CLIP_SD1_OLD) else ""


def _lacking(header: Header, family: str) -> str:
    if not any(name.startswith(VAE) for name in header.tensors):
        return "it holds no VAE"
    if any(name.startswith(_CLIP_SD1_OLD) for name in header.tensors):
        return "its text model has the names of an old version of transformers; convert it with its program"
    if family == "sd2" and any(name.startswith(_SGM_FIRST) for name in header.tensors):
        return (
            "its text model has names (Stability's generative-models) that diffusers doesn't convert for SD 2"
        )
    if _quantised(header):
        return _QUANTISED
    if "edm_mean" in header.tensors or "edm_vpred.sigma_max" in header.tensors:
        return "it is trained for the noise levels of EDM, which no single-file loading here sets up"
    return ""


def _quantised(header: Header) -> bool:
    """Scaled 8-bit floats as ComfyUI saves them, or bitsandbytes' 4-bit numbers: other weights without scales."""
    ends = (".scale_weight", ".weight_scale", ".absmax", ".quant_map")
    return "scaled_fp8" in header.tensors or any(name.endswith(ends) for name in header.tensors)


def _prediction(header: Header, family: str) -> str:
    # An empty tensor of that name marks SDXL models with v prediction (ComfyUI, comfy/supported_models.py);
    # modelspec is Stability's standard of metadata (github.com/Stability-AI/ModelSpec).
    said = header.metadata.get("modelspec.prediction_type", "")
    if "v_pred" in header.tensors or said in ("v", "v_prediction"):
        return "prediction v, zero terminal SNR" if "ztsnr" in header.tensors else "prediction v"
    if said == "epsilon":
        return "prediction epsilon"
    return "prediction not told" if family == "sd2" else ""


def _other_input(header: Header, first: str) -> str:
    channels = header.shape(first)[1] if len(header.shape(first)) == 4 else 4
    if channels == 4:
        return ""
    what = _INPUTS.get(channels, "no text-to-image model")
    return f"it is {what}: its first layer takes {channels} channels, and a picture from text has 4"


def _denoiser(header: Header) -> Recognised | None:
    names = header.tensors
    for mark, family, pipeline in _TRANSFORMERS:
        for prefix in (UNET, ""):
            if prefix + mark in names:
                detail = ""
                if family == "flux1":
                    detail = "dev" if f"{prefix}guidance_in.in_layer.bias" in names else "schnell"
                return Recognised(
                    Kind.DENOISER, family, pipeline, detail, _QUANTISED if _quantised(header) else ""
                )
    for first, layout in (
        (f"{UNET}input_blocks.0.0.weight", "UNet of CompVis' layout"),
        ("input_blocks.0.0.weight", "UNet of CompVis' layout without prefix"),
        ("conv_in.weight", "UNet of diffusers' layout"),
    ):
        if first in names and any(".attn2.to_k." in name for name in names):
            family = _unet_family(header)
            refused = _other_input(header, first) or (
                "" if family else "its text width is of no family known here"
            )
            return Recognised(Kind.DENOISER, family, PIPELINES.get(family, ""), layout, refused)
    return None


def _unet_family(header: Header) -> str:
    widths = (
        info.shape[-1]
        for name, info in header.tensors.items()
        if name.endswith("attn2.to_k.weight") and info.shape
    )
    return WIDTHS.get(next(widths, 0), "")


def _vae(header: Header) -> Recognised | None:
    names = header.tensors
    for prefix in ("", VAE, "vae."):
        first = f"{prefix}decoder.conv_in.weight"
        if first not in names:
            continue
        layout = "diffusers" if any(f"{prefix}decoder.up_blocks" in name for name in names) else "CompVis"
        channels = header.shape(first)[1] if len(header.shape(first)) == 4 else 0
        refused = ""
        if f"{prefix}encoder.conv_in.weight" not in names:
            refused = "it is the decoder alone"
        elif channels not in (4, 16):
            refused = f"its latent has {channels} channels, which no family known here has"
        return Recognised(Kind.VAE, detail=f"{channels} channels, layout of {layout}", refused=refused)
    return None
