"""The schema files that must be refused: their first comment lines are the exact complaints."""

from __future__ import annotations

import ast
from pathlib import Path

from codegen import breaking, lint, lock
from codegen.compile import compile_schema
from codegen.problems import SchemaError

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
BAD = sorted((HERE / "bad").glob("[A-Z]*.yaml"))
BREAKING = sorted((HERE / "breaking").glob("[A-Z]*.yaml"))
RELEASED = HERE / "breaking" / "released.yaml"
RELEASED_LOCK = HERE / "breaking" / "1.1.lock.json"
OTHER = HERE / "other" / "schema" / "skylog.yaml"
OWN = REPOSITORY / "schema" / "aigif.yaml"
# What no schema says: such a case is the release's own schema, compared with a release edited like this.
OTHER_RELEASES = {"WIRE_CONSTANT_CHANGED": ('"escape_byte": 255', '"escape_byte": 254')}
LOADERS = ("source.py", "load.py", "load_codes.py", "load_elements.py")


def expected(path: Path) -> list[str]:
    """The complaints that a bad file asks for: its comment lines before the first line of YAML."""
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(index for index, line in enumerate(lines) if not line.startswith("# "))
    return [line.removeprefix("# ") for line in lines[:first]]


def complaints(path: Path) -> list[str]:
    """What the compiler and the lint rules say about a schema."""
    try:
        return [str(problem) for problem in lint.run(*compile_schema(path))]
    except SchemaError as error:
        return [str(problem) for problem in error.problems]


def breaking_complaints(path: Path, level: str = "api") -> list[str]:
    """What breaks between the tests' release and a schema."""
    schema, _ = compile_schema(path)
    text = RELEASED_LOCK.read_text(encoding="utf-8")
    before, now = OTHER_RELEASES.get(path.stem, ("", ""))
    assert before in text
    released = lock.from_json(text.replace(before, now) if before else text, RELEASED_LOCK.name)
    return [str(problem) for problem in breaking.run(released, schema, level)]


def loader_rules() -> set[str]:
    """The rules that the loaders name: text in capitals given to `fail` or `Problem`."""
    found: set[str] = set()
    for name in LOADERS:
        tree = ast.parse((REPOSITORY / "codegen" / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in (
                "fail",
                "Problem",
            ):
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                found.update(text for text in texts if isinstance(text, str) and text.isupper())
    return found


def edited(folder: Path, schema: Path, *changes: tuple[str, str]) -> Path:
    """A copy of a schema, and of the tables and texts beside it, with each text replaced by another."""
    text = schema.read_text(encoding="utf-8")
    for before, after in changes:
        assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {schema.name}"
        text = text.replace(before, after)
    folder.mkdir(parents=True, exist_ok=True)
    for beside in (*schema.parent.rglob("*.yaml"), *schema.parent.rglob("*.md")):
        target = folder / beside.relative_to(schema.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(beside.read_text(encoding="utf-8"), encoding="utf-8")
    path = folder / schema.name
    path.write_text(text, encoding="utf-8")
    return path
