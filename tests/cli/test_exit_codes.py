"""Every class of error: its exit code, one line on stderr, or a JSON object."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import aigif
from aigif import errors, file, pictures
from aigif.cli import app, main
from tests.cli.calls import COMMAND, Result, call, environment, spawn
from tests.helpers import resealed, typical


def one_line(found: Result) -> str:
    lines = found.err.splitlines()
    assert len(lines) == 1, found.err
    assert lines[0].startswith("aigif: error: ")
    return lines[0]


def test_failed_is_1(plain_png: Path) -> None:
    found = call("encode", plain_png, "--pixels", "none")
    assert found.code == 1
    assert "plain.png: no generation metadata" in one_line(found)


def test_differs_is_1(plain_png: Path, picture: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "a.aigif"
    aigif.save(pictures.with_picture(typical(), picture), path)
    assert call("verify", path, plain_png).code == 0
    picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(plain_png)
    found = call("verify", path, plain_png)
    assert found.code == 1
    assert found.text.startswith(f"{path}: different; likely cause: ")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("bogus",),
        ("info",),
        ("info", "--bogus", "x"),
        ("info", "missing.aigif"),
        ("info", "."),
        ("schema", "bogus"),
        ("edit", "missing.aigif", "--set", "seed=1"),
        ("edit", "-", "--set", "seed=1", "--in-place"),
        ("encode", "x.json", "--hash-bytes", "33"),
        ("generate", "x", "--seed", "-1"),
        ("generate", "x", "-o", "-", "--png"),
        ("generate", "x", "-o", "x.png", "--png"),
        ("verify", "-", "-"),
    ],
)
def test_usage_is_2(arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(*arguments).code == 2


def test_corrupt_is_3(lighthouse: Path) -> None:
    data = lighthouse.read_bytes()
    for bad in (
        b"",
        b"GIF89a",
        data[:-1],
        data + b"!",
        data[:4] + b"\x21" + data[5:],
        data[:20] + b"\0" + data[21:],
    ):
        found = call("info", "-", stdin=bad)
        assert found.code == 3
        assert "<stdin>, byte" in one_line(found)
    newer = resealed(data[:4] + b"\x21" + data[5:])
    assert "major version 2; update aigif" in one_line(call("info", "-", stdin=newer))


def test_over_a_limit_is_4(picture: Image.Image) -> None:
    held = pictures.with_picture(typical(), picture, pixels=aigif.PixelCompressor.PNG)
    arguments = ("recreate", "-", "--saved-pixels", "--max-pixels")
    assert call(*arguments, 768 * 512, stdin=aigif.dumps(held)).code == 0
    found = call(*arguments, 767, stdin=aigif.dumps(held))
    assert found.code == 4
    assert "767" in one_line(found)


def test_model_not_available_is_5(tmp_path: Path) -> None:
    found = call("generate", "x", "--model", "no-such-model", "-o", tmp_path / "x.aigif")
    assert found.code == 5
    assert "neither a folder nor a model of the table" in one_line(found)


def test_missing_package_is_5(lighthouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("aigif._gen.reference")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("aigif._gen.reference", raising=False)
    monkeypatch.setitem(sys.modules, "construct", None)
    found = call("info", "--bits", lighthouse)
    assert found.code == 5
    assert 'pip install "aigif[inspect]"' in one_line(found)


def test_policy_is_6(tmp_path: Path) -> None:
    index = {"_class_name": ["evil", "Pipeline"], "_diffusers_version": "0.42.1"}
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    found = call("generate", "x", "--model", tmp_path, "-o", tmp_path / "x.aigif")
    assert found.code == 6
    assert "code from a model folder is never run" in one_line(found)


@pytest.mark.parametrize(
    "arguments", [("info", "-"), ("info", "--json", "-"), ("encode", "-"), ("generate", "-")]
)
def test_interrupted_is_130(arguments: tuple[str, ...], tmp_path: Path) -> None:
    started = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=tmp_path,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background job inherits "ignore"
    )  # fmt: skip
    assert started.stdin is not None
    # It waits in the read of stdin once this much is taken: more than a pipe holds.
    started.stdin.write(b"x" * (1 << 18))
    started.stdin.flush()
    time.sleep(0.3)
    started.send_signal(signal.SIGINT)
    _, err = started.communicate(timeout=60)
    assert started.returncode == 130
    assert err.decode().strip() == "aigif: interrupted"
    assert list(tmp_path.iterdir()) == []


def test_interrupted_in_a_command_is_130(lighthouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(file, "loads", interrupt)
    for arguments in (["info", "-"], ["info", "--json", "-"], ["convert", "-", "-o", "-"]):
        found = call(*arguments, stdin=lighthouse.read_bytes())
        assert (found.code, found.err.strip()) == (130, "aigif: interrupted")


def test_errors_as_json(lighthouse: Path) -> None:
    bad = call("info", "--json", "-", stdin=lighthouse.read_bytes()[:-1])
    assert (bad.code, bad.out) == (3, b"")
    assert bad.error["kind"] == "CorruptError"
    assert bad.error["file"] == "<stdin>"
    assert bad.error["exit_code"] == 3
    assert {"message", "hint", "byte"} <= set(bad.error)
    element = call("encode", "--json", "-", stdin=b'{"data": {"seed": -1}}')
    assert element.error["element"] == "data.seed" and element.error["exit_code"] == 2
    usage = call("models", "--json", "--bogus")
    assert usage.error["kind"] == "UsageError" and usage.code == 2


def test_every_error_class_has_a_documented_exit_code() -> None:
    codes = {getattr(errors, name).exit_code for name in errors.__all__}
    assert codes == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize(
    ("arguments", "place"),
    [(("info",), "aigif.cli.overview.overview"), (("info", "--all", "--bits"), "aigif.annotated.annotate")],
)
def test_a_bug_is_one_line_and_1(
    lighthouse: Path, arguments: tuple[str, ...], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, raising(RuntimeError("of a \x1b[31mlibrary")))
    found = call(*arguments, lighthouse)
    assert found.code == 1
    assert "RuntimeError: of a \\x1b[31mlibrary; this is a bug" in one_line(found)
    monkeypatch.setenv("AIGIF_TRACEBACK", "1")
    with pytest.raises(RuntimeError):
        main([*arguments, str(lighthouse)])


def test_other_exceptions(lighthouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aigif.cli.overview.overview", raising(MemoryError()))
    assert call("info", lighthouse).code == 4
    monkeypatch.setattr(
        "aigif.cli.overview.overview", raising(PermissionError(13, "Permission denied", "/x"))
    )
    found = call("info", lighthouse)
    assert found.code == 2
    assert "/x: failed: Permission denied" in one_line(found)


def raising(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_closed_streams(lighthouse: Path) -> None:
    for closed, code in ((">&-", 0), ("2>&-", 0), ("<&-", 0)):
        command = f'{sys.executable} -m aigif info "{lighthouse}" {closed}'
        assert (
            subprocess.run(["sh", "-c", command], env=environment(), capture_output=True).returncode == code
        )
    command = f"{sys.executable} -m aigif info - <&-"
    done = subprocess.run(["sh", "-c", command], env=environment(), capture_output=True)
    assert done.returncode == 2 and b"<stdin>: is closed" in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has /dev/full")
@pytest.mark.parametrize("arguments", [("info",), ("info", "--json"), ("convert", "-o", "-")])
def test_full_disk_behind_stdout(lighthouse: Path, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, *arguments, str(lighthouse)], stdout=full, stderr=subprocess.PIPE, env=environment()
        )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert b"<stdout>" in done.stderr and b"No space left on device" in done.stderr


@pytest.mark.parametrize("arguments", [("info",), ("info", "--json"), ("schema",), ("convert", "-o", "-")])
def test_reader_that_goes_away(lighthouse: Path, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    files = [] if arguments == ("schema",) else [str(lighthouse)]
    try:
        done = subprocess.run(
            [*COMMAND, *arguments, *files], stdout=writing, stderr=subprocess.PIPE, env=environment()
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_help_is_0_and_has_examples() -> None:
    assert call("--help").code == 0
    for name in app.COMMANDS:
        found = call(name, "--help")
        assert found.code == 0
        assert "Examples:" in found.text
        assert f"aigif {name}" in found.text.partition("Examples:")[2]


def test_main_takes_its_words_from_the_process(monkeypatch: pytest.MonkeyPatch, lighthouse: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["aigif", "info", str(lighthouse)])
    assert main() == 0


def test_a_process_ends_with_the_code(lighthouse: Path) -> None:
    assert spawn("info", lighthouse).code == 0
    assert spawn("info", lighthouse, lighthouse.parent).code == 2
    assert json.loads(spawn("info", "--json", lighthouse).out)["data"]["steps"] == 25
