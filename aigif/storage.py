"""Files on disk: read, and written in one step."""

from __future__ import annotations

from aigif import file
from aigif._gen import container
from aigif._gen.types import Aigif
from aigif.atomic import read_bytes, write_bytes
from aigif.errors import AigifError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os


def load(
    path: str | os.PathLike[str],
    *,
    max_pixel_payload: int = container.PIXEL_PAYLOAD_BYTES,
    max_weight_payload: int = container.WEIGHT_PAYLOAD_BYTES,
) -> Aigif:
    """Read an .aigif file; complaints name it.

    Raises FileAccessError, CorruptError or LimitError. The caps are in bytes.
    """
    most = container.FILE_BYTES + container.METADATA_PAYLOAD_BYTES + max_pixel_payload + max_weight_payload
    data = read_bytes(path, most)
    try:
        return file.loads(data, max_pixel_payload=max_pixel_payload, max_weight_payload=max_weight_payload)
    except AigifError as error:
        error.file = str(path)
        raise


def save(aigif: Aigif, path: str | os.PathLike[str], *, profile: str = "compact") -> int:
    """Write an .aigif file in one step, so that no reader ever sees half of it; gives its size in bytes.

    Raises ElementError, LimitError or FileAccessError; a file that was there before is then untouched.
    """
    data = file.dumps(aigif, profile=profile)
    write_bytes(path, data)
    return len(data)
