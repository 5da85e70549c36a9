"""The repository itself: generated files are as their sources make them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from ecs_events import ROOT


def test_no_generated_file_was_edited_by_hand(tmp_path: Path) -> None:
    generated = json.loads((ROOT / ".projen/files.json").read_text())["files"]
    shutil.copy(ROOT / ".projenrc.py", tmp_path)
    subprocess.run(
        [sys.executable, ".projenrc.py"],
        cwd=tmp_path,
        env={**os.environ, "PROJEN_DISABLE_POST": "1"},
        check=True,
        capture_output=True,
    )
    assert "pyproject.toml" in generated
    edited = [
        name for name in generated if (ROOT / name).read_bytes() != (tmp_path / name).read_bytes()
    ]
    assert edited == [], "edit .projenrc.py instead, then run `uv run projen`"


def test_the_lock_file_fits_the_project() -> None:
    subprocess.run(
        [os.environ.get("UV", "uv"), "lock", "--check", "--offline"], cwd=ROOT, check=True
    )
