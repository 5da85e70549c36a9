"""The example apps, as users would run them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from example_apps import synthesize


@pytest.fixture(scope="module")
def central_logging(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthesize("central_logging", tmp_path_factory.mktemp("cdk.out"))


def template(assembly: Path, stack: str) -> Any:
    """Return a stack's template, with the hash that every edit of the function changes masked."""
    text = (assembly / f"{stack}.template.json").read_text()
    return json.loads(re.sub(r"[0-9a-f]{64}\.zip", "HASH.zip", text))


@pytest.mark.parametrize("stack", ["Central", "Shop", "Warehouse"])
def test_central_logging(central_logging: Path, stack: str, snapshot: SnapshotAssertion) -> None:
    assert template(central_logging, stack) == snapshot


def test_the_members_are_deployed_after_the_central_stack(central_logging: Path) -> None:
    artifacts = json.loads((central_logging / "manifest.json").read_text())["artifacts"]
    for member in ("Shop", "Warehouse"):
        assert "Central" in artifacts[member]["dependencies"]
