"""Compare a schema with its latest release: what would break bytes, JSON or programs."""

from __future__ import annotations

from codegen.breaking import container, elements, enumerations, meaning, naming
from codegen.breaking.rule import LEVELS, Change, Rule
from codegen.lock import lock_of
from codegen.locked import Lock
from codegen.model import Schema
from codegen.problems import Problem

RULES: tuple[Rule, ...] = (
    *elements.RULES,
    *meaning.RULES,
    *enumerations.RULES,
    *container.RULES,
    *naming.RULES,
)


def run(released: Lock, schema: Schema, level: str = LEVELS[-1]) -> list[Problem]:
    """The breaking changes from a release to a schema that has passed all passes.

    `level` is wire, json or api; each includes those before it. Problems stand in the order of their places.
    """
    change = Change(released, lock_of(schema), schema)
    wanted = LEVELS[: LEVELS.index(level) + 1]
    return sorted(found for rule in RULES if rule.level in wanted for found in rule.check(change))
