"""Reading a LoRA's safetensors file: what of it reaches diffusers and peft, and what is refused.

peft builds its configuration from a JSON text in the file's metadata, takes some of its values for regular
expressions, and imports a module that one of them names. Only the values that say how large the update is get
through; names are plain.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigif._gen.container import WEIGHT_PAYLOAD_BYTES
from aigif._gen.enums import ModelCompressor
from aigif.errors import CorruptError, LimitError, ModelError, PolicyError
from aigif.runtime.store.header import PICKLED, is_pickle
from aigif.weights import Tensor, decode, read_metadata

__all__ = ["SETTINGS", "AdapterWeights", "from_payload", "read_file"]

SETTINGS = "lora_adapter_metadata"
"""The key of the metadata under which diffusers keeps peft's configuration as JSON."""

_PLAIN = re.compile(r"[\w.-]{1,512}", re.ASCII)
_PATTERN = re.compile(r"\^?[\w.-]{1,512}", re.ASCII)
_COUNTS = frozenset({"r", "lora_alpha"})
_PATTERNS = frozenset({"rank_pattern", "alpha_pattern"})
_SWITCHES = frozenset({"use_rslora", "lora_bias"})
_OTHER_ADAPTERS = frozenset(
    {"use_dora", "use_qalora", "use_bdlora", "modules_to_save", "layer_replication", "target_parameters"}
    | {"trainable_token_indices", "alora_invocation_tokens", "megatron_config", "arrow_config"}
)
_MOST_SETTINGS = 1 << 20


@dataclass(frozen=True, slots=True)
class AdapterWeights:
    """The tensors of a LoRA, and its configuration for peft: JSON with checked values, or nothing."""

    tensors: Mapping[str, Tensor]
    settings: str


def read_file(path: str | os.PathLike[str]) -> tuple[bytes, AdapterWeights]:
    """The bytes of a LoRA's safetensors file, and its weights.

    Raises PolicyError for a pickled file, ModelError where there is none or it is no LoRA, LimitError above 8 GiB.
    """
    named = Path(path)
    if named.suffix.lower() in PICKLED:
        raise _pickled(named)
    try:
        size = named.stat().st_size
        if size > WEIGHT_PAYLOAD_BYTES:
            raise LimitError(
                f"the adapter has {size} bytes; at most {WEIGHT_PAYLOAD_BYTES} are read", file=str(named)
            )
        data = named.read_bytes()
    except OSError as error:
        raise ModelError(
            f"the adapter can't be read: {error.strerror}",
            file=str(named),
            hint="give the safetensors file of the LoRA",
        ) from error
    if is_pickle(data[:9]):
        raise _pickled(named)
    try:
        return data, from_payload(data, ModelCompressor.NONE, WEIGHT_PAYLOAD_BYTES)
    except CorruptError as error:
        raise ModelError(
            f"the adapter is no safetensors file: {error}", file=str(named), hint="get it again"
        ) from error
    except (ModelError, LimitError) as error:
        error.file = str(named)
        raise


def from_payload(payload: bytes, compressor: int, max_bytes: int) -> AdapterWeights:
    """The weights in a weights section that holds an adapter, or in a safetensors file.

    Raises CorruptError, UnsupportedError and LimitError as `weights.decode` does; ModelError for a name of a tensor
    or a value of the configuration that no LoRA has.
    """
    tensors = decode(payload, compressor, max_bytes)
    if not tensors:
        raise ModelError("the adapter holds no tensors", hint="give the safetensors file of the LoRA")
    odd = next((name for name in tensors if not _PLAIN.fullmatch(name)), None)
    if odd is not None:
        raise _refused(f"a tensor is called {odd[:100]!r}")
    return AdapterWeights(tensors, _checked(read_metadata(payload).get(SETTINGS, "")))


def _checked(text: str) -> str:
    """peft's configuration with the values that a LoRA needs. Keys are `component.value`, as in unet.lora_alpha."""
    if not text:
        return ""
    try:
        content = json.loads(text) if len(text) <= _MOST_SETTINGS else None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise _refused(f"its {SETTINGS} is no JSON object")
    kept: dict[str, Any] = {}
    for key, value in content.items():
        name = key.rpartition(".")[2]
        if name in _OTHER_ADAPTERS and value:
            raise _refused(f"it sets {name}, which a plain LoRA has not")
        if name in _COUNTS | _PATTERNS | _SWITCHES | {"target_modules"}:
            if not _PLAIN.fullmatch(key) or not _fits(name, value):
                raise _refused(f"its {key[:100]!r} has a value that can't be used")
            kept[key] = value
    return json.dumps(kept, sort_keys=True) if kept else ""


def _fits(name: str, value: object) -> bool:
    if name in _SWITCHES:
        return isinstance(value, bool)
    if name in _COUNTS:
        return _is_number(value)
    if name in _PATTERNS:
        return isinstance(value, dict) and all(
            _PATTERN.fullmatch(key) and _is_number(number) for key, number in value.items()
        )
    return isinstance(value, list) and all(isinstance(item, str) and _PLAIN.fullmatch(item) for item in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**31


def _pickled(path: Path) -> PolicyError:
    return PolicyError(
        "the adapter is pickled, and pickled files can run code",
        file=str(path),
        hint="use a LoRA as a safetensors file, or convert it in a place where you trust it",
    )


def _refused(problem: str) -> ModelError:
    return ModelError(
        f"the adapter is no LoRA that this version applies: {problem}", element="model.adapters"
    )
