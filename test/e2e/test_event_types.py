"""The patterns for events other than task events, and such events from end to end."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk.assertions import Template

from deployed_logger import CLUSTER, deploy
from ecs_events import Event, other_event, shared_events
from ecs_task_event_logger import EcsTaskEventLogger, EventType
from emulator import EmbeddedAws

HEAD = CLUSTER.partition(":cluster/")[0]


@pytest.fixture
def matches(embedded_aws: EmbeddedAws) -> Any:
    """Return a function that tells whether a logger of some event types catches an event."""

    def is_match(event: Event, *event_types: EventType, cluster: str = CLUSTER) -> bool:
        return any(
            embedded_aws.client("events").test_event_pattern(
                EventPattern=pattern, Event=json.dumps(event)
            )["Result"]
            for pattern in patterns(event_types, cluster)
        )

    return is_match


@cache
def patterns(event_types: tuple[EventType, ...], cluster: str) -> list[str]:
    """Return the event patterns of a logger's rules."""
    stack = cdk.Stack(cdk.App(), "Stack")
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=ecs.Cluster.from_cluster_arn(stack, "Cluster", cluster),
        event_types=event_types,
    )
    rules = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
    return [json.dumps(rule["Properties"]["EventPattern"]) for rule in rules]


def deployment(service: str, **detail: Any) -> Event:
    return other_event(
        "ECS Deployment State Change",
        f"{HEAD}:service/{service}",
        eventType="INFO",
        eventName="SERVICE_DEPLOYMENT_COMPLETED",
        deploymentId="ecs-svc/123",
        reason="ECS deployment deploymentID completed.",
        **detail,
    )


@pytest.mark.parametrize(
    ("event", "is_match"),
    [
        pytest.param(deployment("shop/web", clusterArn=CLUSTER), True, id="new format"),
        pytest.param(deployment("shop/web"), True, id="old format"),
        pytest.param(
            deployment("shop2/web", clusterArn=f"{CLUSTER}2"), False, id="new format, other cluster"
        ),
        pytest.param(deployment("shop2/web"), False, id="old format, other cluster"),
        pytest.param(
            deployment("shop/web", clusterArn=f"{CLUSTER}2"), False, id="clusterArn decides"
        ),
    ],
)
def test_both_deployment_formats_match_their_cluster_only(
    matches: Any, event: Event, is_match: bool
) -> None:
    assert matches(event, EventType.DEPLOYMENT_STATE_CHANGE) == is_match


@pytest.mark.recorded
@pytest.mark.parametrize("event", shared_events(), ids=lambda event: str(event["id"]))
def test_real_events_match_their_own_type_and_cluster_only(matches: Any, event: Event) -> None:
    (event_type,) = [each for each in EventType if each.detail_type == event["detail-type"]]
    resource = event["resources"][0]
    cluster = event["detail"].get("clusterArn") or "{}:cluster/{}".format(
        resource.partition(":service/")[0], resource.split("/")[1]
    )
    assert matches(event, event_type, cluster=cluster)
    assert not matches(event, event_type, cluster=f"{cluster}2")
    assert not matches(
        event, *(each for each in EventType if each is not event_type), cluster=cluster
    )


def test_placement_failures_of_a_service_are_logged(aws: EmbeddedAws, tmp_path: Path) -> None:
    deployed = deploy(
        aws,
        tmp_path,
        event_types=["TASK_STATE_CHANGE", "SERVICE_ACTION"],
        services=["web"],
        only_failures=True,
    )
    rules = aws.client("events").list_rules()["Rules"]
    expected = 0
    for service, name, event_type in (
        ("web", "SERVICE_TASK_PLACEMENT_FAILURE", "ERROR"),
        ("web", "SERVICE_STEADY_STATE", "INFO"),
        ("other", "SERVICE_TASK_PLACEMENT_FAILURE", "ERROR"),
    ):
        event = other_event(
            "ECS Service Action",
            f"{HEAD}:service/shop/{service}",
            eventType=event_type,
            eventName=name,
            clusterArn=CLUSTER,
            reason="RESOURCE:FARGATE",
        )
        aws.emit(event)
        expected += sum(aws.rejection(rule["Name"], event) is None for rule in rules)
    # Wait for all events that a rule accepted, so that none comes later.
    aws.wait_for_invocations(deployed.log_group, expected)
    (record,) = deployed.records(1)
    assert record["level"] == "ERROR"
    assert record["message"].startswith("service web could not place a task")
