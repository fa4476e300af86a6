"""InvokeAI's names of schedulers, and how it writes the name and the hash of a model.

Sources: invokeai/backend/stable_diffusion/schedulers/schedulers.py (SCHEDULER_MAP); of version 2
ldm/invoke/generator/base.py and its list of samplers.
"""

from __future__ import annotations

from aigif._gen.enums import GapKind, Scheduler, SigmaSchedule, StepNoise
from aigif.importers.draft import Draft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SCHEDULERS: dict[str, Scheduler] = {
    "ddim": Scheduler.DDIM,
    "ddpm": Scheduler.DDPM,
    "deis": Scheduler.DEIS,
    "dpmpp_2m": Scheduler.DPMPP_2M,
    "dpmpp_2m_sde": Scheduler.DPMPP_2M_SDE,
    "dpmpp_2s": Scheduler.DPMPP_2S,
    "dpmpp_3m": Scheduler.DPMPP_3M,
    "dpmpp_sde": Scheduler.DPMPP_SDE,
    "euler": Scheduler.EULER,
    "euler_a": Scheduler.EULER_A,
    "heun": Scheduler.HEUN,
    "kdpm_2": Scheduler.DPM2,
    "kdpm_2_a": Scheduler.DPM2_A,
    "lcm": Scheduler.LCM,
    "lms": Scheduler.LMS,
    "pndm": Scheduler.PNDM,
    "tcd": Scheduler.TCD,
    "unipc": Scheduler.UNIPC_2_BH2,
}
# Version 2's names of samplers: k-diffusion's had a prefix.
_OLD = {
    "dpm_2": Scheduler.DPM2,
    "dpm_2_a": Scheduler.DPM2_A,
    "dpmpp_2": Scheduler.DPMPP_2M,
    "dpmpp_2_a": Scheduler.DPMPP_2S_A,
    "plms": Scheduler.PLMS,
}
_FLOW_BASES = frozenset({"flux", "sd-3", "cogview4", "flux2", "z-image"})
_FLOW: dict[str, Scheduler] = {
    "euler": Scheduler.FLOW_MATCH_EULER,
    "heun": Scheduler.FLOW_MATCH_HEUN,
    "lcm": Scheduler.FLOW_MATCH_LCM,
}


def named(value: Any) -> tuple[str, str, str]:
    """Name, hash and base of a model: an object (version 3 calls them otherwise), or a name."""
    if isinstance(value, str):
        return value, "", ""
    if not isinstance(value, dict):
        return "", "", ""
    name = value.get("name", value.get("model_name", value.get("key")))
    base = value.get("base", value.get("base_model"))
    digest = value.get("hash")
    return (
        name if isinstance(name, str) else "",
        digest if isinstance(digest, str) else "",
        base if isinstance(base, str) else "",
    )


def put_scheduler(draft: Draft, name: Any, base: str = "") -> None:
    """A scheduler by InvokeAI's name; `base` is the model's base, since flow models have schedulers of their own."""
    text = name if isinstance(name, str) else ""
    if base in _FLOW_BASES:
        draft.put("sampler_options.step_noise", StepNoise.FIRST)
        if name is None or text in _FLOW:
            draft.put("model.scheduler", _FLOW[text] if text else Scheduler.FLOW_MATCH_EULER)
            return
    if name is None:
        return
    plain = text.removeprefix("k_")
    karras = plain.removesuffix("_k") != plain
    plain = plain.removesuffix("_k")
    found = _SCHEDULERS.get(plain, _OLD.get(plain))
    if found is None:
        draft.missing(f"no scheduler {text[:40]!a} is known", GapKind.VALUE, "scheduler")
        return
    draft.put("model.scheduler", found)
    if karras:
        draft.put("model.sigma_schedule", SigmaSchedule.KARRAS)
