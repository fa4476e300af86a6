"""Whether a pipeline's weights are still those of its folder: small tensors as a whole, a sample of large ones.

Tensors of up to 2^18 numbers (1 MiB in float32) are compared number by number. Of larger ones, about 64 runs of 1024
numbers are, at equal distances from the tensor's first number on; the files are mapped into memory, so that little
more than that is read. A fused LoRA, a merge or further training shows there. A change to a large tensor that lies
between the runs is not seen.
"""

from __future__ import annotations

import hashlib
from typing import Any

from aigif.runtime.modelfolder import ModelFolder
from aigif.runtime.recording.identity import networks
from aigif.runtime.recording.reasons import Reasons
from aigif.runtime.torchlib import require

__all__ = ["check_weights"]

WHOLE = 2**18
"""The most numbers that a tensor may have to be compared as a whole."""

RUNS = 64
RUN = 1024
"""How many runs of a larger tensor are compared, at least, and how many numbers each has."""


def check_weights(pipe: Any, folder: ModelFolder, reasons: Reasons) -> None:
    """Add a reason for each part of `pipe` whose weights differ from the safetensors files of `folder`.

    Where the files have another data type, their numbers are compared as they are in the type of the part. A part
    that is not in memory (offloaded, so that its tensors are on torch's device meta) gives a warning instead.
    """
    for name, part in networks(pipe):
        files = [str(folder.path / file) for file in folder.weights if file.partition("/")[0] == name]
        here = {_plain(key): tensor for key, tensor in part.state_dict().items()}
        if files and all(tensor.is_meta for tensor in here.values()):
            reasons.warn(f"the weights of {name} are not in memory, and were not compared with its folder")
            continue
        compared, different = 0, None
        for file in files:
            looked, different = _by_name(file, here)
            compared += looked
            if different is not None:
                break
        if files and not compared and different is None:
            different = _by_content(files, here)
        if different is not None:
            reasons.add(
                f"pipe.{name}",
                f"its weights are not those of its folder ({different}): an adapter was fused with them, tokens "
                "were added, or they were changed after loading",
            )


def _by_name(file: str, here: dict[str, Any]) -> tuple[int, str | None]:
    # How many tensors were compared, and the first that differs.
    compared = 0
    with require("safetensors").safe_open(file, framework="pt") as opened:
        for key in opened.keys():  # noqa: SIM118 (it is no mapping)
            mine = here.get(_plain(key))
            if mine is None or mine.is_meta:
                continue
            if list(opened.get_slice(key).get_shape()) != list(mine.shape):
                return compared, key
            compared += 1
            if not _same(_sample(opened.get_tensor(key)).to(mine.dtype), _sample(mine)):
                return compared, key
    return compared, None


def _by_content(files: list[str], here: dict[str, Any]) -> str | None:
    # Where transformers renamed everything on loading: the first tensor of the files that the part has nowhere.
    known = {_digest(tensor.shape, _sample(tensor)) for tensor in here.values() if not tensor.is_meta}
    dtypes = {tensor.dtype for tensor in here.values()}
    for file in files:
        with require("safetensors").safe_open(file, framework="pt") as opened:
            for key in opened.keys():  # noqa: SIM118 (it is no mapping)
                tensor = opened.get_tensor(key)
                sample = _sample(tensor)
                if not any(_digest(tensor.shape, sample.to(dtype)) in known for dtype in dtypes):
                    return str(key)
    return None


def _same(a: Any, b: Any) -> bool:
    # A parameter that was never set may hold NaN, which equals nothing.
    if require("torch").equal(a, b):
        return True
    return a.is_floating_point() and bool(((a == b) | (a.isnan() & b.isnan())).all())


def _sample(tensor: Any) -> Any:
    # A view until it is brought to the CPU: a mapped file is read, and a GPU's memory copied, at these places alone.
    flat = tensor.detach().reshape(-1)
    if flat.numel() > WHOLE:
        flat = flat.unfold(0, RUN, (flat.numel() - RUN) // (RUNS - 1))
    return flat.cpu()


def _digest(shape: Any, sample: Any) -> tuple[tuple[int, ...], bytes]:
    content = sample.to(require("torch").float32).contiguous().numpy().tobytes()
    return tuple(shape), hashlib.sha256(content).digest()


def _plain(key: str) -> str:
    # Adapters put layers into others (peft's base_layer), torch.compile models; transformers 5 left out text_model.
    return key.replace("base_layer.", "").removeprefix("_orig_mod.").removeprefix("text_model.")
