"""The one way from a schema file to layouts: load, check, lay out."""

from __future__ import annotations

from pathlib import Path

from codegen import layout, passes
from codegen.layout import Layouts
from codegen.load import load
from codegen.model import Schema
from codegen.problems import SchemaError


def compile_schema(path: Path) -> tuple[Schema, Layouts]:
    """Load a schema, run every pass, and work out its layouts.

    Raises SchemaError with the first complaint about the file's form, or with all about its meaning.
    """
    schema = load(path)
    problems = passes.run(schema)
    if problems:
        raise SchemaError(problems)
    return schema, layout.build(schema)
