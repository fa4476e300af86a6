"""What the fuzzers run: one input through the decoder and back."""

from __future__ import annotations

import re

from aigif import file, json_form
from aigif._gen import meta
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


def outcome(body: bytes) -> str:
    """What happens to an input: how it is refused, or which kinds of elements it holds."""
    try:
        value = file.loads(resealed(MAGIC + body + bytes(4)))
    except AigifError as error:
        words = re.sub(r"[0-9.e+-]*[0-9]+", "#", error.message)
        return f"{type(error).__name__}, {re.sub('[0-9]+', '#', error.element or '')}: {words}"
    held = [
        f"{group}.{name}"
        for group, elements in json_form.to_json(value).items()
        if group in meta.SYNTAX
        for name in elements
    ]
    return f"{sorted(held)[:3]} {value.unknown is not None} {[section.id for section in value.sections]}"
