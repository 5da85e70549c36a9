"""The wheel and the source distribution hold the files of the repository."""

import compileall
import os
import re
import shutil
import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

from distributions import build
from ecs_events import ROOT

# Prints the hash of the function's asset, without the rest of the template.
ASSET_HASH = """
import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from ecs_task_event_logger import EcsTaskEventLogger

stack = cdk.Stack(cdk.App(), "Stack")
cluster = ecs.Cluster.from_cluster_arn(stack, "Cluster", "arn:aws:ecs:eu-west-1:1:cluster/shop")
log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
print(stack.resolve(log.function.node.default_child.code)["s3Key"])
"""


def test_wheel_holds_exactly_the_modules(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        licence = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
    source = ROOT / "src"
    modules = {path.relative_to(source).as_posix() for path in source.rglob("*.py")}
    data = {f"ecs_task_event_logger/{name}" for name in ("py.typed", "record.schema.json")}
    assert names == modules | data
    assert len(licence) == 1


def test_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(build("sdist", tmp_path), tmp_path)
    (source,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert build("wheel", tmp_path, source).read_bytes() == wheel.read_bytes()


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def test_release_links_to_its_sources(tmp_path: Path) -> None:
    home = "https://github.com/someone/something"
    release = metadata(build("wheel", tmp_path, PROJECT_URL=home))
    tag = f"v{release['Version']}"
    assert f"Changelog, {home}/blob/{tag}/CHANGELOG.md" in release.get_all("Project-URL", [])
    text = str(release.get_payload())
    assert f"]({home}/raw/{tag}/docs/architecture.svg)" in text
    assert f"[API.md]({home}/blob/{tag}/API.md)" in text
    assert f"[Quick start]({home}/blob/{tag}/README.md#quick-start)" in text
    assert re.findall(r"\]\((?!https://)[^)]*\)", text) == []
    links = re.findall(r"\]\((.+?)\)", text)
    assert [link for link in links if not link.startswith(("https://", "#"))] == []


def test_other_builds_have_no_links_to_their_sources(wheel: Path) -> None:
    other = metadata(wheel)
    assert other.get_all("Project-URL") is None
    assert other.get_payload() == (ROOT / "README.md").read_text()


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


def test_asset_hash_is_the_same_from_wheel_and_checkout(installed: Path, tmp_path: Path) -> None:
    checkout = asset_hash(ROOT / "src")
    assert checkout.endswith(".zip")
    assert asset_hash(installed) == checkout
    # Files that an installer, an editor or an operating system leaves there change nothing.
    function = installed / "ecs_task_event_logger" / "handler"
    compileall.compile_dir(function, quiet=2)
    (function / ".DS_Store").write_text("")
    (function / "task_events" / "main.py.swp").write_text("")
    assert list(function.rglob("*.pyc"))
    assert asset_hash(installed) == checkout


def test_asset_hash_changes_with_the_modules(installed: Path) -> None:
    before = asset_hash(installed)
    main = installed / "ecs_task_event_logger" / "handler" / "task_events" / "main.py"
    main.write_text(main.read_text() + "\n")
    assert asset_hash(installed) != before
