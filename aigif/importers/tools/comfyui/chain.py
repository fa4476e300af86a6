"""The way of a picture back through the graph: from what was saved to the latent that all began with."""

from __future__ import annotations

from aigif._gen.enums import GapKind
from aigif.importers.tools.comfyui.classes import Kind
from aigif.importers.tools.comfyui.conditioning import base_name
from aigif.importers.tools.comfyui.graph import printable
from aigif.importers.tools.comfyui.links import LATENT, Begin, Changed, Decoded, Link, Run, Scale, Served
from aigif.importers.tools.comfyui.resolve import Constant, Resolver, Source
from aigif.importers.tools.comfyui.sampling import SAMPLERS
from aigif.importers.tools.comfyui.walk import MAX_STEPS, Walk, input_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SIDE = 1 << 20


def chain_of(resolver: Resolver, source: Source | None) -> list[Link]:
    """The links of the chain, from the saved picture back to the beginning. It does not report anything."""
    found: list[Link] = []
    seen: set[tuple[str, str]] = set()
    while source is not None and len(found) < MAX_STEPS and (source.node.id, source.role) not in seen:
        seen.add((source.node.id, source.role))
        links, source = _step(resolver, source)
        found += links
    return found


def _step(resolver: Resolver, at: Source) -> tuple[list[Link], Source | None]:
    cls = at.cls
    if cls is None:
        before = _before_unknown(resolver, at)
        return [Changed(at)], before
    if cls.kind in SAMPLERS:
        links: list[Link] = [Run(at)]
        if at.role == "image":
            links.insert(0, Decoded(input_of(at, resolver, "optional_vae", "vae")))
        return links, input_of(at, resolver, "latent_image", "latent", "samples")
    step = _STEPS.get(cls.kind)
    if step is not None:
        return step(resolver, at)
    if "latent" in cls.outputs and cls.kind in (Kind.CONDITION_CHANGE, Kind.VALUE):
        return _made_with_prompts(resolver, at)
    return [Changed(at)], input_of(at, resolver, "image", "images", "samples", "latent", "pixels")


def _before_unknown(resolver: Resolver, at: Source) -> Source | None:
    """The picture or latent that a node of an unknown class most likely works on: of its inputs the one of a usual
    name, else the one that comes from something that gives a picture or a latent."""
    for name in ("image", "images", "samples", "latent", "latent_image", "pixels", "upscaled_image"):
        found = resolver.source(at.node, name)
        if found is not None:
            return found
    for name in at.node.inputs:
        found = resolver.source(at.node, name)
        if found is not None and found.role in ("image", "latent"):
            return found
    return input_of(at, resolver)


def _begin(resolver: Resolver, at: Source) -> tuple[list[Link], Source | None]:
    cls, node = at.cls, at.node
    assert cls is not None
    width, height = resolver.integer(node, cls.name("width")), resolver.integer(node, cls.name("height"))
    if "resolution" in cls.names:
        width, height = _resolution(resolver.text(node, cls.names["resolution"])) or (width, height)
        wider, higher = resolver.integer(node, "width_override"), resolver.integer(node, "height_override")
        width, height = wider or width, higher or height
    frames = resolver.integer(node, cls.names["frames"]) if "frames" in cls.names else 1
    batch = resolver.integer(node, "batch_size")
    links: list[Link] = [Begin(_side(width), _side(height), batch if batch and 0 < batch < 65536 else 1)]
    if frames is None or frames > 1:
        links.insert(0, Changed(at, GapKind.ANIMATION))
    return links, None


def _side(value: int | None) -> int:
    """A whole number of latents of 8 pixels; 0 where the side is not known."""
    return value // LATENT * LATENT if value is not None and 0 < value <= MAX_SIDE else 0


def _resolution(text: str | None) -> tuple[int, int] | None:
    """ "832x1216 (0.68)", " 832 x 1216 (portrait)"."""
    if text is None:
        return None
    sides = text.strip().partition("(")[0].lower().replace("×", "x").split("x")
    numbers = [side.strip() for side in sides]
    if len(numbers) != 2 or not all(
        side.isascii() and side.isdecimal() and len(side) < 7 for side in numbers
    ):
        return None
    return int(numbers[0]), int(numbers[1])


def _decode(resolver: Resolver, at: Source) -> tuple[list[Link], Source | None]:
    cls = at.cls
    assert cls is not None
    decoded = Decoded(input_of(at, resolver, "vae"), tiled="tile" in cls.names)
    return [decoded], input_of(at, resolver, "samples")


def _encode(resolver: Resolver, at: Source) -> tuple[list[Link], Source | None]:
    cls = at.cls
    assert cls is not None
    links: list[Link] = [Decoded(input_of(at, resolver, "vae"), True, "tile" in cls.names)]
    if "mask" in cls.names:
        links.insert(0, Changed(at, GapKind.MASK))
    return links, input_of(at, resolver, "pixels")


def _latent_scale(resolver: Resolver, at: Source) -> tuple[list[Link], Source | None]:
    return [_scale(resolver, at, True)], input_of(at, resolver, "samples")


def _image_scale(resolver: Resolver, at: Source) -> tuple[list[Link], Source | None]:
    return [_scale(resolver, at, False)], input_of(at, resolver, "image")


def _scale(resolver: Resolver, at: Source, latent: bool) -> Scale:
    cls, node = at.cls, at.node
    assert cls is not None
    method = resolver.text(node, cls.name("method")) or ""
    factor = resolver.number(node, cls.name("scale_by")) or 0.0
    width, height = resolver.integer(node, "width"), resolver.integer(node, "height")
    width, height = (side if side and 0 < side <= MAX_SIDE else 0 for side in (width, height))
    return Scale(latent, method, width, height, factor if 0 < factor <= 64 else 0.0)


def _upscale(resolver: Resolver, at: Source) -> tuple[list[Link], Source | None]:
    loader = resolver.source(at.node, "upscale_model")
    name = ""
    if loader is not None and loader.cls is not None and "file" in loader.cls.names:
        name = base_name(resolver.text(loader.node, loader.cls.names["file"]) or "")
    return [Scale(False, name, network=True)], input_of(at, resolver, "image")


def _load(resolver: Resolver, at: Source) -> tuple[list[Link], Source | None]:
    cls = at.cls
    assert cls is not None
    found = resolver.follow(at.node, cls.names["file"])
    name = found.value if isinstance(found, Constant) and isinstance(found.value, str) else ""
    return [Begin(image=base_name(name) if len(name) < 300 else "")], None


def _served(resolver: Resolver, at: Source) -> tuple[list[Link], Source | None]:
    return [Served(at)], None


def _image_change(resolver: Resolver, at: Source) -> tuple[list[Link], Source | None]:
    cls = at.cls
    assert cls is not None
    before = input_of(at, resolver, "image", "images", "pixels")
    return ([Changed(at, cls.gap)] if cls.reason else []), before


def _latent_change(resolver: Resolver, at: Source) -> tuple[list[Link], Source | None]:
    cls, node = at.cls, at.node
    assert cls is not None
    links: list[Link] = [Changed(at, cls.gap)] if cls.reason else []
    if "repeat" in cls.names:
        amount = resolver.integer(node, cls.names["repeat"])
        if amount != 1:
            links.append(Changed(at, GapKind.OPERATION))
    return links, input_of(at, resolver, "samples", "latent")


def _made_with_prompts(resolver: Resolver, at: Source) -> tuple[list[Link], Source | None]:
    """A node that makes prompts and a latent from an image, or from nothing but a size."""
    node = at.node
    image = next(
        (
            found
            for name in ("pixels", "start_image", "init_image", "image")
            if (found := resolver.source(node, name))
        ),
        None,
    )
    width, height = resolver.integer(node, "width"), resolver.integer(node, "height")
    changed = Changed(at, at.cls.gap if at.cls else GapKind.OPERATION)
    if image is not None:
        return [changed], image
    return [changed, Begin(_side(width), _side(height))], None


_STEPS: dict[Kind, Callable[[Resolver, Source], tuple[list[Link], Source | None]]] = {
    Kind.EMPTY_LATENT: _begin,
    Kind.DECODE: _decode,
    Kind.ENCODE: _encode,
    Kind.LATENT_SCALE: _latent_scale,
    Kind.IMAGE_SCALE: _image_scale,
    Kind.UPSCALE: _upscale,
    Kind.LOAD_IMAGE: _load,
    Kind.SERVICE: _served,
    Kind.IMAGE_CHANGE: _image_change,
    Kind.LATENT_CHANGE: _latent_change,
}


def report(walk: Walk, link: Changed) -> None:
    """Say what a node changes."""
    source = link.source
    if source.cls is None:
        walk.unknown(source.node)
    elif source.cls.reason:
        walk.changed(source)
    else:
        walk.draft.missing(
            f"{_WORDS.get(link.gap, 'a step is not understood')} ({source.node.shown()})",
            link.gap,
            printable(source.node.kind),
        )


_WORDS = {
    GapKind.MASK: "a mask was the input, and is not in the metadata",
    GapKind.ANIMATION: "this is a frame of a video",
    GapKind.OPERATION: "latents are repeated or made in a way that no element tells",
}
