"""What the files of release 1.0 hold: by name, a profile and the JSON form of a value.

Codes that no list names are private or reserved ones, and unknown sections have large ids, so that a later release
does not come to know them. Only the unknown tails can't be chosen so: they are the elements of a later release,
and the names of those files begin with "later-".
"""

from __future__ import annotations

from typing import Any

from PIL import Image

from aigif import pixels, weights
from aigif._gen.enums import ModelCompressor, PixelCompressor
from aigif.weights import Tensor

Document = dict[str, Any]

PICTURE = bytes.fromhex("ff0000 00ff00 0000ff 808080")  # 2 by 2 pixels, RGB
NUMBERS = bytes.fromhex("0000803f 000000c0 0000003e 00004040")  # 1, -2, 0.125, 3 as float32
OPAQUE_TEXT = 240  # a private code of a text coder
TENSORS = {"a.weight": Tensor("F32", (2, 2), NUMBERS)}

TYPICAL: Document = {
    "platform": {
        "device": "cuda",
        "gpu": "nvidia-geforce-rtx-3090",
        "cuda": "cu118",
        "torch": "2.6.0",
        "diffusers": "0.32.2",
        "operating_system": "linux",
    },
    "model": {
        "model_id": "stable-diffusion-v1-5",
        "data_type": "float16",
        "scheduler": "dpmpp-2m",
        "sigma_schedule": "karras",
        "weight_hash": "6ce0161689",
    },
    "data": {
        "prompt": "a lighthouse on a cliff at dusk, oil painting, dramatic light",
        "negative_prompt": "blurry, low quality",
        "width": 768,
        "seed": 829557441,
        "steps": 25,
        "guidance_scale": 7.5,
    },
    "verification": {"pixel_hash": "00112233445566778899aabbccddeeff", "preview": "1fc80a0d80"},
}
PAPER: Document = {
    "platform": {"device": "cuda", "gpu": "nvidia-geforce-rtx-3090", "cuda": "cu118"},
    "model": {"data_type": "float16", "scheduler": "euler"},
    "data": {"prompt": "A cute cat", "negative_prompt": "a dog", "seed": 829557441, "steps": 50},
}
NESTED: Document = {
    "model": {
        "model_id": "stable-diffusion-xl-base-1-0",
        "sampler_options": {"eta": 0.5, "noise_seed_delta": -7, "zero_terminal_snr": True, "start_step": 3},
    },
    "data": {
        "prompt": "first",
        "height": 1024,
        "width": 1000,
        "denoising_strength": 0.123456789,
        "hires": {
            "scale": 1.5,
            "upscaler": "4x",
            "prompt": "second",
            "scheduler": {"scheduler": "euler-a", "sigma_schedule": "exponential"},
        },
        "refiner": {"model": "stable-diffusion-xl-refiner-1-0", "steps": 9},
        "variation": {"seed": 9223372036854775808, "strength": 0.25},
        "micro_conditioning": {"original_height": 1024, "crop_left": 33},
    },
}
ADAPTERS: Document = {
    "model": {
        "adapters": [
            {"name": "style", "weight": 0.8},
            {},
            {"kind": "textual_inversion", "weight_hash": "01" * 32, "hash_kind": "autov3", "end": 0.5},
            {"kind": "dora", "name": "detail", "weight": -1.75, "text_weight": 0.1},
        ]
    }
}
STRINGS: Document = {
    "model": {"model_name": "\ud800"},
    "platform": {"program_version": "\0"},
    "data": {
        "prompt": "\0a\udfffb\0\0",
        "negative_prompt": "\x01\x02\x7f\ufeff\r\n",
        "prompt_2": "Grüße, 東京, \N{GRINNING FACE}\ufe0f e\u0301",
    },
}
UNKNOWN_SECTIONS = [
    {"id": 900, "critical": False, "safe_to_copy": False, "payload": ""},
    {"id": 1019, "critical": False, "safe_to_copy": True, "payload": "00ff" * 70},
]
NUMBERS_AT_ENDS: Document = {
    "platform": {"device": "cpu", "cpu": "x", "threads": 4095, "noise_threads": 4294967295},
    "model": {"clip_skip": 32, "scheduler": "unipc"},
    "data": {
        "height": 1,
        "width": 4294967295,
        "steps": 65535,
        "guidance_scale": -100000.0,
        "seed": 18446744073709551615,
        "batch_position": 65535,
        "tiling": True,
    },
}
CODES: Document = {
    "compression": {"text_compressor": "zlib"},
    "platform": {"device": 254, "gpu": 254, "cuda": 230, "torch": 240, "program": 224},
    "model": {"model_id": 254, "data_type": 224, "scheduler": 250, "hash_kind": 2039, "weight_hash": "00"},
    "data": {"prompt": "codes of nobody's list"},
}


def _merged(*parts: Document) -> Document:
    """The groups and lists of all parts, one after the other."""
    whole: Document = {}
    for part in parts:
        for key, held in part.items():
            old = whole.get(key)
            whole[key] = old + held if isinstance(old, list) else {**old, **held} if old else held
    return whole


def _text(coder: str) -> Document:
    return {"compression": {"text_compressor": coder}}


def _section(id: int, payload: bytes) -> Document:
    flags = {"critical": True, "safe_to_copy": True}
    return {"sections": [{"id": id, **flags, "payload": payload.hex()}]}


def _pixels(coder: PixelCompressor) -> Document:
    payload = pixels.encode(Image.frombytes("RGB", (2, 2), PICTURE), coder)
    told = {"compression": {"saving_pixels": True, "pixel_compressor": coder.name.lower()}}
    return _merged(told, _section(2, payload))


def _weights(coder: ModelCompressor) -> Document:
    payload = weights.encode(TENSORS, coder, {"made": "for a test"})
    told = {"saving_model": True, "model_compressor": coder.name.lower(), "saved_weights": "adapter"}
    return _merged({"compression": told}, _section(3, payload))


def _tail(width: int, value: str, *strings: str) -> Document:
    return {"unknown": {"width": width, "value": value, "strings": list(strings)}}


def cases() -> dict[str, tuple[str, Document]]:
    """Every case: its name, its profile, and the JSON form of its value."""
    compact = {
        "empty": {},
        "typical": _merged(TYPICAL, _text("deflate")),
        "text-none": _merged(TYPICAL, _text("none")),
        "text-zlib": _merged(TYPICAL, _text("zlib")),
        "text-opaque": {
            "compression": {"text_compressor": OPAQUE_TEXT},
            "model": {"adapters": [{"name": None}]},
            "data": {"prompt": None, "seed": 9},
            "opaque_text": "ff00" + b"opaque".hex(),
        },
        "nested": NESTED,
        "distilled": {"model": {"model_id": "flux-1-dev"}, "data": {"distilled": {"guidance": 2.25}}},
        "adapters": ADAPTERS,
        "extra": {"data": {"extra": [{"key": "key", "value": "value"}, {}, {"value": "no key"}]}},
        "strings": STRINGS,
        "numbers": NUMBERS_AT_ENDS,
        "codes": CODES,
        "sections": {**_merged(TYPICAL, _text("deflate")), "sections": UNKNOWN_SECTIONS},
        "pixels-none": _pixels(PixelCompressor.NONE),
        "pixels-png": _pixels(PixelCompressor.PNG),
        "pixels-webp": _pixels(PixelCompressor.WEBP),
        "pixels-jxl": _pixels(PixelCompressor.JXL),
        "weights-none": _weights(ModelCompressor.NONE),
        "weights-int8": _weights(ModelCompressor.INT8),
        "everything": _merged(
            TYPICAL,
            _text("deflate"),
            NESTED,
            ADAPTERS,
            _pixels(PixelCompressor.PNG),
            _weights(ModelCompressor.NONE),
            {"sections": UNKNOWN_SECTIONS},
        ),
        "later-root": {"data": {"prompt": "x"}, **_tail(9, "155", "later", "and later")},
        "later-nested": {
            "model": {"adapters": [{"name": "style", **_tail(3, "5")}, {"name": "next"}]},
            "data": {
                "hires": {"prompt": "second", **_tail(70, "2" + "0" * 16 + "1", "in a group")},
                "extra": [{"key": "k", "value": "v", **_tail(1, "1", "w")}],
            },
        },
    }
    paper = {
        "paper-empty": {},
        "paper": PAPER,
        "paper-zlib": _merged(PAPER, _text("zlib")),
        "paper-deflate": _merged(PAPER, _text("deflate")),
        "paper-codes": {
            "platform": {"device": "rocm", "gpu": 254, "cuda": 224},
            "model": {"model_id": 230, "scheduler": 15},
        },
        "paper-sections": _merged(PAPER, _pixels(PixelCompressor.PNG), {"sections": UNKNOWN_SECTIONS}),
    }
    return {name: ("compact", document) for name, document in compact.items()} | {
        name: ("paper", document) for name, document in paper.items()
    }
