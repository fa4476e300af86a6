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
    head = f'"""{doc}\n\n{banner}\n"""\n\nfrom __future__ import annotations\n'
    standard: list[str] = []
    own: list[str] = []
    for module, offered in available.items():
        wanted = sorted(set(offered) & used, key=_isort_key)
        if not wanted:
            continue
        line = f"from {module} import {', '.join(wanted)}"
        if len(line) > 110:
            line = f"from {module} import (\n" + "".join(f"    {name},\n" for name in wanted) + ")"
        group = standard if not module.startswith(".") else own
        group.append(line)
    imports = "\n\n".join("\n".join(group) for group in (standard, own) if group)
    return f"{head}\n{imports}\n{_squeezed(body)}"


def _isort_key(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions."""
    constant = name.isupper() and len(name) > 1
    return (0 if constant else 1 if name[0].isupper() else 2, name)


def _without_comments(body: str) -> str:
    without_docstrings = re.sub(r'"""(?s:.*?)"""', "", body)
    return re.sub(r'"[^"\n]*"', '""', re.sub(r"#.*", "", without_docstrings))


def _squeezed(body: str) -> str:
    """Two blank lines before a definition, at most two in a row, and one line end at the end."""
    lead = "\n\n" if body.lstrip("\n").startswith(("def ", "class ")) else "\n"
    return re.sub(r"\n{4,}", "\n\n\n", lead + body.strip("\n") + "\n")
