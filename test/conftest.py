"""What every test may use."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from hypothesis import settings
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from ecs_events import ROOT

# The same draws at every run, so that a run that fails does so for what was changed.
settings.register_profile("default", deadline=None, derandomize=True, max_examples=200)
# For a long run: pytest --hypothesis-profile long
settings.register_profile("long", deadline=None, max_examples=25_000)
settings.load_profile("default")


class OneJsonFileEach(JSONSnapshotExtension):
    """Keeps each snapshot in a JSON file of its own under ``test/snapshots``."""

    @classmethod
    def dirname(cls, *, test_location: Any) -> str:
        return str(ROOT / "test" / "snapshots" / test_location.basename)


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(OneJsonFileEach)


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack")


@pytest.fixture
def cluster(stack: cdk.Stack) -> ecs.ICluster:
    return ecs.Cluster.from_cluster_arn(
        stack, "Cluster", "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
    )
