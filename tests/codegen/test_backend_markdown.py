"""The format's page: a reader that knows only the page reads what the oracle does, and its examples are right."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

import aigif
from aigif.json_form import from_json
from codegen import oracle
from codegen.backends.markdown.examples import complete
from codegen.backends.markdown.rules import RULES
from tests.codegen.backend_cases import SCHEMAS, compiled, damaged, page
from tests.codegen.page_reader import Page

NAMES = sorted(SCHEMAS)
REFUSED = "refused"


@cache
def parsed(name: str) -> Page:
    return Page(page(name))


EXAMPLES = [(name, at) for name in NAMES for at in range(len(parsed(name).examples()))]


def flat(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """The oracle's value with the paths of the page."""
    roots = compiled(name)[0].syntax
    paths = {f"{group}.{element}": held for group in roots for element, held in value[group].items()}
    return {**paths, "unknown": value["unknown"]}


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_made_of_the_page_agrees_with_the_oracle(name: str) -> None:
    profile, root = compiled(name)[1].bundles[0]
    accepted = refused = 0
    for data, strings in damaged(3, 1500):
        try:
            read: Any = parsed(name).read_root(profile.name, data, strings)
        except ValueError:
            read = REFUSED
        try:
            expected: Any = flat(name, oracle.decode_bundle(root, data, strings))
        except oracle.Refused:
            expected = REFUSED
        assert read == expected, (data, strings)
        accepted += read != REFUSED
        refused += read == REFUSED
    assert accepted > 300
    assert refused > 300


@pytest.mark.parametrize(("name", "at"), EXAMPLES)
def test_a_reader_made_of_the_page_reads_its_examples(name: str, at: int) -> None:
    example = parsed(name).examples()[at]
    held = json.loads(example.json)
    sections = held.pop("sections", [])
    profile, elements, read_sections, bits = parsed(name).read_file(example.data)
    expected = flat(name, complete(compiled(name)[0], held))
    assert profile == example.profile
    assert elements == {path: expected[path] for path in elements}
    assert {path for path in expected if path not in elements} <= set(omitted(name, profile))
    assert bits == example.bits
    given = [
        (item["id"], item["critical"], item["safe_to_copy"], bytes.fromhex(item["payload"]))
        for item in sections
    ]
    assert [section for section in read_sections if section[0] != 1] == given


def omitted(name: str, profile: str) -> list[str]:
    """The elements that the page says a record lacks; none for a bundle."""
    after = parsed(name).text.partition(f"### Profile {profile}\n")[2].partition("\n### ")[0]
    listed = re.search(r"^Elements without a place here.*: (.+)\.$", after, re.MULTILINE)
    return [*(part.strip("`") for part in listed[1].split(", ")), "unknown"] if listed else []


@pytest.mark.parametrize(("name", "at"), EXAMPLES)
def test_the_bit_tables_count_right(name: str, at: int) -> None:
    example = parsed(name).examples()[at]
    table = parsed(name).text.partition(f"### Example {at + 1}: ")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| (\d+) \| `([0-9A-F ]+|[01]+)` \|", table, re.MULTILINE)
    split = next((index for index, row in enumerate(rows) if index and row[0] == "0"), len(rows))
    assert bytes.fromhex("".join(row[1] for row in rows[:split])) == example.data
    places = 0
    for offset, text in rows[:split]:
        assert int(offset) == places
        places += len(text.split())
    places = 0
    for offset, text in rows[split:]:
        assert int(offset) == places
        places += len(text)


@pytest.mark.parametrize("at", range(len(parsed("aigif").examples())))
def test_the_codec_reads_and_writes_the_examples(at: int) -> None:
    example = parsed("aigif").examples()[at]
    value = from_json(json.loads(example.json))
    assert aigif.loads(example.data) == value
    assert aigif.dumps(value, profile=example.profile) == example.data


def test_the_examples_show_every_part_of_the_format() -> None:
    examples = parsed("aigif").examples()
    assert len(examples) >= 3
    assert {example.profile for example in examples} == {"paper", "compact"}
    documents = [json.loads(example.json) for example in examples]
    assert any("unknown" in document for document in documents)
    assert any("sections" in document for document in documents)
    assert any("hires" in document.get("data", {}) for document in documents)
    assert any("adapters" in document.get("model", {}) for document in documents)


@pytest.mark.parametrize("name", NAMES)
def test_every_code_of_every_enumeration_is_listed(name: str) -> None:
    for enumeration in compiled(name)[0].enumerations.values():
        listed = parsed(name).enumeration(enumeration.name.replace("_", "-"))
        assert listed == {value.name: value.code for value in enumeration.values}


@pytest.mark.parametrize("name", NAMES)
def test_every_element_is_listed_once_in_its_table(name: str) -> None:
    schema, layouts = compiled(name)
    profile, root = layouts.bundles[0]
    assert [row.path for row in parsed(name).roots[profile.name]] == [step.path for step in root.steps]
    for bundle in layouts.nested:
        rows = parsed(name).bundles[bundle.name.replace("_", "-")]
        assert [row.path for row in rows] == [element.name for element in schema.groups[bundle.name].elements]
    for profile, record in layouts.records:
        fields = [item.field.path for item in record.fields]
        assert [row.path for row in parsed(name).records[profile.name]] == fields
        every = {f"{group.name}.{element.name}" for group, element in schema.root_elements()}
        assert set(fields) | set(omitted(name, profile.name)) == {*every, "unknown"}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    links = set(re.findall(r"\]\(#([^)]+)\)", page(name)))
    assert len(links) > 20
    assert sorted(links - parsed(name).anchors()) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_has_its_name_and_number(name: str) -> None:
    numbered = re.findall(r"^\d+\. \*\*(R\d+) ([A-Z_]+)\.\*\*", page(name), re.MULTILINE)
    assert numbered == [(f"R{at}", rule) for at, (rule, _) in enumerate(RULES, 1)]


def test_no_format_is_named_on_the_page_of_another() -> None:
    assert "aigif" not in page("skylog").lower()
