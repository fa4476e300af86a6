"""LoRA tags in a prompt, and the lines of hashes beside them.

`<lora:name>`, `<lora:name:0.8>`, `<lora:name:text:network>` and `<lora:name:te=0.5:unet=1>`; a weight that is not
given is 1, and the network's is the text model's where only one is given (AUTOMATIC1111's extra networks).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aigif._gen.enums import AdapterKind, HashKind
from aigif._gen.types import Adapter
from aigif.importers.values import Unreadable, hexadecimal, number

_TAGS = {"lora": AdapterKind.LORA, "lyco": AdapterKind.LYCORIS, "hypernet": AdapterKind.HYPERNETWORK}
# SHA-256 of no bytes: what some versions write for a file that they could not read.
EMPTY_FILE = bytes.fromhex("e3b0c44298fc")
_HASH_KINDS = {5: HashKind.SHA256, 6: HashKind.AUTOV3, 32: HashKind.SHA256}
_WEIGHT_LIMIT = 1000.0


def tags_of(prompt: str) -> Iterator[Adapter | str]:
    """The adapters that a prompt names, each name once; a tag that can't be read comes as its text."""
    seen: set[tuple[AdapterKind, str]] = set()
    at = prompt.find("<")
    while at >= 0:
        end = prompt.find(">", at)
        if end < 0:
            return
        inner = prompt[prompt.rfind("<", at, end) + 1 : end]
        kind = _TAGS.get(inner.partition(":")[0])
        if kind is not None:
            try:
                adapter = _tag(kind, inner)
            except Unreadable:
                yield f"<{inner}>"
            else:
                if (kind, adapter.name) not in seen:
                    seen.add((kind, adapter.name))
                    yield adapter
        at = prompt.find("<", end)


def _tag(kind: AdapterKind, inner: str) -> Adapter:
    _, name, *rest = inner.split(":")
    plain = [weight for weight in rest if "=" not in weight]
    named = {key: weight for key, _, weight in (part.partition("=") for part in rest if "=" in part)}
    if not name or len(plain) > 2 or not named.keys() <= {"te", "unet"}:
        raise Unreadable("this kind of tag is not known")
    text = _weight(named.get("te", plain[0] if plain else "1"))
    network = _weight(named["unet"]) if "unet" in named else _weight(plain[1]) if len(plain) > 1 else text
    return Adapter(kind=kind, name=name, weight=network, text_weight=text)


def _weight(text: str) -> float:
    return _checked(number(text.strip()))


def _checked(weight: float) -> float:
    if not abs(weight) <= _WEIGHT_LIMIT:
        raise Unreadable("the weight is out of range")
    return weight


def made(
    kind: AdapterKind,
    name: str,
    weight: float,
    text_weight: float | None = None,
    hashed: tuple[bytes, HashKind] = (b"", HashKind.SHA256),
) -> Adapter:
    """An adapter; its weight on the text model is the other one where none is given. Raises Unreadable."""
    text = weight if text_weight is None else text_weight
    if not name:
        raise Unreadable("it has no name")
    if hashed[0] and EMPTY_FILE.startswith(hashed[0][: len(EMPTY_FILE)]):
        hashed = b"", HashKind.SHA256
    return Adapter(kind, name, *hashed, _checked(weight), _checked(text))


def hashes_of(value: str) -> list[tuple[str, bytes]]:
    """Names and hashes of "name: hash, name: hash". Raises Unreadable."""
    found = []
    for part in value.split(", "):
        name, colon, digest = part.rpartition(": ")
        if not colon or not name:
            raise Unreadable("it is no list of names and hashes")
        found.append((name, hexadecimal(digest)))
    return found


def with_hashes(
    adapters: Iterable[Adapter], hashes: Iterable[tuple[str, bytes]]
) -> tuple[tuple[Adapter, ...], list[str]]:
    """The adapters with their hashes, by name, and sentences about hashes that none of them got."""
    held = list(adapters)
    places = {adapter.name: index for index, adapter in reversed(list(enumerate(held)))}
    problems = []
    for name, digest in hashes:
        if name not in places:
            problems.append(f"the prompt has no tag of {name}, whose hash is given")
        elif EMPTY_FILE.startswith(digest):
            problems.append(f"the hash of {name} is that of an empty file")
        elif len(digest) not in _HASH_KINDS:
            problems.append(f"the hash of {name} is of an unknown kind")
        else:
            kind = _HASH_KINDS[len(digest)]
            held[places[name]] = held[places[name]].replace(weight_hash=digest, hash_kind=kind)
    return tuple(held), problems


def show_hashes(adapters: Iterable[Adapter], kinds: Iterable[AdapterKind]) -> str | None:
    """The line of hashes of adapters of some kinds; None where there is no hash."""
    listed = tuple(kinds)
    parts = [
        f"{adapter.name}: {adapter.weight_hash.hex()}"
        for adapter in adapters
        if adapter.weight_hash and adapter.kind in listed
    ]
    return ", ".join(parts) or None
