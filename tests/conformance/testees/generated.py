"""The generated Python codec as a testee: `python -m tests.conformance.testees.generated`."""

from __future__ import annotations

import aigif
from aigif import errors, file, text
from aigif._gen.container import PROFILE_NAMES
from aigif._gen.enums import TextCompressor
from aigif.elements import find
from aigif.json_form import element_from_json, from_json, to_json
from tests.conformance.testees.plain_file import Refusal
from tests.conformance.testees.serve import Answer, serve

# The most special class first.
KINDS = [
    (errors.UnsupportedError, "unsupported"),
    (errors.NotCanonicalError, "not canonical"),
    (errors.CorruptError, "corrupt"),
    (errors.LimitError, "over a limit"),
    (errors.ElementError, "value"),
    (errors.MissingPackageError, "value"),
]


def kind_of(error: errors.AigifError) -> str:
    """The kind of an error, as docs/conformance.md calls it."""
    return next(kind for known, kind in KINDS if isinstance(error, known))


HELLO: Answer = {
    "name": "Python",
    "operations": ["decode", "encode", "reencode", "edit"],
    "profiles": list(PROFILE_NAMES.values()),
    "places": True,
    "text_compressors": [code for code in TextCompressor if text.known(code)],
}


class Generated:
    """What applications import."""

    def __init__(self) -> None:
        self.hello = HELLO

    def answer(self, request: Answer) -> Answer:
        try:
            return self._answer(request)
        except errors.AigifError as error:
            if request["op"] == "decode":
                return {"error": kind_of(error), "message": str(error), "element": error.element}
            raise Refusal(kind_of(error), str(error)) from error

    def _answer(self, request: Answer) -> Answer:
        if request["op"] == "encode":
            value = from_json(request["value"])
            return {"hex": aigif.dumps(value, profile=request.get("profile", "compact")).hex()}
        data = bytes.fromhex(request["hex"])
        value = aigif.loads(data)
        if request["op"] == "decode":
            return {"ok": to_json(value)}
        if request["op"] == "edit":
            for group, elements in request["set"].items():
                changes = {
                    name: element_from_json(find(f"{group}.{name}")[1], held, f"{group}.{name}")
                    for name, held in elements.items()
                }
                value = file.edited(value, **{group: getattr(value, group).replace(**changes)})
        return {"hex": aigif.dumps(value, profile=PROFILE_NAMES[data[4] & 15]).hex()}


if __name__ == "__main__":
    serve(Generated())
