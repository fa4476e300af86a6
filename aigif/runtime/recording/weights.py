"""Whether a pipeline's weights are still those of its folder: a look at the first row of every tensor.

A fused LoRA, a merge or further training changes rows everywhere, so that one row of each tensor tells; reading them
takes a fraction of a second even for large models. What changes single numbers elsewhere is not seen.
"""

from __future__ import annotations

import hashlib
from typing import Any

from aigif.runtime.modelfolder import ModelFolder
from aigif.runtime.recording.identity import networks
from aigif.runtime.recording.reasons import Reasons
from aigif.runtime.torchlib import require

__all__ = ["check_weights"]


def check_weights(pipe: Any, folder: ModelFolder, reasons: Reasons) -> None:
    """Add a reason for each part of `pipe` whose weights differ from the safetensors files of `folder`."""
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
    torch = require("torch")
    compared = 0
    with require("safetensors").safe_open(file, framework="pt") as opened:
        for key in opened.keys():  # noqa: SIM118 (it is no mapping)
            mine = here.get(_plain(key))
            if mine is None or mine.is_meta:
                continue
            if list(opened.get_slice(key).get_shape()) != list(mine.shape):
                return compared, key
            compared += 1
            if not torch.equal(_row_of_file(opened, key).to(mine.dtype), _row(mine)):
                return compared, key
    return compared, None


def _by_content(files: list[str], here: dict[str, Any]) -> str | None:
    # Where transformers renamed everything on loading: the first tensor of the files that the part has nowhere.
    known = {_digest(tensor.shape, _row(tensor)) for tensor in here.values() if not tensor.is_meta}
    dtypes = {tensor.dtype for tensor in here.values()}
    for file in files:
        with require("safetensors").safe_open(file, framework="pt") as opened:
            for key in opened.keys():  # noqa: SIM118 (it is no mapping)
                shape, row = opened.get_slice(key).get_shape(), _row_of_file(opened, key)
                if not any(_digest(shape, row.to(dtype)) in known for dtype in dtypes):
                    return str(key)
    return None


def _row_of_file(opened: Any, key: str) -> Any:
    piece = opened.get_slice(key)
    return piece[:1] if piece.get_shape() else opened.get_tensor(key)


def _row(tensor: Any) -> Any:
    return (tensor[:1] if tensor.ndim else tensor).detach().cpu()


def _digest(shape: Any, row: Any) -> tuple[tuple[int, ...], bytes]:
    content = row.to(require("torch").float32).contiguous().numpy().tobytes()
    return tuple(shape), hashlib.sha256(content).digest()


def _plain(key: str) -> str:
    # Adapters put layers into others (peft's base_layer), torch.compile models; transformers 5 left out text_model.
    return key.replace("base_layer.", "").removeprefix("_orig_mod.").removeprefix("text_model.")
