"""Files read within a limit and written all at once: a reader never sees half a file.

Standard library only, and only what the interpreter has loaded anyway: every command imports this.
"""

from __future__ import annotations

import os
import stat

from aigif.errors import FileAccessError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import BinaryIO, TypeAlias

    StrPath: TypeAlias = str | os.PathLike[str]

_HINTS: dict[type[OSError], str] = {
    FileNotFoundError: "check the name and that its folder exists",
    NotADirectoryError: "a part of the path is a file, not a folder",
    IsADirectoryError: "name a file, not a folder",
    PermissionError: "check the permissions of the file and its folder",
}


def read_bytes(path: StrPath, most: int | None) -> bytes:
    """The content of a file of at most `most` bytes; None means no limit.

    The size of a regular file is checked before it is read; a pipe or a device is read until it ends or
    passes the limit. Raises LimitError for a longer file, FileAccessError where it can't be read.
    """
    name = _name_of(path)
    try:
        with open(name, "rb") as file:
            status = os.fstat(file.fileno())
            regular = stat.S_ISREG(status.st_mode)
            if most is not None and regular and status.st_size > most:
                raise _too_large(name, f"{status.st_size} bytes", most)
            data = file.read() if regular or most is None else _read_until(file, most)
    except OSError as error:
        raise access_error(name, "can't be read", error) from error
    if most is not None and len(data) > most:
        raise _too_large(name, f"more than {most} bytes", most)
    return data


def write_bytes(path: StrPath, data: bytes) -> None:
    """Writes a file as `replacing` does. Raises FileAccessError; then the old file is untouched."""
    with replacing(path) as file:
        file.write(data)


class replacing:
    """A context manager that gives a binary file to write, which takes the place of `path` at the end.

    The bytes go to a new file in the same folder, are flushed to the disk, and the file is renamed over
    `path`. After any exception, that one included which leaves the block, the new file is removed and
    `path` is as before. A new file has the permissions of the process's umask, a replaced one keeps its
    own; a symbolic link stays, and what it points at is replaced.

    Raises FileAccessError where `path` is a folder or no regular file, or where the system refuses.
    """

    __slots__ = ("_fd_file", "_target", "_temporary", "name")

    def __init__(self, path: StrPath) -> None:
        self.name = _name_of(path)
        self._target = self.name
        self._temporary = ""
        self._fd_file: BinaryIO | None = None

    def __enter__(self) -> BinaryIO:
        try:
            self._target = os.path.realpath(self.name)
            mode = _mode_of(self._target, self.name)
            folder = os.path.dirname(self._target)
            self._temporary = os.path.join(folder, f".aigif-{os.urandom(8).hex()}.tmp")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
            descriptor = os.open(self._temporary, flags, 0o666)
            try:
                if mode is not None and hasattr(os, "fchmod"):
                    os.fchmod(descriptor, mode)
                self._fd_file = os.fdopen(descriptor, "wb")
            except BaseException:
                os.close(descriptor)
                self._remove()
                raise
        except OSError as error:
            raise access_error(self.name, "can't be written", error) from error
        return self._fd_file

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        file = self._fd_file
        assert file is not None
        try:
            if error is None:
                file.flush()
                os.fsync(file.fileno())
                file.close()
                os.replace(self._temporary, self._target)
                self._temporary = ""
                _sync_folder(os.path.dirname(self._target))
        except OSError as failure:
            raise access_error(self.name, "can't be written", failure) from failure
        finally:
            self._give_up(file)
        # A full disk shows as an OSError of the write inside the block; it names no other file.
        if isinstance(error, OSError) and error.filename is None:
            raise access_error(self.name, "can't be written", error) from error

    def _give_up(self, file: BinaryIO) -> None:
        """Closes the temporary file and removes it, where it is still there."""
        try:
            file.close()
        except OSError:
            pass  # the bytes that close() could not flush are not wanted any more
        self._remove()

    def _remove(self) -> None:
        if self._temporary:
            try:
                os.unlink(self._temporary)
            except OSError:
                pass  # the error that led here is the one to tell
            self._temporary = ""


def access_error(name: str, what: str, error: OSError) -> FileAccessError:
    """The FileAccessError that tells of an OSError: `what` failed for the file `name`."""
    hint = next((text for kind, text in _HINTS.items() if isinstance(error, kind)), None)
    return FileAccessError(f"{what}: {error.strerror or error}", file=name, hint=hint)


def _read_until(file: BinaryIO, most: int) -> bytes:
    """All that a stream holds, or a little more than `most` bytes of it."""
    parts: list[bytes] = []
    length = 0
    while length <= most and (part := file.read(65536)):
        parts.append(part)
        length += len(part)
    return b"".join(parts)


def _name_of(path: StrPath) -> str:
    name = os.fspath(path)
    if not name or "\0" in name:
        raise FileAccessError("no file has such a name", file=repr(name), hint="check the name")
    try:
        os.fsencode(name)
    except UnicodeEncodeError as error:
        raise FileAccessError("the file system can't hold this name", file=repr(name)) from error
    return name


def _mode_of(target: str, name: str) -> int | None:
    """The permissions of the file that will be replaced; None where there is none yet."""
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise FileAccessError("is a folder", file=name, hint="name a file")
    if not stat.S_ISREG(mode):
        raise FileAccessError("is no regular file, so it can't be replaced", file=name, hint="name a file")
    return stat.S_IMODE(mode)


def _sync_folder(folder: str) -> None:
    """Makes the renaming itself last through a power cut, where the system lets a folder be synced."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # some file systems refuse it; the file itself is complete
    finally:
        os.close(descriptor)


def _too_large(name: str, size: str, most: int) -> LimitError:
    return LimitError(
        f"holds {size}; at most {most} are read", file=name, hint="raise the limit if you trust the file"
    )
