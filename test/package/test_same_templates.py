"""Users keep snapshots of their templates: these depend on nothing but what the user wrote."""

import os
import site
import subprocess
import sys
from pathlib import Path

import pytest

from ecs_events import ROOT
from pythons import python

APPS = sorted(path.with_name("app.py") for path in ROOT.glob("examples/*/cdk.json"))
RUN_APPS = """
import runpy, sys
for app in sys.argv[1:]:
    runpy.run_path(app, run_name="__main__")
"""


def synthesized(executable: str, packages: Path, outdir: Path) -> dict[str, bytes]:
    """Return the templates and the hashes of assets that a Python makes of the examples.

    It has the package from a directory, and what that needs from where this Python has it: all of
    it is written in Python alone.
    """
    path = [packages, *site.getsitepackages(), ROOT / "examples" / "snapshot_test"]
    subprocess.run(
        [executable, "-c", RUN_APPS, *APPS],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "CDK_OUTDIR": str(outdir),
        },
        check=True,
        capture_output=True,
    )
    files = sorted([*outdir.glob("*.template.json"), *outdir.glob("*.assets.json")])
    return {file.name: file.read_bytes() for file in files}


@pytest.fixture(scope="module")
def by_this_python_from_the_checkout(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return synthesized(sys.executable, ROOT / "src", tmp_path_factory.mktemp("cdk"))


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_templates_are_the_same_on_every_python_and_from_the_wheel(
    minor: int,
    installed: Path,
    tmp_path_factory: pytest.TempPathFactory,
    by_this_python_from_the_checkout: dict[str, bytes],
) -> None:
    executable = python(minor)
    if executable is None:
        pytest.skip(f"no Python 3.{minor} on this machine")
    assert len(by_this_python_from_the_checkout) >= 2 * len(APPS)
    made = synthesized(executable, installed, tmp_path_factory.mktemp("cdk"))
    assert made == by_this_python_from_the_checkout
