"""Options of the A1111 web UI that change the sampling or the prompt's weights, and are no plain number.

Their infotext names: modules/shared_options.py. Where an option's old behaviour comes with an old version, the text
does not say so (modules/infotext_versions.py, `backcompat`).
"""

from __future__ import annotations

from aigif._gen.enums import Emphasis, Scheduler
from aigif._gen.types import Aigif
from aigif.importers import samplers
from aigif.importers.draft import Draft
from aigif.importers.values import Unreadable, truth

_EMPHASES = {
    "No norm": Emphasis.NO_NORM,
    "Ignore": Emphasis.IGNORE,
    "None": Emphasis.NONE,
    "Original": Emphasis.DIALECT,
}


def read_emphasis(raw: str, draft: Draft) -> None:
    if raw not in _EMPHASES:
        raise Unreadable("no such emphasis is known")
    draft.put("model.emphasis", _EMPHASES[raw])


def write_emphasis(aigif: Aigif) -> str | None:
    emphasis = aigif.model.emphasis
    if emphasis == Emphasis.DIALECT:
        return None
    return next((label for label, known in _EMPHASES.items() if known == emphasis), None)


_ZERO_SNR = "Zero Terminal SNR"


def read_noise_schedule(raw: str, draft: Draft) -> None:
    if raw not in (_ZERO_SNR, "Default"):
        raise Unreadable("no such noise schedule is known")
    draft.put("sampler_options.zero_terminal_snr", raw == _ZERO_SNR)


def write_noise_schedule(aigif: Aigif) -> str | None:
    options = aigif.model.sampler_options
    return _ZERO_SNR if options is not None and options.zero_terminal_snr else None


_VARIANTS = {"bh1": Scheduler.UNIPC, "bh2": Scheduler.UNIPC_BH2}


def read_unipc(raw: str, draft: Draft) -> None:
    if raw not in _VARIANTS:
        raise Unreadable("no such variant is known")
    if draft.get("model.scheduler") == Scheduler.UNIPC:
        draft.put("model.scheduler", _VARIANTS[raw])


def write_unipc(aigif: Aigif) -> str | None:
    return "bh2" if aigif.model.scheduler == Scheduler.UNIPC_BH2 else None


def read_old_edits(raw: str, draft: Draft) -> None:
    draft.put("data.old_prompt_edits", truth(raw))


def write_old_edits(aigif: Aigif) -> str | None:
    implied = samplers.edits_as_of_old(aigif.platform.program, aigif.platform.program_version)
    return "True" if aigif.data.old_prompt_edits and not implied else None


def read_half_alphas(raw: str, draft: Draft) -> None:
    draft.put("sampler_options.half_alphas", truth(raw))


def write_half_alphas(aigif: Aigif) -> str | None:
    options = aigif.model.sampler_options
    implied = samplers.halves_alphas(aigif.platform.program, aigif.platform.program_version)
    return "True" if options is not None and options.half_alphas and not implied else None
