"""The prompts that reach a sampler, and what is done to them on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

from aigif._gen.enums import AdapterKind, GapKind
from aigif._gen.types import Adapter
from aigif.importers.settle import stem
from aigif.importers.tools.comfyui.classes import Kind
from aigif.importers.tools.comfyui.graph import Node, printable
from aigif.importers.tools.comfyui.resolve import Source
from aigif.importers.tools.comfyui.walk import Walk, input_of

MAX_PROMPTS = 64
SIZES = (
    "original_width",
    "original_height",
    "crop_left",
    "crop_top",
    "target_width",
    "target_height",
)


@dataclass(slots=True)
class Prompts:
    """What reaches a sampler by one input.

    Attributes:
        texts: For each encoded prompt its texts for the first, second and third text model.
        clips: Where their text models come from.
        guidance: The distilled guidance that is set.
        zero: Whether zeros stand for a prompt.
        sizes: SDXL's size and crop conditions.
        aesthetic_score: The refiner's condition.
        controls: ControlNets and their like.
        prior: The run of Stable Cascade's first stage, whose latent is a condition of the second.
    """

    texts: list[tuple[str, ...]] = field(default_factory=list)
    clips: list[Source | None] = field(default_factory=list)
    guidance: float | None = None
    zero: bool = False
    sizes: dict[str, int] = field(default_factory=dict)
    aesthetic_score: float | None = None
    controls: list[Adapter] = field(default_factory=list)
    prior: Source | None = None

    def text(self, place: int) -> str:
        """The texts of all prompts for the text model `place`, one a line; of a prompt without one, its last."""
        return "\n".join(texts[min(place, len(texts) - 1)] for texts in self.texts if texts)


def prompts_of(walk: Walk, source: Source | None, role: str) -> Prompts:
    """The prompts behind an input of a sampler; `role` is "positive" or "negative", for nodes that have both."""
    found = Prompts()
    pending: list[Source | None] = [source]
    seen: set[tuple[str, str]] = set()
    while pending and len(found.texts) < MAX_PROMPTS:
        at = pending.pop()
        if at is None or (at.node.id, at.role) in seen:
            continue
        seen.add((at.node.id, at.role))
        pending += reversed(_step(walk, at, role, found))
    return found


def _step(walk: Walk, at: Source, role: str, found: Prompts) -> list[Source | None]:
    """What comes before a node."""
    cls, resolver = at.cls, walk.resolver
    if cls is None:
        walk.unknown(at.node)
        if _unknown_text(walk, at.node, role, found):
            return []
        return [input_of(at, resolver, role, "conditioning", "cond")]
    if cls.kind is Kind.TEXT:
        _text(walk, at, found)
        return []
    if cls.kind is Kind.COMBINE:
        if role == "positive" or len(found.texts) < 2:
            walk.changed(at)
        parts = [cls.names[f"part{place}"] for place in range(cls.fixed["parts"])]
        return [resolver.source(at.node, name) for name in parts]
    side = at.role if at.role in ("positive", "negative") else role
    before = input_of(at, resolver, "conditioning", side) if at.role in ("conditioning", "") else None
    before = before or input_of(at, resolver, side, "conditioning")
    if cls.kind is Kind.ZERO:
        found.zero = True
        return []
    if cls.kind is Kind.GUIDANCE:
        if found.guidance is None:
            found.guidance = resolver.number(at.node, "guidance")
        return [before]
    if "prior" in cls.names:
        found.prior = resolver.source(at.node, cls.names["prior"])
    if cls.kind is Kind.CONTROL:
        _control(walk, at, found, role)
    else:
        walk.changed(at)
    return [before]


def _text(walk: Walk, at: Source, found: Prompts) -> None:
    cls, resolver, node = at.cls, walk.resolver, at.node
    assert cls is not None
    texts: list[str] = []
    for place in range(cls.fixed["prompts"]):
        text = resolver.text(node, cls.names[f"prompt{place}"])
        if text is None:
            walk.draft.missing(
                f"the prompt of {node.shown()} can't be told from the graph",
                GapKind.PROMPT,
                printable(node.kind),
            )
        texts.append(text or "")
    found.texts.append(tuple(texts))
    found.clips.append(resolver.source(node, "clip"))
    for element in SIZES:
        if element in cls.names and (size := resolver.integer(node, cls.names[element])) is not None:
            found.sizes.setdefault(element, size)
    if "aesthetic_score" in cls.names:
        found.aesthetic_score = resolver.number(node, cls.names["aesthetic_score"])
    if "guidance" in cls.names and found.guidance is None:
        found.guidance = resolver.number(node, cls.names["guidance"])
    _manner(walk, at)


def _manner(walk: Walk, at: Source) -> None:
    """How a node reads its text, where that is not ComfyUI's own way; and images beside the text."""
    cls, resolver, node = at.cls, walk.resolver, at.node
    assert cls is not None
    for role, own in (("interpretation", "comfy"), ("parser", "comfy"), ("language", None)):
        if role not in cls.names:
            continue
        manner = resolver.text(node, cls.names[role]) if own else printable(node.kind)
        if manner not in (own, "none", None):
            walk.draft.missing(
                f"{node.shown()} reads the prompt its own way ({printable(manner)})",
                GapKind.EXTENSION,
                printable(node.kind),
            )
    if "image" in cls.names and resolver.source(node, cls.names["image"]) is not None:
        walk.draft.missing(
            "an image served as a prompt, and is not in the metadata",
            GapKind.REFERENCE_IMAGE,
            printable(node.kind),
        )


def _unknown_text(walk: Walk, node: Node, role: str, found: Prompts) -> bool:
    """A node that is not known, and has a text model and a text: it most likely encodes that."""
    if walk.resolver.source(node, "clip") is None:
        return False
    for name in (role, f"{role}_prompt", "text", "prompt", "populated_text", "string"):
        text = walk.resolver.text(node, name)
        if text is not None:
            found.texts.append((text,))
            found.clips.append(walk.resolver.source(node, "clip"))
            return True
    return False


def _control(walk: Walk, at: Source, found: Prompts, role: str) -> None:
    """A ControlNet: its file, weight and the share of the steps at which it holds. Its image is not recorded."""
    resolver, node = walk.resolver, at.node
    strength = resolver.number(node, "strength")
    if strength == 0:
        return
    walk.changed(at)
    loader = resolver.source(node, "control_net")
    name = file_of(walk, loader)
    start, end = resolver.number(node, "start_percent"), resolver.number(node, "end_percent")
    if name and role == "positive":
        found.controls.append(
            Adapter(
                kind=AdapterKind.T2I_ADAPTER if name.lower().startswith("t2i") else AdapterKind.CONTROLNET,
                name=name,
                weight=_within(strength, 1.0, -1000.0, 1000.0),
                start=_within(start, 0.0, 0.0, 1.0),
                end=_within(end, 1.0, 0.0, 1.0),
            )
        )


def _within(value: float | None, usual: float, least: float, most: float) -> float:
    return usual if value is None else min(max(value, least), most)


def file_of(walk: Walk, source: Source | None) -> str:
    """The name of the file that a node loads, without folder and ending; "" where it can't be told."""
    if source is None or source.cls is None or "file" not in source.cls.names:
        return ""
    return stem(base_name(walk.resolver.text(source.node, source.cls.names["file"]) or ""))


def base_name(path: str) -> str:
    """A file's name without its folders, whatever system wrote it."""
    return path.replace("\\", "/").rpartition("/")[2]
