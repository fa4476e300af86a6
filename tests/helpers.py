"""What several tests need: the compiled schema, values as plain dictionaries, and files to damage."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import aigif
from aigif import text
from aigif._gen import enums
from aigif._gen.support import Record, Section, Unknown
from aigif._gen.types import Aigif
from codegen.compile import compile_schema
from codegen.layout import Bundle, Layouts
from codegen.layout import Record as RecordLayout

REPOSITORY = Path(__file__).parent.parent
SCHEMA = REPOSITORY / "schema" / "aigif.yaml"


@cache
def layouts() -> Layouts:
    return compile_schema(SCHEMA)[1]


def compact_layout() -> Bundle:
    return layouts().bundles[0][1]


def paper_layout() -> RecordLayout:
    return layouts().records[0][1]


def plain(value: Any) -> Any:
    """A record as nested dictionaries, the way the oracle holds values."""
    if isinstance(value, Unknown):
        return {"width": value.width, "value": value.value, "strings": list(value.strings)}
    if isinstance(value, Record):
        names = [name for name in value.__match_args__ if name not in ("sections", "coded_text")]
        return {name: plain(getattr(value, name)) for name in names}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def resealed(data: bytes) -> bytes:
    """A file with its last four bytes made the checksum of the rest."""
    return data[:-4] + crc32(data[:-4]).to_bytes(4, "little")


def typical() -> Aigif:
    """The syntax of a typical Stable Diffusion picture, with everything that a program on a GPU knows."""
    return aigif.Aigif(
        compression=aigif.CompressionOptions(text_compressor=enums.TextCompressor.DEFLATE),
        platform=aigif.Platform(device=enums.Device.CUDA, gpu=2, cuda=1, torch=29, diffusers=76),
        model=aigif.GenerativeModel(
            model_id=0,
            data_type=enums.DataType.FLOAT16,
            scheduler=enums.Scheduler.DPMPP_2M,
            sigma_schedule=enums.SigmaSchedule.KARRAS,
        ),
        data=aigif.Data(
            prompt="a lighthouse on a cliff at dusk, oil painting, dramatic light",
            negative_prompt="blurry, low quality",
            height=512,
            width=768,
            seed=829557441,
            steps=25,
            guidance_scale=7.0,
        ),
    )


def corpus() -> Iterator[tuple[str, bytes]]:
    """Small valid files of every kind, by name."""
    base = typical()
    yield "typical", aigif.dumps(base)
    yield "empty", aigif.dumps(aigif.Aigif())
    yield "no text", aigif.dumps(base.replace(data=base.data.replace(prompt="", negative_prompt="")))
    for code in filter(text.known, enums.TextCompressor):
        coded = base.replace(compression=base.compression.replace(text_compressor=code))
        yield f"text {code.name}", aigif.dumps(coded)
    nested = base.data.replace(
        hires=aigif.Hires(scale=1.5, upscaler="4x", scheduler=aigif.HiresScheduler()),
        variation=aigif.Variation(seed=1 << 63, strength=0.25),
        extra=(aigif.ExtraEntry("key", "value"), aigif.ExtraEntry("", "")),
    )
    adapters = (aigif.Adapter(name="style", weight=0.8), aigif.Adapter(weight_hash=b"\1\2\3"))
    yield "nested", aigif.dumps(base.replace(data=nested, model=base.model.replace(adapters=adapters)))
    yield "tail", aigif.dumps(base.replace(unknown=Unknown(9, 0b101010101, ("later",))))
    sections = (Section(7, False, True, b"seven"), Section(300, False, False, b""))
    yield "sections", aigif.dumps(base.replace(sections=sections))
    paper = aigif.Aigif(data=aigif.Data(prompt="A cute cat", seed=829557441, guidance_scale=7.5))
    yield "paper", aigif.dumps(paper, profile="paper")
