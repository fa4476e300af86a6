"""From generated TypeScript to the JavaScript that runs: the TypeScript compiler, and a bundler for one file.

Both are npm packages of `codegen/node`, which `make` installs there.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

NODE = Path(__file__).parent / "node"
# The TypeScript of the package, and where its JavaScript goes.
SOURCES = Path("aigif/viewer")
FOLDER = SOURCES / "js"


class ToolError(Exception):
    """A tool is missing, or it refused its input: its own words."""


def outputs() -> Mapping[Path, str]:
    """Every JavaScript file of the package, and its types, by its path."""
    return {FOLDER / name: text for name, text in build(SOURCES).items()}


def leftover(files: Iterable[Path]) -> list[Path]:
    """Files on disk beside those: what a source that is gone left behind."""
    return sorted({path for path in FOLDER.rglob("*") if path.is_file()} - set(files))


def build(sources: Path) -> dict[str, str]:
    """The JavaScript and the type declarations of every TypeScript file below a folder, by path.

    Raises ToolError with what the compiler, at its strictest, complains about.
    """
    with TemporaryDirectory() as name:
        config = Path(name) / "tsconfig.json"
        built = Path(name) / "built"
        options = {"rootDir": str(sources.resolve()), "outDir": str(built)}
        pattern = f"{sources.resolve()}/**/*.ts"
        excluded = [f"{sources.resolve()}/{FOLDER.name}/**"]
        config.write_text(
            json.dumps(
                {
                    "extends": str(NODE / "tsconfig.json"),
                    "compilerOptions": options,
                    "include": [pattern],
                    "exclude": excluded,
                }
            )
        )
        run_tool("tsc", "-p", str(config))
        return {
            path.relative_to(built).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(built.rglob("*"))
            if path.is_file()
        }


def bundle(entry: Path, *options: str) -> bytes:
    """One minified ES module of a file and of all that it imports. Raises ToolError."""
    return run_tool(
        "esbuild", str(entry), "--bundle", "--minify", "--format=esm", "--log-level=error", *options
    )


def run_tool(tool: str, *arguments: str) -> bytes:
    """What a tool of `codegen/node` prints. Raises ToolError."""
    program = NODE / "node_modules" / ".bin" / tool
    if not program.exists():
        raise ToolError(f"{tool} is not installed; run: npm ci --prefix codegen/node")
    done = subprocess.run([program, *arguments], capture_output=True, check=False)
    if done.returncode:
        raise ToolError((done.stdout + done.stderr).decode(errors="replace").strip())
    return done.stdout
