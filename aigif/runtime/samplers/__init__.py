"""Samplers and noise schedules by name, as A1111 and ComfyUI run them, for any pipeline of diffusers.

`tool_scheduler` gives a scheduler for `pipe.scheduler`; `unsupported` says beforehand what it could not honour.
Importing this imports neither torch nor diffusers.
"""

from aigif.runtime.samplers.build import tool_scheduler, unsupported
from aigif.runtime.samplers.convention import Convention, Part, Steps, Strength, Whole
from aigif.runtime.samplers.protocol import Noise, NoiseStream

__all__ = [
    "Convention",
    "Noise",
    "NoiseStream",
    "Part",
    "Steps",
    "Strength",
    "Whole",
    "tool_scheduler",
    "unsupported",
]
