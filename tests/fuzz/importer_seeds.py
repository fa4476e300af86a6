"""First inputs for the fuzzer of the importers, to the conventions of every program."""

from __future__ import annotations

import gzip
import json

from aigif.importers.texts import Block
from tests.fuzz.importer_target import KEYS
from tests.importers import pictures
from tests.importers.carriers_made import avif, comment, jpeg, webp

INFOTEXT = (
    "a (red:1.2) house <lora:x:0.5>\nNegative prompt: blurry\nSteps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, "
    'Seed: 1, Size: 512x768, Model hash: cc6cb27103, Model: m, Lora hashes: "x: 0123456789ab", '
    "Hires upscale: 2, Denoising strength: 0.5, Version: v1.10.1"
)
GRAPH = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 1, "steps": 20, "cfg": 7.0, "sampler_name": "euler", "scheduler": "karras", "denoise": 1.0,
            "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "m.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a house", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "x"}},
}  # fmt: skip
FOOOCUS = {
    "prompt": "a", "negative_prompt": "b", "full_prompt": ["a"], "full_negative_prompt": ["b"], "seed": "1",
    "steps": 30, "sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras", "resolution": "(768, 1280)",
    "guidance_scale": 4, "base_model": "m", "base_model_hash": "0123456789", "metadata_scheme": "fooocus",
    "loras": [["l", 0.1, "0123456789"]], "version": "Fooocus v2.5", "adm_guidance": "(1.5, 0.8, 0.3)",
}  # fmt: skip
INVOKE = {
    "app_version": "5.0", "generation_mode": "txt2img", "positive_prompt": "a++", "negative_prompt": "b",
    "width": 512, "height": 512, "seed": 1, "rand_device": "cpu", "cfg_scale": 7.5, "steps": 30,
    "scheduler": "euler_a",
    "model": {"name": "m", "hash": "blake3:00ff", "base": "sd-1"}, "loras": [],
}  # fmt: skip
NOVELAI = {
    "prompt": "{a}", "steps": 28, "height": 512, "width": 512, "scale": 5.0, "seed": 1,
    "sampler": "k_euler_ancestral", "uc": "b", "noise_schedule": "karras", "sm": False,
    "request_type": "PromptGenerateRequest",
    "v4_prompt": {"caption": {"base_caption": "a", "char_captions": []}, "use_coords": False},
}  # fmt: skip
SWARM = {
    "sui_image_params": {
        "prompt": "a", "negativeprompt": "b", "model": "m", "seed": 1, "steps": 20, "cfgscale": 7.0, "width": 512,
        "height": 512, "sampler": "euler", "scheduler": "normal", "swarm_version": "0.9.6",
    },
}  # fmt: skip


def texts(**held: object) -> bytes:
    """Texts by their keys, as the fuzzer's target takes them."""
    parts = []
    for name, value in held.items():
        key = name if name in KEYS else name.replace("_", "-")
        parts.append(chr(KEYS.index(key)) + (value if isinstance(value, str) else json.dumps(value)))
    return "\x1e".join(parts).encode()


SEEDS = (
    texts(parameters=INFOTEXT),
    texts(UserComment=INFOTEXT),
    texts(prompt=GRAPH, workflow={"nodes": []}),
    texts(Make="workflow:{}", Model="prompt:" + json.dumps(GRAPH)),
    texts(parameters=FOOOCUS, fooocus_scheme="fooocus"),
    texts(invokeai_metadata=INVOKE),
    texts(Dream='"a house [blurry]" -s 50 -S 1 -W512 -H768 -C 5.0 -A k_lms'),
    texts(
        sd_metadata={
            "app_id": "invoke-ai/InvokeAI",
            "app_version": "2.3.0",
            "image": {"seed": 1, "steps": 50},
        }
    ),
    texts(Software="NovelAI", Comment=NOVELAI, Description="{a}", Source="NovelAI Diffusion V4 37442FCA"),
    texts(parameters=SWARM),
    texts(
        parameters={
            "prompt": "a",
            "num_inference_steps": 24,
            "resolution": "512 x 512",
            "Model": "m",
            "seed": 1,
        }
    ),
    texts(prompt="a", negative_prompt="b", seed="1", use_stable_diffusion_model="m"),
    texts(parameters=INFOTEXT, parameters_json={"Seed": 1}, smproj={"x": 1}, prompt=GRAPH),
    texts(generation_data={"prompt": "a", "seed": "-1"}, prompt=GRAPH),
    b"P" + pictures.with_infotext(INFOTEXT),
    b"P" + jpeg((0xE1, b"Exif\0\0" + comment(b"UNICODE\0" + INFOTEXT.encode("utf-16-be")))),
    b"P" + webp((b"EXIF", comment(b"ASCII\0\0\0" + INFOTEXT.encode()))),
    b"P" + avif(comment(INFOTEXT.encode(), big=False), b"<x:xmpmeta/>"),
    b"K\x10\0\0",
    b"K\0\0\0\1\6\1\2ab" + gzip.compress(b"x", mtime=0),
)
BLOCK = Block("PNG tEXt", b"parameters\0" + INFOTEXT.encode())
