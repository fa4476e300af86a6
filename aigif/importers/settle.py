"""What every importer does at last: tell which model a file is, and compare the size with the picture's."""

from __future__ import annotations

from aigif._gen.enums import GapKind, HashKind
from aigif.importers import checkpoints
from aigif.importers.draft import Draft
from aigif.importers.values import Unreadable, hexadecimal

_MAX_SIDE = 0xFFFFFFFF
# A second pass rounds its size to whole latents of 8 pixels.
_LATENT = 8
_ENDINGS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".sft")
_HASH_KINDS = {4: HashKind.LEGACY, 6: HashKind.AUTOV3}
_BLAKE3 = "blake3:"
_SHA256 = "sha256:"


def stem(name: str) -> str:
    """A model's file name without its ending."""
    return next((name[: -len(ending)] for ending in _ENDINGS if name.lower().endswith(ending)), name)


def read_hash(text: str) -> tuple[bytes, HashKind]:
    """A model's hash and its kind, told by what stands before it or by its length.

    8 digits are AUTOMATIC1111's first hash, 12 an AutoV3, others SHA-256. Raises Unreadable.
    """
    plain = text.strip()
    lower = plain.lower()
    if lower.startswith(_BLAKE3):
        return hexadecimal(plain[len(_BLAKE3) :]), HashKind.BLAKE3
    if lower.startswith(_SHA256):
        return hexadecimal(plain[len(_SHA256) :]), HashKind.SHA256
    digest = hexadecimal(plain[2:] if lower.startswith("0x") else plain)
    return digest, _HASH_KINDS.get(len(digest), HashKind.SHA256)


def settle_model(draft: Draft, *, hashed: bool | None = None) -> None:
    """The table's entry where the file is one beyond doubt; else its name and hash.

    `hashed` is whether the program wrote a hash, also one that can't be read; by default whether there is one. A
    refiner is settled too.
    """
    name, digest = draft.get("model.model_name"), draft.get("model.weight_hash")
    if digest or not (bool(digest) if hashed is None else hashed):
        draft.put("model.model_id", _identified(name, digest, draft.get("model.hash_kind")))
    else:
        draft.put("model.model_id", checkpoints.UNLISTED)
    if draft.get("model.model_id") != checkpoints.UNLISTED:
        draft.put("model.model_name", "")
    elif not name and not digest:
        draft.missing("the model is not recorded", GapKind.MODEL)
    if draft.has("refiner"):
        refiner = draft.get("refiner.name"), draft.get("refiner.weight_hash")
        draft.put("refiner.model", _identified(*refiner, draft.get("refiner.hash_kind")))


def _identified(name: str, digest: bytes, kind: int) -> int:
    if not digest:
        return checkpoints.identified(stem(name), None)
    return checkpoints.identified(stem(name), digest if kind == HashKind.SHA256 else b"")


def put_model(draft: Draft, name: str, digest: str = "") -> None:
    """A model's name, without a file's ending, and its hash; a hash that can't be read is a gap."""
    if name:
        draft.put("model.model_name", stem(name))
    if digest:
        try:
            read, kind = read_hash(digest)
        except Unreadable as problem:
            draft.missing(f"the model's hash is not recorded: {problem}", GapKind.VALUE, "model hash")
        else:
            draft.put("model.weight_hash", read)
            draft.put("model.hash_kind", kind)
    settle_model(draft, hashed=bool(digest))


def settle_sizes(draft: Draft, width: int, height: int) -> None:
    """Compare the recorded size with the picture's, `width` and `height` in pixels (0 where not known)."""
    if not (0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE):
        return
    if not (draft.has("data.width") and draft.has("data.height")):
        draft.put("data.width", width)
        draft.put("data.height", height)
        draft.missing("the size was taken from the picture", GapKind.VALUE, "size")
    first = draft.get("data.width"), draft.get("data.height")
    if (width, height) == first and not draft.has("hires"):
        return
    if (width, height) != first:
        draft.put("verification.picture_width", width)
        draft.put("verification.picture_height", height)
    scale = draft.get("hires.scale") if draft.has("hires") else 1.0
    target = draft.get("hires.width"), draft.get("hires.height")
    expected = target if not scale else (first[0] * scale, first[1] * scale)
    if any(
        side and abs(side - own) >= _LATENT for side, own in zip(expected, (width, height), strict=True)
    ) or ((width, height) != first and not draft.has("hires")):
        note = f"the picture is {width}x{height}: cropped, resized, or not what the text tells of"
        draft.missing(note, GapKind.SIZE)
