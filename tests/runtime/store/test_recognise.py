"""What a file is, told by its header; hostile headers."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path

import pytest

from aigif.errors import ModelError, PolicyError
from aigif.runtime.store.header import Header, read_header
from aigif.runtime.store.recognise import Kind, Recognised, recognise
from tests.runtime.store import files

Shapes = dict[str, tuple[int, ...]]
UNET = "model.diffusion_model."
FIRST = f"{UNET}input_blocks.0.0.weight"
VAE = {"first_stage_model.decoder.conv_in.weight": (8, 4, 3, 3)}
CLIP = "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight"
SD1: Shapes = {FIRST: (320, 4, 3, 3), CLIP: (77, 768), **VAE}
SD2: Shapes = {FIRST: (320, 4, 3, 3), "cond_stage_model.model.ln_final.bias": (1024,), **VAE}
SDXL: Shapes = {
    FIRST: (320, 4, 3, 3),
    "conditioner.embedders.0.transformer.text_model.final_layer_norm.bias": (768,),
    "conditioner.embedders.1.model.ln_final.bias": (1280,),
    **VAE,
}
REFINER: Shapes = {
    FIRST: (384, 4, 3, 3),
    f"{UNET}label_emb.0.0.weight": (1536, 2560),
    "conditioner.embedders.0.model.ln_final.bias": (1280,),
    **VAE,
}
LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
PEFT = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"


def of(tmp_path: Path, shapes: Shapes, **metadata: str) -> Recognised:
    return recognise(read_header(files.write(tmp_path / "a.safetensors", shapes, **metadata)))


@pytest.mark.parametrize(
    ("shapes", "family", "pipeline"),
    [
        (SD1, "sd1", "StableDiffusionPipeline"),
        (SD2, "sd2", "StableDiffusionPipeline"),
        (SDXL, "sdxl", "StableDiffusionXLPipeline"),
        (REFINER, "sdxl-refiner", "StableDiffusionXLImg2ImgPipeline"),
    ],
)
def test_checkpoints(tmp_path: Path, shapes: Shapes, family: str, pipeline: str) -> None:
    found = of(tmp_path, shapes)
    assert (found.kind, found.family, found.pipeline, found.refused) == (
        Kind.CHECKPOINT,
        family,
        pipeline,
        "",
    )


@pytest.mark.parametrize(
    ("mark", "family"),
    [
        ("double_blocks.0.img_attn.norm.key_norm.scale", "flux1"),
        (f"{UNET}double_blocks.0.img_attn.norm.key_norm.scale", "flux1"),
        (f"{UNET}joint_blocks.0.context_block.adaLN_modulation.1.bias", "sd3"),
    ],
)
def test_transformers(tmp_path: Path, mark: str, family: str) -> None:
    found = of(tmp_path, {mark: (8,)})
    assert (found.kind, found.family, found.refused) == (Kind.DENOISER, family, "")


def test_chroma_is_told_from_flux(tmp_path: Path) -> None:
    flux = "double_blocks.0.img_attn.norm.key_norm.scale"
    assert of(tmp_path, {flux: (8,)}).detail == "schnell"
    assert of(tmp_path, {flux: (8,), "guidance_in.in_layer.bias": (8,)}).detail == "dev"
    assert of(tmp_path, {flux: (8,), "distilled_guidance_layer.in_proj.bias": (8,)}).family == "chroma"


@pytest.mark.parametrize(
    ("width", "family"), [(768, "sd1"), (1024, "sd2"), (2048, "sdxl"), (1280, "sdxl-refiner")]
)
@pytest.mark.parametrize("prefix", [UNET, ""])
def test_a_unet_alone_is_told_by_its_text_width(tmp_path: Path, width: int, family: str, prefix: str) -> None:
    attention = f"{prefix}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
    found = of(tmp_path, {f"{prefix}input_blocks.0.0.weight": (320, 4, 3, 3), attention: (320, width)})
    assert (found.kind, found.family, found.refused) == (Kind.DENOISER, family, "")


@pytest.mark.parametrize(
    ("channels", "what"), [(9, "inpainting"), (8, "image-editing"), (5, "depth"), (7, "upscaler")]
)
def test_models_that_need_a_picture_are_refused(tmp_path: Path, channels: int, what: str) -> None:
    assert what in of(tmp_path, {**SD1, FIRST: (320, channels, 3, 3)}).refused
    assert what in of(tmp_path, {**SDXL, FIRST: (320, channels, 3, 3)}).refused


def test_what_a_checkpoint_lacks(tmp_path: Path) -> None:
    assert "no VAE" in of(tmp_path, {FIRST: (320, 4, 3, 3), CLIP: (77, 768)}).refused
    old = {FIRST: (320, 4, 3, 3), "cond_stage_model.transformer.embeddings.position_ids": (77,), **VAE}
    assert "old version" in of(tmp_path, old).refused
    assert "EDM" in of(tmp_path, {**SDXL, "edm_mean": (4,)}).refused
    scaled = {**SD1, f"{UNET}middle_block.0.scale_weight": ()}
    assert "quantised" in of(tmp_path, scaled).refused


def test_what_a_network_predicts_is_told_where_the_file_tells(tmp_path: Path) -> None:
    assert of(tmp_path, SD2).detail == "prediction not told"
    assert of(tmp_path, SD2, **{"modelspec.prediction_type": "v"}).detail == "prediction v"
    assert of(tmp_path, SD2, **{"modelspec.prediction_type": "epsilon"}).detail == "prediction epsilon"
    assert of(tmp_path, {**SDXL, "v_pred": (0,)}).detail == "prediction v"
    assert of(tmp_path, {**SDXL, "v_pred": (0,), "ztsnr": (0,)}).detail == "prediction v, zero terminal SNR"


@pytest.mark.parametrize(
    ("shapes", "kind", "family", "detail"),
    [
        (
            {f"{LAYER}.lora_down.weight": (4, 768), f"{LAYER}.lora_up.weight": (320, 4)},
            "lora",
            "sd1",
            "kohya",
        ),
        ({f"{LAYER}.lora_down.weight": (4, 2048)}, "lora", "sdxl", "kohya"),
        ({f"{PEFT}.lora_A.weight": (4, 1024), f"{PEFT}.lora_B.weight": (320, 4)}, "lora", "sd2", "peft"),
        ({f"{PEFT}.lora.down.weight": (4, 768)}, "lora", "sd1", "diffusers"),
        (
            {f"{PEFT.removesuffix('.to_k')}.processor.to_k_lora.down.weight": (4, 768)},
            "lora",
            "sd1",
            "diffusers",
        ),
        (
            {"lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight": (4, 1280)},
            "lora",
            "sdxl",
            "kohya",
        ),
        ({"lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight": (4, 3072)}, "lora", "flux1", "kohya"),
        ({f"{LAYER}.hada_w1_a": (320, 4), f"{LAYER}.hada_w1_b": (4, 768)}, "lycoris", "", "LoHa"),
        ({f"{LAYER}.lokr_w1": (4, 4), f"{LAYER}.lokr_w2_a": (80, 4)}, "lycoris", "", "LoKr"),
        ({f"{LAYER}.diff": (320, 768)}, "lycoris", "", "full difference"),
        ({f"{LAYER}.lora_down.weight": (4, 768), f"{LAYER}.dora_scale": (1, 768)}, "dora", "sd1", "kohya"),
        ({"emb_params": (3, 768)}, "embedding", "sd1", "emb_params"),
        ({"emb_params": (3, 1024)}, "embedding", "sd2", "emb_params"),
        ({"clip_l": (3, 768), "clip_g": (3, 1280)}, "embedding", "sdxl", "clip_g, clip_l"),
        ({"<cat-toy>": (768,)}, "embedding", "sd1", "token <cat-toy>"),
        (
            {
                "decoder.conv_in.weight": (8, 4, 3, 3),
                "encoder.conv_in.weight": (8, 3, 3, 3),
                "decoder.up.0.block.0.norm1.bias": (8,),
            },
            "vae",
            "",
            "4 channels, layout of CompVis",
        ),
        (
            {
                "decoder.conv_in.weight": (8, 16, 3, 3),
                "encoder.conv_in.weight": (8, 3, 3, 3),
                "decoder.up_blocks.0.resnets.0.norm1.bias": (8,),
            },
            "vae",
            "",
            "16 channels, layout of diffusers",
        ),
    ],
)
def test_parts(tmp_path: Path, shapes: Shapes, kind: str, family: str, detail: str) -> None:
    found = of(tmp_path, shapes)
    assert (found.kind, found.family, found.detail, found.refused) == (kind, family, detail, "")


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        ({"control_model.time_embed.0.weight": (8, 8)}, "ControlNet"),
        ({"controlnet_cond_embedding.conv_in.weight": (8, 8)}, "ControlNet"),
        ({"image_proj.proj.weight": (8, 8), "ip_adapter.1.to_k_ip.weight": (8, 8)}, "IP-Adapter"),
        ({"decoder.conv_in.weight": (8, 4, 3, 3)}, "decoder alone"),
        ({"something.else": (2,)}, "something.else"),
        ({}, "nothing"),
    ],
)
def test_what_can_not_be_used_is_named(tmp_path: Path, shapes: Shapes, reason: str) -> None:
    assert reason in of(tmp_path, shapes).refused


def test_the_family_of_an_adapter_from_its_metadata(tmp_path: Path) -> None:
    shapes: Shapes = {"lora_unet_mid_block_resnets_0_conv1.lora_down.weight": (4, 8, 3, 3)}
    assert of(tmp_path, shapes).family == ""
    assert of(tmp_path, shapes, ss_base_model_version="sdxl_base_v1-0").family == "sdxl"


class Mine:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("code from a pickle ran",)


@pytest.mark.parametrize("name", ["a.ckpt", "a.pt", "a.bin", "a.safetensors"])
@pytest.mark.parametrize("protocol", [2, 5])
def test_pickles_are_refused_by_ending_and_by_content(
    tmp_path: Path, name: str, protocol: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(pickle.dumps(Mine(), protocol))
    with pytest.raises(PolicyError, match="pickled"):
        read_header(path)
    with zipfile.ZipFile(path, "w") as archive:  # as torch saves
        archive.writestr("archive/data.pkl", pickle.dumps(Mine(), protocol))
    with pytest.raises(PolicyError, match="pickled"):
        read_header(path)
    assert "ran" not in capsys.readouterr().out


def entry(shape: object = (1,), dtype: object = "F16", offsets: object = (0, 2)) -> bytes:
    shown = {"dtype": dtype, "shape": shape, "data_offsets": offsets}
    return json.dumps({"a": shown}).encode()


@pytest.mark.parametrize(
    ("header", "length"),
    [
        (b"{}", 1 << 40),
        (b"{}", 2**64 - 1),
        (b"not json", None),
        (b"[]", None),
        (b"{" * 100_000, None),
        (b'{"a": 1}', None),
        (b'{"__metadata__": 3}', None),
        (entry(offsets=(0, 100)), None),
        (entry(offsets=(2, 0)), None),
        (entry(offsets=(-2, 0)), None),
        (entry(offsets=(0, 1)), None),
        (entry(shape=(2**61, 2**61)), None),
        (entry(shape=(True,)), None),
        (entry(shape=[1] * 40), None),
        (entry(shape="many"), None),
        (entry(dtype=16), None),
    ],
    ids=range(16),
)
def test_hostile_headers_are_one_typed_error(tmp_path: Path, header: bytes, length: int | None) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes((len(header) if length is None else length).to_bytes(8, "little") + header + b"\0\0")
    with pytest.raises(ModelError) as caught:
        read_header(path)
    assert caught.value.file == str(path)


@pytest.mark.parametrize("low", [2, 3, 4, 5])
def test_a_header_whose_length_begins_like_a_pickle(tmp_path: Path, low: int) -> None:
    text = b"{}".ljust(0x80 + 256 * low)
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    assert path.read_bytes()[:2] == bytes([0x80, low])
    assert read_header(path).tensors == {}


def test_short_and_missing_files(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"\1\2")
    with pytest.raises(ModelError, match="cut"):
        read_header(path)
    with pytest.raises(ModelError, match="can't be read"):
        read_header(tmp_path / "b.safetensors")


def test_a_header_too_long_to_read(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    with path.open("wb") as file:  # sparse: takes no space
        file.write((33 << 20).to_bytes(8, "little"))
        file.truncate(40 << 20)
    with pytest.raises(ModelError, match="at most"):
        read_header(path)


def test_counting_numbers(tmp_path: Path) -> None:
    header: Header = read_header(
        files.write(tmp_path / "a.safetensors", {"x.a": (2, 3), "y.b": (5,), "x.c": ()})
    )
    assert (header.parameters(), header.parameters("x.")) == (12, 7)
    assert header.shape("nowhere") == ()
