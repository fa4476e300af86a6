"""The generated codec against the construct structs, on the same bytes in one run: `python -m benchmarks.speed`."""

from __future__ import annotations

import timeit
from collections.abc import Callable
from time import process_time

import aigif
from aigif import text
from aigif._gen import compact, paper, reference
from aigif._gen.support import Texts
from benchmarks import typical
from tests.helpers import plain

PROMPT = "a lighthouse on a cliff at dusk, oil painting, dramatic light"
ROUNDS = 7


def pictures() -> dict[str, aigif.Aigif]:
    """Values from small to full."""
    data = typical.named().data.replace(prompt=PROMPT, negative_prompt="blurry")
    named = typical.named().replace(data=data)
    adapters = tuple(
        aigif.Adapter(name=name, weight=0.8, weight_hash=b"12345") for name in ("style", "detail")
    )
    full = typical.recorded().replace(
        model=typical.recorded().model.replace(adapters=adapters, clip_skip=2, weight_hash=b"12345"),
        data=data.replace(
            hires=aigif.Hires(scale=1.5, steps=12), variation=aigif.Variation(seed=5, strength=0.2)
        ),
    )
    return {"typical": named, "full": full}


def best(function: Callable[[], object], number: int) -> float:
    """The least processor time of one call, in microseconds."""
    return min(timeit.repeat(function, timer=process_time, number=number, repeat=ROUNDS)) / number * 1e6


def compare_compact(value: aigif.Aigif) -> tuple[float, float, float, float]:
    """Microseconds: parse and build, generated and construct."""
    data, strings = compact.encode_compact(value)
    held, tree = tuple(strings), plain(value)
    return (
        best(lambda: compact.decode_compact(data, lambda _: Texts(held)), 500),
        best(lambda: reference.parse_compact(data, strings), 20),
        best(lambda: compact.encode_compact(value), 500),
        best(lambda: reference.build_compact(tree), 20),
    )


def compare_paper() -> tuple[float, float, float, float]:
    """The same for the paper's profile, whose strings are taken as coded bytes by both."""
    base = typical.as_the_paper_has_it()
    value = base.replace(data=base.data.replace(prompt=PROMPT))
    payloads = tuple(text.encode_one(string, 1) for string in paper.strings_of(value))
    data, tree = paper.encode_paper(value, payloads), plain(paper.with_strings(value, ("",) * len(payloads)))
    return (
        best(lambda: paper.decode_paper(data, 0), 500),
        best(lambda: reference.parse_paper(data), 20),
        best(lambda: paper.encode_paper(value, payloads), 500),
        best(lambda: reference.build_paper(tree, payloads), 20),
    )


def rows() -> dict[str, tuple[float, float, float, float]]:
    """Every measured row by its name."""
    found = {f"compact, {name}": compare_compact(value) for name, value in pictures().items()}
    return {**found, "paper": compare_paper()}


def main() -> None:
    """Print the table."""
    print("| file | parse: generated | construct | ratio | build: generated | construct | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, (parse, slow_parse, build, slow_build) in rows().items():
        print(
            f"| {name} | {parse:.1f} µs | {slow_parse:.0f} µs | {slow_parse / parse:.0f} "
            f"| {build:.1f} µs | {slow_build:.0f} µs | {slow_build / build:.0f} |"
        )


if __name__ == "__main__":
    main()
