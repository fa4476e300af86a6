"""`aigif info` without options that need more: prints the overview of files.

Imports neither click nor anything that is slow to import.
"""

from __future__ import annotations

from aigif._gen import meta
from aigif.cli.files import read_input, shown_name
from aigif.cli.terminal import bold, complain, dim, emit, visible
from aigif.errors import AigifError
from aigif.inspection import Overview, overview

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["show"]


def show(names: Sequence[str], *, every: bool = False) -> int:
    """Print the overview of each file, `-` being stdin; gives the highest exit code."""
    worst = 0
    for at, name in enumerate(names):
        try:
            text = _as_text(name, overview(read_input(name), every=every))
        except AigifError as error:
            error.file = error.file or shown_name(name)
            worst = max(worst, complain(error))
            continue
        emit(f"\n{text}" if at else text)
    return worst


def _as_text(name: str, found: Overview) -> str:
    shown = visible(shown_name(name))
    lines = [f"{bold(shown)}: {found.size} bytes, {found.profile} profile, AIGIF {meta.SCHEMA_VERSION}"]
    rows = [row for block in found.blocks for row in block.rows]
    width = max([2 * row.depth + len(row.name) for row in rows], default=0)
    for block in found.blocks:
        lines += ["", bold(block.title)]
        for row in block.rows:
            named = f"{'  ' * row.depth}{row.name}"
            value = visible(row.value)
            remark = dim(f"({visible(row.note)})") if row.note else ""
            lines.append(f"  {named:<{width}}  {value}{'  ' if value and remark else ''}{remark}".rstrip())
    lines += ["", f"{bold('Recreation')}: {visible(found.recreation)}"]
    return "\n".join(lines)
