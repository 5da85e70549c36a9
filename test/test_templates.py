"""Templates: users keep snapshots of them, so each change here changes theirs."""

import json
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion

from ecs_task_event_logger import EcsTaskEventLogger, RecordFormat, TaskStatus
from templates import CHANGED, without_hashes


def template(stack: cdk.Stack) -> Any:
    return without_hashes(json.dumps(Template.from_stack(stack).to_json()))


def test_one_statement(
    stack: cdk.Stack, cluster: ecs.ICluster, snapshot: SnapshotAssertion
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    assert template(stack) == snapshot, CHANGED


def test_every_prop(stack: cdk.Stack, cluster: ecs.ICluster, snapshot: SnapshotAssertion) -> None:
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=cluster,
        statuses=[TaskStatus.STOPPED, "RUNNING"],
        log_retention=logs.RetentionDays.ONE_YEAR,
        removal_policy=cdk.RemovalPolicy.DESTROY,
        record_format=RecordFormat.FULL,
        unredacted_environment=["STAGE"],
    )
    assert template(stack) == snapshot, CHANGED


def test_own_log_group(
    stack: cdk.Stack, cluster: ecs.ICluster, snapshot: SnapshotAssertion
) -> None:
    own = logs.LogGroup.from_log_group_name(stack, "Own", "/shop/ecs")
    EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=own)
    assert template(stack) == snapshot, CHANGED


def test_cluster_of_the_same_stack(stack: cdk.Stack, snapshot: SnapshotAssertion) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=ecs.Cluster(stack, "Cluster"))
    assert template(stack) == snapshot, CHANGED


def test_cluster_of_another_stack(stack: cdk.Stack, snapshot: SnapshotAssertion) -> None:
    other = cdk.Stack(stack.node.root, "Other")  # type: ignore[arg-type]
    EcsTaskEventLogger(stack, "Log", cluster=ecs.Cluster(other, "Cluster"))
    assert template(stack) == snapshot, CHANGED
