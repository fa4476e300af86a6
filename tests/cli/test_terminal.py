"""What reaches the terminal: no control characters, colour only where it is wanted, no binary."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aigif
from aigif.cli.jsontext import dumps, loads
from aigif.cli.terminal import emit, visible
from aigif.errors import UsageError
from tests.cli.calls import call, on_terminal, spawn
from tests.helpers import typical

HOSTILE = (
    "red\x1b[31m \x1b]0;title\x07 \x08\x08\x7f line\nseed  7\r\tback \x9b2J \x85 "
    "\u202egnp.exe\u202c \u2066x\u2069 \u200f\u061c\u200b\ufeff \u2028\u2029 \U000e0041 \ud800 \x00 end"
)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    held = typical()
    extra = (aigif.ExtraEntry(key="\x1b[2J", value="\u202e"),)
    held = held.replace(data=held.data.replace(prompt=HOSTILE, extra=extra))
    path = tmp_path / "hostile.aigif"
    aigif.save(held, path)
    return path


def controls(text: str) -> set[str]:
    return {c for c in text if not c.isprintable() and c != "\n"}


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Lu", "Ll", "Nd"])))
def test_visible_leaves_nothing_that_acts(text: str) -> None:
    shown = visible(text)
    assert not controls(shown) and "\n" not in shown


def test_visible_leaves_what_people_write() -> None:
    text = "ein Leuchtturm, 灯台　夕暮れ, \\(film\\), 🏠, no\u00a0break"
    assert visible(text) == text
    assert visible("a\nb\x1b\u202e\U000e0041") == "a\\nb\\x1b\\u202e\\U000e0041"


@pytest.mark.parametrize("arguments", [(), ("--all",), ("--bits",), ("--json",), ("--json", "--bits")])
def test_hostile_texts_are_shown_as_escapes(hostile: Path, arguments: tuple[str, ...]) -> None:
    found = spawn("info", *arguments, hostile)
    assert found.code == 0
    assert not controls(found.text)
    assert "\\u202e" in found.text and "\\u001b" in found.text.replace("\\x1b", "\\u001b")


def test_hostile_text_cannot_fake_a_line(hostile: Path) -> None:
    lines = spawn("info", hostile).text.splitlines()
    assert sum(line.split()[:1] == ["seed"] for line in lines) == 1


def test_json_of_hostile_text_is_the_text(hostile: Path) -> None:
    assert json.loads(spawn("info", "--json", hostile).out)["data"]["prompt"] == HOSTILE


@pytest.mark.parametrize(
    "arguments", [("info",), ("info", "--json"), ("encode",), ("edit", "--set", "seed=1", "-i")]
)
def test_hostile_names_in_messages(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    found = spawn(*arguments, tmp_path / "a\x1b[31m\u202eb")
    assert found.code == 2
    assert not controls(found.err)
    assert "u202e" in found.err


def test_hostile_arguments_in_usage_errors() -> None:
    found = spawn("\x1b[31mbogus")
    assert found.code == 2 and not controls(found.err)


def test_colour_only_on_a_terminal_that_wants_it(lighthouse: Path) -> None:
    assert b"\x1b[1m" in on_terminal("info", lighthouse).out
    assert b"\x1b" not in on_terminal("info", lighthouse, NO_COLOR="1").out
    assert b"\x1b" not in on_terminal("info", lighthouse, TERM="dumb").out
    assert b"\x1b[1m" in on_terminal("info", lighthouse, NO_COLOR="").out
    assert b"\x1b" not in spawn("info", lighthouse).out


def test_terminal_shows_no_escape_of_a_prompt(hostile: Path) -> None:
    shown = on_terminal("info", hostile, NO_COLOR="1").out
    assert not controls(shown.decode().replace("\r\n", "\n"))


@pytest.mark.parametrize("arguments", [("convert",), ("edit", "--set", "seed=1"), ("encode",), ("recreate",)])
def test_binary_does_not_go_to_a_terminal(lighthouse: Path, arguments: tuple[str, ...]) -> None:
    found = on_terminal(*arguments, lighthouse, "-o", "-")
    assert found.code == 2
    assert found.out == b""
    assert "does not go to a terminal" in found.err


def test_encodings_without_the_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    held = io.TextIOWrapper(raw, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", held)
    emit("灯台 ok")
    held.flush()
    assert raw.getvalue() == b"\\u706f\\u53f0 ok\n"


@given(st.text())
def test_json_is_printable_and_comes_back(text: str) -> None:
    written = dumps({"key": text}, indent=2)
    assert not controls(written)
    assert json.loads(written)["key"] == text


@pytest.mark.parametrize(
    "data", [b"{", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"[" * 200_000, b"\xff\xfe\x00\xd8", b"1" * 5000]
)
def test_json_that_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        loads(data, "x.json")
    assert caught.value.file == "x.json"


def test_plain_output_of_call_and_process_agree(lighthouse: Path) -> None:
    assert call("info", lighthouse).out == spawn("info", lighthouse).out
