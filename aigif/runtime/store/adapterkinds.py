"""Which adapter a safetensors file is, told by the names of its tensors.

The names are those of kohya's sd-scripts, diffusers, peft and LyCORIS (lycoris/modules/).
"""

from __future__ import annotations

from collections.abc import Iterable

from aigif.runtime.store.header import Header
from aigif.runtime.store.kinds import WIDTHS, Kind, Recognised

__all__ = ["recognise_adapter"]

_LYCORIS = (
    ("LoHa", ("hada_w1_a",)),
    ("LoKr", ("lokr_w1", "lokr_w1_a")),
    ("OFT", ("oft_blocks", "oft_diag", "oft_R")),
    ("(IA)^3", ("on_input",)),
    ("GLoRA", ("a1", "a2", "b1", "b2")),
    ("full difference", ("diff", "diff_b", "w_norm", "b_norm")),
)


def recognise_adapter(header: Header) -> Recognised | None:
    """The adapter that the file with this header is; None where it is none."""
    ends = {part for name in header.tensors for part in name.split(".")[-3:]}
    low_rank = {"lora_down", "lora_up", "lora_A", "lora_B", "lora_linear_layer"} & ends
    lora = bool(low_rank) or any(
        "_lora.down.weight" in name or ".lora.down.weight" in name for name in header.tensors
    )
    if "dora_scale" in ends or any("lora_magnitude_vector" in name for name in header.tensors):
        return Recognised(Kind.DORA, _adapted_family(header), detail=_layout(header))
    for form, marks in _LYCORIS:
        if form in ("GLoRA", "full difference") and (lora or not _all_end_in(header, marks)):
            continue
        if any(mark in ends for mark in marks):
            return Recognised(Kind.LYCORIS, _adapted_family(header), detail=form)
    if lora:
        return Recognised(Kind.LORA, _adapted_family(header), detail=_layout(header))
    return None


def _all_end_in(header: Header, marks: Iterable[str]) -> bool:
    allowed = {*marks, "alpha", "weight"}
    return bool(header.tensors) and all(set(name.split(".")[1:]) <= allowed for name in header.tensors)


def _layout(header: Header) -> str:
    if any(
        name.startswith(("lora_unet_", "lora_te", "lora_prior", "lora_transformer"))
        for name in header.tensors
    ):
        return "kohya"
    if any("lora_A" in name for name in header.tensors):
        return "peft"
    return "diffusers"


def _adapted_family(header: Header) -> str:
    names = header.tensors
    if any(name.startswith(("lora_te2_", "text_encoder_2.")) for name in names):
        return "sdxl"
    for name, info in names.items():
        second = "attn2" in name and ("to_k" in name or "to_v" in name)
        if (
            second
            and ("lora_down" in name or "lora_A" in name or ".down.weight" in name)
            and len(info.shape) >= 2
        ):
            return WIDTHS.get(info.shape[1], "")
    if any("double_blocks" in name or "single_transformer_blocks" in name for name in names):
        return "flux1"
    if any("joint_blocks" in name for name in names):
        return "sd3"
    base = header.metadata.get("ss_base_model_version", "")
    for start, family in (
        ("sd_v1", "sd1"),
        ("sd_v2", "sd2"),
        ("sdxl", "sdxl"),
        ("flux1", "flux1"),
        ("sd3", "sd3"),
    ):
        if base.startswith(start):
            return family
    return ""
