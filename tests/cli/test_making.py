"""`aigif generate`, `recreate` and `verify` with a real, tiny model."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import aigif
from aigif import pixels
from aigif.cli.common import Bar
from aigif.cli.making import name_of
from tests.cli.calls import call
from tests.runtime import tiny

PROMPT = "a red house at dusk"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_sd(tmp_path_factory.mktemp("cli") / "tiny")


@pytest.fixture(scope="module")
def made(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file and its PNG that `aigif generate` wrote."""
    path = tmp_path_factory.mktemp("made") / "dusk.aigif"
    found = call(
        "generate", PROMPT, "--model", model, "--seed", 7, "--steps", 2, "--width", 64, "--height", 64,
        "--scheduler", "euler-a", "--threads", 1, "--png", "-o", path, "--json",
    )  # fmt: skip
    assert found.code == 0, found.err
    report = found.json
    assert report["bytes"] == path.stat().st_size
    assert report["png_bytes"] == path.with_suffix(".png").stat().st_size
    assert report["ratio"] == round(report["png_bytes"] / report["bytes"], 3)
    assert (report["width"], report["height"], report["seed"]) == (64, 64, 7)
    return path


def test_generate_records_what_was_asked_for(made: Path) -> None:
    held = aigif.load(made)
    assert (held.data.prompt, held.data.seed, held.data.steps) == (PROMPT, 7, 2)
    assert held.model.scheduler == aigif.Scheduler.EULER_A
    with Image.open(made.with_suffix(".png")) as image:
        assert pixels.pixel_hash(image).startswith(held.verification.pixel_hash)
    assert len(held.verification.pixel_hash) == 8


def test_recreate_is_bit_exact(made: Path, model: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.png"
    found = call("recreate", made, "--model", model, "-o", again, "--strict")
    assert found.code == 0, found.err
    assert f"{again}: 64 x 64 pixels; bit-exact" in found.text
    assert "the same pixels are expected, bit for bit" in found.err
    with Image.open(again) as image, Image.open(made.with_suffix(".png")) as original:
        assert image.tobytes() == original.tobytes()


def test_a_picture_as_a_tool_draws_it(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "tool.aigif"
    found = call(
        "generate", "a (red:1.2) house", "--model", model, "--steps", 4, "--seed", 1, "--threads", 1,
        "--width", 64, "--height", 64, "--dialect", "a1111", "--noise", "nv", "--variation-seed", 3,
        "--hires", 1.5, "--hires-upscaler", "Lanczos", "--tiling", "-o", path,
    )  # fmt: skip
    assert found.code == 0, found.err
    held = aigif.load(path)
    assert (held.model.prompt_dialect, held.platform.noise_source) == (1, 2)
    assert held.data.hires is not None and held.data.hires.form == 1
    assert held.data.variation is not None and held.data.variation.seed == 3
    assert held.data.tiling and held.verification.picture_width == 96
    assert call("recreate", path, "--model", model, "-o", tmp_path / "again.png", "--strict").code == 0


def test_many_files_load_their_model_once(
    made: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aigif.runtime import warm

    loaded = []

    def load(*arguments: Any) -> Any:
        loaded.append(arguments)
        return load_pipeline(*arguments)

    load_pipeline = warm.load_pipeline
    monkeypatch.setattr(warm, "load_pipeline", load)
    album, out = tmp_path / "album", tmp_path / "out"
    album.mkdir()
    for name in ("one", "two", "three"):
        (album / f"{name}.aigif").write_bytes(made.read_bytes())
    (album / "broken.aigif").write_bytes(made.read_bytes()[:-1])
    found = call("recreate", album, "--model", model, "-o", f"{out}/")
    assert found.code == 3
    assert found.text.count("bit-exact") == 3
    assert "broken.aigif" in found.err
    assert len(loaded) == 1
    (out / "two.png").unlink()
    (album / "broken.aigif").unlink()
    found = call("recreate", album, "--model", model, "-o", f"{out}/", "--resume", "--json")
    assert found.code == 0, found.err
    assert found.json["grade"] == "bit-exact"
    assert found.json["output"].endswith("two.png")
    assert (
        call("recreate", album, "--model", model, "-o", f"{out}/", "--resume").err
        == "aigif: every picture is there already\n"
    )


def test_a_look_at_the_work_in_progress(made: Path, model: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen.png"
    target = tmp_path / "again.png"
    long = tmp_path / "long.aigif"
    assert call("edit", made, "--set", "steps=5", "--forget-picture", "-o", long).code == 0
    assert call("recreate", long, "--model", model, "-o", target, "--watch", seen, "--low-memory").code == 0
    with Image.open(seen) as small:
        assert small.size == (64, 64)


def test_recreate_to_a_pipe(made: Path, model: Path) -> None:
    found = call("recreate", "-", "--model", model, "--json", stdin=made.read_bytes())
    assert found.code == 0
    assert found.out.startswith(b"\x89PNG")
    report = json.loads(found.err.splitlines()[-1])
    assert (report["output"], report["grade"], report["source"]) == ("<stdout>", "bit-exact", "model")


def test_verify_by_the_model(made: Path, model: Path) -> None:
    found = call("verify", made, "--model", model, "--json")
    assert found.code == 0
    report = found.json
    assert (report["grade"], report["exit_code"]) == ("bit-exact", 0)
    assert report["differences"] == []


def test_verify_finds_a_changed_seed(made: Path, model: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.aigif"
    assert call("edit", made, "--set", "seed=8", "-o", other).code == 0
    found = call("verify", other, "--model", model, "--against", made.with_suffix(".png"), "--json")
    assert found.code == 1
    report = found.json
    assert report["grade"] == "different"
    assert report["psnr_db"] < 40


def test_verify_against_the_original(made: Path) -> None:
    png = made.with_suffix(".png")
    assert call("verify", made, png, "--against", png).code == 0
    assert "bit-exact" in call("verify", made, "-", stdin=png.read_bytes()).text


def test_a_faint_change_is_the_same_picture_unless_strict(made: Path, tmp_path: Path) -> None:
    with Image.open(made.with_suffix(".png")) as image:
        changed = image.copy()
    red, green, blue = changed.getpixel((5, 5))  # type: ignore[misc]
    changed.putpixel((5, 5), (red ^ 1, green, blue))
    changed.save(tmp_path / "changed.png")
    arguments = ("verify", made, tmp_path / "changed.png", "--against", made.with_suffix(".png"))
    assert call(*arguments).code == 0
    assert "same picture (PSNR" in call(*arguments).text
    assert call(*arguments, "--strict").code == 1


def test_an_adapter_is_named_or_kept(model: Path, tmp_path: Path) -> None:
    lora = tiny.save_lora(model, tmp_path / "style.safetensors")
    asked = ("generate", PROMPT, "--model", model, "--seed", 7, "--steps", 1, "--threads", 1)
    adapter = ("--adapter", lora, "--adapter-weight", 0.5)
    named, kept = tmp_path / "named.aigif", tmp_path / "kept.aigif"
    for path, more in ((named, ()), (kept, ("--save-adapter", "int8"))):
        found = call(*asked, *adapter, *more, "-o", path)
        assert found.code == 0, found.err
    assert aigif.load(named).model.adapters == aigif.load(kept).model.adapters
    assert aigif.load(named).model.adapters[0].weight == 0.5
    again = ("--model", model, "-o", tmp_path / "again.png", "--force", "--strict")
    assert call("recreate", kept, *again).code == 0
    missing = call("recreate", named, *again)
    assert missing.code == 5 and "--adapter FILE" in missing.err
    assert call("recreate", named, "--adapter", lora, *again).code == 0
    assert call(*asked, "--save-adapter", "none", "-o", tmp_path / "x.aigif").code == 2


def test_another_model_is_5(made: Path, tmp_path: Path) -> None:
    other = tiny.save_sd(tmp_path / "other", seed=1)
    found = call("recreate", made, "--model", other, "-o", tmp_path / "x.png")
    assert found.code == 5
    assert "the weights are not those that the file names" in found.err
    assert not (tmp_path / "x.png").exists()


def test_over_the_cost_cap_is_4(made: Path, model: Path, tmp_path: Path) -> None:
    found = call("recreate", made, "--model", model, "--max-cost", 0, "-o", tmp_path / "x.png")
    assert found.code == 4 and "--max-cost" in found.err


def test_an_output_that_is_there_is_refused_before_the_model_runs(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ran(*_: object, **__: object) -> None:
        raise AssertionError("the model ran")

    monkeypatch.setattr("aigif.runtime.generate.generate", ran)
    monkeypatch.setattr("aigif.runtime.recreate.recreate", ran)
    assert call("generate", "x", "-o", made).code == 2
    assert call("generate", "x", "-o", made.with_name("new.aigif")).code == 1  # `ran` shows itself
    png = made.with_suffix(".png")
    assert call("generate", "x", "--png", "-o", png.with_suffix(".other")).code == 2
    assert call("recreate", made).code == 2
    assert call("generate", "x", "-o", made.parent / "missing" / "new.aigif").code == 2
    assert call("recreate", made, "-o", made.parent / "missing" / "new.png").code == 2


def test_an_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("aigif.runtime.generate.generate", interrupt)
    monkeypatch.chdir(tmp_path)
    assert call("generate", "a house", "--png").code == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A lighthouse, at DUSK!", "a-lighthouse-at-dusk"),
        ("../../etc/passwd\x00", "etc-passwd"),
        ("灯台", "picture"),
        ("", "picture"),
        ("word " * 20, "word-word-word-word-word-word-word-word"),
    ],
)
def test_names_from_prompts(prompt: str, name: str) -> None:
    assert name_of(prompt) == name


def test_prompt_from_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    def take(prompt: str, **_: Any) -> None:
        taken.append(prompt)
        raise KeyboardInterrupt

    monkeypatch.setattr("aigif.runtime.generate.generate", take)
    call("generate", "-", "-o", tmp_path / "x.aigif", stdin="灯台\n".encode())
    assert taken == ["灯台"]
    assert call("generate", "-", "-o", tmp_path / "x.aigif", stdin=b"\xff").code == 2


def test_the_bar_is_drawn_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for terminal in (False, True):
        monkeypatch.setattr(sys.stderr, "isatty", lambda terminal=terminal: terminal)
        bar = Bar()
        bar.start(3, "steps\x1b[31m")
        for step in (1, 2, 3):
            bar.step(step)
        bar.done()
        shown = capsys.readouterr()
        assert shown.out == ""
        assert ("steps" in shown.err) == terminal
        assert "\x1b[31m" not in shown.err
    assert "100%" in shown.err
