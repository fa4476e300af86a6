"""ComfyUI's own nodes of latents and pictures, and those of services.

Source: as core_sampling.py; comfy_api_nodes for the services.
"""

from __future__ import annotations

from collections.abc import Mapping

from aigif._gen.enums import GapKind
from aigif.importers.tools.comfyui.classes import (
    Kind,
    NodeClass,
    condition_change,
    empty_latent,
    image_change,
    latent_change,
    load_image,
    model_change,
    node,
    service,
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
    # latents
    "EmptyLatentImage": empty_latent(),
    "EmptySD3LatentImage": empty_latent(),
    "EmptyFlux2LatentImage": empty_latent(),
    "EmptyHunyuanImageLatent": empty_latent(),
    "EmptyChromaRadianceLatentImage": empty_latent(),
    "EmptyQwenImageLayeredLatentImage": empty_latent(),
    "EmptyHunyuanLatentVideo": empty_latent(frames="length"),
    "EmptyMochiLatentVideo": empty_latent(frames="length"),
    "EmptyLTXVLatentVideo": empty_latent(frames="length"),
    "EmptyCosmosLatentVideo": empty_latent(frames="length"),
    "StableCascade_EmptyLatentImage": node(Kind.EMPTY_LATENT, "latent", "stage_b"),
    "VAEDecode": node(Kind.DECODE, "image"),
    "VAEDecodeTiled": node(Kind.DECODE, "image", tile="tile_size"),
    "VAEEncode": node(Kind.ENCODE, "latent"),
    "VAEEncodeTiled": node(Kind.ENCODE, "latent", tile="tile_size"),
    "VAEEncodeForInpaint": node(Kind.ENCODE, "latent", mask="mask"),
    "StableCascade_StageC_VAEEncode": node(Kind.ENCODE, "latent", "stage_b", pixels="image"),
    "LatentUpscale": node(Kind.LATENT_SCALE, "latent", method="upscale_method"),
    "LatentUpscaleBy": node(Kind.LATENT_SCALE, "latent", method="upscale_method"),
    "RepeatLatentBatch": latent_change(repeat="amount"),
    "LatentFromBatch": latent_change("one of a batch is taken ({})"),
    "RebatchLatents": latent_change(samples="latents"),
    "SetLatentNoiseMask": latent_change(
        "only what a mask covers is denoised, and it is not in the metadata", gap=GapKind.MASK
    ),
    "LatentComposite": latent_change("latents are put into another ({})", "samples_to", other="samples_from"),
    "LatentCompositeMasked": latent_change(
        "latents are put into another ({})", "destination", other="source"
    ),
    "LatentBlend": latent_change("latents are mixed ({})", "samples1", other="samples2"),
    "LatentAdd": latent_change("latents are mixed ({})", "samples1", other="samples2"),
    "LatentSubtract": latent_change("latents are mixed ({})", "samples1", other="samples2"),
    "LatentInterpolate": latent_change("latents are mixed ({})", "samples1", other="samples2"),
    "LatentMultiply": latent_change("the latent is multiplied ({})"),
    "LatentFlip": latent_change("the latent is turned ({})"),
    "LatentRotate": latent_change("the latent is turned ({})"),
    "LatentCrop": latent_change("the latent is cropped ({})"),
    "AddNoise": latent_change("noise is added by a node of its own ({})", "latent_image"),
    "TrimVideoLatent": latent_change(_VIDEO, gap=GapKind.ANIMATION),
    "LoadLatent": node(Kind.LOAD_IMAGE, "latent", file="latent"),
    # pictures
    "LoadImage": load_image(),
    "LoadImageOutput": load_image(),
    "LoadImageMask": load_image("image", "mask"),
    "ImageScale": node(Kind.IMAGE_SCALE, "image", method="upscale_method"),
    "ImageScaleBy": node(Kind.IMAGE_SCALE, "image", method="upscale_method"),
    "ImageScaleToTotalPixels": node(Kind.IMAGE_SCALE, "image", method="upscale_method", pixels="megapixels"),
    "ImageScaleToMaxDimension": node(Kind.IMAGE_SCALE, "image", method="upscale_method"),
    "ImageUpscaleWithModel": node(Kind.UPSCALE, "image"),
    "FluxKontextImageScale": image_change("the picture is scaled ({})"),
    "ImageFromBatch": image_change(),
    "ImageBatch": image_change("several pictures are put together ({})", "image1", GapKind.PASSES),
    "ImageStitch": image_change("several pictures are put together ({})", "image1", GapKind.PASSES),
    "ImageCompositeMasked": image_change("pictures are put into another ({})", "destination"),
    "ImageCrop": image_change("the picture is cropped ({})"),
    "ImageInvert": image_change("the picture's colours are inverted"),
    "ImageSharpen": image_change("the picture is sharpened ({})"),
    "ImageBlur": image_change("the picture is blurred ({})"),
    "ImageBlend": image_change("pictures are mixed ({})", "image1"),
    "ImageQuantize": image_change("the picture's colours are reduced ({})"),
    "ImagePadForOutpaint": image_change("the picture is extended ({})"),
    "JoinImageWithAlpha": image_change("transparency is added ({})"),
    "SplitImageWithAlpha": image_change("transparency is taken off ({})"),
    "ImageRotate": image_change("the picture is turned ({})"),
    "ImageFlip": image_change("the picture is turned ({})"),
    "GetImageSize": node(Kind.VALUE, "width", "height"),
    "EmptyImage": load_image("color", "image"),
    "Canny": image_change("edges are drawn ({})"),
    # services
    "FluxProImageNode": service(),
    "FluxProUltraImageNode": service(),
    "FluxKontextProImageNode": service(),
    "FluxKontextMaxImageNode": service(),
    "Flux2ProImageNode": service(),
    "OpenAIDalle2": service(),
    "OpenAIDalle3": service(),
    "OpenAIGPTImage1": service(),
    "IdeogramV1": service(),
    "IdeogramV2": service(),
    "IdeogramV3": service(),
    "RecraftTextToImageNode": service(),
    "StabilityStableImageUltraNode": service(),
    "StabilityStableImageSD_3_5Node": service(),
    "LumaImageNode": service(),
    "GeminiImageNode": service(),
    "GeminiImage2Node": service(),
    "ByteDanceImageNode": service(),
    "ByteDanceSeedreamNode": service(),
    "RunwayTextToImageNode": service(),
}
