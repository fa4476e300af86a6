"""`record`: a context in which every call of a pipeline leaves an `Aigif` for each of its pictures."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from aigif._gen.enums import PixelCompressor
from aigif._gen.types import Aigif
from aigif.errors import UsageError
from aigif.file import with_best_text
from aigif.pictures import HASH_BYTES, with_picture
from aigif.runtime.components import native_side
from aigif.runtime.families import ALLOWED
from aigif.runtime.options import compressor_of
from aigif.runtime.platform import probe
from aigif.runtime.recording.adapters import adapters_of
from aigif.runtime.recording.attention import check_attention
from aigif.runtime.recording.call import Call, bind
from aigif.runtime.recording.identity import identify
from aigif.runtime.recording.networks import check_networks
from aigif.runtime.recording.noise import noise_of
from aigif.runtime.recording.output import flagged, pictures_of
from aigif.runtime.recording.patches import check_patches
from aigif.runtime.recording.reasons import NotRecordableError, Reasons, Refusal
from aigif.runtime.recording.surroundings import check_surroundings
from aigif.runtime.recording.syntax import Survey, syntax_of
from aigif.runtime.recording.weights import check_weights
from aigif.storage import save as save_file

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Recorded", "Recorder", "record"]

_MARK = "_aigif_recorder"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A picture that a pipeline made, and the file that holds its generation syntax."""

    image: Image
    aigif: Aigif
    warnings: tuple[str, ...] = ()
    """What may change the last bits of a recreation, and what was decided for the call."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `record` was asked for."""

    model: str | os.PathLike[str] | None
    adapters: tuple[str | os.PathLike[str], ...]
    save_pixels: PixelCompressor | None
    hash_bytes: int
    preview: bool
    strict: bool


def record(
    pipe: Any,
    *,
    model: str | os.PathLike[str] | None = None,
    adapters: Sequence[str | os.PathLike[str]] = (),
    save_pixels: PixelCompressor | int | str | None = None,
    hash_bytes: int = HASH_BYTES,
    preview: bool = False,
    strict: bool = True,
) -> Recorder:
    """Record every call of a diffusers pipeline for as long as the context lasts.

        with aigif.record(pipe) as rec:
            images = pipe("a red house", generator=torch.Generator("cpu").manual_seed(7)).images
        rec.save("folder")

    The calls give what they gave before, to the bit; only a call without a generator gets one, on the CPU.

    Args:
        pipe: A pipeline whose class recreation can run, loaded from a folder in the hub's layout or from the hub.
        model: Its folder, or its name in the model table, where the pipeline doesn't know where it came from.
        adapters: The safetensors files of the LoRAs that are on the pipeline.
        save_pixels: A pixel compressor, to put the pixels into the files.
        hash_bytes: How many bytes of the pixels' SHA-256 go into the files, 0 to 32.
        preview: Whether a ThumbHash goes into the files.
        strict: Whether a call that can't be recorded is refused before the model runs; else it goes by unrecorded,
            and the reasons are in `Recorder.refused`.

    Raises UsageError for what is no pipeline, or is being recorded already; in the context, where `strict`,
    NotRecordableError with every reason.
    """
    if not hasattr(pipe, "components") or not callable(pipe):
        raise UsageError(
            f"{type(pipe).__name__} is no pipeline of diffusers", hint="give the pipeline itself"
        )
    if not 0 <= hash_bytes <= 32:
        raise UsageError(
            "a hash has 0 to 32 bytes", element="verification.pixel_hash", hint="8 bytes are usual"
        )
    compressor = None if save_pixels is None else compressor_of(save_pixels)
    if isinstance(adapters, (str, os.PathLike)):
        adapters = (adapters,)
    return Recorder(pipe, Settings(model, tuple(adapters), compressor, hash_bytes, preview, strict))


class Recorder:
    """What `record` gives: the pictures of the calls so far, in their order, and what was refused."""

    def __init__(self, pipe: Any, settings: Settings) -> None:
        self.pictures: list[Recorded] = []
        self.refused: list[Refusal] = []
        self._pipe = pipe
        self._settings = settings
        self._kind: Any = None

    def __enter__(self) -> Recorder:
        kind = type(self._pipe)
        if hasattr(kind, _MARK):
            raise UsageError("the pipeline is being recorded already", hint="use the recorder that there is")
        self._kind = kind
        object.__setattr__(self._pipe, "__class__", _recorded_class(kind, self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        object.__setattr__(self._pipe, "__class__", self._kind)

    def save(self, folder: str | os.PathLike[str], template: str = "{seed}-{index}") -> list[Path]:
        """Write each picture's file into `folder`, which is made where it is missing; the paths, in their order.

        `template` is a file's name without its ending: {index} counts the recorded pictures from 0; {seed},
        {position} (in the batch) and {steps} are the picture's. Raises UsageError where two pictures would have the
        same name or one would leave the folder, before anything is written; FileAccessError.
        """
        paths = [Path(folder) / _name(template, index, one.aigif) for index, one in enumerate(self.pictures)]
        if len(set(paths)) != len(paths):
            raise UsageError(
                f"{template!r} gives two pictures the same name", hint="put {index} into the template"
            )
        Path(folder).mkdir(parents=True, exist_ok=True)
        for one, path in zip(self.pictures, paths, strict=True):
            save_file(one.aigif, path)
        return paths

    def _call(self, pipe: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        reasons = Reasons()
        try:
            call = bind(self._kind, pipe, args, kwargs, reasons)
        except TypeError:  # the pipeline's own complaint is the better one
            return self._kind.__call__(pipe, *args, **kwargs)
        survey = self._survey(pipe, call, reasons)
        made = syntax_of(survey, reasons) if survey is not None else []
        if reasons.problems:
            if self._settings.strict:
                raise NotRecordableError(reasons.problems)
            self.refused.append(Refusal(dict(reasons.problems)))
            return self._kind.__call__(pipe, *args, **kwargs)
        assert survey is not None
        if survey.noise.argument is not call.arguments.get("generator"):
            args, kwargs = (), {**call.arguments, "generator": survey.noise.argument}
        result = self._kind.__call__(pipe, *args, **kwargs)
        self._keep(survey, made, result, reasons)
        return result

    def _survey(self, pipe: Any, call: Call, reasons: Reasons) -> Survey | None:
        # Everything that can be said is said at once, so that nobody has to mend a call reason by reason.
        identity = identify(pipe, self._kind, self._settings.model, reasons)
        if self._kind.__name__ not in ALLOWED:
            return None
        check_surroundings(str(pipe._execution_device), reasons)
        side = native_side(identity.folder) if identity is not None else 0
        size = [call.arguments.get(name) or side for name in ("height", "width")]
        check_networks(pipe, (size[0], size[1]), call.batch, reasons)
        check_patches(pipe, reasons)
        check_attention(pipe, reasons)
        noise = noise_of(call, reasons)
        adapters = adapters_of(pipe, self._settings.adapters, reasons)
        if identity is None:
            return None
        check_weights(pipe, identity.folder, reasons)
        return Survey(pipe, self._kind, call, identity, noise, adapters)

    def _keep(self, survey: Survey, made: list[Aigif], result: Any, reasons: Reasons) -> None:
        images = pictures_of(result, survey.rules.output)
        if len(images) != len(made):
            why = f"the call gave {len(images)} pictures where {len(made)} were expected"
            self.refused.append(Refusal({"pictures": why}))
            return
        platform = survey.noise.on(probe(str(survey.pipe._execution_device), survey.pipe))
        for position, (aigif, image) in enumerate(zip(made, images, strict=True)):
            if flagged(result, len(images))[position]:
                why = "the safety checker replaced the picture, and a recreation runs without one"
                self.refused.append(Refusal({"pipe.safety_checker": why}, position))
                continue
            if survey.call.arguments.get("height", 0) is None and image.height != aigif.data.height:
                why = (
                    f"the pipeline chose {image.height}, a recreation would have {aigif.data.height}; give it"
                )
                self.refused.append(Refusal({"height": why}, position))
                continue
            aigif = with_picture(
                aigif.replace(platform=platform),
                image,
                pixels=self._settings.save_pixels,
                hash_bytes=self._settings.hash_bytes,
                preview=self._settings.preview,
            )
            self.pictures.append(Recorded(image, with_best_text(aigif), tuple(reasons.warnings)))


def _recorded_class(kind: Any, recorder: Recorder) -> Any:
    # A class of the same name, so that whatever asks the pipeline for its class's name (its configuration, its
    # saving) is answered as before.
    @functools.wraps(kind.__call__)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return recorder._call(self, args, kwargs)

    return type(kind)(
        kind.__name__,
        (kind,),
        {
            "__call__": call,
            "__module__": kind.__module__,
            "__qualname__": kind.__qualname__,
            "__doc__": kind.__doc__,
            _MARK: True,
        },
    )


def _name(template: str, index: int, aigif: Aigif) -> str:
    data = aigif.data
    values = {"index": index, "seed": data.seed, "position": data.batch_position, "steps": data.steps}
    try:
        name = template.format(**values)
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise UsageError(
            f"the template {template!r} can't be filled in: {error}",
            hint=f"its fields are {', '.join(values)}",
        ) from error
    if not name or Path(name).name != name or name in (".", ".."):
        raise UsageError(f"{name!r} is no file name", hint="a template names a file, and no folder")
    return f"{name}.aigif"
