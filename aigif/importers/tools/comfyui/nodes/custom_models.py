"""Nodes of packages that load models, write prompts, and change pictures.

Sources: as custom_sampling.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from aigif._gen.enums import GapKind
from aigif.importers.tools.comfyui import loranodes as loras
from aigif.importers.tools.comfyui.classes import (
    Kind,
    NodeClass,
    checkpoint,
    combine,
    control,
    empty_latent,
    file,
    gives,
    image_change,
    load_image,
    lora,
    model_change,
    network,
    node,
    text,
    text_model,
    value,
)

_DETAILER = "a part of the picture was found and painted again ({})"
_TILED = "the picture was enlarged and painted again in tiles ({})"
_IMAGE_PROMPT = "an image served as a prompt, and is not in the metadata"
_EFFICIENT = ("=model", "=positive", "=negative", "latent", "=optional_vae", "image")
_EASY = ("pipe", "image", "=model", "=positive", "=negative", "latent", "=vae", "=clip", "=seed")
_CONTEXT = (
    "", "=model", "=clip", "=vae", "=positive", "=negative", "=latent", "=images", "=seed"
)  # fmt: skip
_CONTEXT_BIG = (
    *_CONTEXT[:-2], "=seed", "=steps", "=step_refiner", "=cfg", "=ckpt_name", "=sampler", "=scheduler",
    "=clip_width", "=clip_height", "=text_pos_g", "=text_pos_l", "=text_neg_g", "=text_neg_l", "=mask",
    "=control_net",
)  # fmt: skip
_BASIC = ("=model", "=clip", "=vae", "=positive", "=negative")
_IMAGE = GapKind.REFERENCE_IMAGE


def _adapter(*outputs: str) -> NodeClass:
    """An IP-Adapter on the network."""
    return NodeClass(
        Kind.CONTROL,
        {"file": "ipadapter", "strength": "weight", "start_percent": "start_at", "end_percent": "end_at"},
        outputs or ("model",),
        {"image_prompt": True},
        _IMAGE_PROMPT,
        _IMAGE,
    )


def _speed() -> NodeClass:
    return model_change("", "model")


def _patch(reason: str) -> NodeClass:
    return model_change(reason, "model", gap=GapKind.EXTENSION)


NODES: Mapping[str, NodeClass] = {
    # models
    "CheckpointLoader|pysssss": checkpoint(),
    "Checkpoint Loader with Name (Image Saver)": checkpoint(
        "ckpt_name", "model", "clip", "vae", "=ckpt_name"
    ),
    "CheckpointLoaderNF4": checkpoint(),
    "Checkpoint Loader": checkpoint("ckpt_name", "model", "clip", "vae", "=ckpt_name"),  # WAS
    "Checkpoint Loader (LoraManager)": checkpoint(),
    "SDPromptReader": checkpoint("ckpt_name"),
    "CR Load Checkpoint": checkpoint("ckpt_name"),
    "UnetLoaderGGUF": network("unet_name", ""),  # ComfyUI-GGUF
    "UnetLoaderGGUFAdvanced": network("unet_name", ""),
    "Unet Loader (LoraManager)": network(),
    "NunchakuFluxDiTLoader": network("model_path", "data_type"),
    "NunchakuQwenImageDiTLoader": network("model_name", ""),
    "DiffusionModelLoaderKJ": network("model_name", "weight_dtype"),
    "OverrideCLIPDevice": gives("clip"),
    "OverrideVAEDevice": gives("vae"),
    "CLIPLoaderGGUF": text_model("clip_name"),
    "DualCLIPLoaderGGUF": text_model("clip_name1", "clip_name2"),
    "TripleCLIPLoaderGGUF": text_model("clip_name1", "clip_name2", "clip_name3"),
    "QuadrupleCLIPLoaderGGUF": text_model("clip_name1", "clip_name2", "clip_name3", "clip_name4"),
    "VAELoaderKJ": node(Kind.VAE, "vae", file="vae_name"),
    "Power Lora Loader (rgthree)": lora(loras.power),
    "Lora Loader Stack (rgthree)": lora(loras.numbered_slots),
    "Lora Loader (LoraManager)": lora(loras.manager),
    "Lora Stacker (LoraManager)": lora(loras.manager, "stack"),
    "LoRA Stacker": lora(loras.efficient_stacker, "stack"),
    "CR LoRA Stack": lora(loras.comfyroll_stack, "stack"),
    "CR Apply LoRA Stack": lora(loras.stack),
    "easy loraStack": lora(loras.easy_stack, "stack"),
    "easy loraStackApply": lora(loras.stack),
    "LoraLoader|pysssss": lora(),
    "Lora Loader": lora(),  # WAS
    "LoraTagLoader": lora(loras.tags),
    "LoraLoaderTagsQuery": lora(),
    "NunchakuFluxLoraLoader": lora(None, "model", strength_model="lora_strength"),
    "aigif stack": lora(loras.stack),  # parts of composite nodes, see composites.py
    "aigif tags": lora(loras.tags),
    "aigif untagged": value(loras.untagged),
    "PathchSageAttentionKJ": _speed(),
    "PatchModelPatcherOrder": _speed(),
    "TorchCompileModelFluxAdvanced": _speed(),
    "TorchCompileModelFluxAdvancedV2": _speed(),
    "TorchCompileModelQwenImage": _speed(),
    "ModelPatchTorchSettings": _speed(),
    "TeaCache": _patch("{} leaves out steps"),
    "TeaCacheForImgGen": _patch("{} leaves out steps"),
    "ApplyFBCacheOnModel": _patch("{} leaves out steps"),
    "DynamicThresholdingFull": _patch("{} changes the guidance"),
    "DynamicThresholdingSimple": _patch("{} changes the guidance"),
    "Automatic CFG": _patch("{} changes the guidance"),
    "Skimmed CFG": _patch("{} changes the guidance"),
    "Epsilon Scaling": _patch("{} changes the denoising"),
    "Perturbed Attention Guidance": _patch("{} changes the guidance"),
    "SD Detail Daemon": _patch("{} changes the noise levels"),
    "ADE_AnimateDiffLoaderWithContext": model_change(
        "this is a frame of an animation ({})", gap=GapKind.ANIMATION
    ),
    "ADE_UseEvolvedSampling": model_change("this is a frame of an animation ({})", gap=GapKind.ANIMATION),
    "ApplyPulidFlux": model_change(_IMAGE_PROMPT, "model", gap=_IMAGE),
    "ApplyInstantID": model_change(_IMAGE_PROMPT, "model", "positive", "negative", gap=_IMAGE),
    "IPAdapter": _adapter(),  # ComfyUI_IPAdapter_plus
    "IPAdapterAdvanced": _adapter(),
    "IPAdapterApply": _adapter(),
    "IPAdapterBatch": _adapter(),
    "IPAdapterStyleComposition": _adapter(),
    "IPAdapterFaceID": _adapter("model", "image"),
    "IPAdapterTiled": _adapter("model", "image", "mask"),
    "IPAdapterUnifiedLoader": node(Kind.FILE, "=model", "file", file="preset"),
    "IPAdapterUnifiedLoaderFaceID": node(Kind.FILE, "=model", "file", file="preset"),
    "IPAdapterModelLoader": file("ipadapter_file"),
    # prompts
    "BNK_CLIPTextEncodeAdvanced": text("text", interpretation="weight_interpretation"),
    "smZ CLIPTextEncode": text("text", parser="parser"),
    "Prompt (LoraManager)": text("text"),
    "PCTextEncode": text("text", language="text"),
    "PromptControlSimple": text("positive"),
    "SwarmClipTextEncodeAdvanced": text(
        "prompt",
        original_width="width",
        original_height="height",
        target_width="target_width",
        target_height="target_height",
        guidance="guidance",
    ),
    "WAS_Text_to_Conditioning": text("text"),
    "Text to Conditioning": text("text"),
    "CLIPTextEncodeA1111": text("text", parser="text"),
    "TextEncodeAceStepAudio": text("tags"),
    "ACN_AdvancedControlNetApply": control("positive", "negative"),
    "ControlNetLoaderAdvanced": file("control_net_name"),
    "CR Apply Multi-ControlNet": control(
        "positive", "negative", positive="base_positive", negative="base_negative"
    ),
    "Control Net Stacker": file("control_net"),
    "Attention couple": combine("a prompt holds for a part of the picture ({})", "base"),
    # sizes
    "SDXLEmptyLatentSizePicker+": empty_latent(resolution="resolution"),
    "SDXL Empty Latent Image (rgthree)": empty_latent(resolution="dimensions"),
    "CR SDXL Aspect Ratio": node(Kind.VALUE, "=width", "=height", "upscale", "=batch_size", "latent"),
    "CR Aspect Ratio": node(Kind.VALUE, "=width", "=height", "upscale", "=batch_size", "latent"),
    "EmptyLatentImagePresets": empty_latent(resolution="dimensions"),
    "SwarmEmptyLatentImage": empty_latent(),
    # pictures
    "FaceDetailer": image_change(_DETAILER, gap=GapKind.POSTPROCESS),
    "FaceDetailerPipe": image_change(_DETAILER, gap=GapKind.POSTPROCESS),
    "DetailerForEach": image_change(_DETAILER, gap=GapKind.POSTPROCESS),
    "DetailerForEachDebug": image_change(_DETAILER, gap=GapKind.POSTPROCESS),
    "SEGSDetailerForAnimateDiff": image_change(_DETAILER, gap=GapKind.POSTPROCESS),
    "UltimateSDUpscale": image_change(_TILED),
    "UltimateSDUpscaleNoUpscale": image_change(_TILED, "upscaled_image"),
    "ReActorFaceSwap": image_change("a face was exchanged ({})", "input_image"),
    "FaceRestoreCFWithModel": image_change("faces were restored ({})"),
    "ColorMatch": image_change("colours were matched to another picture ({})", "image_target"),
    "ImageResize+": node(Kind.IMAGE_SCALE, "image", method="interpolation"),
    "ImageResizeKJ": node(Kind.IMAGE_SCALE, "image", method="upscale_method"),
    "ImageResizeKJv2": node(Kind.IMAGE_SCALE, "image", method="upscale_method"),
    "CR Upscale Image": image_change("the picture was enlarged ({})"),
    "Upscale by Factor with Model (WLSH)": image_change("the picture was enlarged ({})"),
    "ImageScaleToTotalPixelsX": node(Kind.IMAGE_SCALE, "image"),
    "LoadImageFromUrl": load_image("image"),
    "ETN_LoadImageBase64": load_image("image"),
    "SwarmLoadImageB64": load_image("image_base64"),
    "Image Load": load_image("image_path"),
    "easy loadImageBase64": load_image("base64_data"),
    "easy cleanGpuUsed": gives("anything"),
    "easy showAnything": gives("anything"),
    "FreeMemoryLatent": gives("latent"),
    "FreeMemoryImage": gives("image"),
    "NNLatentUpscale": node(
        Kind.LATENT_SCALE, "latent", samples="latent", method="version", scale_by="upscale"
    ),
    "LatentUpscaleFactor": node(Kind.LATENT_SCALE, "latent", scale_by="factor"),
}
