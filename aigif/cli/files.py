"""Inputs and outputs of commands: files, `-` for pipes, folders of files."""

from __future__ import annotations

import os
import sys

from aigif._gen import container
from aigif.atomic import access_error, read_bytes, write_bytes
from aigif.errors import FileAccessError, LimitError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "MOST_AIGIF",
    "check_target",
    "is_folder",
    "make_folder_of",
    "pairs",
    "read_input",
    "shown_name",
    "write_output",
]

STDIN, STDOUT = "<stdin>", "<stdout>"
MOST_AIGIF = (
    container.FILE_BYTES
    + container.PIXEL_PAYLOAD_BYTES
    + container.WEIGHT_PAYLOAD_BYTES
    + container.METADATA_PAYLOAD_BYTES
)


def shown_name(name: str, *, output: bool = False) -> str:
    """The name for messages; `-` is spelled out."""
    return name if name != "-" else STDOUT if output else STDIN


def read_input(name: str, most: int = MOST_AIGIF) -> bytes:
    """The bytes of a file, or of stdin where `name` is `-`. Raises FileAccessError or LimitError."""
    if name != "-":
        return read_bytes(name, most)
    if sys.stdin is None:
        raise FileAccessError("is closed", file=STDIN, hint="name a file")
    data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise LimitError(f"holds more than {most} bytes", file=STDIN)
    return data


def check_target(name: str, force: bool) -> None:
    """Refuse an output that can't or mustn't be written, before any work is done for it."""
    if name == "-":
        if sys.stdout.isatty():
            raise UsageError(
                "binary data does not go to a terminal", file=STDOUT, hint="give -o FILE, or redirect stdout"
            )
        return
    if not force and os.path.lexists(name):
        raise FileAccessError("is there already", file=name, hint="choose another with -o, or add --force")
    if os.path.isdir(name):
        raise FileAccessError("is a folder", file=name, hint="name a file")


def check_folder_of(name: str) -> None:
    """Refuse an output whose folder is not there, before a model is run for it."""
    folder = os.path.dirname(os.path.abspath(name))
    if name != "-" and not os.path.isdir(folder):
        raise FileAccessError("its folder is not there", file=name, hint="make the folder first")


def write_output(name: str, data: bytes, force: bool) -> None:
    """Write a file in one step, or to stdout where `name` is `-`."""
    check_target(name, force)
    if name != "-":
        write_bytes(name, data)
        return
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def pairs(
    sources: Sequence[str], output: str | None, suffix: str, endings: Iterable[str], *, recursive: bool = True
) -> list[tuple[str, str]]:
    """Each input and the output that belongs to it.

    A folder stands for the files in it, and in the folders in it, whose names end in `endings`. The output is named
    like its input, with `suffix`, and stands beside it, or in the folder `output` where there are several inputs or
    `output` is a folder. stdin goes to stdout. With a folder as input, an `output` that is not there is a folder too,
    unless its name ends in `suffix`. Folders in folders are left out where not `recursive`.

    Raises UsageError where `output` can hold only one of several.
    """
    found: list[tuple[str, str]] = []
    for source in sources:
        if source != "-" and os.path.isdir(source):
            found += [(path, os.path.relpath(path, source)) for path in _inside(source, tuple(endings), recursive)]
        else:
            found.append((source, os.path.basename(source)))
    folders = any(source != "-" and os.path.isdir(source) for source in sources)
    new_folder = folders and output is not None and not os.path.lexists(output) and not output.endswith(suffix)
    into_folder = is_folder(output) or (new_folder and output != "-")
    if output is not None and not into_folder:
        if len(found) > 1 or folders:
            raise UsageError(
                "one output for several inputs", file=shown_name(output, output=True), hint="make it a folder"
            )
        return [(source, output) for source, _ in found]
    named = []
    for source, relative in found:
        if source == "-":
            named.append((source, "-" if output is None else os.path.join(output, "stdin" + suffix)))
        else:
            place = source if output is None else os.path.join(output, relative)
            named.append((source, os.path.splitext(place)[0] + suffix))
    return named


def is_folder(output: str | None) -> bool:
    """Whether outputs go into the folder `output`: it is one, or is to be made, as a slash at its end says."""
    return output is not None and output != "-" and (os.path.isdir(output) or output.endswith(os.sep))


def make_folder_of(name: str) -> None:
    """Make the folder that a file stands in, where it is missing. Raises FileAccessError."""
    folder = os.path.dirname(name)
    try:
        os.makedirs(folder or ".", exist_ok=True)
    except OSError as error:
        raise access_error(folder, "can't be made", error) from error


def _inside(folder: str, endings: tuple[str, ...], recursive: bool) -> list[str]:
    paths = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        if not recursive:
            folders.clear()
        paths += [os.path.join(place, name) for name in sorted(names) if name.lower().endswith(endings)]
    return paths
