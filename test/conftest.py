"""Options, fixtures and snapshots for all tests."""

import sys
from typing import Any

import cdk_flags  # before CDK

# isort: split
import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from hypothesis import settings
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from ecs_events import ROOT, SHARED
from ecs_task_event_logger import EcsTaskEventLogger

# Every run draws the same examples, so a new failure comes from a change.
settings.register_profile("default", deadline=None, derandomize=True, max_examples=200)
# For a long run: pytest --hypothesis-profile long
settings.register_profile("long", deadline=None, max_examples=25_000)
settings.load_profile("default")


# Tests that take long or need much, by their place: each has a marker of its own.
TIERS = {
    "e2e": ["e2e"],
    "package": ["package"],
    "security": ["test_security_reviews.py"],
    "docs": ["test_company.py", "test_documentation.py"],
    "bench": ["test_benchmarks.py"],
}

# Tests that no command can enable on this machine are left out. A skip names such a command.
POSSIBLE = {"recorded": SHARED.is_dir(), "linux": sys.platform == "linux"}


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run many tests on all cores. A few tests are faster without the start of workers."""
    is_worker = hasattr(config, "workerinput")  # workers call this hook too
    is_many = _runs_everything_short(config) or config.args == ["test"]
    if is_many and not is_worker and config.option.numprocesses is None:
        config.option.numprocesses = "auto"
        config.option.dist = "loadfile"  # tests of a file share what they set up


def _runs_everything_short(config: pytest.Config) -> bool:
    is_bare = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return is_bare and not (config.option.markexpr or config.option.keyword)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of each tier. Without arguments, run only the others: they take a minute."""
    for item in items:
        place = item.path.relative_to(ROOT / "test").parts[0]
        for tier, places in TIERS.items():
            if place in places:
                item.add_marker(tier)
    left_out = {marker for marker, is_possible in POSSIBLE.items() if not is_possible}
    if _runs_everything_short(config):
        left_out |= TIERS.keys()
    others = {each for each in items if any(map(each.get_closest_marker, left_out))}
    config.hook.pytest_deselected(items=list(others))
    items[:] = [each for each in items if each not in others]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        cdk_flags.OPTION,
        action="store_true",
        help="synthesize with the feature flags that `cdk init` sets in new apps",
    )


class OneJsonFileEach(JSONSnapshotExtension):
    """Keeps each snapshot in a JSON file of its own under ``test/snapshots``."""

    folder = "snapshots"

    @classmethod
    def dirname(cls, *, test_location: Any) -> str:
        return str(ROOT / "test" / cls.folder / test_location.basename)


class WithRecommendedFlags(OneJsonFileEach):
    """Keeps snapshots with the recommended flags in another folder."""

    folder = "snapshots/recommended_flags"


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion, pytestconfig: pytest.Config) -> SnapshotAssertion:
    flags = pytestconfig.getoption("recommended_flags")
    return snapshot.use_extension(WithRecommendedFlags if flags else OneJsonFileEach)


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack")


@pytest.fixture
def cluster(stack: cdk.Stack) -> ecs.ICluster:
    return ecs.Cluster.from_cluster_arn(
        stack, "Cluster", "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
    )


@pytest.fixture
def log(stack: cdk.Stack, cluster: ecs.ICluster) -> EcsTaskEventLogger:
    return EcsTaskEventLogger(stack, "Log", cluster=cluster)


@pytest.fixture
def task_definition(stack: cdk.Stack) -> ecs.FargateTaskDefinition:
    created = ecs.FargateTaskDefinition(stack, "Task")
    created.add_container("app", image=ecs.ContainerImage.from_registry("shop/web"))
    return created


@pytest.fixture
def service(stack: cdk.Stack, task_definition: ecs.FargateTaskDefinition) -> ecs.FargateService:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-west-1a"],
        private_subnet_ids=["subnet-0123456789abcdef0"],
    )
    shop = ecs.Cluster.from_cluster_attributes(stack, "Shop", cluster_name="shop", vpc=vpc)
    return ecs.FargateService(stack, "Web", cluster=shop, task_definition=task_definition)
