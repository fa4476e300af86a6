"""Recording: a call of a pipeline, as its user wrote it, becomes one `Aigif` for each of its pictures.

`recorder` catches the calls. What a call is made of is surveyed by one module each: `call` (its arguments),
`identity` (the model's folder), `weights`, `networks`, `attention`, `adapters`, `scheduling`, `noise`,
`surroundings`. Each adds to `Reasons` what no file can say; `syntax` makes the elements and proves, with the code
that recreation runs, that they lead to the same call. `docs/recording.md` has an example and the refusals.
"""

from __future__ import annotations

from aigif.runtime.recording.reasons import NotRecordableError, Refusal
from aigif.runtime.recording.recorder import Recorded, Recorder, record

__all__ = ["NotRecordableError", "Recorded", "Recorder", "Refusal", "record"]
