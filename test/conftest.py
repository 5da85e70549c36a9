"""What every test may use."""

import json
import os
import tarfile
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from hypothesis import settings
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from ecs_events import ROOT
from ecs_task_event_logger import EcsTaskEventLogger

# The same draws at every run, so that a run that fails does so for what was changed.
settings.register_profile("default", deadline=None, derandomize=True, max_examples=200)
# For a long run: pytest --hypothesis-profile long
settings.register_profile("long", deadline=None, max_examples=25_000)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--recommended-flags",
        action="store_true",
        help="synthesize with the feature flags that `cdk init` sets in new apps",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("recommended_flags"):
        os.environ["CDK_CONTEXT_JSON"] = recommended_flags()


def recommended_flags() -> str:
    """Return the flags as CDK itself lists them, for the version that is installed."""
    (package,) = (Path(cdk.__file__).parent / "_jsii").glob("aws-cdk-lib@*.tgz")
    with tarfile.open(package) as archive:
        file = archive.extractfile("package/recommended-feature-flags.json")
        assert file is not None
        return json.dumps(json.load(file))


class OneJsonFileEach(JSONSnapshotExtension):
    """Keeps each snapshot in a JSON file of its own under ``test/snapshots``."""

    folder = "snapshots"

    @classmethod
    def dirname(cls, *, test_location: Any) -> str:
        return str(ROOT / "test" / cls.folder / test_location.basename)


class WithRecommendedFlags(OneJsonFileEach):
    """Keeps those with the recommended flags apart."""

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
