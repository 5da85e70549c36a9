"""The patches of MiniStack: they fit the pinned version, and git applies them too."""

import subprocess
import tomllib
from pathlib import Path

import pytest

import patched_ministack
from ecs_events import ROOT
from patched_ministack import PATCHED_VERSION, PATCHES, PatchError, apply, patched_sources

RUN = ROOT / "examples" / "local" / "run.py"


def test_patches_are_for_the_pinned_version() -> None:
    pin = f"ministack=={PATCHED_VERSION}"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert pin in project["dependency-groups"]["emulator"]
    assert f'#   "{pin}",' in RUN.read_text().splitlines()


def test_error_for_another_version_says_how_to_move_the_patches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patched_ministack, "version", lambda name: "9.9.9")
    with pytest.raises(PatchError, match=r"move the patches to 9\.9\.9: see .*CONTRIBUTING\.md"):
        patched_sources()


def test_git_applies_the_patches_to_the_same_effect(tmp_path: Path) -> None:
    sources = patched_sources()
    files = {name: tmp_path / f"{name.replace('.', '/')}.py" for name in sources}
    for name, file in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(patched_ministack._source(name), encoding="utf-8")
    # The tests in the patches are for MiniStack's repository.
    command = ["git", "apply", "--include=ministack/*", *map(str, PATCHES)]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert {name: file.read_text(encoding="utf-8") for name, file in files.items()} == sources


@pytest.mark.parametrize(("source", "count"), [("c\n", 0), ("a\na\n", 2)])
def test_rejects_a_hunk_that_does_not_apply(source: str, count: int) -> None:
    with pytest.raises(PatchError, match=rf"1\.patch: .* occur {count}x: @@ -1 \+1 @@"):
        apply("@@ -1 +1 @@\n-a\n+b\n", source, "1.patch")
