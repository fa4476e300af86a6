"""What a setting of an infotext that no element holds means for making the picture again.

By the beginnings of their names, as the web UI, its extensions and its forks write them: create_infotext, the options
with an infotext name, and the extensions' own `extra_generation_params`.
"""

from __future__ import annotations

from aigif._gen.enums import GapKind
from aigif.importers.draft import Draft
from aigif.importers.infotext import unquoted

# The longest beginning that fits decides.
_KINDS: dict[str, GapKind] = {
    "ADetailer": GapKind.EXTENSION,
    "AddNet": GapKind.ADAPTER,
    "AnimateDiff": GapKind.ANIMATION,
    "Animatediff": GapKind.ANIMATION,
    "CFG end": GapKind.SETTING,
    "Color correction": GapKind.POSTPROCESS,
    "Conditional mask weight": GapKind.MASK,
    "ControlNet": GapKind.CONTROL_IMAGE,
    "Detailer": GapKind.EXTENSION,
    "Dynamic thresholding": GapKind.EXTENSION,
    "Extra noise": GapKind.SETTING,
    "Face restoration": GapKind.POSTPROCESS,
    "FreeU": GapKind.EXTENSION,
    "Hires": GapKind.PASSES,
    "HiRes": GapKind.PASSES,
    "Hypernet": GapKind.ADAPTER,
    "IP-Adapter": GapKind.REFERENCE_IMAGE,
    "Image CFG scale": GapKind.INIT_IMAGE,
    "Init image": GapKind.INIT_IMAGE,
    "Inpaint": GapKind.MASK,
    "LLuL": GapKind.EXTENSION,
    "Mask": GapKind.MASK,
    "Noise multiplier": GapKind.INIT_IMAGE,
    "Postprocess": GapKind.POSTPROCESS,
    "RP ": GapKind.REGION,
    "ReActor": GapKind.POSTPROCESS,
    "Refine": GapKind.PASSES,
    "Refiner switch by sampling steps": GapKind.SETTING,
    "Regional Prompter": GapKind.REGION,
    "Resize": GapKind.POSTPROCESS,
    "SD upscale": GapKind.PASSES,
    "Soft inpainting": GapKind.MASK,
    "Tiled Diffusion": GapKind.EXTENSION,
    "Tiled VAE": GapKind.EXTENSION,
    "Ultimate SD upscale": GapKind.PASSES,
    "roop": GapKind.POSTPROCESS,
}
_LONGEST = sorted(_KINDS, key=len, reverse=True)
_SWITCHES = ("ControlNet", "AddNet")
_OFF = ("False", "None", "none", "")
_SHOWN = 40


def name_unknown(draft: Draft, keys: list[str]) -> None:
    """A gap for every group of settings that begin alike, and one for every other setting.

    Groups whose switch ("ControlNet Enabled", "AddNet Enabled") is off say nothing.
    """
    off = [
        group
        for group in _SWITCHES
        if draft.settings.get(f"{group} Enabled", draft.settings.get(f"{group}-0 Enabled", "True")) in _OFF
    ]
    groups: dict[str, list[str]] = {}
    for key in keys:
        group = next((start for start in _LONGEST if key.startswith(start)), "")
        if group in off or (group and unquoted(draft.settings[key]) in _OFF):
            continue
        groups.setdefault(group or key, []).append(key)
    for group, members in groups.items():
        kind = _KINDS.get(group, GapKind.SETTING)
        shown = ", ".join(_short(key) for key in members[:3]) + (", ..." if len(members) > 3 else "")
        draft.missing(f"kept, but not understood: {shown}", kind, _gap_name(draft, kind, group, members))


def _gap_name(draft: Draft, kind: GapKind, group: str, members: list[str]) -> str:
    """The setting, or for a ControlNet of the newer form its model."""
    if kind == GapKind.CONTROL_IMAGE:
        _, mark, rest = unquoted(draft.settings[members[0]]).partition("Model: ")
        if mark:
            return rest.partition(",")[0]
    return group.strip()


def _short(key: str) -> str:
    return ascii(key if len(key) <= _SHOWN else key[:_SHOWN] + "...")[1:-1]
