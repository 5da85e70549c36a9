"""The wheel that goes to PyPI."""

import zipfile
from pathlib import Path

import pytest

from distributions import build


@pytest.fixture(scope="package")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("dist"))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """A directory with the wheel's content, as in ``site-packages``."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    return tmp_path
