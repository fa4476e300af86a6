"""Python modules from rendered bodies: the head and just the imports that the body uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

WORD = re.compile(r"[A-Za-z_]\w*")
DEFINITION = re.compile(r"^(?:class |def )?([A-Za-z]\w*)(?:\(|:| =| :)", re.MULTILINE)


def definitions(text: str) -> list[str]:
    """The public names that a module defines at its top level."""
    return [name for name in DEFINITION.findall(text) if name not in ("if", "from", "import")]


def assemble(doc: str, banner: str, body: str, available: Mapping[str, Iterable[str]]) -> str:
    """A module: docstring, imports of the names in `available` (module -> names) that `body` uses, body."""
    used = set(WORD.findall(_without_comments(body)))
    parts = [f'"""{doc}\n\n{banner}\n"""\n\nfrom __future__ import annotations\n']
    for module, offered in available.items():
        wanted = sorted(set(offered) & used, key=_isort_key)
        if not wanted:
            continue
        line = f"from {module} import {', '.join(wanted)}"
        if len(line) > 110:
            line = f"from {module} import (\n" + "".join(f"    {name},\n" for name in wanted) + ")"
        parts.append(f"\n{line}" if len(parts) > 1 and parts[-1].startswith("\nfrom") else f"\n{line}")
    return "".join(parts).replace(")\n\nfrom", ")\nfrom") + "\n" + _squeezed(body)


def _isort_key(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def _without_comments(body: str) -> str:
    return re.sub(r'"[^"\n]*"', '""', re.sub(r"#.*", "", body))


def _squeezed(body: str) -> str:
    """At most two blank lines in a row, and one line end at the end."""
    return re.sub(r"\n{4,}", "\n\n\n", "\n\n\n" + body.strip("\n") + "\n").replace("\n\n\n", "\n\n\n", 1)
