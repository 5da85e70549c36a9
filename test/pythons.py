"""The Python interpreters on this machine."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from needs import needs


def _python(minor: int) -> str | None:
    """Return a CPython 3.x: the running one, one of pyenv or uv, or one on the PATH. Else None."""
    if sys.version_info[:2] == (3, minor):
        return sys.executable
    name = f"python3.{minor}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR", Path.home() / ".local/share/uv/python"))
    found = [
        *sorted(pyenv.glob(f"versions/3.{minor}.*/bin/{name}")),
        *sorted(uv.glob(f"cpython-3.{minor}.*/bin/{name}")),
    ]
    return str(found[-1]) if found else shutil.which(name)


PYTHONS = {f"3.{minor}": _python(minor) for minor in (11, 12, 13, 14)}

# Runs a test on each supported Python. The argument ``executable`` is the interpreter.
on_every_python = pytest.mark.parametrize(
    "executable",
    [
        pytest.param(
            path,
            id=name,
            marks=needs(f"Python {name}", f"uv python install {name}", bool(path), in_ci=False),
        )
        for name, path in PYTHONS.items()
    ],
)
