"""What the fuzzers run: one input through the decoder and back."""

from __future__ import annotations

from aigif import file, json_form
from aigif._gen.container import MAGIC, PROFILE_NAMES
from aigif.errors import AigifError
from tests.helpers import resealed


def check(data: bytes) -> bool:
    """Read bytes as a file; gives whether they are one.

    Only AigifError may come out. What is read must give the same bytes when it is written, and the same value
    through its JSON form.
    """
    try:
        value = file.loads(data)
    except AigifError:
        return False
    profile = PROFILE_NAMES[data[len(MAGIC)] & 15]
    assert file.dumps(value, profile=profile) == data
    assert json_form.from_json(json_form.to_json(value, defaults=True)) == value
    return True


def check_sealed(body: bytes) -> bool:
    """The same with the magic and the checksum put right, so that the fuzzer gets past them."""
    return check(resealed(MAGIC + body + bytes(4)))
