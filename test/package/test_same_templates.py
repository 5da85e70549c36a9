"""Templates depend only on the user's code, because users keep snapshots of them."""

import os
import site
import subprocess
import sys
from pathlib import Path

import pytest

from ecs_events import ROOT
from pythons import on_every_python

APPS = sorted(path.with_name("app.py") for path in ROOT.glob("examples/*/cdk.json"))
RUN_APPS = """
import runpy, sys
for app in sys.argv[1:]:
    runpy.run_path(app, run_name="__main__")
"""


def synthesize(executable: str, packages: Path, outdir: Path) -> dict[str, bytes]:
    """Return the templates and asset hashes of the examples, synthesized by a Python interpreter.

    Args:
        executable: The interpreter.
        packages: The directory to import this package from. Its dependencies come from the running
            interpreter. They are pure Python, so another version can import them.
        outdir: The directory for the assemblies.
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
def checkout_templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The templates of the running interpreter, from the checkout."""
    return synthesize(sys.executable, ROOT / "src", tmp_path_factory.mktemp("cdk"))


@on_every_python
def test_templates_are_the_same_on_all_pythons_and_from_the_wheel(
    executable: str,
    installed: Path,
    tmp_path_factory: pytest.TempPathFactory,
    checkout_templates: dict[str, bytes],
) -> None:
    assert len(checkout_templates) >= 2 * len(APPS)
    templates = synthesize(executable, installed, tmp_path_factory.mktemp("cdk"))
    assert templates == checkout_templates
