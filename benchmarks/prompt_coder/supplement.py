"""Prompts put together from phrases: tags, emphasis, LoRA tags, negative prompts.

The choices are those of a small generator with a fixed start, so that they are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.prompt_coder.corpus import Text

PHRASES = Path(__file__).parent / "phrases.txt"
WEIGHT = 0.7  # of one such text
WEIGHTS = (
    "1.1",
    "1.2",
    "1.3",
    "1.4",
    "1.5",
    "0.8",
    "1.2",
    "1.1",
    "0.9",
    "1.05",
    "1.15",
    "1.25",
    "0.7",
    "1.6",
    "2",
)


class Chooser:
    """A linear congruential generator (Knuth's MMIX constants)."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, bound: int) -> int:
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self.state >> 33) % bound

    def some(self, phrases: Sequence[str], count: int) -> list[str]:
        """`count` different phrases, those early in the list more often."""
        found: dict[str, None] = {}
        while len(found) < min(count, len(phrases)):
            found[phrases[min(self.below(len(phrases)), self.below(len(phrases)))]] = None
        return list(found)


def sections() -> dict[str, list[str]]:
    """The lists of phrases by name."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in PHRASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line and not line.startswith("#"):
            found[name] = [part.strip() for part in line.split("|" if name == "opening" else ",")]
    return found


def make(texts: Sequence[Text], count: int) -> list[Text]:
    """`count` prompts of tags, half of them with a negative prompt, and `count` of the given prompts with one; every
    sixth of these negative prompts is empty."""
    held = sections()
    chooser = Chooser(6)
    made = []
    for index in range(count):
        parts = chooser.some(held["quality"], chooser.below(5)) if chooser.below(3) else []
        parts += chooser.some(held["subject"], 1 + (chooser.below(3) == 0))
        parts += chooser.some(held["look"], 2 + chooser.below(8)) + chooser.some(
            held["style"], chooser.below(6)
        )
        if chooser.below(6) == 0:
            parts += chooser.some(held["quality"], 2)
        prompt = ", ".join(_emphasised(part, chooser) for part in parts)
        for name in chooser.some(held["lora"], max(0, chooser.below(4) - 1)):
            strength = ("1", "0.8", "0.6", "0.5", "0.7")[chooser.below(5)]
            prompt += f"{', ' if chooser.below(2) else ' '}<lora:{name}:{strength}>"
        strings = (prompt, _negative_or_none(held, chooser)) if index % 2 else (prompt,)
        made.append(Text(strings, "phrases", WEIGHT))
    step = max(1, len(texts) // count)
    given = [text.strings[0] for text in texts[::step][:count]]
    return made + [Text((prompt, _negative_or_none(held, chooser)), "phrases", WEIGHT) for prompt in given]


def _negative_or_none(held: dict[str, list[str]], chooser: Chooser) -> str:
    return negative(held, chooser) if chooser.below(6) else ""


def negative(held: dict[str, list[str]], chooser: Chooser) -> str:
    """A negative prompt: an opening that many use, phrases, or both."""
    parts = [held["opening"][chooser.below(len(held["opening"]))]] if chooser.below(2) else []
    if chooser.below(3) or not parts:
        parts += [
            _emphasised(part, chooser) for part in chooser.some(held["negative"], 2 + chooser.below(14))
        ]
    return ", ".join(parts)


def _emphasised(part: str, chooser: Chooser) -> str:
    if chooser.below(9):
        return part
    form = chooser.below(8)
    if form < 5:
        return f"({part}:{WEIGHTS[chooser.below(len(WEIGHTS))]})"
    return (f"({part})", f"(({part}))", f"[{part}]")[form - 5]
