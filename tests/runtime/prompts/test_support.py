"""Which prompts of which dialects are refused."""

from __future__ import annotations

import pytest

from aigif._gen.enums import Emphasis, PromptDialect
from aigif.runtime.prompts import encodes, unsupported_prompt

SD, XL, FLUX, PIXART = (
    "StableDiffusionPipeline",
    "StableDiffusionXLPipeline",
    "FluxPipeline",
    "PixArtSigmaPipeline",
)


@pytest.mark.parametrize(
    ("dialect", "prompt", "pipeline", "reason"),
    [
        ("PLAIN", "(a:1.2) [b]", SD, None),
        ("A1111", "(a:1.2) [b:c:3] AND d BREAK <lora:x:1>", SD, None),
        ("A1111", "a, b <lora:x:1>", FLUX, None),
        ("A1111", "(a:1.2)", FLUX, "'('"),
        ("A1111", "a AND b", FLUX, "'AND'"),
        ("A1111", "a BREAK b", FLUX, "'BREAK'"),
        ("A1111", "a: b", FLUX, None),
        ("A1111", "a :1.2", FLUX, "':'"),
        ("A1111", "(" * 1000, SD, "200 brackets"),
        ("A1111", "(a:1.2.3)", XL, "1.2.3"),
        ("COMFYUI", "(a:1.2) embedding:x", XL, None),
        ("COMFYUI", "(a:1.2)", FLUX, None),
        ("COMFYUI", "(a:1.2)", PIXART, "'('"),
        ("COMFYUI", "[a]", PIXART, None),
        ("SWARMUI", "a (b:1.2)", XL, None),
        ("SWARMUI", "a <random:b,c>", XL, "'<'"),
        ("SWARMUI", "a [b:c:0.5]", XL, "SwarmUI"),
        ("COMPEL", "a++ (b)0.5", XL, None),
        ("COMPEL", "a.swap(b)", XL, "swap"),
        ("COMPEL", "a++", FLUX, None),
        ("SDNEXT", "a, b: c", XL, None),
        ("SDNEXT", "(a)", XL, "SD.Next"),
        ("NOVELAI", "{a}", XL, "NovelAI"),
        ("NOVELAI", "1.2::a::", XL, "NovelAI"),
        ("NOVELAI", "a, b", XL, None),
        ("DRAW_THINGS", "a (b)", SD, "Draw Things"),
        ("FOOOCUS", "(a:1.2)", XL, None),
    ],
)
def test_prompts(dialect: str, prompt: str, pipeline: str, reason: str | None) -> None:
    found = unsupported_prompt(PromptDialect[dialect], prompt, pipeline)
    assert (found is None) == (reason is None)
    assert reason is None or reason in (found or "")


def test_without_emphasis_brackets_are_text() -> None:
    def reason(prompt: str) -> str | None:
        return unsupported_prompt(PromptDialect.A1111, prompt, FLUX, emphasis=Emphasis.NONE)

    assert reason("(a:1.2)") is None
    assert reason("[a:b:3]") is not None


def test_long_prompts_are_told_by_the_tokenizer() -> None:
    class Words:
        def __call__(self, text: str, **_options: bool) -> dict[str, list[str]]:
            return {"input_ids": text.split()}

    long = "a " * 76
    assert unsupported_prompt(PromptDialect.SDNEXT, long, SD, tokenizer=Words()) is not None
    assert unsupported_prompt(PromptDialect.SDNEXT, "a " * 75, SD, tokenizer=Words()) is None
    assert unsupported_prompt(PromptDialect.A1111, long, SD, tokenizer=Words()) is None


def test_which_dialects_are_embeddings() -> None:
    assert encodes(PromptDialect.A1111, SD)
    assert not encodes(PromptDialect.A1111, FLUX)
    assert not encodes(PromptDialect.PLAIN, SD)
