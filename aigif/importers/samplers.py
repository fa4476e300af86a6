"""Sampler and schedule names of the A1111 web UI and its kin, and the programs that their versions tell of.

Sources: the sampler lists of AUTOMATIC1111's web UI 1.8 (schedules glued to the sampler's name) and 1.10
(schedules of their own, each sampler with a default), of Forge, and of ComfyUI.
"""

from __future__ import annotations

import re

from aigif._gen.enums import NoiseSource, PromptDialect, Scheduler, SigmaSchedule, StepNoise
from aigif._gen.tables import program as program_table
from aigif._gen.tables import scheduler as scheduler_table

AUTOMATIC = "Automatic"
SCHEDULES: dict[str, SigmaSchedule] = {
    "Karras": SigmaSchedule.KARRAS,
    "Exponential": SigmaSchedule.EXPONENTIAL,
    "Polyexponential": SigmaSchedule.POLYEXPONENTIAL,
    "SGM Uniform": SigmaSchedule.SGM_UNIFORM,
    "KL Optimal": SigmaSchedule.KL_OPTIMAL,
    "Align Your Steps": SigmaSchedule.ALIGN_YOUR_STEPS,
    "Simple": SigmaSchedule.SIMPLE,
    "Normal": SigmaSchedule.NORMAL,
    "DDIM": SigmaSchedule.DDIM_UNIFORM,
    "Beta": SigmaSchedule.BETA,
    "Turbo": SigmaSchedule.TURBO,
    "Linear Quadratic": SigmaSchedule.LINEAR_QUADRATIC,
    "Bong Tangent": SigmaSchedule.BONG_TANGENT,
    "Uniform": SigmaSchedule.MODEL,
}
# What "Automatic" is since version 1.9; every other sampler keeps the model's own noise levels.
AUTOMATIC_SCHEDULES: dict[Scheduler, SigmaSchedule] = {
    Scheduler.DPMPP_2M: SigmaSchedule.KARRAS,
    Scheduler.DPMPP_SDE: SigmaSchedule.KARRAS,
    Scheduler.DPMPP_2S_A: SigmaSchedule.KARRAS,
    Scheduler.DPM2: SigmaSchedule.KARRAS,
    Scheduler.DPM2_A: SigmaSchedule.KARRAS,
    Scheduler.RESTART: SigmaSchedule.KARRAS,
    Scheduler.DPMPP_2M_SDE: SigmaSchedule.EXPONENTIAL,
    Scheduler.DPMPP_2M_SDE_HEUN: SigmaSchedule.EXPONENTIAL,
    Scheduler.DPMPP_3M_SDE: SigmaSchedule.EXPONENTIAL,
}
COMFYUI_SCHEDULES: dict[str, SigmaSchedule] = {
    "normal": SigmaSchedule.MODEL,
    "karras": SigmaSchedule.KARRAS,
    "exponential": SigmaSchedule.EXPONENTIAL,
    "sgm_uniform": SigmaSchedule.SGM_UNIFORM,
    "simple": SigmaSchedule.SIMPLE,
    "ddim_uniform": SigmaSchedule.DDIM_UNIFORM,
    "beta": SigmaSchedule.BETA,
    "linear_quadratic": SigmaSchedule.LINEAR_QUADRATIC,
    "kl_optimal": SigmaSchedule.KL_OPTIMAL,
    # of the extension RES4LYF
    "bong_tangent": SigmaSchedule.BONG_TANGENT,
}
_ON_GPU = "_gpu"
_BROWNIAN = frozenset(
    {Scheduler.DPMPP_SDE, Scheduler.DPMPP_2M_SDE, Scheduler.DPMPP_2M_SDE_HEUN, Scheduler.DPMPP_3M_SDE}
)
_STOCHASTIC = frozenset(
    {
        Scheduler.DDPM,
        Scheduler.DPM2_A,
        Scheduler.DPMPP_2S_A,
        Scheduler.DPMPP_2S_A_CFG_PP,
        Scheduler.ER_SDE,
        Scheduler.EULER_A,
        Scheduler.EULER_A_CFG_PP,
        Scheduler.EXP_HEUN_2_X0_SDE,
        Scheduler.LCM,
        Scheduler.RES_MULTISTEP_A,
        Scheduler.RES_MULTISTEP_A_CFG_PP,
        Scheduler.SA_SOLVER,
        Scheduler.SA_SOLVER_PECE,
        Scheduler.SEEDS_2,
        Scheduler.SEEDS_3,
    }
)
_OTHER_NAMES: dict[str, Scheduler] = {
    "Euler Ancestral": Scheduler.EULER_A,
    "DPM++ 2S Ancestral": Scheduler.DPMPP_2S_A,
    "DPM2 Ancestral": Scheduler.DPM2_A,
    "Heun++": Scheduler.HEUNPP2,
    # stable-diffusion.cpp
    "dpm++2m": Scheduler.DPMPP_2M,
    "dpm++2s_a": Scheduler.DPMPP_2S_A,
    "euler_a": Scheduler.EULER_A,
}
_LABELS: dict[int, str] = {code: label for label, code in SCHEDULES.items() if code != SigmaSchedule.MODEL}
_VERSION = re.compile(r"v([0-9]{1,4})\.([0-9]{1,4})")
_RELEASE = re.compile(r"v([0-9]{1,4})\.([0-9]{1,4})(?:\.([0-9]{1,4}))?(?:-([0-9]{1,6})\b)?")
_SEPARATE_SINCE = (1, 9)
_NEW_EDITS_SINCE = (1, 6, 0, 0)
_WHOLE_ALPHAS_SINCE = (1, 7, 0, 225)


def _by_attribute(attribute: str) -> dict[str, Scheduler]:
    table = scheduler_table.TABLE
    return {
        str(name): Scheduler(code)
        for code in table
        if (name := table.attribute(code, attribute)) not in ("", None)
    }


_A1111 = {**_OTHER_NAMES, **_by_attribute("a1111")}
_COMFYUI = _by_attribute("comfyui")


def sampler_of(name: str) -> tuple[Scheduler, SigmaSchedule | None] | None:
    """The scheduler of a sampler's name, and the schedule glued to it; None for a name that nobody listed."""
    if name in _A1111:
        return _A1111[name], None
    for label, schedule in SCHEDULES.items():
        base = name.removesuffix(" " + label)
        if base != name and base in _A1111:
            return _A1111[base], schedule
    if name in _COMFYUI:
        return _COMFYUI[name], None
    for label, schedule in COMFYUI_SCHEDULES.items():
        base = name.removesuffix("_" + label)
        if base != name and base in _COMFYUI:
            return _COMFYUI[base], schedule
        base = name.removesuffix(" " + label)
        if base != name and base in _A1111:
            return _A1111[base], schedule
    return None


def comfyui_sampler_of(name: str) -> tuple[Scheduler, bool] | None:
    """The scheduler of a sampler's name in ComfyUI, and whether its noise is drawn on the GPU ("dpmpp_sde_gpu");
    None for a name that the table of schedulers does not list."""
    base = name.removesuffix(_ON_GPU)
    if base not in _COMFYUI:
        return None
    return _COMFYUI[base], base != name


def comfyui_schedule_of(label: str) -> SigmaSchedule | None:
    """The schedule of a scheduler's name in ComfyUI; None for a name that nobody listed."""
    return COMFYUI_SCHEDULES.get(label)


def comfyui_step_noise(scheduler: Scheduler | int, on_gpu: bool) -> StepNoise:
    """Where the fresh noise of a sampler comes from in ComfyUI, run on a GPU as nearly always.

    The first noise is the CPU's. The samplers of stochastic differential equations draw the nodes of their Brownian
    tree on the CPU too, unless they are `_gpu` ones; other samplers draw on the device of the latents
    (comfy/k_diffusion/sampling.py: BrownianTreeNoiseSampler, default_noise_sampler).
    """
    if scheduler in _BROWNIAN:
        return StepNoise.CUDA_PHILOX if on_gpu else StepNoise.FIRST
    return StepNoise.CUDA_PHILOX if scheduler in _STOCHASTIC else StepNoise.FIRST


def schedule_of(label: str, scheduler: Scheduler | int) -> SigmaSchedule | None:
    """The schedule of a "Schedule type"; None for a label that nobody listed."""
    if label == AUTOMATIC:
        return automatic_schedule(scheduler)
    return SCHEDULES.get(label)


def automatic_schedule(scheduler: Scheduler | int) -> SigmaSchedule:
    if isinstance(scheduler, Scheduler):
        return AUTOMATIC_SCHEDULES.get(scheduler, SigmaSchedule.MODEL)
    return SigmaSchedule.MODEL


def sampler_name(scheduler: Scheduler | int) -> str | None:
    """The web UI's name of a scheduler; None where it has none."""
    name = scheduler_table.TABLE.attribute(scheduler, "a1111")
    return str(name) if name else None


def schedule_label(schedule: SigmaSchedule | int) -> str | None:
    """The web UI's label of a schedule; None for the model's own and for what the web UI does not have."""
    return _LABELS.get(schedule)


def program_code(name: str) -> int:
    """The code of a program in the schema's table; raises KeyError for a name that it does not list."""
    code = program_table.TABLE.code_of(name)
    if code is None:
        raise KeyError(name)
    return code


UNSPECIFIED = program_code("unspecified")
AUTOMATIC1111 = program_code("automatic1111")
FORGE = program_code("forge")
REFORGE = program_code("reforge")
FORGE_CLASSIC = program_code("forge-classic")
FORGE_NEO = program_code("forge-neo")
SD_NEXT = program_code("sd-next")
COMFYUI = program_code("comfyui")
CIVITAI = program_code("civitai")
FOOOCUS = program_code("fooocus")
RUINED_FOOOCUS = program_code("ruined-fooocus")
A1111_DIRECTML = program_code("a1111-directml")
STABILITY_MATRIX = program_code("stability-matrix")
# The web UI and those that write a version as it does.
WEB_UIS = (AUTOMATIC1111, FORGE, REFORGE, FORGE_CLASSIC, FORGE_NEO, A1111_DIRECTML)
STABLE_DIFFUSION_CPP = program_code("stable-diffusion-cpp")
_BY_NAME = {
    "ComfyUI": COMFYUI,
    "RuinedFooocus": RUINED_FOOOCUS,
    "stable-diffusion.cpp": STABLE_DIFFUSION_CPP,
}
# Programs and services that draw through ComfyUI, or as it does.
THROUGH_COMFYUI = (COMFYUI, STABILITY_MATRIX, CIVITAI, FOOOCUS, RUINED_FOOOCUS)


def program_of(version: str) -> int:
    """The program that writes such a "Version"; unspecified where the version does not tell."""
    if version.split("-")[0] in ("classic", "neo"):
        return FORGE_NEO if version.startswith("neo") else FORGE_CLASSIC
    if version in _BY_NAME:
        return _BY_NAME[version]
    if version.startswith("Fooocus v"):
        return FOOOCUS
    if version.startswith("f1.0.") and ("RC" in version or "-v" in version):
        return REFORGE
    if version[:1] == "f" and version[1:2].isdecimal() and _VERSION.search(version):
        return FORGE
    if not _VERSION.match(version):
        return UNSPECIFIED
    return A1111_DIRECTML if "-amd" in version else AUTOMATIC1111


def release_of(version: str) -> tuple[int, int, int, int] | None:
    """The web UI's release in a version, and the commits since ("v1.7.0-225-g…"); None where there is none."""
    found = _RELEASE.findall(version)
    if not found:
        return None
    major, minor, patch, commits = found[-1]
    return int(major), int(minor), int(patch or 0), int(commits or 0)


def glues_schedule(program: int, version: str) -> bool:
    """Whether a program of that version writes "DPM++ 2M Karras" rather than a "Schedule type".

    The web UI has done so up to version 1.8, and up to 1.2 without writing a version.
    """
    if program not in WEB_UIS:
        return program in (UNSPECIFIED, SD_NEXT, STABLE_DIFFUSION_CPP, *THROUGH_COMFYUI)
    release = release_of(version)
    return release is not None and release[:2] < _SEPARATE_SINCE


def edits_as_of_old(program: int, version: str) -> bool:
    """Whether that version counted the steps of a prompt's edits as the web UI did before 1.6.

    So the web UI reads its own texts (modules/infotext_versions.py, `backcompat`).
    """
    release = release_of(version) if program in WEB_UIS else None
    return release is not None and release < _NEW_EDITS_SINCE


def halves_alphas(program: int, version: str) -> bool:
    """Whether that version rounded the cumulative alphas to half precision, as the web UI did before 1.7.0-225."""
    release = release_of(version) if program in WEB_UIS else None
    return release is not None and release < _WHOLE_ALPHAS_SINCE


def usual_noise(program: int) -> NoiseSource:
    """Where a program's noise comes from when it does not say."""
    return NoiseSource.TORCH_CPU if program in THROUGH_COMFYUI else NoiseSource.CUDA_PHILOX


def dialect_of(program: int) -> PromptDialect:
    """How a program reads prompts."""
    if program == SD_NEXT:
        return PromptDialect.SDNEXT
    if program == FOOOCUS:
        return PromptDialect.FOOOCUS
    return PromptDialect.COMFYUI if program in THROUGH_COMFYUI else PromptDialect.A1111
