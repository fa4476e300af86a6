"""The Kaitai backend: both schemas compile to readers, and what Kaitai would read wrongly is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from codegen.backends import kaitai
from codegen.backends.kaitai import fields
from tests.codegen.backend_cases import SCHEMAS, compiled, generated
from tests.kaitai import readers

NAMES = sorted(SCHEMAS)
LANGUAGES = ("python", "javascript", "java", "rust")


def document(name: str) -> str:
    return generated(name, "kaitai")[f"{name}.ksy"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_kaitai_compiles_it(name: str, language: str) -> None:
    assert any(name in path.lower() for path in readers.compiled(document(name), language))


@pytest.mark.parametrize("name", NAMES)
def test_every_enumeration_and_profile_is_there(name: str) -> None:
    schema, _ = compiled(name)
    held = yaml.safe_load(document(name))
    assert set(held["enums"]) == set(schema.enumerations)
    assert {len(values) for values in held["enums"].values()} == {
        len(enumeration.values) for enumeration in schema.enumerations.values()
    }
    cases = held["seq"][3]["type"]["cases"]
    assert cases == {profile.number: f"{profile.name}_body" for profile in schema.profiles}


def test_a_record_of_the_other_schema() -> None:
    """A telegram by hand: bits, an exp code, two strings, numbers, floats inside bytes."""
    bits = "1" + "010" + "0" + "1" + "0001" + "00110010" + "11111111" + "00000101"
    body = int(bits.ljust(40, "0"), 2).to_bytes(5, "big") + b"\x02ab" + b"\x00\x01c" + (7).to_bytes(4, "big")
    tail = f"{2048 - 5:012b}" + f"{0x42280000:032b}" + f"{0x3FE0000000000000:064b}" + "0000"
    body += int(tail, 2).to_bytes(len(tail) // 8, "big")
    data = b"SKYL" + b"\x19" + body + b"\xa3\x01" + bytes(4)
    (answer,) = readers.by_python(document("skylog"), [data])
    found = answer["found"]
    assert (found["station_text_coder"], found["station_power"], found["weather_sky"]) == (1, 2, 1)
    assert (found["station_panel_watts"], found["station_instrument"]) == (50, 260)
    assert (found["station_name_coded"], found["weather_remark_coded"]) == (b"ab".hex(), b"c".hex())
    assert (found["weather_time"], found["weather_temperature"]) == (7, -5)
    assert found["weather_pressure_pattern_low"] == 0x42280000
    assert answer["sections"] == [[3, True, False, "01"]]


def test_a_string_inside_a_byte_is_refused() -> None:
    schema, layouts = compiled("skylog")
    profile, record = layouts.records[0]
    shifted = tuple(replace(item, align=False) for item in record.fields)
    problems = kaitai.refuse(schema, replace(layouts, records=((profile, replace(record, fields=shifted)),)))
    position = next(
        item.field.element.position for item in record.fields if item.field.path == "station.name"
    )
    assert str(problems[0]) == (
        f"{position}: KAITAI_ALIGNMENT: station.name begins inside a byte, where Kaitai can't read it; "
        "put it after fields that fill whole bytes"
    )
    assert kaitai.refuse(schema, layouts) == []


def test_names() -> None:
    assert [fields.enum_id(name) for name in ("dpmpp-2m", "4x-ultra", "rtx_3060")] == [
        "dpmpp_2m",
        "n_4x_ultra",
        "rtx_3060",
    ]
    assert fields.joined("", "a", "b") == "(a) and (b)" and fields.joined("") == ""
