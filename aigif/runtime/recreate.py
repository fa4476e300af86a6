"""From a file back to its pixels: by its model, or from the pixels that it holds.

The order is that of the paper's Figure 2: decode, check the platform, initialise the model from its configuration,
feed the data. The dashed path of its Figure 1, saved pixels, needs no model and imports no torch.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aigif._gen.container import PIXELS_SECTION, WEIGHT_PAYLOAD_BYTES
from aigif._gen.enums import Completeness, DataType
from aigif._gen.types import Aigif, Platform
from aigif.errors import RecreationError
from aigif.file import section
from aigif.pixels import decode as decode_pixels
from aigif.runtime import cost
from aigif.runtime.checks import check_elements
from aigif.runtime.compare import NOT_HONOURED, Difference, Expectation, compare, expectation
from aigif.runtime.determinism import usable_threads
from aigif.runtime.devices import pick_device
from aigif.runtime.engine import Prepared, prepare, saved_weights
from aigif.runtime.honour import Unhonoured
from aigif.runtime.options import data_type_of, label_of
from aigif.runtime.platform import probe
from aigif.runtime.progress import NoProgress, Progress
from aigif.runtime.registry import resolve
from aigif.runtime.render import render
from aigif.runtime.resources import gather
from aigif.runtime.torchlib import require
from aigif.runtime.verify import Verdict, verify
from aigif.runtime.warm import Models
from aigif.runtime.watch import Watch
from aigif.storage import load

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Recreated", "recreate"]

MODEL = "model"
PIXELS = "pixels"


@dataclass(frozen=True, slots=True)
class Recreated:
    """A recreated picture and what is known of it."""

    image: Image
    source: str
    """model: the model was run; pixels: the saved pixels were decoded."""
    differences: tuple[Difference, ...]
    """How platform and settings differ from the recorded ones."""
    expectation: str
    """What that lets expect, in a sentence or two."""
    warnings: tuple[str, ...]
    verdict: Verdict | None
    """The grade against the file's hash or saved pixels; None where it holds neither."""


def recreate(
    source: Aigif | str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] | None = None,
    adapter: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
    device: str | None = None,
    dtype: DataType | str | None = None,
    download: bool = False,
    approximate: bool = False,
    low_memory: bool = False,
    max_pixels: int | None = None,
    max_cost: float | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
    use_saved_pixels: bool | None = None,
    announce: Callable[[str], None] | None = None,
    models: Models | None = None,
) -> Recreated:
    """The picture of a file.

    Args:
        source: What was read from a file, or the file's path.
        model: A model to use: a folder in the hub's layout or a single checkpoint; its identity is checked against
            the file's. None looks in the package, in the store and in the Hugging Face cache.
        adapter: The safetensors files of the adapters that the file names, where they aren't in it; their hashes are
            checked.
        device: torch's name of a device (cpu, cuda:1), or auto; None takes the recorded kind where there is one.
        dtype: The data type of the weights instead of the recorded one; a reported difference.
        download: Whether the model may be downloaded, pinned to the recorded revision.
        approximate: Run without the elements that can't be honoured, with one warning each, in place of an error.
        low_memory: Keep the model's parts on the CPU while they aren't used, and decode a batch picture by picture.
        max_pixels, max_cost: Caps, checked before the model is loaded; None for `cost.MOST_PIXELS`, `MOST_COST`.
        progress: Receives the steps.
        watch: Is shown the picture as it grows.
        use_saved_pixels: True decodes the saved pixels, False runs the model. None runs the model unless the file
            says that it has no generation syntax.
        announce: Called with the expectation before the model is loaded.
        models: Models that stay loaded between calls; `low_memory` is then theirs.

    Raises an AigifError: LimitError over a cap, ModelError and MissingPackageError, PolicyError, NotHonouredError,
    RecreationError where the model fails or there is nothing to recreate from.
    """
    aigif = _read(source)
    cost.check_size(aigif, max_pixels)
    missing = aigif.data.completeness == Completeness.MISSING
    if use_saved_pixels or (use_saved_pixels is None and missing):
        return _from_pixels(aigif, max_pixels)
    if missing:
        raise RecreationError(
            "the file holds no generation syntax", element="data.completeness", hint="decode its saved pixels"
        )
    for package in ("torch", "diffusers", "transformers"):
        require(package)
    chosen_device = pick_device(device, aigif.platform.device)
    asked = data_type_of(dtype)
    threads = usable_threads(aigif.platform.threads) if chosen_device == "cpu" else None
    before = probe(chosen_device, threads=threads).replace(
        attention=aigif.platform.attention, arithmetic=aigif.platform.arithmetic
    )
    if announce is not None:
        found = _differences(aigif, before, asked)
        announce(expectation(found, aigif.platform))
    if model is None:  # nothing is looked for, hashed or fetched for a file that is refused anyway
        refused = Unhonoured()
        check_elements(aigif, refused)
        refused.settle(approximate)
    weights = saved_weights(aigif, WEIGHT_PAYLOAD_BYTES)
    resolved = resolve(
        aigif.model,
        folder=model,
        download=download,
        weights_in_file=weights is not None,
        approximate=approximate,
    )
    given = [] if adapter is None else [adapter] if isinstance(adapter, str | os.PathLike) else list(adapter)
    resources = gather(aigif, given, download=download)
    prepared = prepare(
        aigif,
        resolved,
        resources,
        device=chosen_device,
        data_type=asked,
        approximate=approximate,
        max_cost=max_cost,
    )
    wanted = aigif.platform.threads if chosen_device == "cpu" else 0
    image, here, warnings = render(
        prepared,
        models or Models(low_memory=low_memory),
        threads=wanted,
        progress=progress or NoProgress(),
        watch=watch,
        weights=weights,
    )
    differences = _differences(aigif, here, asked) + [
        Difference(element, "recorded", NOT_HONOURED, Expectation.MAY_DIFFER)
        for element in prepared.unhonoured
    ]
    return _graded(aigif, image, differences, prepared, warnings)


def _graded(
    aigif: Aigif, image: Image, differences: list[Difference], prepared: Prepared, warnings: list[str]
) -> Recreated:
    known = bool(aigif.verification.pixel_hash) or section(aigif, PIXELS_SECTION) is not None
    return Recreated(
        image,
        MODEL,
        tuple(differences),
        expectation(differences, aigif.platform),
        (*prepared.warnings, *warnings),
        verify(aigif, image, differences=differences) if known else None,
    )


def _from_pixels(aigif: Aigif, max_pixels: int | None) -> Recreated:
    payload = section(aigif, PIXELS_SECTION)
    if payload is None:
        raise RecreationError(
            "the file holds no pixels, and without generation syntax nothing else to recreate them from"
            if aigif.data.completeness == Completeness.MISSING
            else "the file holds no pixels",
            element="compression.saving_pixels",
            hint="recreate it by its model" if aigif.data.completeness != Completeness.MISSING else None,
        )
    most = cost.MOST_PIXELS if max_pixels is None else max_pixels
    image = decode_pixels(payload, aigif.compression.pixel_compressor, most)
    verdict = None
    if aigif.verification.pixel_hash:
        verdict = verify(aigif, image, use_saved_pixels=False)
    return Recreated(image, PIXELS, (), "The original pixels are in the file.", (), verdict)


def _differences(aigif: Aigif, here: Platform, asked: DataType | None) -> list[Difference]:
    found = compare(aigif.platform, here)
    recorded = aigif.model.data_type
    if asked is not None and recorded not in (asked, DataType.UNSPECIFIED):
        then = label_of(DataType, recorded)
        found.append(Difference("model.data_type", then, asked.name.lower(), Expectation.MAY_DIFFER))
    return found


def _read(source: Aigif | str | os.PathLike[str]) -> Aigif:
    if isinstance(source, Aigif):
        return source
    return load(source)
