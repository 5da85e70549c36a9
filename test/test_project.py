"""The repository: generated files match their sources."""

import json
import os
import pydoc
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ecs_task_event_logger
from ecs_events import ROOT


def test_generated_files_are_not_edited_by_hand(tmp_path: Path) -> None:
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


def test_public_names_are_in_dir_and_help() -> None:
    public = set(ecs_task_event_logger.__all__)
    assert public <= set(dir(ecs_task_event_logger))
    text = pydoc.plain(pydoc.render_doc(ecs_task_event_logger))
    for name in public:
        assert f"class {name}(" in text
    with pytest.raises(AttributeError, match="has no attribute 'EcsLogger'"):
        getattr(ecs_task_event_logger, "EcsLogger")  # noqa: B009


def test_api_reference_matches_the_docstrings() -> None:
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import api; print(api.render(), end='')"],
        cwd=ROOT / "docs",
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert made.stdout == (ROOT / "API.md").read_text(), "run `uv run projen docgen`"


@pytest.mark.parametrize("script", [[], ["--script", "examples/local/run.py"]])
def test_lock_file_matches_what_it_locks(script: list[str]) -> None:
    uv = os.environ.get("UV", "uv")
    subprocess.run([uv, "lock", "--check", "--offline", *script], cwd=ROOT, check=True)


def test_local_example_accepts_the_versions_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    supported = [*project["project"]["dependencies"], *project["dependency-groups"]["emulator"]]
    script = (ROOT / "examples" / "local" / "run.py").read_text()
    listed = re.findall(r'^#   "(.+)",$', script, re.MULTILINE)
    assert sorted(listed) == sorted(supported)


def test_workflows_pin_actions_and_declare_permissions() -> None:
    workflows = [path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml")]
    used = [name for text in workflows for name in re.findall(r"uses: (.+)", text)]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)] == []
    jobs = [text.count("runs-on:") for text in workflows]
    assert [text.count("permissions:") for text in workflows] == jobs
    granted = {name for text in workflows for name in re.findall(r"([\w-]+: write)", text)}
    assert granted == {"id-token: write"}
