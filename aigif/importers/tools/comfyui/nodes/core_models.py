"""ComfyUI's own nodes of models and prompts.

Source: as core_sampling.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from aigif._gen.enums import GapKind
from aigif.importers.tools.comfyui.classes import (
    Kind,
    NodeClass,
    checkpoint,
    combine,
    condition_change,
    control,
    file,
    gives,
    lora,
    model_change,
    network,
    node,
    text,
    text_model,
)

_REGION = "a prompt holds for a part of the picture ({})"
_IMAGE_PROMPT = "an image served as a prompt, and is not in the metadata"
_INPUT_IMAGE = "an image was the input, and is not in the metadata"
_VIDEO = "this is a frame of a video"
_BOTH = ("positive", "negative")
_THREE = ("positive", "negative", "latent")


def _video(*outputs: str) -> NodeClass:
    return condition_change(_VIDEO, *(outputs or _THREE), gap=GapKind.ANIMATION)


def _merge(*models: str) -> NodeClass:
    return model_change("models were merged ({})", first=models[0] if models else "model1")


NODES: Mapping[str, NodeClass] = {
    # models
    "CheckpointLoaderSimple": checkpoint(),
    "CheckpointLoader": checkpoint(),
    "unCLIPCheckpointLoader": checkpoint("ckpt_name", "model", "clip", "vae", "clip_vision"),
    "ImageOnlyCheckpointLoader": checkpoint("ckpt_name", "model", "clip_vision", "vae"),
    "DiffusersLoader": checkpoint("model_path"),
    "UNETLoader": network(),
    "CLIPLoader": text_model("clip_name"),
    "DualCLIPLoader": text_model("clip_name1", "clip_name2"),
    "TripleCLIPLoader": text_model("clip_name1", "clip_name2", "clip_name3"),
    "QuadrupleCLIPLoader": text_model("clip_name1", "clip_name2", "clip_name3", "clip_name4"),
    "VAELoader": node(Kind.VAE, "vae", file="vae_name"),
    "UpscaleModelLoader": file("model_name"),
    "ControlNetLoader": file("control_net_name"),
    "DiffControlNetLoader": file("control_net_name"),
    "StyleModelLoader": file("style_model_name"),
    "CLIPVisionLoader": file("clip_name"),
    "LoraLoader": lora(),
    "LoraLoaderModelOnly": lora(None, "model"),
    "LoraLoaderBypass": lora(),
    "LoraLoaderBypassModelOnly": lora(None, "model"),
    "HypernetworkLoader": model_change("a hypernetwork is loaded ({})", gap=GapKind.ADAPTER),
    "CLIPSetLastLayer": node(Kind.CLIP_LAYER, "clip", layer="stop_at_clip_layer"),
    "T5TokenizerOptions": model_change("the text model's padding is set ({})", "clip", gap=GapKind.SETTING),
    "ModelSamplingSD3": node(Kind.SHIFT, "model"),
    "ModelSamplingAuraFlow": node(Kind.SHIFT, "model"),
    "ModelSamplingFlux": node(Kind.SHIFT, "model", most="max_shift", least="base_shift"),
    "ModelSamplingDiscrete": node(Kind.PREDICTION, "model", prediction="sampling", zero_snr="zsnr"),
    "RescaleCFG": node(Kind.RESCALE, "model", rescale="multiplier"),
    "ModelSamplingContinuousEDM": model_change("the noise levels are EDM's ({})", gap=GapKind.SETTING),
    "ModelSamplingContinuousV": model_change("the noise levels are continuous ({})", gap=GapKind.SETTING),
    "ModelSamplingStableCascade": model_change("the noise levels are shifted ({})", gap=GapKind.SETTING),
    "ModelComputeDtype": model_change("", "model"),
    "TorchCompileModel": model_change("", "model"),
    "ModelMergeSimple": _merge(),
    "ModelMergeBlocks": _merge(),
    "ModelMergeAdd": _merge(),
    "ModelMergeSubtract": _merge(),
    "ModelMergeSDXL": _merge(),
    "ModelMergeSD1": _merge(),
    "ModelMergeFlux1": _merge(),
    "ModelMergeSD3_2B": _merge(),
    "CLIPMergeSimple": _merge("clip1"),
    "CLIPMergeAdd": _merge("clip1"),
    "CLIPMergeSubtract": _merge("clip1"),
    "FreeU": model_change("FreeU changes the denoising", gap=GapKind.EXTENSION),
    "FreeU_V2": model_change("FreeU changes the denoising", gap=GapKind.EXTENSION),
    "FreSca": model_change("{} changes the guidance", gap=GapKind.EXTENSION),
    "CFGNorm": model_change("{} changes the guidance", gap=GapKind.EXTENSION),
    "CFGZeroStar": model_change("{} changes the guidance", gap=GapKind.EXTENSION),
    "EasyCache": model_change("{} leaves out steps", gap=GapKind.EXTENSION),
    "LazyCache": model_change("{} leaves out steps", gap=GapKind.EXTENSION),
    "PerturbedAttentionGuidance": model_change("{} changes the guidance", gap=GapKind.EXTENSION),
    "SelfAttentionGuidance": model_change("{} changes the guidance", gap=GapKind.EXTENSION),
    "SkipLayerGuidanceSD3": model_change("{} changes the guidance", gap=GapKind.EXTENSION),
    "SkipLayerGuidanceDiT": model_change("{} changes the guidance", gap=GapKind.EXTENSION),
    "SkipLayerGuidanceDiTSimple": model_change("{} changes the guidance", gap=GapKind.EXTENSION),
    "HyperTile": model_change("{} changes the attention", gap=GapKind.EXTENSION),
    "TomePatchModel": model_change("{} changes the attention", gap=GapKind.EXTENSION),
    "PatchModelAddDownscale": model_change("{} makes a coarse picture first", gap=GapKind.EXTENSION),
    "SD_4XUpscale_Conditioning": condition_change(_INPUT_IMAGE, *_THREE, gap=GapKind.INIT_IMAGE),
    "DifferentialDiffusion": model_change("a mask decides how much is denoised", gap=GapKind.MASK),
    "SeamlessTile": model_change("{} makes the picture tile", gap=GapKind.EXTENSION),
    # prompts
    "CLIPTextEncode": text(),
    "CLIPTextEncodeSDXL": text(
        "text_l",
        "text_g",
        original_width="width",
        original_height="height",
        crop_left="crop_w",
        crop_top="crop_h",
        target_width="target_width",
        target_height="target_height",
    ),
    "CLIPTextEncodeSDXLRefiner": text("text", aesthetic_score="ascore"),
    "CLIPTextEncodeFlux": text("clip_l", "t5xxl", guidance="guidance"),
    "CLIPTextEncodeSD3": text("clip_l", "clip_g", "t5xxl"),
    "CLIPTextEncodeHunyuanDiT": text("bert", "mt5xl"),
    "CLIPTextEncodeHiDream": text("clip_l", "clip_g", "t5xxl"),
    "CLIPTextEncodeLumina2": text("user_prompt"),
    "CLIPTextEncodePixArtAlpha": text("text"),
    "CLIPTextEncodeKandinsky5": text("clip_l", "qwen25_7b"),
    "TextEncodeQwenImageEdit": text("prompt", image="image"),
    "TextEncodeQwenImageEditPlus": text("prompt", image="image1"),
    "ConditioningCombine": combine(
        "prompts are denoised apart and averaged ({})", "conditioning_1", "conditioning_2"
    ),
    "ConditioningConcat": combine(
        "prompts stand one after another ({})", "conditioning_to", "conditioning_from", gap=GapKind.OPERATION
    ),
    "ConditioningAverage": combine(
        "prompts are mixed ({})", "conditioning_to", "conditioning_from", gap=GapKind.OPERATION
    ),
    "ConditioningSetArea": condition_change(_REGION, gap=GapKind.REGION),
    "ConditioningSetAreaPercentage": condition_change(_REGION, gap=GapKind.REGION),
    "ConditioningSetAreaStrength": condition_change(_REGION, gap=GapKind.REGION),
    "ConditioningSetMask": condition_change(_REGION, gap=GapKind.REGION),
    "ConditioningSetTimestepRange": condition_change("a prompt holds for some of the steps ({})"),
    "ConditioningSetProperties": condition_change(_REGION, gap=GapKind.REGION),
    "ConditioningZeroOut": node(Kind.ZERO, "conditioning"),
    "FluxGuidance": node(Kind.GUIDANCE, "conditioning"),
    "FluxDisableGuidance": condition_change("the distilled guidance is turned off ({})", gap=GapKind.SETTING),
    "FluxKontextMultiReferenceLatentMethod": condition_change(),
    "ControlNetApply": control(),
    "ControlNetApplyAdvanced": control(*_BOTH),
    "ControlNetApplySD3": control(*_BOTH),
    "ControlNetInpaintingAliMamaApply": control(*_BOTH),
    "SetUnionControlNetType": gives("control_net"),
    "unCLIPConditioning": condition_change(_IMAGE_PROMPT, gap=GapKind.REFERENCE_IMAGE),
    "StyleModelApply": condition_change(_IMAGE_PROMPT, gap=GapKind.REFERENCE_IMAGE),
    "GLIGENTextboxApply": condition_change(_REGION, gap=GapKind.REGION, conditioning="conditioning_to"),
    "ReferenceLatent": condition_change(_IMAGE_PROMPT, gap=GapKind.REFERENCE_IMAGE),
    "InpaintModelConditioning": condition_change(_INPUT_IMAGE, *_THREE, gap=GapKind.INIT_IMAGE),
    "InstructPixToPixConditioning": condition_change(_INPUT_IMAGE, *_THREE, gap=GapKind.INIT_IMAGE),
    "SVD_img2vid_Conditioning": _video(),
    "WanImageToVideo": _video(),
    "WanCameraImageToVideo": _video(),
    "WanFirstLastFrameToVideo": _video(),
    "WanVaceToVideo": _video("positive", "negative", "latent", "trim_latent"),
    "LTXVImgToVideo": _video(),
    "LTXVConditioning": _video(*_BOTH),
    "CosmosImageToVideoLatent": _video("latent"),
    "StableZero123_Conditioning": condition_change(_INPUT_IMAGE, *_THREE, gap=GapKind.INIT_IMAGE),
    "StableCascade_StageB_Conditioning": node(Kind.CONDITION_CHANGE, "conditioning", prior="stage_c"),
}
