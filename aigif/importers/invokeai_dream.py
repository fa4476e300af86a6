"""The command line that InvokeAI 1 and 2 left in the text `Dream`: a quoted prompt, then options.

    "a lighthouse [blurry]" -s 50 -S 42 -W 512 -H 768 -C 7.5 -A k_lms

Sources: InvokeAI 2's ldm/invoke/args.py (`dream_prompt_str`, and the parser's options) and its documentation of the
command line. The negative prompt stands in brackets within the prompt (ldm/invoke/conditioning.py).
"""

from __future__ import annotations

import re
import shlex

from aigif._gen.enums import GapKind
from aigif.errors import ImportMetadataError, LimitError
from aigif.importers.draft import Draft
from aigif.importers.fields import Fields, real, seed, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MAX_CHARACTERS = 32768
_BRACKETED = re.compile(r"\[([^\[\]]*)\]")
_STEPS = re.compile(r"""["'] -s ?[0-9]""")
# Options with no value.
_FLAGS = frozenset({"-g", "-G_off", "-j", "-t", "-z", "--grid", "--individual", "--hires_fix", "--seamless"})
_LONG = {
    "--steps": "-s",
    "--seed": "-S",
    "--width": "-W",
    "--height": "-H",
    "--cfg_scale": "-C",
    "--sampler": "-A",
    "--init_img": "-I",
    "--init_mask": "-M",
    "--strength": "-f",
    "--upscale": "-U",
    "--gfpgan_strength": "-G",
    "--facetool_strength": "-G",
    "--variation_amount": "-v",
    "--with_variations": "-V",
}


def looks_like(text: str) -> bool:
    """Whether a text is such a command line."""
    return len(text) <= _MAX_CHARACTERS and (_STEPS.search(text) is not None or text.startswith('"'))


def read(text: str, draft: Draft) -> str | None:
    """Put a command line's settings into a draft, and give the sampler's name.

    Raises LimitError for a text that is too long, ImportMetadataError for one that is no command line.
    """
    if len(text) > _MAX_CHARACTERS:
        raise LimitError(f"{len(text)} characters; a command line has at most {_MAX_CHARACTERS}")
    prompt, options = _split(text)
    put_prompt(draft, prompt)
    fields = Fields(options, draft)
    fields.put("data.seed", seed, "-S", kind=GapKind.SEED)
    fields.put("data.steps", whole, "-s")
    fields.put("data.guidance_scale", real, "-C")
    fields.put("data.width", whole, "-W")
    fields.put("data.height", whole, "-H")
    sampler = fields.take("-A")
    for option, kind, what in (
        ("-I", GapKind.INIT_IMAGE, "an image was the input"),
        ("-M", GapKind.MASK, "a mask was in use"),
        ("-G", GapKind.POSTPROCESS, "faces were restored"),
        ("-U", GapKind.POSTPROCESS, "the finished picture was enlarged"),
        ("--hires_fix", GapKind.PASSES, "a second pass took part"),
    ):
        if (value := fields.take(option)) is not None:
            draft.missing(f"{what} ({option} {str(value)[:40]!a})", kind, option)
    if "--seamless" in options:
        fields.take("--seamless")
        draft.put("data.tiling", True)
    fields.put("data.denoising_strength", real, "-f")
    note_noise(draft, fields.take("--threshold"), fields.take("--perlin"), fields.take("-v", "-V"))
    fields.take("-cf", "-ft", "-g", "-j", "-n", "-o", "-N")
    fields.name_rest()
    return sampler if isinstance(sampler, str) else None


def note_noise(draft: Draft, threshold: Any, perlin: Any, variations: Any) -> None:
    """Name what changes the noise and no element holds."""
    for name, value in (("threshold", threshold), ("perlin", perlin), ("variations", variations)):
        if value not in (None, 0, 0.0, "0", "0.0", [], ""):
            draft.missing(f"{name} was in use: {str(value)[:40]!a}", GapKind.SETTING, name)


def put_prompt(draft: Draft, text: str) -> None:
    """A prompt with its negative parts in brackets: the parts, joined by spaces, are the negative prompt."""
    negative = _BRACKETED.findall(text)
    positive = _BRACKETED.sub(" ", text) if negative else text
    draft.put("data.prompt", positive.strip() if negative else text)
    draft.put("data.negative_prompt", " ".join(negative))


def _split(text: str) -> tuple[str, dict[str, str]]:
    """The prompt, and options by their short names; an option given twice has its last value."""
    try:
        words = shlex.split(text, comments=False)
    except ValueError:
        words = _loosely(text)
    if not words:
        raise ImportMetadataError("this is no command line of InvokeAI", hint="it begins with the prompt")
    options: dict[str, str] = {}
    prompt: list[str] = []
    name = ""
    for word in words:
        if _is_option(word):
            name, glued = _option(word)
            options[name] = glued
            continue
        if not name:
            prompt.append(word)
        elif options[name] and name in ("-U", "-V"):
            options[name] += " " + word
        elif not options[name]:
            options[name] = word
    return " ".join(prompt), {key: value or "True" for key, value in options.items()}


def _loosely(text: str) -> list[str]:
    """Words of a line whose quotes don't match: the prompt reaches to the quote before the first option."""
    for mark in ('" -', "' -"):
        at = text.rfind(mark, 0, text.find(" -s") + 1 or len(text))
        if at >= 0:
            return [text[:at].lstrip("\"'"), *text[at + 1 :].split()]
    return text.split()


def _is_option(word: str) -> bool:
    """Whether a word is an option, and no negative number."""
    return word[:1] == "-" and len(word) > 1 and not word[1].isdigit() and word[1] != "."


def _option(word: str) -> tuple[str, str]:
    """An option's short name, and the value that is glued to it ("-s50", "--steps=50")."""
    if word.startswith("--"):
        name, _, glued = word.partition("=")
        return _LONG.get(name, name), glued
    if word in ("-cf", "-ft"):
        return word, ""
    return (word, "") if word in _FLAGS else (word[:2], word[2:])


__all__ = ["looks_like", "note_noise", "put_prompt", "read"]
