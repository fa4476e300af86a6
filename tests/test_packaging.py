"""The wheel: what it carries, and that the codec and the command line work without torch."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.helpers import REPOSITORY

TEXT = "a red fox\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x512, Model hash: 6ce0161689"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what git tracks or would track."""
    out = tmp_path_factory.mktemp("wheel")
    source = out / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (REPOSITORY / name).is_file() and not name.startswith(("tests/", "benchmarks/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((REPOSITORY / name).read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_carries_the_javascript_and_no_tools(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    wanted = {"package.json", "js/codec/index.js", "js/codec/index.d.ts", "js/codec/tables/model.js"}
    assert {f"aigif/viewer/{name}" for name in wanted} <= set(names)
    assert not [name for name in names if "node_modules" in name]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an empty environment with the wheel alone."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=True)
    subprocess.run(
        [folder / "bin" / "pip", "install", "--quiet", str(wheel)], check=True, capture_output=True
    )
    return folder / "bin"


def png(text: str) -> bytes:
    """A small PNG with an A1111 text."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = (8).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    rows = zlib.compress(b"".join(b"\0" + bytes(24) for _ in range(8)))
    parts = (b"IHDR", header), (b"tEXt", b"parameters\0" + text.encode()), (b"IDAT", rows), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, body) for kind, body in parts)


def test_the_wheel_carries_code_schema_and_model_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} <= {"aigif", names[-1].split("/")[0]}
    for wanted in ("aigif/py.typed", "aigif/_gen/schema/aigif.yaml", "aigif/_gen/schema/exp/models.yaml"):
        assert wanted in names
    assert any(name.startswith("aigif/runtime/embedded/unet/") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_codec_and_the_command_line_work_without_torch(installed: Path, tmp_path: Path) -> None:
    listed = subprocess.run(
        [installed / "pip", "list"], capture_output=True, text=True, check=True
    ).stdout.lower()
    assert "click" in listed and "pillow" in listed
    assert not any(name in listed for name in ("torch", "diffusers", "construct", "pyyaml", "numpy"))
    (tmp_path / "picture.png").write_bytes(png(TEXT))

    def run(*arguments: str, code: int = 0) -> str:
        done = subprocess.run([installed / "aigif", *arguments], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    run("encode", "picture.png", "-o", "picture.aigif")
    assert (tmp_path / "picture.aigif").stat().st_size < 150
    shown = run("info", "picture.aigif")
    assert "a red fox" in shown
    assert '"prompt": "a red fox"' in run("info", "--json", "picture.aigif")
    assert run("schema").startswith("# The AIGIF format")
    message = run("recreate", "picture.aigif", "-o", "again.png", code=5)
    assert 'pip install "aigif[recreate]"' in message
