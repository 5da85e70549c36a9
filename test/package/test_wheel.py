"""The wheel: what is in it, and that what it deploys is what the repository deploys."""

import compileall
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ecs_events import ROOT

# Prints the hash of the function's asset, the template that it stands in being nobody's concern.
ASSET_HASH = """
import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from ecs_task_event_logger import EcsTaskEventLogger

stack = cdk.Stack(cdk.App(), "Stack")
cluster = ecs.Cluster.from_cluster_arn(stack, "Cluster", "arn:aws:ecs:eu-west-1:1:cluster/shop")
log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
print(stack.resolve(log.function.node.default_child.code)["s3Key"])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (file,) = directory.glob("*.whl")
    return file


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """A directory with the wheel's packages, as in an environment's site-packages."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    return tmp_path


def test_the_wheel_holds_the_modules_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        licence = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
    source = ROOT / "src"
    modules = {path.relative_to(source).as_posix() for path in source.rglob("*.py")}
    data = {f"ecs_task_event_logger/{name}" for name in ("py.typed", "record.schema.json")}
    assert names == modules | data
    assert len(licence) == 1


def asset_hash(directory: Path) -> str:
    result = subprocess.run(
        [sys.executable, "-c", ASSET_HASH],
        env={**os.environ, "PYTHONPATH": str(directory), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=directory,
        check=True,
        capture_output=True,
        text=True,
    )
    return result.stdout.strip()


def test_the_asset_has_one_hash_wherever_it_comes_from(installed: Path, tmp_path: Path) -> None:
    checkout = asset_hash(ROOT / "src")
    assert checkout.endswith(".zip")
    assert asset_hash(installed) == checkout
    # What an installer, an editor or an operating system may leave there changes nothing.
    function = installed / "ecs_task_event_logger" / "function"
    compileall.compile_dir(function, quiet=2)
    (function / ".DS_Store").write_text("")
    (function / "task_events" / "main.py.swp").write_text("")
    assert list(function.rglob("*.pyc"))
    assert asset_hash(installed) == checkout


def test_the_asset_changes_with_its_modules(installed: Path) -> None:
    before = asset_hash(installed)
    main = installed / "ecs_task_event_logger" / "function" / "task_events" / "main.py"
    main.write_text(main.read_text() + "\n")
    assert asset_hash(installed) != before
