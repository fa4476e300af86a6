"""Makes a folder with a Python for 64-bit Arm and the worker's packages: `python -m benchmarks.platforms.arm64 ROOT`.

Runs on Debian as any user, installs nothing on it, and needs apt, dpkg and pip. Python has the version of this one,
which Debian has to have (3.11 is that of Debian 12). The packages have the versions of this environment, but torch,
whose wheels for Arm are free of CUDA up to 2.9.1. It takes about three minutes and 1.2 GB.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.platforms.pins import pins

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PACKAGES = (f"python{PYTHON}", "libstdc++6", "libgomp1", "libatomic1", "zlib1g")
PLATFORMS = ("any", "manylinux2014_aarch64", *(f"manylinux_2_{minor}_aarch64" for minor in range(17, 37)))


def unpack_packages(root: Path, scratch: Path) -> None:
    """Debian's packages with all that they depend on, from the machine's own sources."""
    (scratch / "lists" / "partial").mkdir(parents=True)
    (scratch / "archives" / "partial").mkdir(parents=True)
    (scratch / "status").touch()
    (scratch / "apt.conf").write_text(
        'APT::Architecture "arm64";\nAPT::Architectures { "arm64"; };\n'
        f'Dir::State "{scratch}";\nDir::State::status "{scratch}/status";\nDir::Cache "{scratch}";\n'
        'APT::Sandbox::User "";\nDebug::NoLocking "true";\n'
    )
    environment = {**os.environ, "APT_CONFIG": str(scratch / "apt.conf")}
    # Sources that have nothing for Arm make an update fail, which the next command bears or tells.
    subprocess.run(["apt-get", "-qq", "update"], env=environment, check=False)
    download = ["apt-get", "-qq", "--yes", "--download-only", "--no-install-recommends", "install", *PACKAGES]
    subprocess.run(download, env=environment, check=True)
    for package in sorted((scratch / "archives").glob("*.deb")):
        subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)


def install_wheels(root: Path, torch: str) -> None:
    target = root / "usr" / "local" / "lib" / f"python{PYTHON}" / "dist-packages"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target), "--no-deps"]
    command += ["--only-binary=:all:", "--python-version", PYTHON]
    command += [word for platform in PLATFORMS for word in ("--platform", platform)]
    subprocess.run([*command, f"torch=={torch}", *pins()], check=True)


def main() -> None:
    parser = argparse.ArgumentParser("benchmarks.platforms.arm64", description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--torch", default="2.9.1", metavar="VERSION")
    given = parser.parse_args()
    root = given.root.absolute()
    root.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        unpack_packages(root, Path(scratch))
    install_wheels(root, given.torch)
    print(f"qemu-aarch64 -L {root} {root}/usr/bin/python{PYTHON}")


if __name__ == "__main__":
    main()
