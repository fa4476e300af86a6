"""One platform's process: `python -m benchmarks.platforms.worker OPTIONS FILES TARGET`.

Needs torch, diffusers, transformers and what aigif imports, in whatever versions the Python that runs it has; the
modules of aigif come from the working directory.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aigif
from aigif._gen.enums import BatchGenerators


def work(folder: Path, target: Path, options: Mapping[str, Any]) -> None:
    """Recreate all files of a folder on this platform: PNG files, and in a JSON file the hashes of the pixels and of
    the float32 samples that the VAE decoded, which 8 bits hide small differences of.
    """
    import torch

    torch.set_num_threads(options.get("threads", 1))
    torch.backends.mkldnn.enabled = options.get("onednn", True)
    if options.get("engine"):
        _use_engine(options["engine"])
    hashes = {}
    for name, image, samples in _recreated(folder, options):
        image.save(target / f"{name}.png")
        hashes[name] = [hashlib.sha256(data).hexdigest() for data in (image.tobytes(), samples.tobytes())]
    (target / "found.json").write_text(json.dumps({"versions": _versions(), "hashes": hashes}))


def _recreated(folder: Path, options: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name, picture and samples of each file; at last, if wanted, of the exact ones with a native sum, as loose."""
    import torch

    from aigif._gen.enums import DataType
    from aigif.runtime.recreate import recreate
    from aigif.runtime.registry import choose
    from aigif.runtime.warm import Models

    models = Models()
    pipe = models.pipeline(choose(None)[1], DataType.FLOAT32, "cpu")
    if options.get("channels_last"):
        for part in (pipe.unet, pipe.vae):
            part.to(memory_format=torch.channels_last)
    decoded: list[Any] = []
    pipe.vae.decoder.register_forward_hook(lambda module, given, samples: decoded.append(samples))

    def recreated(path: Path) -> tuple[Any, Any]:
        syntax = aigif.load(path)
        syntax = syntax.replace(platform=syntax.platform.replace(threads=0))
        if batch := options.get("batch"):
            more = {"batch_size": batch, "batch_position": 2, "batch_generators": BatchGenerators.SEPARATE}
            syntax = syntax.replace(data=syntax.data.replace(**more))
        image = recreate(syntax, models=models, device="cpu").image
        samples = decoded.pop()[syntax.data.batch_position].to(torch.float32).contiguous().numpy()
        decoded.clear()
        return image, samples

    for path in sorted(folder.glob("*.aigif")):
        yield path.stem, *recreated(path)
    if options.get("loose"):
        _slip_in_a_native_sum()
        for path in sorted(folder.glob("exact.*.aigif")):
            yield path.stem.replace("exact", "loose", 1), *recreated(path)


def _versions() -> dict[str, str]:
    import diffusers
    import torch
    import transformers

    libraries = {module.__name__: str(module.__version__) for module in (torch, diffusers, transformers)}
    return {
        **libraries,
        "machine": platform.machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }


def _use_engine(name: str) -> None:
    from aigif.runtime.exact import selftest

    prove = selftest._prove
    selftest._prove = lambda device, wanted: prove(device, name)


def _slip_in_a_native_sum() -> None:
    """Give group normalisation torch's own kernel: what the comparison of platforms has to notice."""
    import torch

    from aigif.runtime.exact.table import MEANINGS

    operation = torch.ops.aten.group_norm.default
    MEANINGS[operation] = lambda context, *arguments: operation(*arguments)


if __name__ == "__main__":
    work(Path(sys.argv[2]), Path(sys.argv[3]), json.loads(sys.argv[1]))
