"""120 pictures' syntax in four ways, mean bytes of a file: `python -m benchmarks.pictures`.

Prompts stand in pictures.txt; the settings are those that people use with each model, chosen by a small generator.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import aigif
from aigif._gen.enums import TextCompressor
from aigif.json_form import to_json
from benchmarks.prompt_coder.supplement import Chooser

PICTURES = Path(__file__).parent / "pictures.txt"
MODELS = {
    "sd15": "stable-diffusion-v1-5",
    "sd21": "stable-diffusion-2-1",
    "sdxl": "stable-diffusion-xl-base-1-0",
}
SIZES = {
    "sd15": ((512, 512), (512, 768), (768, 512), (512, 640)),
    "sd21": ((768, 768), (768, 1024), (1024, 768)),
    "sdxl": ((1024, 1024), (832, 1216), (1216, 832), (896, 1152), (1344, 768)),
}
SAMPLERS = ("dpmpp-2m", "euler-a", "euler", "ddim", "dpmpp-sde", "unipc")


def pictures() -> dict[str, list[aigif.Aigif]]:
    """The syntax of all pictures, by model."""
    chooser = Chooser(120)
    made: dict[str, list[aigif.Aigif]] = {model: [] for model in MODELS}
    for line in PICTURES.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        model, prompt, *negative = line.split("\t")
        width, height = SIZES[model][chooser.below(len(SIZES[model]))]
        document = {
            "platform": {"device": "cuda", "gpu": chooser.below(8), "cuda": 1},
            "model": {
                "model_id": MODELS[model],
                "data_type": "float16",
                "scheduler": SAMPLERS[chooser.below(len(SAMPLERS))],
            },
            "data": {
                "prompt": prompt,
                "negative_prompt": "".join(negative),
                "width": width,
                "height": height,
                "seed": chooser.below(1 << 31) * 2 + chooser.below(2),
                "steps": (20, 25, 28, 30, 40)[chooser.below(5)],
                "guidance_scale": (5.0, 6.0, 7.0, 7.5, 8.0)[chooser.below(5)],
            },
        }
        made[model].append(aigif.from_json(document))
    return made


def _in(profile: str, compressor: int) -> Callable[[aigif.Aigif], int]:
    def size(value: aigif.Aigif) -> int:
        compression = value.compression.replace(text_compressor=compressor)
        return len(aigif.dumps(value.replace(compression=compression), profile=profile))

    return size


def _json(value: aigif.Aigif) -> int:
    return len(zlib.compress(json.dumps(to_json(value), separators=(",", ":")).encode(), 9))


WAYS: dict[str, Callable[[aigif.Aigif], int]] = {
    "JSON, zlib": _json,
    "paper profile, zlib": _in("paper", TextCompressor.ZLIB),
    "compact, zlib": _in("compact", TextCompressor.ZLIB),
    "compact, prompt coder": _in("compact", TextCompressor.PROMPT),
}


def main() -> None:
    """Print the table."""
    held = pictures()
    count = sum(map(len, held.values()))
    print(f"| {count} pictures, mean bytes of a file | " + " | ".join(held) + " | all |")
    print("|---|" + "---:|" * (len(held) + 1))
    for name, size in WAYS.items():
        sizes = [[size(value) for value in values] for values in held.values()]
        means = [sum(model) / len(model) for model in [*sizes, [one for model in sizes for one in model]]]
        print(f"| {name} | " + " | ".join(f"{mean:.1f}" for mean in means) + " |")


if __name__ == "__main__":
    main()
