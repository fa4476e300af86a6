"""Line and branch coverage of the generated codec and of the file around it: `python -m benchmarks.coverage`.

Exit code 1 where it is not 100 %.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

MEASURED = ("compact", "paper", "support", "types", "enums", "container", "meta")
FILES = [*(f"aigif/_gen/{name}.py" for name in MEASURED), "aigif/file.py", "aigif/framing.py"]
TESTS = [
    f"tests/test_{name}.py"
    for name in ("codec", "codec_forms", "codec_refusals", "file", "hostile", "support", "json_form")
]


def main() -> int:
    """Run the tests of the codec under coverage and print the report."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "COVERAGE_FILE": str(Path(folder) / "data")}
        cover = [sys.executable, "-m", "coverage"]
        run = [*cover, "run", "--branch", f"--include={','.join(FILES)}", "-m", "pytest", *TESTS]
        subprocess.run(run, env=environment, check=True, stdout=subprocess.DEVNULL)
        report = [*cover, "report", "--show-missing", "--fail-under=100"]
        return subprocess.run(report, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
