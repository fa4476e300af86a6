"""Rules of style and evolution: a flat list of small classes."""

from __future__ import annotations

from codegen.layout import Layouts
from codegen.lint import codes, docs, evolution, names, sizes
from codegen.lint.rule import Rule
from codegen.model import Schema
from codegen.problems import Problem

RULES: tuple[Rule, ...] = (*names.RULES, *docs.RULES, *evolution.RULES, *codes.RULES, *sizes.RULES)


def run(schema: Schema, layouts: Layouts) -> list[Problem]:
    """All complaints about a schema that has passed all passes, in the order of their places."""
    return sorted(problem for rule in RULES for problem in rule.check(schema, layouts))
