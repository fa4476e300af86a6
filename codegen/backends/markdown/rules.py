"""The canonical rules, by name: one value, one file."""

from __future__ import annotations

RULES: tuple[tuple[str, str], ...] = (
    ("SHORTEST_LENGTH", "A LEB128 length has its shortest form, of at most 9 bytes."),
    ("SECTION_ORDER", "Sections stand in ascending order of their ids, each id at most once."),
    ("LAST_SECTION", "The last section, and no other, has the `last` bit; nothing follows the CRC-32."),
    ("SECTION_FLAGS", "A section of this version has the flags of the table of sections."),
    (
        "SECTION_PRESENCE",
        "A section of this version is there exactly when the table of sections says so.",
    ),
    ("ROOT_END", "A root bundle does not end in a zero byte."),
    ("BUNDLE_END", "The last bit of a delimited bundle is 1, unless its length is 0."),
    ("ZERO_FILL", "Bits that fill a record up to a whole byte are zero."),
    ("NO_CODED_DEFAULT", "After a presence bit of 1 stands a value that is not the default."),
    (
        "CONDITION",
        "An element whose condition does not hold has no bits in a bundle, and its default in a record.",
    ),
    (
        "FIRST_ALTERNATIVE",
        "A pick code uses the first of its alternatives that gives the value back exactly.",
    ),
    ("SHORTEST_SIZE", "A size has the shortest of its four forms."),
    ("NO_NEGATIVE_ZERO", "No number is NaN, infinite or negative zero."),
    (
        "STRING_COUNT",
        "A delimited bundle takes exactly as many strings as it says, and the root bundle takes all; "
        "strings that no known element takes belong to a tail.",
    ),
    ("NO_EMPTY_STRING", "A string that is coded as present is not empty."),
    ("TEXT_ESCAPES", "In joined text, `01` is followed by `01` or `02`."),
    (
        "COMPRESSED_TEXT",
        "The one freedom: compressors may differ in the bytes that they make, so any valid stream of the "
        "compressor that the file names is accepted, and kept while its strings are unchanged.",
    ),
)

NUMBERS = {name: f"R{at}" for at, (name, _) in enumerate(RULES, 1)}
