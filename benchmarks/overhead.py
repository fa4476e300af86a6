"""What this project's code adds to the bare pipeline: the same picture, both ways in turn, with the model loaded.

`python -m benchmarks.overhead` makes pictures of the embedded model with diffusers alone (pipeline, scheduler,
generator and torch's deterministic settings as a careful script has them) and with `aigif.recreate`, which checks the
file, compares the platform, runs the same pipeline, hashes the pixels and grades them. It prints the ratio of the
medians of processor time.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import aigif
from aigif._gen.enums import DataType
from aigif.runtime.components import own_scheduler
from aigif.runtime.determinism import deterministic
from aigif.runtime.honour import Unhonoured
from aigif.runtime.recreate import recreate
from aigif.runtime.registry import choose
from aigif.runtime.schedulers import build_scheduler, plan_scheduler
from aigif.runtime.warm import Models

PROMPT = "a big yellow tree on the left, meadow, at sunset"
ROUNDS = 15
LIMIT = 1.02


def main() -> None:
    import torch

    models = Models()
    syntax = aigif.generate(PROMPT, seed=1001, models=models, threads=1).aigif
    _recorded, resolved = choose(None)
    pipe = models.pipeline(resolved, DataType.FLOAT32, "cpu")
    own = own_scheduler(resolved.folder)
    plan = plan_scheduler(syntax.model, own, Unhonoured())
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(ROUNDS):
        with deterministic("cpu", 1):
            started = time.process_time()
            pipe.scheduler = build_scheduler(plan, own)
            picture = _bare(pipe, syntax, torch)
            bare.append(time.process_time() - started)
        started = time.process_time()
        again = recreate(syntax, models=models)
        ours.append(time.process_time() - started)
        if again.image.tobytes() != picture.tobytes():
            raise SystemExit("the two ways gave different pictures")
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"pictures                {ROUNDS} each way, {syntax.data.steps} steps, 128 x 128, one thread")
    print(f"aigif.recreate / bare   {ratio:.3f} (at most {LIMIT})")


def _bare(pipe: Any, syntax: aigif.Aigif, torch: Any) -> Any:
    data = syntax.data
    return pipe(
        data.prompt,
        height=data.height,
        width=data.width,
        num_inference_steps=data.steps,
        guidance_scale=data.guidance_scale,
        generator=torch.Generator("cpu").manual_seed(data.seed),
    ).images[0]


if __name__ == "__main__":
    main()
