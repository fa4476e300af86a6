"""What a schema must mean before its layout is worked out: a flat list of checks."""

from __future__ import annotations

from collections.abc import Callable

from codegen.model import Schema
from codegen.passes import (
    codes,
    conditions,
    enumerations,
    groups,
    identity,
    profiles,
    references,
    values,
    versions,
)
from codegen.passes.check import Pass
from codegen.problems import Problem

# Where one of these fails, the others would look for things that are not there.
FIRST: tuple[Pass, ...] = (*references.CHECKS, *groups.STRUCTURE)
THEN: tuple[Pass, ...] = (
    *groups.CHECKS,
    *identity.CHECKS,
    *enumerations.CHECKS,
    *values.CHECKS,
    *conditions.CHECKS,
    *codes.CHECKS,
    *profiles.CHECKS,
    *versions.CHECKS,
)
PASSES: tuple[Callable[[Schema], list[Problem]], ...] = (*FIRST, *THEN)


def run(schema: Schema) -> list[Problem]:
    """All problems of a schema, in the order of their places; empty where its layout may be built."""
    problems = [problem for check in FIRST for problem in check(schema)]
    if not problems:
        problems = [problem for check in THEN for problem in check(schema)]
    return sorted(problems)
