"""The compiler's command line: thin, every command calls the library and prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from codegen import backend, breaking, emit, javascript, lint
from codegen import lock as locks
from codegen.breaking.rule import LEVELS
from codegen.compile import compile_schema
from codegen.problems import Problem, SchemaError

DEFAULT_SCHEMA = Path("schema/aigif.yaml")
DOCUMENTS = ("jsonschema", "markdown")

Command = TypeVar("Command", bound=Callable[..., Any])

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


def schema_option(command: Command) -> Command:
    return click.option(
        "--schema", type=EXISTING, default=DEFAULT_SCHEMA, show_default=True, help="The schema to compile."
    )(command)


def out_option(command: Command) -> Command:
    return click.option(
        "--out",
        type=FOLDER,
        help="A folder for the files, a subfolder for each target. Default: their places in this repository.",
    )(command)


def target_option(command: Command) -> Command:
    return click.option(
        "--target",
        "targets",
        multiple=True,
        type=click.Choice(backend.TARGETS),
        help="What to generate; may be repeated. Default: everything.",
    )(command)


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON list.")(command)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Compile a format's schema into codecs and documents.

    \b
    Examples:
      python -m codegen generate                     write every target to its place
      python -m codegen check                        are the files on disk fresh?
      python -m codegen lint                         style and evolution rules
      python -m codegen breaking --level wire        would released bytes break?
      python -m codegen generate --schema my.yaml --target python --out build

    Exit codes: 0 ok, 1 problems, 2 usage.
    """


@main.command()
@schema_option
@target_option
@out_option
def generate(schema: Path, targets: tuple[str, ...], out: Path | None) -> None:
    """Write the generated files.

    Files that are fresh stay untouched; the paths of the others are printed.

    \b
    Examples:
      python -m codegen generate
      python -m codegen generate --target python --target construct
      python -m codegen generate --schema other/schema/my.yaml --out build
    """
    _write(_outputs(schema, targets or backend.TARGETS, out))


@main.command()
@schema_option
@out_option
def docs(schema: Path, out: Path | None) -> None:
    """Write only the documents.

    These are the format's page and its JSON Schema.

    \b
    Example:
      python -m codegen docs --out build/pages
    """
    _write(_outputs(schema, DOCUMENTS, out))


@main.command()
@schema_option
@target_option
@out_option
def check(schema: Path, targets: tuple[str, ...], out: Path | None) -> None:
    """List generated files that are not fresh.

    Exits with 1 where a file on disk is missing or is not what the schema gives.

    \b
    Example:
      python -m codegen check || python -m codegen generate
    """
    stale = emit.stale(_outputs(schema, targets or backend.TARGETS, out))
    for path in stale:
        click.echo(path.as_posix())
    if stale:
        click.echo(f"{_count(len(stale), 'file')} not fresh; run: python -m codegen generate", err=True)
        sys.exit(1)


@main.command(name="javascript")
@click.option("--check", "only_check", is_flag=True, help="Only list what is not fresh; exit 1 if anything is.")
def javascript_command(only_check: bool) -> None:
    """Build the JavaScript of the package.

    Compiles its TypeScript, generated and other, into the folder js beside it. Needs the npm packages of
    codegen/node.

    \b
    Examples:
      python -m codegen javascript
      python -m codegen javascript --check
    """
    try:
        files = javascript.outputs()
    except javascript.ToolError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    left = javascript.leftover(files)
    if not only_check:
        for path in left:
            path.unlink()
        _write(files)
        return
    stale = [*emit.stale(files), *left]
    for path in stale:
        click.echo(path.as_posix())
    if stale:
        click.echo(f"{_count(len(stale), 'file')} not fresh; run: python -m codegen javascript", err=True)
        sys.exit(1)


@main.command(name="lint")
@schema_option
@json_option
def lint_command(schema: Path, as_json: bool) -> None:
    """Check the schema by every rule.

    First its form, then its meaning, then the rules of style and evolution.

    \b
    Examples:
      python -m codegen lint
      python -m codegen lint --json | python -m json.tool
    """
    try:
        problems = lint.run(*compile_schema(schema))
    except SchemaError as error:
        problems = error.problems
    _report(problems, as_json)


@main.command(name="breaking")
@schema_option
@click.option(
    "--against", type=EXISTING, help="The lock file to compare with. Default: the latest release's."
)
@click.option(
    "--level", type=click.Choice(LEVELS), default=LEVELS[-1], show_default=True,
    help="What must not break: wire (bytes), json (and names), api (and generated type names).",
)  # fmt: skip
@json_option
def breaking_command(schema: Path, against: Path | None, level: str, as_json: bool) -> None:
    """Compare with the latest release.

    Releases stand in released/, beside the schema, as lock files.

    \b
    Examples:
      python -m codegen breaking
      python -m codegen breaking --level wire --against schema/released/1.0.lock.json
    """
    try:
        compiled, _ = compile_schema(schema)
        path = against or locks.latest(schema)
        if path is None:
            click.echo(f"no release in {locks.folder_of(schema).as_posix()} yet: nothing can break", err=True)
        problems = breaking.run(locks.read(path), compiled, level) if path else []
    except SchemaError as error:
        problems = error.problems
    _report(problems, as_json)


@main.command(name="lock")
@schema_option
@click.option(
    "--force", is_flag=True, help="Write over a lock file with other content, and despite breaking changes."
)
def lock_command(schema: Path, force: bool) -> None:
    """Freeze the schema's version as a release.

    Writes released/<version>.lock.json beside the schema. What breaks the release before is refused.

    \b
    Example:
      python -m codegen lock
    """
    try:
        compiled, _ = compile_schema(schema)
        before = locks.latest(schema)
        path = locks.path_of(schema, compiled.version)
        if before is not None and before != path and not force:
            problems = breaking.run(locks.read(before), compiled)
            if problems:
                raise SchemaError(problems)
        written = locks.write(path, locks.lock_of(compiled), force)
    except SchemaError as error:
        _fail(error)
    click.echo(f"{'wrote' if written else 'unchanged'} {path.as_posix()}", err=True)


def _outputs(schema: Path, targets: Sequence[str], out: Path | None) -> Mapping[Path, str]:
    if out is None and schema.resolve() != DEFAULT_SCHEMA.resolve():
        raise click.UsageError(
            "--out is needed with another schema, whose files have no place in this repository"
        )
    try:
        return emit.outputs(*compile_schema(schema), targets, out)
    except SchemaError as error:
        _fail(error)


def _write(files: Mapping[Path, str]) -> None:
    changed = emit.write(files)
    for path in changed:
        click.echo(path.as_posix())
    click.echo(f"{len(changed)} of {_count(len(files), 'file')} changed", err=True)


def _report(problems: list[Problem], as_json: bool) -> None:
    """Print problems to stdout; exit 1 where there are any."""
    if as_json:
        rows = [{**asdict(p.position), "rule": p.rule, "message": p.message} for p in problems]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(str(problem))
    if problems:
        click.echo(_count(len(problems), "problem"), err=True)
        sys.exit(1)


def _fail(error: SchemaError) -> NoReturn:
    for problem in error.problems:
        click.echo(str(problem), err=True)
    sys.exit(1)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
