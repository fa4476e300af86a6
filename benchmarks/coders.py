"""Prints the tables of docs/coders.md: sizes of saved pixels, and sizes and errors of saved weights.

Everything measured is made here from fixed seeds; no picture and no weight is read from a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import version
from random import Random
from typing import Any

from PIL import Image, ImageChops, ImageDraw

from aigif import pixels, weights
from aigif._gen.enums import ModelCompressor, PixelCompressor

WIDTH, HEIGHT = 512, 768


def noise(seed: int, mode: str = "RGB", width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Independent, evenly distributed samples."""
    return Image.frombytes(mode, (width, height), Random(seed).randbytes(len(mode) * width * height))


def clouds(finest: int, seed: int = 1) -> Image.Image:
    """Noise of falling strength at finer and finer scales, down to `finest` cells along the width."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), (128, 128, 128))
    cells, strength = 2, 0.5
    while cells <= finest:
        layer = noise(seed + cells, "RGB", cells, cells * HEIGHT // WIDTH).resize(
            (WIDTH, HEIGHT), Image.Resampling.BICUBIC
        )
        picture = Image.blend(picture, layer, strength)
        cells, strength = 2 * cells, 0.6 * strength
    return picture


def photograph() -> Image.Image:
    """Shapes at every scale, and a grain of up to 3 steps."""
    grain = noise(2).point([value * 4 // 256 for value in range(256)] * 3)
    return ImageChops.add(clouds(256), grain)


def drawing(mode: str = "RGB") -> Image.Image:
    """Flat shapes; in RGBA on a transparent ground whose colours are kept."""
    random = Random(3)
    ground = (240, 235, 220, 0)
    picture = Image.new(mode, (WIDTH, HEIGHT), ground[: len(mode)])
    pen = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y, size = random.randrange(WIDTH), random.randrange(HEIGHT), random.randrange(10, 120)
        colour = (random.randrange(256), random.randrange(256), random.randrange(256), 255)
        pen.ellipse(
            (x - size, y - size, x + size, y + size),
            fill=colour[: len(mode)],
            outline=(0, 0, 0, 255)[: len(mode)],
        )
    return picture


def page() -> Image.Image:
    """Lines of letters on white."""
    random = Random(4)
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    for line in range(8, HEIGHT, 14):
        words = " ".join("".join(random.choices("etaoinshrdlu", k=random.randrange(2, 9))) for _ in range(14))
        pen.text((8, line), words, fill="black")
    return picture


PICTURES: dict[str, Callable[[], Image.Image]] = {
    "photograph-like (all scales, grain)": photograph,
    "smooth (coarse scales only)": lambda: clouds(32),
    "drawing (flat shapes)": drawing,
    "drawing on transparent ground": lambda: drawing("RGBA"),
    "page of text": page,
    "noise": lambda: noise(5),
}


def pixel_rows() -> Iterator[list[str]]:
    """One row a picture: bytes of each coder, and in brackets the part of `none`'s."""
    yield ["picture", *(code.name.lower() for code in PixelCompressor)]
    for name, make in PICTURES.items():
        picture = make()
        sizes = [len(pixels.encode(picture, code)) for code in PixelCompressor]
        yield [f"{name}, {picture.mode}", *(f"{size} ({size / sizes[0]:.1%})" for size in sizes)]


def weight_rows() -> Iterator[list[str]]:
    """One row a data type: a small UNet with random weights, saved by `none` and by `int8`."""
    import torch
    from diffusers import UNet2DConditionModel

    yield ["data type", "weights", "none", "int8", "ratio", "max abs error", "relative RMS error", "SNR (dB)"]
    torch.manual_seed(6)
    unet: Any = UNet2DConditionModel(  # type: ignore[no-untyped-call]
        sample_size=16, block_out_channels=(32, 64), layers_per_block=1, cross_attention_dim=64,
        attention_head_dim=8, norm_num_groups=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        state = {name: tensor.to(dtype) for name, tensor in unet.state_dict().items()}
        plain = weights.encode(state, ModelCompressor.NONE)
        coded = weights.encode(state, ModelCompressor.INT8)
        error = weights.measure(state, weights.decode(coded, ModelCompressor.INT8, len(plain))).overall
        yield [
            str(dtype).removeprefix("torch."),
            str(error.weights),
            str(len(plain)),
            str(len(coded)),
            f"{len(coded) / len(plain):.1%}",
            f"{error.max_abs_error:.2e}",
            f"{error.relative_rms_error:.2e}",
            "exact" if error.snr_db is None else f"{error.snr_db:.1f}",
        ]


def table(rows: Iterator[list[str]]) -> None:
    """Prints rows as a Markdown table, the first as its head."""
    head = next(rows)
    print("|", " | ".join(head), "|")
    print("|---|" + "---:|" * (len(head) - 1))
    for row in rows:
        print("|", " | ".join(row), "|")


def main() -> None:
    print(f"Pillow {version('pillow')}, pillow-jxl-plugin {version('pillow-jxl-plugin')}\n")
    print(f"Saved pixels, {WIDTH} by {HEIGHT}: bytes, and the part of `none`'s\n")
    table(pixel_rows())
    print(
        "\nSaved weights of a small UNet2DConditionModel, initialised at random: bytes, and the error of int8\n"
    )
    table(weight_rows())


if __name__ == "__main__":
    main()
