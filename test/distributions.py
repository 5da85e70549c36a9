"""Builds the distributions that go to PyPI."""

import os
import subprocess
import sys
from pathlib import Path

from ecs_events import ROOT


def build(target: str, directory: Path, source: Path = ROOT, **environment: str) -> Path:
    """Build the wheel or the source distribution, and return its file."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(directory)],
        cwd=source,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
    )
    (file,) = directory.glob({"wheel": "*.whl", "sdist": "*.tar.gz"}[target])
    return file
