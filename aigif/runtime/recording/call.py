"""The arguments of a pipeline's call: bound to names, taken apart by picture, and brought to one form.

The meaning of the arguments is that of the docstrings of diffusers 0.42's pipelines.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aigif.runtime.families import PipelineRules
from aigif.runtime.recording.reasons import Reasons

__all__ = ["EMPTY", "TEXTS", "Call", "bind", "differing", "settled"]

TEXTS = ("prompt", "negative_prompt", "prompt_2", "negative_prompt_2", "prompt_3", "negative_prompt_3")
"""Arguments that take one text, or one for each prompt of a list."""

HANDLED = frozenset({"self", "generator", "num_images_per_prompt", "output_type", "return_dict"})
"""Arguments that say how many pictures there are, from which noise, and in which form they come back."""

INERT = frozenset(
    {"callback_on_step_end_tensor_inputs", "prior_callback_on_step_end_tensor_inputs", "callback_steps"}
)
"""Arguments that do nothing without a callback."""

FORMS = ("pil", "np", "pt")

EMPTY = " "
"""A negative prompt that is empty, but not missing: tokenizers drop the space."""

_SIZES = ("original_size", "target_size")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: every argument by its name, defaults filled in."""

    arguments: Mapping[str, Any]
    defaults: Mapping[str, Any]
    prompts: int
    """How many prompts it has: 1, or the length of a list."""
    of_each: int
    """How many pictures of each prompt."""

    @property
    def batch(self) -> int:
        """How many pictures it makes."""
        return self.prompts * self.of_each

    def text(self, name: str, position: int) -> str | None:
        """The text that the picture at `position` gets by the argument `name`; None where it gets none."""
        value = self.arguments.get(name)
        if isinstance(value, (list, tuple)):
            index = position // self.of_each
            value = value[index] if index < len(value) else None
        return value if isinstance(value, str) else None

    def of_picture(self, position: int) -> dict[str, Any]:
        """The arguments as if the picture at `position` were alone."""
        mine = dict(self.arguments)
        mine.update({name: self.text(name, position) for name in TEXTS if name in mine})
        return mine


def bind(kind: Any, pipe: Any, args: Sequence[Any], kwargs: Mapping[str, Any], reasons: Reasons) -> Call:
    """The call `pipe(*args, **kwargs)` of the pipeline class `kind`.

    What can be seen from the arguments alone is refused. Raises TypeError, as the call would, where they don't fit.
    """
    signature = inspect.signature(kind.__call__)
    bound = signature.bind(pipe, *args, **kwargs)
    bound.apply_defaults()
    arguments: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            arguments.update(bound.arguments[name])
        elif parameter.kind is not inspect.Parameter.VAR_POSITIONAL:
            arguments[name] = bound.arguments[name]
    del arguments["self"]
    defaults = {name: entry.default for name, entry in signature.parameters.items() if name in arguments}
    call = Call(arguments, defaults, *_counts(arguments))
    _check(call, reasons)
    return call


def settled(
    arguments: Mapping[str, Any], rules: PipelineRules, size: tuple[int, int], zeros_for_none: bool
) -> dict[str, Any]:
    """A copy in which arguments that do the same are written the same; `size` is (height, width) where none is given.

    `zeros_for_none`: a missing negative prompt is not the empty one (SDXL's `force_zeros_for_empty_prompt`).
    """
    mine = dict(arguments)
    if rules.negative and (mine.get("negative_prompt") is None or mine[rules.guidance] <= 1):
        mine[rules.guidance] = 1.0  # without a negative prompt such pipelines give no guidance
    for name, side in zip(("height", "width"), size, strict=True):
        if name in mine and mine[name] is None:
            mine[name] = side
    own = (mine.get("height"), mine.get("width"))
    if rules.sizes_in_conditions:
        for name in _SIZES:
            if name in mine:
                mine[name] = own if mine[name] is None else tuple(mine[name])
    for name in TEXTS[1:]:
        if mine.get(name) == "":
            mine[name] = EMPTY if zeros_for_none and name == "negative_prompt" else None
    return {name: tuple(value) if isinstance(value, list) else value for name, value in mine.items()}


def differing(here: Mapping[str, Any], there: Mapping[str, Any]) -> list[str]:
    """The arguments in which two settled calls differ, but for those that `Call` itself takes care of."""
    names = [name for name in here if name not in HANDLED | INERT]
    return [name for name in names if name not in there or not _same(here[name], there[name])]


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
    except (TypeError, ValueError, RuntimeError):  # tensors and arrays have no one truth
        return False


def _counts(arguments: Mapping[str, Any]) -> tuple[int, int]:
    prompt = arguments.get("prompt")
    of_each = arguments.get("num_images_per_prompt")
    prompts = len(prompt) if isinstance(prompt, (list, tuple)) else 1
    return prompts, of_each if isinstance(of_each, int) else 1


def _check(call: Call, reasons: Reasons) -> None:
    arguments = call.arguments
    if not isinstance(arguments.get("prompt"), (str, list, tuple)) or call.batch < 1:
        reasons.add("prompt", "a file holds texts, and the call has none")
    for name in TEXTS:
        value = arguments.get(name)
        entries = value if isinstance(value, (list, tuple)) else [value]
        if any(entry is not None and not isinstance(entry, str) for entry in entries):
            reasons.add(name, "it is no text")
        elif isinstance(value, (list, tuple)) and len(value) != call.prompts:
            reasons.add(name, f"it has {len(value)} texts for {call.prompts} prompts")
    form = arguments.get("output_type", "pil")
    if form not in FORMS:
        reasons.add("output_type", f"of {form!r} no picture is known; ask for pil, np or pt")
    for name, value in arguments.items():
        if name in HANDLED | INERT or name in TEXTS:
            continue
        if value is not call.defaults.get(name) and not _same(value, call.defaults.get(name)):
            why = _why_never(name)
            if why is not None:
                reasons.add(name, why)


def _why_never(name: str) -> str | None:
    if name.endswith(("_embeds", "_mask", "_embeds_2")) or "_embeds_" in name:
        return "embeddings were given in place of a text"
    if "image" in name.split("_") or "images" in name.split("_") or "mask" in name or name == "strength":
        return "no file holds an image input"
    if name == "latents":
        return "a file holds a seed, not the noise itself; leave it out"
    if name in ("timesteps", "sigmas"):
        return "a schedule of one's own has no element; set one on the scheduler"
    if "callback" in name:
        return "a callback may change the picture"
    if name.endswith("attention_kwargs"):
        return "what it does to the attention has no element"
    return None
