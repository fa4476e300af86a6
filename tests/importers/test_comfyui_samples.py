"""The public samples of ComfyUI, where they are beside this repository, against what two other readers expect."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from aigif._gen.tables import model as model_table
from aigif._gen.tables import scheduler as scheduler_table
from aigif.importers.texts import PictureText, TextEntry
from aigif.importers.tools import comfyui

SHARED = Path(os.environ.get("AIGIF_SHARED", Path(__file__).parent.parent.parent.parent / "shared"))
SAMPLES = SHARED / "samples"
pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the public samples are not beside this repository (../shared/samples)"
)
GRAPHS = 90
# sd-metadata prefers the companion text here, which has words of the prompt that the executed graph has not.
NOT_EXECUTED = ("stability-matrix",)


@cache
def pictures() -> dict[str, PictureText]:
    """The samples' texts by path, those with a graph alone."""
    found = {}
    for item in json.loads((SAMPLES / "carriers.json").read_text("utf-8")):
        entries = tuple(
            TextEntry("EXIF" if "EXIF" in e["carrier"] else e["carrier"], e["key"], e["text"], 0, False)
            for e in item["entries"]
        )
        width, height = item["dim"] or (0, 0)
        picture = PictureText(item["format"], width, height, entries)
        if comfyui.evidence(picture) is not None:
            found[item["path"]] = picture
    return found


def expected(suite: str) -> list[dict[str, Any]]:
    cases = json.loads((SAMPLES / "expected.json").read_text("utf-8"))[suite]
    return [case for case in cases if case_path(case) in pictures()]


def case_path(case: dict[str, Any]) -> str:
    return str(case["file"]).replace("tests/resources", "d3x-at_sd-parsers/tests/resources")


def test_every_graph_is_read_and_its_passes_are_found() -> None:
    assert len(pictures()) == GRAPHS
    for path, picture in pictures().items():
        aigif = comfyui.read(picture).aigif
        if "civitai-upscale" not in path:  # a graph that only enlarges
            assert aigif.data.prompt or "image_to_video" in path or "zero_positive" in path, path
            assert aigif.data.steps and (aigif.model.model_name or aigif.model.model_id != 1), path


def test_what_sd_metadata_expects() -> None:
    cases = [
        case for case in expected("sd-metadata") if "comfyui" in case["file"] or "swarmui" in case["file"]
    ]
    assert len(cases) >= 9
    for case in cases:
        want = case["args"][0]
        aigif = comfyui.read(pictures()[case_path(case)]).aigif
        data, sampling = aigif.data, want["sampling"]
        assert (data.prompt, data.width, data.height) == (want["prompt"], want["width"], want["height"]), case
        assert data.negative_prompt.rstrip(" ") == want["negativePrompt"].rstrip(" "), case
        assert (data.seed, data.steps, data.guidance_scale) == (
            sampling["seed"], sampling["steps"], sampling["cfg"]
        )  # fmt: skip
        assert scheduler_table.TABLE.attribute(aigif.model.scheduler, "comfyui") == sampling["sampler"]
        assert aigif.model.sigma_schedule.name.lower() == sampling["scheduler"]
        assert aigif.model.clip_skip == sampling.get("clipSkip", 1)
        assert data.denoising_strength == sampling.get("denoise", 1.0)
        assert aigif.model.model_name == want["model"]["name"].removesuffix(".safetensors")
        if "hires" in want:
            hires = want["hires"]
            assert data.hires is not None and data.hires.denoising_strength == hires["denoise"]
            assert data.hires.scale == hires["scale"]
            assert data.hires.upscaler == hires["upscaler"].removeprefix("model-")


def test_what_sd_parsers_expects() -> None:
    cases = expected("sd-parsers")
    assert len(cases) >= 2
    for case in cases:
        samplers = case["expected"][0][0]
        data, model = (read := comfyui.read(pictures()[case_path(case)]).aigif).data, read.model
        first = samplers[0]
        parameters = first["parameters"]
        assert (data.seed, data.steps, data.guidance_scale) == (
            parameters["seed"], parameters["steps"], parameters["cfg_scale"]
        )  # fmt: skip
        name = scheduler_table.TABLE.attribute(model.scheduler, "comfyui")
        assert name == first["name"].removeprefix("sample_")
        table_name = model_table.TABLE.name_of(model.model_id)
        assert model.model_name or table_name == "stable-diffusion-v1-5"
        for prompt in first["prompts"]:
            assert prompt["value"].strip() in data.prompt
        assert first["negative_prompts"][0]["value"].strip() == data.negative_prompt.strip()
        if len(samplers) > 1:
            second = samplers[1]["parameters"]
            assert data.hires is not None
            assert (data.hires.seed, data.hires.steps) == (second["seed"], second["steps"])
            assert (data.hires.denoising_strength, data.hires.guidance_scale) == (
                second["denoise"], second["cfg_scale"]
            )  # fmt: skip
