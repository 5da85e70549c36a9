"""The wheel, as PyPI is given it."""

import zipfile
from pathlib import Path

import pytest

from distributions import build


@pytest.fixture(scope="package")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("dist"))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """A directory with the wheel's packages, as in an environment's site-packages."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    return tmp_path
