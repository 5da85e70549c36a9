"""The example apps, run as users run them."""

import json
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

import cfn_lint
from example_apps import EXAMPLES, synthesize
from templates import CHANGED, without_hashes

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


def template(assembly: Path, stack: str) -> str:
    return (assembly / f"{stack}.template.json").read_text()


def test_every_app_is_tested() -> None:
    assert {file.parent.name for file in EXAMPLES.glob("*/cdk.json")} == set(STACKS)


@pytest.mark.parametrize(
    ("app", "stack"), [(app, stack) for app, stacks in STACKS.items() for stack in stacks]
)
def test_an_app_makes_what_it_made(
    assemblies: dict[str, Path], app: str, stack: str, snapshot: SnapshotAssertion
) -> None:
    assert without_hashes(template(assemblies[app], stack)) == snapshot, CHANGED


@pytest.mark.security
@pytest.mark.parametrize(
    ("app", "stack"), [(app, stack) for app, stacks in STACKS.items() for stack in stacks]
)
def test_cfn_lint_finds_nothing_in_an_app(
    assemblies: dict[str, Path], app: str, stack: str
) -> None:
    assert cfn_lint.findings(template(assemblies[app], stack)) == []


def test_member_stacks_deploy_after_the_central_stack(assemblies: dict[str, Path]) -> None:
    manifest = assemblies["central_logging"] / "manifest.json"
    artifacts = json.loads(manifest.read_text())["artifacts"]
    for member in ("Shop", "Warehouse"):
        assert "Central" in artifacts[member]["dependencies"]
