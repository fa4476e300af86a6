"""Published tables of noise levels."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ALIGN_YOUR_STEPS", "ALIGN_YOUR_STEPS_LONG"]

ALIGN_YOUR_STEPS: Mapping[bool, tuple[float, ...]] = {
    False: (14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029),
    True: (14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029),
}
"""Ten steps for SDXL (True) and for SD 1.x, as rounded on the paper's page (Sabour et al. 2024,
research.nvidia.com/labs/toronto-ai/AlignYourSteps/howto.html): A1111's."""

ALIGN_YOUR_STEPS_LONG: Mapping[bool, tuple[float, ...]] = {
    False: (
        14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177, 1.3943805092,
        0.9642583904, 0.6523686016, 0.3977456272, 0.1515232662, 0.0291671582,
    ),
    True: (
        14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945, 0.8620721141,
        0.5550693289, 0.3798540708, 0.2332364134, 0.1114188177, 0.0291671582,
    ),
}  # fmt: skip
"""The same with all digits: ComfyUI's node (comfy_extras/nodes_align_your_steps.py)."""
