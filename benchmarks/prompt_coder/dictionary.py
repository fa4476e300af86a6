"""The dictionary that DEFLATE and Zstandard start from: common words and short phrases, the most common last."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from benchmarks.prompt_coder.corpus import Text

SIZE = 32768
LONGEST = 4  # words of a phrase
COMMON = 40  # texts that a phrase stands in


def make(texts: Sequence[Text]) -> bytes:
    """SIZE bytes of phrases of at most LONGEST words that COMMON texts or more hold."""
    held: dict[str, float] = defaultdict(float)
    texts_with: Counter[str] = Counter()
    for text in texts:
        seen = set()
        for string in text.strings:
            words = string.split(" ")
            for count in range(1, LONGEST + 1):
                for at in range(len(words) - count + 1):
                    phrase = " " + " ".join(words[at : at + count])
                    held[phrase] += text.weight
                    seen.add(phrase)
        texts_with.update(seen)
    worth = {
        phrase: count * (len(phrase) - 3)
        for phrase, count in held.items()
        if texts_with[phrase] >= COMMON and len(phrase) > 3
    }
    chosen: list[str] = []
    whole = ""
    for phrase in sorted(worth, key=lambda one: (-worth[one], one)):
        if phrase not in whole:
            chosen.append(phrase)
            whole += phrase
        if len(whole.encode()) > SIZE:
            break
    return "".join(reversed(chosen)).encode()[-SIZE:]
