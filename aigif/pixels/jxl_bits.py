"""Bits and variable-length numbers of a JPEG XL codestream (ISO/IEC 18181-1, annex B)."""

from __future__ import annotations

from aigif.pixels.coder import corrupt


class Bits:
    """Reads a codestream bit by bit, the least significant bit of each byte first."""

    def __init__(self, payload: bytes, at: int) -> None:
        """Starts at byte `at`."""
        self._payload = payload
        self._at = 8 * at

    @property
    def byte(self) -> int:
        """The byte that the next bit is in."""
        return self._at // 8

    def take(self, width: int) -> int:
        """The next `width` bits as a number. Raises CorruptError past the end."""
        end = self._at + width
        if end > 8 * len(self._payload):
            raise corrupt("jxl", "it is cut", len(self._payload))
        window = int.from_bytes(self._payload[self._at // 8 : (end + 7) // 8], "little")
        value = window >> self._at % 8 & (1 << width) - 1
        self._at = end
        return value

    def pick(self, *forms: tuple[int, int]) -> int:
        """U32: two bits choose a form of (bits, offset)."""
        width, offset = forms[self.take(2)]
        return offset + self.take(width)

    def zero(self, width: int, problem: str) -> None:
        """Takes `width` bits. Raises CorruptError with `problem` unless all are zero."""
        at = self.byte
        if self.take(width):
            raise corrupt("jxl", problem, at)

    def align(self) -> None:
        """Goes to the next whole byte. Raises CorruptError unless the bits before it are zero."""
        self.zero(-self._at % 8, "the bits before a whole byte are not zero")

    def skip(self, length: int) -> None:
        """Goes `length` bytes on. Raises CorruptError past the end."""
        self._at += 8 * length
        if self._at > 8 * len(self._payload):
            raise corrupt("jxl", "it is cut", len(self._payload))
