"""What nodes compute that make texts and numbers: joined, trimmed, replaced, chosen.

Sources: ComfyUI's comfy_extras/nodes_string.py; the custom nodes that each function names.
"""

from __future__ import annotations

from aigif.importers.tools.comfyui.graph import Node, link_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from aigif.importers.tools.comfyui.resolve import Resolver

MAX_PARTS = 100


def joined(
    *inputs: str, delimiter: str = "delimiter", default: str = ""
) -> Callable[[Resolver, Node], str | None]:
    """Texts with a delimiter between them; what is not connected is left out (StringConcatenate, and others)."""

    def compute(resolver: Resolver, node: Node) -> str | None:
        between = resolver.text(node, delimiter) if delimiter in node.inputs else default
        parts = [resolver.text(node, name) for name in inputs if node.inputs.get(name) is not None]
        if between is None or any(part is None for part in parts):
            return None
        return between.join(part for part in parts if part is not None)

    return compute


def joined_texts(resolver: Resolver, node: Node) -> str | None:
    """WAS Text Concatenate: text_a to text_d and more, in the order of their names, empty ones left out; trimmed
    where clean_whitespace says so."""
    between = _escaped(resolver.text(node, "delimiter") or "")
    clean = resolver.truth(node, "clean_whitespace")
    parts = []
    for name in sorted(key for key in node.inputs if key.startswith("text"))[:MAX_PARTS]:
        part = resolver.text(node, name)
        if part is None:
            return None
        part = part.strip() if clean else part
        if part:
            parts.append(part)
    return between.join(parts)


def joined_strings(resolver: Resolver, node: Node) -> str | None:
    """KJNodes JoinStringMulti: string_1 to string_<inputcount>."""
    count = resolver.integer(node, "inputcount")
    between = resolver.text(node, "delimiter")
    if count is None or between is None or not 0 < count <= MAX_PARTS:
        return None
    parts = [resolver.text(node, f"string_{place}") for place in range(1, count + 1)]
    return None if None in parts else between.join(part for part in parts if part is not None)


def string_function(resolver: Resolver, node: Node) -> str | None:
    """StringFunction|pysssss: three texts one after another, tidied where asked. Its `replace` is not read."""
    if resolver.text(node, "action") != "append":
        return None
    parts = [resolver.text(node, name) for name in ("text_a", "text_b", "text_c") if name in node.inputs]
    if any(part is None for part in parts):
        return None
    if resolver.text(node, "tidy_tags") == "yes":
        return ", ".join(part.strip().strip(",").strip() for part in parts if part and part.strip())
    return "".join(part for part in parts if part)


def trimmed(resolver: Resolver, node: Node) -> str | None:
    """StringTrim."""
    text, mode = resolver.text(node, "string"), resolver.text(node, "mode")
    if text is None:
        return None
    return {"Left": text.lstrip, "Right": text.rstrip}.get(mode or "", text.strip)()


def replaced(
    text: str = "string", find: str = "find", replace: str = "replace"
) -> Callable[[Resolver, Node], str | None]:
    """Every occurrence of a text (StringReplace, and others)."""

    def compute(resolver: Resolver, node: Node) -> str | None:
        whole, old, new = (resolver.text(node, name) for name in (text, find, replace))
        if whole is None or old is None or new is None or not old:
            return whole if old == "" else None
        return whole.replace(old, new) if len(whole) * (len(new) + 1) < (1 << 22) else None

    return compute


def first_of(*inputs: str) -> Callable[[Resolver, Node], Any]:
    """The first input that has a text: a text that was made up when the graph ran, before its pattern."""

    def compute(resolver: Resolver, node: Node) -> Any:
        return next((found for name in inputs if (found := resolver.text(node, name)) is not None), None)

    return compute


def styled(resolver: Resolver, node: Node) -> str | None:
    """A style's template is in a file of the tool's, so that only a node without a style is known."""
    style = resolver.text(node, "style")
    return resolver.text(node, "text_positive") if style in (None, "none", "None", "no style") else None


def any_switch(resolver: Resolver, node: Node) -> str | None:
    """Any Switch (rgthree), and others: the first input that is connected to something."""
    names = sorted(name for name in node.inputs if link_of(node.inputs[name]) is not None)
    return next((name for name in names[:MAX_PARTS] if resolver.follow(node, name) is not None), None)


def numbered_switch(
    pattern: str, select: str = "select", first: int = 1
) -> Callable[[Resolver, Node], str | None]:
    """The input whose number is given (ImpactSwitch, and others)."""

    def compute(resolver: Resolver, node: Node) -> str | None:
        place = resolver.integer(node, select)
        return None if place is None else pattern.format(place - 1 + first)

    return compute


def true_switch(condition: str, yes: str, no: str) -> Callable[[Resolver, Node], str | None]:
    """One of two inputs by a truth value."""

    def compute(resolver: Resolver, node: Node) -> str | None:
        truth = resolver.truth(node, condition)
        return None if truth is None else yes if truth else no

    return compute


def _escaped(delimiter: str) -> str:
    return delimiter.replace("\\n", "\n").replace("\\t", "\t")
