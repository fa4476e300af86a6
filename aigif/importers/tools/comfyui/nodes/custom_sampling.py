"""Nodes of packages that save, pass on values, bundle links, and sample.

Sources: the packages that the comments name, by their nodes' inputs and outputs.
"""

from __future__ import annotations

from collections.abc import Mapping

from aigif._gen.enums import GapKind
from aigif.importers.tools.comfyui import valuenodes as values
from aigif.importers.tools.comfyui.classes import (
    Kind,
    NodeClass,
    gives,
    model_change,
    pipe,
    preview,
    sampler,
    save,
    step_sampler,
    switch,
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
    # savers
    "Save Image w/Metadata": save(),  # comfy-image-saver
    "Image Saver": save(),  # ComfyUI-Image-Saver
    "Image Saver Simple": save(),
    "SaveImagePlus": save(),
    "SaveImageExtended": save(),  # save-image-extended-comfyui
    "SaveImageWithMetaData": save(),
    "SaveImageWithMetaDataUniversal": save(),
    "Save Image (LoraManager)": save(),
    "SDPromptSaver": save(),
    "CivitaiSaveImage": save(),
    "Image Save": save(),  # was-node-suite-comfyui
    "easy imageSave": save(),
    "SwarmSaveImageWS": save(),
    "SwarmSaveAnimatedWebpWS": save(),
    "Save Image (Efficient)": save(),
    "CR Image Output": save(),
    "Image Comparer (rgthree)": preview("image_a"),
    "easy imagePreview": preview(),
    "PreviewBridge": preview(),
    "VHS_VideoCombine": save(),
    # constants and parameters
    "INTConstant": gives("value"),  # ComfyUI-KJNodes
    "FloatConstant": gives("value"),
    "StringConstant": gives("string"),
    "StringConstantMultiline": gives("string"),
    "JoinStrings": value(values.joined("string1", "string2")),
    "JoinStringMulti": value(values.joined_strings),
    "Seed (rgthree)": gives("seed"),
    "Seed Generator": gives("seed"),
    "Seed Everywhere": gives("seed"),
    "Seed": gives("seed"),
    "easy seed": gives("seed"),
    "easy int": gives("value"),
    "easy float": gives("value"),
    "easy string": gives("value"),
    "easy positive": gives("positive"),
    "easy negative": gives("negative"),
    "CR Seed": gives("seed"),
    "CR Prompt Text": gives("prompt"),
    "CR Text": gives("text"),
    "CR Text Concatenate": value(values.joined("text1", "text2", delimiter="separator")),
    "Text Multiline": gives("text"),  # was-node-suite-comfyui
    "Text Concatenate": value(values.joined_texts),
    "Text Find and Replace": value(values.replaced("text", "find", "replace")),
    "Int Literal": gives("int"),
    "Float Literal": gives("float"),
    "String Literal": gives("string"),
    "Cfg Literal": gives("float"),
    "Width/Height Literal": gives("int"),
    "Int Literal (Image Saver)": gives("int"),
    "Float Literal (Image Saver)": gives("float"),
    "String Literal (Image Saver)": gives("string"),
    "Cfg Literal (Image Saver)": gives("float"),
    "Width/Height Literal (Image Saver)": gives("int", "int"),
    "Sampler Selector": gives("sampler_name"),
    "Scheduler Selector": gives("scheduler"),
    "Sampler Selector (Image Saver)": gives("sampler_name"),
    "Scheduler Selector (Image Saver)": gives("scheduler"),
    "Input Parameters (Image Saver)": gives("seed", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    "KSampler Config (rgthree)": gives("steps_total", "refiner_step", "cfg", "sampler_name", "scheduler"),
    "SDParameterGenerator": gives("ckpt_name", "model_version"),
    "PrimitiveInteger [Crystools]": gives("int"),
    "Primitive string [Crystools]": gives("string"),
    "Primitive string multiline [Crystools]": gives("string"),
    "Primitive float [Crystools]": gives("float"),
    "Primitive integer [Crystools]": gives("int"),
    "SimpleText": gives("text"),
    "ttN text": gives("text"),
    "ttN int": gives("int", "float", "text"),
    "ttN seed": gives("seed"),
    "ShowText|pysssss": gives("text"),
    "StringFunction|pysssss": value(values.string_function),
    "DPRandomGenerator": gives("text"),
    "ImpactInt": gives("value"),
    "ImpactFloat": gives("value"),
    "ImpactWildcardProcessor": value(values.first_of("populated_text", "wildcard_text")),
    "PromptManager": gives("prompt"),
    "SDXLPromptStyler": value(values.styled),
    "GlobalSeed //Inspire": gives("value"),
    # switches
    "Any Switch (rgthree)": switch(values.any_switch),
    "Context Switch (rgthree)": switch(values.any_switch),
    "ImpactSwitch": switch(values.numbered_switch("input{}")),
    "LatentSwitch": switch(values.numbered_switch("input{}")),
    "ImpactConditionalBranch": switch(values.true_switch("cond", "tt_value", "ff_value")),
    "easy anythingIndexSwitch": switch(values.numbered_switch("value{}", "index", first=0)),
    "easy ifElse": switch(values.true_switch("boolean", "on_true", "on_false")),
    "Switch any [Crystools]": switch(values.true_switch("boolean", "on_true", "on_false")),
    "CR Text Input Switch": switch(values.numbered_switch("text{}", "Input")),
    "CR Image Input Switch": switch(values.numbered_switch("image{}", "Input")),
    "CR Latent Input Switch": switch(values.numbered_switch("latent{}", "Input")),
    "CR Conditioning Input Switch": switch(values.numbered_switch("conditioning{}", "Input")),
    "CR Model Input Switch": switch(values.numbered_switch("model{}", "Input")),
    # bundles
    "ToBasicPipe": pipe("pipe"),  # ComfyUI-Impact-Pack
    "EditBasicPipe": pipe("pipe"),
    "FromBasicPipe": pipe(*_BASIC),
    "FromBasicPipe_v2": pipe("pipe", *_BASIC),
    "Context (rgthree)": pipe(*_CONTEXT),
    "Context Big (rgthree)": pipe(*_CONTEXT_BIG),
    "easy pipeIn": pipe("pipe"),
    "easy pipeOut": pipe(
        "pipe", "=model", "=positive", "=negative", "=latent", "=vae", "=clip", "=image", "=seed"
    ),
    "easy pipeEdit": pipe("pipe", "=model", "=positive", "=negative", "=latent", "=vae", "=clip", "=image"),
    "easy preSampling": pipe("pipe"),
    "easy preSamplingAdvanced": pipe("pipe"),
    "Bus Node": pipe("bus", "=model", "=clip", "=vae", "=positive", "=negative"),
    # samplers
    "KSampler (Efficient)": sampler(*_EFFICIENT),  # efficiency-nodes-comfyui
    "KSampler Adv. (Efficient)": step_sampler(*_EFFICIENT),
    "KSampler SDXL (Eff.)": step_sampler("pipe", "latent", "=optional_vae", "image"),
    "easy kSampler": sampler("pipe", "image"),  # ComfyUI-Easy-Use
    "easy fullkSampler": sampler(*_EASY),
    "easy kSamplerTiled": sampler("pipe", "image"),
    "ImpactKSamplerBasicPipe": sampler("pipe", "latent", "=vae"),
    "ImpactKSamplerAdvancedBasicPipe": step_sampler("pipe", "latent", "=vae"),
    "KSampler //Inspire": sampler("latent"),
    "KSamplerAdvanced //Inspire": step_sampler("latent"),
    "KSampler With Pipe //Inspire": sampler("latent"),
    "SwarmKSampler": step_sampler("latent"),  # SwarmUI
    "ttN pipeKSampler": sampler(
        "pipe", "=model", "=positive", "=negative", "latent", "=vae", "=clip", "image", "=seed"
    ),
    "KSampler with Refiner (Fooocus)": sampler("latent"),
    "ClownsharKSampler_Beta": sampler("latent", "latent"),  # RES4LYF
    "SharkSampler_Beta": sampler("latent", "latent"),
    "iToolsKSampler": sampler("latent", "image"),
    "BNK_TiledKSampler": sampler("latent"),
}
