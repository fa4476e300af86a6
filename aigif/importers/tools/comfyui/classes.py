"""What is known of a class of nodes, and how a line of the tables says it.

A newcomer adds a class by adding a line to a table in `nodes/`. A line tells the kind of node, the
names of its inputs where they differ from the usual ones, and its outputs in their order. An output "=name" gives on
what came in by the input of that name; any other name is the node's own work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from aigif._gen.enums import GapKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from aigif.importers.tools.comfyui.graph import Node
    from aigif.importers.tools.comfyui.resolve import Resolver

    Compute = Callable[[Resolver, Node], Any]


class Kind(Enum):
    """What a node does, as far as a picture's syntax is concerned."""

    SAVE = auto()  # writes a picture: what comes in by `images`
    PREVIEW = auto()  # shows one
    THROUGH = auto()  # gives on what comes in
    SWITCH = auto()  # gives on one of several
    VALUE = auto()  # computes a text or a number
    SAMPLER = auto()  # seed, steps and all in one node
    STEP_SAMPLER = auto()  # the same with a first and a last step
    CUSTOM_SAMPLER = auto()  # method and sigmas by links
    GUIDED_SAMPLER = auto()  # noise, guider, method and sigmas by links
    NOISE = auto()
    GUIDER = auto()
    METHOD = auto()  # a sampling algorithm
    SIGMAS = auto()
    CHECKPOINT = auto()
    NETWORK = auto()  # a denoising network without text models and VAE
    TEXT_MODEL = auto()
    VAE = auto()
    FILE = auto()  # a file for another node: an upscaler, a ControlNet
    LORA = auto()
    CLIP_LAYER = auto()
    SHIFT = auto()
    PREDICTION = auto()
    RESCALE = auto()
    MODEL_CHANGE = auto()
    TEXT = auto()  # a prompt
    COMBINE = auto()  # several prompts
    GUIDANCE = auto()
    CONDITION_CHANGE = auto()
    ZERO = auto()
    CONTROL = auto()  # a ControlNet and its image
    EMPTY_LATENT = auto()
    ENCODE = auto()
    DECODE = auto()
    LATENT_SCALE = auto()
    LATENT_CHANGE = auto()
    LOAD_IMAGE = auto()
    IMAGE_SCALE = auto()
    UPSCALE = auto()  # enlarges by a network
    IMAGE_CHANGE = auto()
    PIPE = auto()  # a bundle of links
    SERVICE = auto()  # a closed model elsewhere


@dataclass(frozen=True, slots=True)
class NodeClass:
    """A class of nodes.

    Attributes:
        kind: What it does.
        names: Input names by what they are to us; one that is missing is called as we call it.
        outputs: Its outputs in their order.
        fixed: Settings that the class itself has.
        reason, gap: For changes: what can't be recorded of it, for a person and for the file. No reason: it changes
            nothing.
        compute: For values: the value, None where it can't be known. For switches: the input that is given on. For
            LoRAs: the list of them.
    """

    kind: Kind
    names: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    gap: GapKind = GapKind.OPERATION
    compute: Compute | None = None

    def name(self, role: str) -> str:
        """What this class calls an input."""
        return self.names.get(role, role)


def node(kind: Kind, *outputs: str, **names: str) -> NodeClass:
    """A class with inputs by name and own outputs."""
    return NodeClass(kind, names, outputs)


def save(images: str = "images", only: str = "") -> NodeClass:
    """A node that writes pictures, of the format `only` where it writes no other."""
    return NodeClass(Kind.SAVE, {"images": images}, ("=" + images,), {"only": only})


def preview(images: str = "images") -> NodeClass:
    return NodeClass(Kind.PREVIEW, {"images": images}, ("=" + images,), {"only": ""})


def gives(*inputs: str) -> NodeClass:
    """Every output is an input of the node: a constant, a reroute, a set of parameters."""
    return NodeClass(Kind.THROUGH, outputs=tuple("=" + name for name in inputs))


def value(compute: Compute, *outputs: str) -> NodeClass:
    return NodeClass(Kind.VALUE, outputs=outputs, compute=compute)


def switch(compute: Compute) -> NodeClass:
    return NodeClass(Kind.SWITCH, compute=compute)


def pipe(*outputs: str) -> NodeClass:
    """A bundle: what it has not itself comes by its own pipe."""
    return NodeClass(Kind.PIPE, outputs=outputs)


def sampler(*outputs: str, **names: str) -> NodeClass:
    return NodeClass(Kind.SAMPLER, names, outputs or ("latent",))


def step_sampler(*outputs: str, **names: str) -> NodeClass:
    return NodeClass(Kind.STEP_SAMPLER, {"seed": "noise_seed", **names}, outputs or ("latent",))


def method(sampler_name: str = "", **names: str) -> NodeClass:
    """A sampling algorithm: of its own, or where none is given by the input `sampler_name`."""
    return NodeClass(Kind.METHOD, names, ("method",), {"sampler_name": sampler_name})


def sigmas(scheduler: str = "", **names: str) -> NodeClass:
    """Noise levels: of the schedule `scheduler`, or where none is given of the input `scheduler`."""
    return NodeClass(Kind.SIGMAS, names, ("sigmas",), {"scheduler": scheduler})


def changed_sigmas(reason: str) -> NodeClass:
    return NodeClass(Kind.SIGMAS, {}, ("sigmas",), {}, reason, GapKind.SETTING)


def guider(reason: str = "", unguided: bool = False, **names: str) -> NodeClass:
    fixed = {"cfg": 1.0} if unguided else {}
    return NodeClass(Kind.GUIDER, names, ("guider",), fixed, reason, GapKind.EXTENSION)


def checkpoint(file: str = "ckpt_name", *outputs: str) -> NodeClass:
    return NodeClass(Kind.CHECKPOINT, {"file": file}, outputs or ("model", "clip", "vae"))


def network(file: str = "unet_name", dtype: str = "weight_dtype") -> NodeClass:
    return NodeClass(Kind.NETWORK, {"file": file, "dtype": dtype}, ("model",))


def text_model(*files: str) -> NodeClass:
    return NodeClass(Kind.TEXT_MODEL, {f"file{place}": name for place, name in enumerate(files)}, ("clip",))


def file(name: str) -> NodeClass:
    return NodeClass(Kind.FILE, {"file": name}, ("file",))


def lora(compute: Compute | None = None, *outputs: str, **names: str) -> NodeClass:
    """One LoRA by its inputs lora_name, strength_model and strength_clip; or what `compute` lists: (name, weight on
    the network, weight on the text model)."""
    return NodeClass(Kind.LORA, names, outputs or ("model", "clip"), compute=compute)


def model_change(
    reason: str = "", *outputs: str, gap: GapKind = GapKind.MODEL_PATCH, **names: str
) -> NodeClass:
    """A change of the network; without a reason it changes nothing but the speed."""
    return NodeClass(Kind.MODEL_CHANGE, names, outputs or ("model", "clip"), {}, reason, gap)


def text(*prompts: str, **names: str) -> NodeClass:
    """A prompt: the inputs of its texts for the first, second and third text model."""
    texts = {f"prompt{place}": name for place, name in enumerate(prompts or ("text",))}
    return NodeClass(Kind.TEXT, {**texts, **names}, ("conditioning",), {"prompts": max(1, len(prompts))})


def combine(reason: str, *inputs: str, gap: GapKind = GapKind.REGION) -> NodeClass:
    names = {f"part{place}": name for place, name in enumerate(inputs)}
    return NodeClass(Kind.COMBINE, names, ("conditioning",), {"parts": len(inputs)}, reason, gap)


def condition_change(
    reason: str = "", *outputs: str, gap: GapKind = GapKind.OPERATION, **names: str
) -> NodeClass:
    return NodeClass(Kind.CONDITION_CHANGE, names, outputs or ("conditioning",), {}, reason, gap)


def control(*outputs: str, **names: str) -> NodeClass:
    reason = "a control image is not in the metadata"
    return NodeClass(Kind.CONTROL, names, outputs or ("conditioning",), {}, reason, GapKind.CONTROL_IMAGE)


def service(**names: str) -> NodeClass:
    """A closed model that makes the whole picture elsewhere."""
    reason = "the picture was made by a service ({})"
    return NodeClass(Kind.SERVICE, names, ("image",), {}, reason, GapKind.CLOSED_MODEL)


def empty_latent(**names: str) -> NodeClass:
    return NodeClass(Kind.EMPTY_LATENT, names, ("latent",))


def image_change(reason: str = "", image: str = "image", gap: GapKind = GapKind.POSTPROCESS) -> NodeClass:
    return NodeClass(Kind.IMAGE_CHANGE, {"image": image}, ("image",), {}, reason, gap)


def latent_change(
    reason: str = "", samples: str = "samples", gap: GapKind = GapKind.OPERATION, **names: str
) -> NodeClass:
    return NodeClass(Kind.LATENT_CHANGE, {"samples": samples, **names}, ("latent",), {}, reason, gap)


def load_image(file: str = "image", *outputs: str) -> NodeClass:
    return NodeClass(Kind.LOAD_IMAGE, {"file": file}, outputs or ("image", "mask"))
