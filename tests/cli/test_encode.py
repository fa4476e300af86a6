"""`aigif encode`: from JSON and from pictures, one file and many."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

import aigif
from aigif import file, pixels, text
from aigif._gen.container import METADATA_SECTION, PIXELS_SECTION
from aigif.importers import keeping
from tests.cli.calls import call, on_terminal, spawn
from tests.cli.conftest import INFOTEXT
from tests.helpers import typical

ELEMENTS = {
    "model": {"model_id": "stable-diffusion-v1-5", "scheduler": "euler-a"},
    "data": {"prompt": "a red house", "seed": 7, "steps": 30},
}


def write(path: Path, elements: object = ELEMENTS) -> Path:
    path.write_text(json.dumps(elements))
    return path


def test_json_to_a_file_beside_it(tmp_path: Path) -> None:
    found = call("encode", write(tmp_path / "house.json"))
    assert found.code == 0
    made = aigif.load(tmp_path / "house.aigif")
    assert made.data.prompt == "a red house"
    assert (made.model.scheduler, made.data.seed) == (aigif.Scheduler.EULER_A, 7)
    assert f"-> {tmp_path / 'house.aigif'}: " in found.text


def test_a1111_picture(a1111_png: Path, picture: Image.Image) -> None:
    found = call("encode", a1111_png, "--json")
    assert found.code == 0
    made = aigif.load(a1111_png.with_suffix(".aigif"))
    assert made.data.prompt == "a lighthouse on a cliff at dusk"
    assert (made.data.width, made.data.height, made.data.seed) == (32, 24, 829557441)
    assert made.verification.pixel_hash == pixels.pixel_hash(picture)[:8]
    assert [section.id for section in made.sections] == [METADATA_SECTION]
    (block,) = keeping.blocks_of(made).blocks
    assert block.data == b"parameters\0" + INFOTEXT.encode()
    report = found.json
    assert report["bytes_in"] == a1111_png.stat().st_size
    assert report["bytes"] == a1111_png.with_suffix(".aigif").stat().st_size
    assert report["tool"] == "a1111"
    assert report["metadata_bytes"] > 100
    assert (report["grade"], report["missing"], report["pixels"]) == ("exact", [], None)


@pytest.mark.parametrize("compressor", ["png", "webp", "jxl"])
def test_pixels_are_saved_on_request(a1111_png: Path, picture: Image.Image, compressor: str) -> None:
    if compressor == "jxl":
        pytest.importorskip("pillow_jxl", reason="the jxl extra is not installed")
    made = aigif.loads(call("encode", a1111_png, "-o", "-", "--pixels", compressor).out)
    payload = file.section(made, PIXELS_SECTION)
    assert payload is not None
    back = pixels.decode(payload, made.compression.pixel_compressor, 32 * 24)
    assert back.tobytes() == picture.tobytes()
    assert made.data.completeness != aigif.Completeness.MISSING


def test_hash_and_preview_are_options(a1111_png: Path) -> None:
    bare = aigif.loads(call("encode", a1111_png, "-o", "-", "--hash-bytes", 0).out)
    assert bare.verification.pixel_hash == b"" and bare.verification.preview == b""
    full = aigif.loads(call("encode", a1111_png, "-o", "-", "--hash-bytes", 32, "--preview").out)
    assert len(full.verification.pixel_hash) == 32 and full.verification.preview


def test_a_picture_without_metadata_keeps_its_pixels(
    plain_png: Path, picture: Image.Image, tmp_path: Path
) -> None:
    found = call("encode", plain_png)
    assert found.code == 0
    assert "its pixels are saved instead (webp)" in found.err
    made = aigif.load(plain_png.with_suffix(".aigif"))
    assert made.data.completeness == aigif.Completeness.MISSING
    again = tmp_path / "again.png"
    shown = call("recreate", plain_png.with_suffix(".aigif"), "-o", again)
    assert shown.code == 0 and "bit-exact" in shown.text
    with Image.open(again) as back:
        assert back.convert("RGB").tobytes() == picture.tobytes()


def test_pixels_that_can_not_be_decoded_only_lose_the_hash(a1111_png: Path) -> None:
    data = a1111_png.read_bytes()
    at = data.index(b"IDAT")
    a1111_png.write_bytes(data[: at + 10] + bytes(4) + data[at + 14 :])
    found = call("encode", a1111_png)
    assert found.code == 0
    assert "neither they nor their hash is recorded" in found.err
    assert aigif.load(a1111_png.with_suffix(".aigif")).verification.pixel_hash == b""
    assert call("encode", a1111_png, "--force", "--pixels", "png").code == 3


def test_text_and_profile(tmp_path: Path) -> None:
    path = write(tmp_path / "house.json")
    names = [aigif.TextCompressor(code).name.lower() for code in text.available()]
    assert {"none", "zlib", "deflate", "prompt", "deflate_dictionary"} == set(names)
    for name in names:
        made = aigif.loads(call("encode", path, "-o", "-", "--text", name).out)
        assert made.compression.text_compressor == aigif.TextCompressor[name.upper()]
    smallest = min(len(call("encode", path, "-o", "-", "--text", name).out) for name in names)
    assert len(call("encode", path, "-o", "-").out) == smallest
    paper = call("encode", path, "-o", "-", "--profile", "paper").out
    assert paper[4] == 0x10 and aigif.loads(paper).data.prompt == "a red house"


def test_the_paper_profile_picks_its_smallest_text(tmp_path: Path) -> None:
    long = {"data": {"prompt": "a red house, " * 40}}
    path = write(tmp_path / "long.json", long)
    sizes = {
        name: len(call("encode", path, "-o", "-", "--profile", "paper", "--text", name).out)
        for name in ("none", "zlib", "deflate", "auto")
    }
    assert sizes["auto"] == min(sizes.values()) < sizes["none"]


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ({"data": {"seed": "x"}}, "data.seed: 'x' is not of the type uint"),
        ({"data": {"sed": 1}}, "data.sed: there is no such element"),
        ({"dat": {}}, "dat: there is no such group"),
        ({"model": {"scheduler": "eulr"}}, "model.scheduler: 'eulr' is not a listed name"),
        ({"data": {"steps": 70000}}, "data.steps: 70000 is not a whole number"),
        ([], "[] is not a JSON object"),
    ],
)
def test_json_that_no_file_can_hold(tmp_path: Path, elements: object, message: str) -> None:
    path = write(tmp_path / "bad.json", elements)
    found = call("encode", path)
    assert found.code == 2
    assert message in found.err and "bad.json" in found.err
    assert not path.with_suffix(".aigif").exists()


def test_other_inputs_are_refused(tmp_path: Path, picture: Image.Image) -> None:
    picture.save(tmp_path / "a.bmp")
    aigif.save(typical(), tmp_path / "a.aigif")
    for name in ("a.bmp", "a.aigif"):
        found = call("encode", tmp_path / name, "-o", tmp_path / "out.aigif")
        assert found.code == 2 and "neither JSON of the elements nor a PNG" in found.err
    found = call("encode", write(tmp_path / "a.json"), "--pixels", "png", "--force")
    assert found.code == 2 and "JSON brings no picture" in found.err


def test_an_output_is_overwritten_only_by_force(tmp_path: Path) -> None:
    path = write(tmp_path / "house.json")
    (tmp_path / "house.aigif").write_bytes(b"mine")
    found = call("encode", path)
    assert found.code == 2 and "is there already" in found.err
    assert (tmp_path / "house.aigif").read_bytes() == b"mine"
    assert call("encode", path, "--force").code == 0
    assert aigif.load(tmp_path / "house.aigif").data.seed == 7


def test_folders_keep_their_shape_and_bad_files_do_not_stop_the_rest(tmp_path: Path, a1111_png: Path) -> None:
    inside = tmp_path / "in" / "deep"
    inside.mkdir(parents=True)
    write(tmp_path / "in" / "a.json")
    write(tmp_path / "in" / "b.json", {"data": {"seed": -1}})
    (inside / "c.png").write_bytes(a1111_png.read_bytes()[:60])
    (inside / "d.PNG").write_bytes(a1111_png.read_bytes())
    (inside / "notes.txt").write_text("not read")
    output = tmp_path / "out"
    found = call("encode", tmp_path / "in", "-o", f"{output}/", "--json")
    assert found.code == 3  # the cut PNG; the bad seed alone would be 2
    made = sorted(str(path.relative_to(output)) for path in output.rglob("*.aigif"))
    assert made == ["a.aigif", "deep/d.aigif"]
    assert len(found.text.splitlines()) == 2
    errors = [json.loads(line)["error"]["file"] for line in found.err.splitlines()]
    assert sorted(Path(name).name for name in errors) == ["b.json", "c.png"]


def test_several_inputs_need_a_folder(tmp_path: Path) -> None:
    files = [write(tmp_path / "a.json"), write(tmp_path / "b.json")]
    found = call("encode", *files, "-o", tmp_path / "out.aigif")
    assert found.code == 2 and "one output for several inputs" in found.err
    assert call("encode", *files).code == 0
    assert (tmp_path / "a.aigif").exists() and (tmp_path / "b.aigif").exists()


def test_two_inputs_never_share_an_output(tmp_path: Path, a1111_png: Path) -> None:
    write(tmp_path / "a1111.json")
    found = call("encode", a1111_png, tmp_path / "a1111.json", "--force")
    assert found.code == 2 and "is already that of" in found.err
    assert aigif.load(tmp_path / "a1111.aigif").data.seed == 829557441


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    assert "nothing to do" in call("encode", tmp_path).err


def test_pipes(a1111_png: Path, tmp_path: Path) -> None:
    made = spawn("encode", "-", stdin=a1111_png.read_bytes())
    assert made.code == 0 and aigif.loads(made.out).data.seed == 829557441
    assert "<stdin> -> <stdout>: " in made.err
    report = spawn("encode", "-", "--json", stdin=a1111_png.read_bytes())
    assert json.loads(report.err)["output"] == "<stdout>"
    into = spawn("encode", "-", "-o", tmp_path, stdin=json.dumps(ELEMENTS).encode())
    assert into.code == 0 and (tmp_path / "stdin.aigif").exists()


def test_no_bar_in_pipes_and_a_bar_needs_a_terminal(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{n}.json") for n in range(3)]
    found = on_terminal("encode", *files)  # stderr is a pipe there
    assert found.code == 0 and found.err == ""
    assert len(found.out.splitlines()) == 3


def test_an_input_is_never_replaced_by_what_is_made_of_it(a1111_png: Path, tmp_path: Path) -> None:
    before = a1111_png.read_bytes()
    link = tmp_path / "link.aigif"
    link.symlink_to(a1111_png)
    for target in (a1111_png, link):
        found = call("encode", a1111_png, "-o", target, "--force")
        assert found.code == 2
        assert a1111_png.read_bytes() == before


def test_keep_elements_leaves_out_what_recreation_does_not_need(a1111_png: Path) -> None:
    everything = aigif.loads(call("encode", a1111_png, "-o", "-").out)
    needed = aigif.loads(call("encode", a1111_png, "-o", "-", "--keep", "elements").out)
    assert needed.sections == () and needed.data.extra == ()
    assert needed == everything.replace(
        sections=(),
        data=everything.data.replace(extra=()),
        compression=needed.compression,
        coded_text=needed.coded_text,
    )


def infotext_png(path: Path, image: Image.Image, text: str) -> Path:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("parameters", text)
    image.save(path, pnginfo=texts)
    return path


def test_auto_keeps_the_pixels_of_what_can_not_be_recreated_exactly(
    tmp_path: Path, picture: Image.Image
) -> None:
    text = INFOTEXT.replace("Size: 32x24", "Size: 32x24, Denoising strength: 0.5")
    path = infotext_png(tmp_path / "img2img.png", picture, text)
    found = call("encode", path, "--json")
    assert found.json["grade"] == "not recreatable" and found.json["missing"]
    made = aigif.load(path.with_suffix(".aigif"))
    payload = file.section(made, PIXELS_SECTION)
    assert payload is not None
    back = pixels.decode(payload, made.compression.pixel_compressor, 32 * 24)
    assert back.tobytes() == picture.tobytes()
    dropped = aigif.loads(call("encode", path, "--pixels", "none", "-o", "-").out)
    assert file.section(dropped, PIXELS_SECTION) is None


@pytest.mark.parametrize("ending", ["jpg", "webp", "avif"])
def test_other_picture_formats(tmp_path: Path, picture: Image.Image, ending: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + INFOTEXT.encode("utf-16-be")
    path = tmp_path / f"picture.{ending}"
    picture.save(path, exif=exif.tobytes())
    found = call("encode", path, "--json")
    assert found.code == 0, found.err
    made = aigif.load(path.with_suffix(".aigif"))
    assert (made.data.prompt, made.data.seed) == ("a lighthouse on a cliff at dusk", 829557441)
    (block,) = keeping.blocks_of(made).blocks
    assert block.kind == "EXIF" and INFOTEXT.encode("utf-16-be") in block.data


def test_many_files_in_processes_with_a_report(tmp_path: Path, picture: Image.Image) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for number in range(5):
        text = INFOTEXT.replace("829557441", str(number))
        infotext_png(tmp_path / "in" / f"{number}.png", picture, text)
    infotext_png(tmp_path / "in" / "deep" / "5.png", picture, INFOTEXT)
    (tmp_path / "in" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n and nothing more")
    report, out = tmp_path / "report.jsonl", tmp_path / "out"
    found = call("encode", tmp_path / "in", "-r", "-o", out, "--jobs", 2, "--resume", "--report", report)
    assert found.code == 3
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert [Path(line["file"]).name for line in lines] == [*(f"{n}.png" for n in range(5)), "bad.png", "5.png"]
    assert lines[5]["error"]["exit_code"] == 3
    assert {line["grade"] for line in lines if "error" not in line} == {"exact"}
    assert [aigif.load(out / f"{n}.aigif").data.seed for n in range(5)] == list(range(5))
    assert (out / "deep" / "5.aigif").exists()
    (out / "3.aigif").unlink()
    again = call("encode", tmp_path / "in", "-r", "-o", out, "--jobs", 2, "--resume", "--report", report)
    assert "5 of 7 files are there already" in again.err
    assert len(report.read_text().splitlines()) == 9
    assert aigif.load(out / "3.aigif").data.seed == 3


def test_flat_leaves_out_folders_in_folders(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    write(tmp_path / "in" / "a.json")
    write(tmp_path / "in" / "deep" / "b.json")
    assert call("encode", tmp_path / "in", "--flat").code == 0
    assert [path.name for path in tmp_path.rglob("*.aigif")] == ["a.aigif"]
