"""The Python interpreters on this machine."""

import os
import shutil
import sys
from pathlib import Path


def python(minor: int) -> str | None:
    """Return a CPython 3.x: the running one, one of pyenv, or one on the PATH. Else None."""
    if sys.version_info[:2] == (3, minor):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = sorted(map(str, pyenv.glob(f"versions/3.{minor}.*/bin/python3.{minor}")))
    return candidates[-1] if candidates else shutil.which(f"python3.{minor}")
