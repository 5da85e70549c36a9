"""From end to end: an ECS event, the rule, the function, and a line in the log group."""

import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs

from ecs_events import Event, task_event
from ecs_task_event_logger import EcsTaskEventLogger
from emulator import EmbeddedAws

CLUSTER = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
OTHER_CLUSTER = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop2"
LOG_GROUP = "/shop/ecs"


@pytest.fixture
def deployed(aws: EmbeddedAws, tmp_path: Path) -> EmbeddedAws:
    """The embedded AWS, with a logger of stopped tasks and the user's own log group."""
    app = cdk.App(outdir=str(tmp_path))
    stack = cdk.Stack(app, "Shop")
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=ecs.Cluster.from_cluster_arn(stack, "Cluster", CLUSTER),
        statuses=["STOPPED"],
        log_group=logs.LogGroup(stack, "LogGroup", log_group_name=LOG_GROUP),
    )
    aws.deploy(app.synth().directory, "Shop")
    return aws


def test_matching_event_is_logged_once_in_the_given_log_group(
    deployed: EmbeddedAws,
) -> None:
    event = task_event({"name": "app", "exitCode": 1}, clusterArn=CLUSTER)
    deployed.emit(event)
    (invocation,) = deployed.wait_for_invocations(LOG_GROUP, 1)
    (line,) = invocation.lines
    record = json.loads(line)
    assert record["eventId"] == event["id"]
    assert record["cause"] == "APPLICATION_ERROR"
    groups = deployed.client("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == [LOG_GROUP]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(task_event(lastStatus="RUNNING"), id="another status"),
        pytest.param(task_event(clusterArn=OTHER_CLUSTER), id="another cluster"),
        pytest.param({**task_event(), "source": "shop.ecs"}, id="another source"),
        pytest.param({**task_event(), "detail-type": "ECS Service Action"}, id="another type"),
    ],
)
def test_event_that_does_not_match_invokes_nothing(deployed: EmbeddedAws, event: Event) -> None:
    # Ask the rule, because an event that is not in the log may only be late.
    (rule,) = deployed.physical_ids("Shop", "AWS::Events::Rule")
    assert deployed.rejection(rule, task_event()) is None
    assert deployed.rejection(rule, event)
