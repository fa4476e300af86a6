"""The pictures that the figures speak of."""

from __future__ import annotations

import aigif


def named() -> aigif.Aigif:
    """A typical Stable Diffusion picture as issue trackers and galleries describe one: 512 x 768, DPM++ 2M Karras,
    25 steps, guidance 7, a 32-bit seed, a known model on a known GPU, half precision."""
    return aigif.Aigif(
        compression=aigif.CompressionOptions(text_compressor=aigif.TextCompressor.DEFLATE),
        platform=aigif.Platform(device=aigif.Device.CUDA, gpu=2),
        model=aigif.GenerativeModel(
            model_id=0,
            data_type=aigif.DataType.FLOAT16,
            scheduler=aigif.Scheduler.DPMPP_2M,
            sigma_schedule=aigif.SigmaSchedule.KARRAS,
        ),
        data=aigif.Data(height=768, width=512, seed=829557441, steps=25, guidance_scale=7.0),
    )


def with_versions() -> aigif.Aigif:
    """The same with the versions of CUDA, torch and diffusers."""
    return named().replace(platform=named().platform.replace(cuda=1, torch=29, diffusers=76))


def recorded() -> aigif.Aigif:
    """The same with all that `aigif.generate` records on a GPU, its 8-byte pixel hash among it."""
    platform = with_versions().platform.replace(
        program=1,
        operating_system=aigif.OperatingSystem.LINUX,
        transformers=104,
        attention=aigif.Attention.SDPA,
    )
    verification = aigif.Verification(pixel_hash=bytes(range(1, 9)))
    return named().replace(platform=platform, verification=verification)


def as_the_paper_has_it() -> aigif.Aigif:
    """The picture without what Table I of the paper has no row for."""
    model = named().model.replace(sigma_schedule=aigif.SigmaSchedule.MODEL)
    compression = aigif.CompressionOptions(text_compressor=aigif.TextCompressor.ZLIB)
    return named().replace(compression=compression, model=model, platform=named().platform.replace(cuda=1))
