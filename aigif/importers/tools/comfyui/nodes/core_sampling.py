"""ComfyUI's own nodes that save, pass on values, and sample.

Source: ComfyUI's nodes.py and comfy_extras/nodes_*.py (inputs and order of outputs).
"""

from __future__ import annotations

from collections.abc import Mapping

from aigif._gen.enums import GapKind
from aigif.importers.tools.comfyui import valuenodes as values
from aigif.importers.tools.comfyui.classes import (
    Kind,
    NodeClass,
    changed_sigmas,
    condition_change,
    gives,
    guider,
    method,
    model_change,
    node,
    preview,
    sampler,
    save,
    sigmas,
    step_sampler,
    switch,
    value,
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
    # what writes or shows the picture
    "SaveImage": save(only="png"),
    "SaveImageWebsocket": save(),
    "SaveAnimatedWEBP": save(only="webp"),
    "SaveAnimatedPNG": save(only="png"),
    "SaveWEBM": save(),
    "SaveImageAdvanced": save(),
    "PreviewImage": preview(),
    "MaskPreview": preview("mask"),
    "ImageCompare": preview("image_a"),
    # reroutes and constants
    "Reroute": gives(""),
    "PrimitiveNode": gives("value"),
    "PrimitiveInt": gives("value"),
    "PrimitiveFloat": gives("value"),
    "PrimitiveBoolean": gives("value"),
    "PrimitiveString": gives("value"),
    "PrimitiveStringMultiline": gives("value"),
    "PreviewAny": gives("source"),
    "StringConcatenate": value(values.joined("string_a", "string_b")),
    "StringTrim": value(values.trimmed),
    "StringReplace": value(values.replaced()),
    "ComfySwitchNode": switch(values.true_switch("switch", "on_true", "on_false")),
    # samplers
    "KSampler": sampler(),
    "KSamplerAdvanced": step_sampler(),
    "SamplerCustom": node(Kind.CUSTOM_SAMPLER, "latent", "latent", seed="noise_seed"),
    "SamplerCustomAdvanced": node(Kind.GUIDED_SAMPLER, "latent", "latent"),
    "RandomNoise": node(Kind.NOISE, "noise", seed="noise_seed"),
    "DisableNoise": node(Kind.NOISE, "noise", seed=""),
    "BasicGuider": guider(unguided=True, positive="conditioning", negative=""),
    "CFGGuider": guider(),
    "DualCFGGuider": guider(
        "two prompts are guided apart (DualCFGGuider)", cfg="cfg_conds", positive="cond1"
    ),
    "PerpNegGuider": guider("the negative prompt is made perpendicular (PerpNegGuider)"),
    "PerpNeg": model_change("the negative prompt is made perpendicular ({})", gap=GapKind.EXTENSION),
    "VideoLinearCFGGuidance": model_change(
        "guidance changes from frame to frame ({})", gap=GapKind.ANIMATION
    ),
    "VideoTriangleCFGGuidance": model_change(
        "guidance changes from frame to frame ({})", gap=GapKind.ANIMATION
    ),
    # sampling algorithms
    "KSamplerSelect": method(),
    "SamplerEulerAncestral": method("euler_ancestral", eta_ancestral="eta", churn_noise="s_noise"),
    "SamplerEulerAncestralCFGPP": method(
        "euler_ancestral_cfg_pp", eta_ancestral="eta", churn_noise="s_noise"
    ),
    "SamplerDPMPP_2S_Ancestral": method("dpmpp_2s_ancestral", eta_ancestral="eta", churn_noise="s_noise"),
    "SamplerDPMPP_SDE": method("dpmpp_sde", eta_ancestral="eta", churn_noise="s_noise", usual_r="r"),
    "SamplerDPMPP_2M_SDE": method("dpmpp_2m_sde", eta_ancestral="eta", churn_noise="s_noise"),
    "SamplerDPMPP_3M_SDE": method("dpmpp_3m_sde", eta_ancestral="eta", churn_noise="s_noise"),
    "SamplerLMS": method("lms", solver_order="order"),
    "SamplerER_SDE": method("er_sde", eta_ancestral="eta", churn_noise="s_noise"),
    "SamplerSEEDS2": method("seeds_2", eta_ancestral="eta", churn_noise="s_noise", usual_r="r"),
    "SamplerSASolver": method(
        "sa_solver",
        eta_ancestral="eta",
        churn_noise="s_noise",
        usual_start="sde_start_percent",
        usual_end="sde_end_percent",
        usual_predictor="predictor_order",
        usual_corrector="corrector_order",
        usual_simple="simple_order_2",
    ),
    "SamplerDPMAdaptative": method("dpm_adaptive"),
    "SamplerLCMUpscale": method("lcm"),
    "SamplerEulerCFGpp": method("euler_cfg_pp"),
    # noise levels
    "BasicScheduler": sigmas(),
    "KarrasScheduler": sigmas("karras", sigma_min="sigma_min", sigma_max="sigma_max", rho="rho"),
    "ExponentialScheduler": sigmas("exponential", sigma_min="sigma_min", sigma_max="sigma_max"),
    "PolyexponentialScheduler": sigmas(
        "polyexponential", sigma_min="sigma_min", sigma_max="sigma_max", rho="rho"
    ),
    "BetaSamplingScheduler": sigmas("beta", beta_alpha="alpha", beta_beta="beta"),
    "AlignYourStepsScheduler": sigmas("align_your_steps"),
    "SDTurboScheduler": sigmas("turbo"),
    "SplitSigmas": node(Kind.SIGMAS, "high", "low", cut="step"),
    "SplitSigmasDenoise": node(Kind.SIGMAS, "high", "low", cut_share="denoise"),
    "FlipSigmas": changed_sigmas("the noise levels are turned around ({})"),
    "SetFirstSigma": changed_sigmas("the first noise level is set by hand ({})"),
    "ExtendIntermediateSigmas": changed_sigmas("noise levels are put between others ({})"),
    "ManualSigmas": changed_sigmas("the noise levels are given by hand ({})"),
    "LaplaceScheduler": changed_sigmas("the noise levels are those of {}"),
    "VPScheduler": changed_sigmas("the noise levels are those of {}"),
    "GITSScheduler": changed_sigmas("the noise levels are those of {}"),
    "LTXVScheduler": changed_sigmas("the noise levels are those of {}"),
    "Flux2Scheduler": changed_sigmas("the noise levels are those of {}"),
    "OptimalStepsScheduler": changed_sigmas("the noise levels are those of {}"),
}
