"""Prompt dialects: how the tools turn a prompt's text into embeddings, and how those are used in a run.

| module | what |
|---|---|
| `attention`, `schedule`, `composition`, `chunks` | AUTOMATIC1111's syntax, without torch |
| `comfy_syntax` | ComfyUI's syntax, without torch |
| `a1111`, `comfyui`, `invokeai` | from syntax to embeddings |
| `conditioning`, `conditioned` | embeddings from call to call; a pipeline that runs with them |
| `support`, `encode` | what can be honoured; the entry |
"""

from aigif.runtime.prompts.conditioned import ConditionedUNet, Switch, conditioned
from aigif.runtime.prompts.conditioning import Conditioning
from aigif.runtime.prompts.encode import encode_prompts
from aigif.runtime.prompts.support import encodes, unsupported_prompt

__all__ = [
    "ConditionedUNet",
    "Conditioning",
    "Switch",
    "conditioned",
    "encode_prompts",
    "encodes",
    "unsupported_prompt",
]
