"""The example apps, run as users run them."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from syrupy.assertion import SnapshotAssertion

from ecs_events import ROOT
from example_apps import CDK_CLI, EXAMPLES, needs_cdk_cli, synthesize
from templates import CHANGED

# Each app, and its stacks.
STACKS = {
    "central_logging": ["Central", "Shop", "Warehouse"],
    "failures_to_slack": ["FailuresToSlack"],
    "kept_for_a_year": ["KeptForAYear"],
    "many_teams": ["ManyTeams"],
    "quick_start": ["QuickStart"],
    "snapshot_test": ["Shop"],
}


@pytest.fixture(scope="module")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: synthesize(name, tmp_path_factory.mktemp(name)) for name in STACKS}


def template(assembly: Path, stack: str) -> Any:
    """Return a stack's template, without the hash that each edit of the function changes."""
    text = (assembly / f"{stack}.template.json").read_text()
    return json.loads(re.sub(r"[0-9a-f]{64}\.zip", "HASH.zip", text))


def test_every_app_is_tested() -> None:
    assert {file.parent.name for file in EXAMPLES.glob("*/cdk.json")} == set(STACKS)


README = (EXAMPLES / "README.md").read_text()


def test_readme_lists_every_app_and_command() -> None:
    files = [*EXAMPLES.glob("*/cdk.json"), *EXAMPLES.glob("*/run.py")]
    folders = {file.parent.name for file in files}
    assert folders == set(re.findall(r"^(?:\| )?\[(\w+)\]\(\1/", README, re.MULTILINE))


@needs_cdk_cli
def test_command_in_the_readme_synthesizes_an_app() -> None:
    (command,) = re.findall(r"^cd .+ synth$", README, re.MULTILINE)
    # Without the network: this is the same CLI.
    offline = command.replace("npx --yes aws-cdk@2", str(CDK_CLI))
    finished = subprocess.run(["bash", "-c", offline], cwd=ROOT, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert "Type: AWS::Events::Rule" in finished.stdout


@pytest.mark.parametrize(
    ("app", "stack"), [(app, stack) for app, stacks in STACKS.items() for stack in stacks]
)
def test_an_app_makes_what_it_made(
    assemblies: dict[str, Path], app: str, stack: str, snapshot: SnapshotAssertion
) -> None:
    assert template(assemblies[app], stack) == snapshot, CHANGED


@pytest.mark.parametrize(
    ("app", "stack"), [(app, stack) for app, stacks in STACKS.items() for stack in stacks]
)
def test_cfn_lint_finds_nothing_in_an_app(
    assemblies: dict[str, Path], app: str, stack: str
) -> None:
    text = (assemblies[app] / f"{stack}.template.json").read_text()
    findings = lint(text, config=ManualArgs(regions=["eu-west-1"]))
    assert [str(found) for found in findings if found.rule.id != "W3005"] == []


def test_member_stacks_deploy_after_the_central_stack(assemblies: dict[str, Path]) -> None:
    manifest = assemblies["central_logging"] / "manifest.json"
    artifacts = json.loads(manifest.read_text())["artifacts"]
    for member in ("Shop", "Warehouse"):
        assert "Central" in artifacts[member]["dependencies"]


def test_snapshot_test_example_runs(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLES / "snapshot_test", tmp_path / "shop")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    assert "cd examples/snapshot_test && uv run python -m pytest --snapshot-update" in README
    subprocess.run([*command, "--snapshot-update"], cwd=folder, check=True)
    finished = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    assert "2 passed" in finished.stdout
