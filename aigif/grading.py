"""Whether a picture can be recreated from its syntax: exactly, approximately or not, and what is missing."""

from __future__ import annotations

from enum import Enum

from aigif._gen.enums import Completeness, GapKind
from aigif._gen.types import Aigif, Gap

__all__ = ["GRADES", "Grade", "grade", "reasons"]


class Grade(Enum):
    """EXACT: every element that the picture depends on is recorded. APPROXIMATE: a recreation looks like it, and
    differs. NOT_RECREATABLE: something without which it would be another picture is not recorded."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    NOT_RECREATABLE = "not recreatable"


_ORDER = (Grade.EXACT, Grade.APPROXIMATE, Grade.NOT_RECREATABLE)
GRADES: dict[int, Grade] = {
    GapKind.SETTING: Grade.APPROXIMATE,
    GapKind.VALUE: Grade.APPROXIMATE,
    GapKind.SEED: Grade.NOT_RECREATABLE,
    GapKind.PROMPT: Grade.NOT_RECREATABLE,
    GapKind.MODEL: Grade.NOT_RECREATABLE,
    GapKind.CLOSED_MODEL: Grade.NOT_RECREATABLE,
    GapKind.ADAPTER: Grade.APPROXIMATE,
    GapKind.INIT_IMAGE: Grade.NOT_RECREATABLE,
    GapKind.MASK: Grade.NOT_RECREATABLE,
    GapKind.CONTROL_IMAGE: Grade.NOT_RECREATABLE,
    GapKind.REFERENCE_IMAGE: Grade.NOT_RECREATABLE,
    GapKind.POSTPROCESS: Grade.APPROXIMATE,
    GapKind.EXTENSION: Grade.APPROXIMATE,
    GapKind.OPERATION: Grade.NOT_RECREATABLE,
    GapKind.PASSES: Grade.NOT_RECREATABLE,
    GapKind.SIZE: Grade.APPROXIMATE,
    GapKind.RECORD: Grade.NOT_RECREATABLE,
    GapKind.NOISE: Grade.NOT_RECREATABLE,
    GapKind.REGION: Grade.NOT_RECREATABLE,
    GapKind.MODEL_PATCH: Grade.NOT_RECREATABLE,
    GapKind.ANIMATION: Grade.NOT_RECREATABLE,
}


def grade(aigif: Aigif) -> Grade:
    """The worst of the gaps; a partial file that names none is approximate, one without syntax not recreatable."""
    if aigif.data.completeness == Completeness.MISSING:
        return Grade.NOT_RECREATABLE
    found = [of_gap(gap) for gap in aigif.data.gaps]
    if aigif.data.completeness != Completeness.COMPLETE:
        found.append(Grade.APPROXIMATE)
    return max(found, key=_ORDER.index, default=Grade.EXACT)


def of_gap(gap: Gap) -> Grade:
    """The grade of a picture with this gap alone; a kind that this version does not know is the worst."""
    return GRADES.get(gap.kind, Grade.NOT_RECREATABLE)


def reasons(aigif: Aigif) -> tuple[str, ...]:
    """What is missing, in words, in the order in which the file names it."""
    from aigif._gen.tables import gap_kind

    table = gap_kind.TABLE
    found = []
    for gap in aigif.data.gaps:
        words = (
            table[gap.kind].doc.rstrip(".")
            if gap.kind in table
            else f"a gap of the unknown kind {int(gap.kind)}"
        )
        found.append(f"{words} ({gap.name})" if gap.name else words)
    return tuple(found)
