"""The event history from end to end: each event of the cluster is in its log group."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs

from deployed_logger import CLUSTER, TIME, event
from ecs_events import EVERY_TYPE, Event
from ecs_task_event_logger import EcsEventHistory
from emulator import EmbeddedAws
from waiting import wait_for

LOG_GROUP = "/aws/events/ecs/containerinsights/shop/performance"


@pytest.fixture(params=["imported", "created"])
def history(aws: EmbeddedAws, tmp_path: Path, request: pytest.FixtureRequest) -> EmbeddedAws:
    environment = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(cdk.App(outdir=str(tmp_path)), "Shop", env=environment)
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["eu-west-1a"]
    )
    cluster: ecs.ICluster = (
        ecs.Cluster(stack, "Cluster", cluster_name="shop", vpc=vpc)
        if request.param == "created"
        else ecs.Cluster.from_cluster_arn(stack, "Cluster", CLUSTER)
    )
    EcsEventHistory(stack, "History", cluster=cluster)
    aws.deploy(cdk.App.of(stack).synth().directory, "Shop")  # type: ignore[union-attr]
    return aws


def kept(aws: EmbeddedAws, count: int) -> list[Event]:
    """Wait until the log group has ``count`` events, and return them."""

    def lines() -> list[str] | None:
        found: list[str] = aws.log_lines(LOG_GROUP)
        return found if len(found) >= count else None

    return [json.loads(line) for line in wait_for(lines, f"event {count}", 30)]


def sent(number: int, template: Event) -> Event:
    return {**template, "id": event(number)["id"], "time": TIME}


def test_keeps_whole_events_of_every_type(history: EmbeddedAws) -> None:
    events = [event(0), *(sent(number, each) for number, each in enumerate(EVERY_TYPE, 1))]
    for each in events:
        history.emit(each)
    assert sorted(kept(history, len(events)), key=lambda each: str(each["id"])) == events


def test_keeps_no_event_of_another_cluster(history: EmbeddedAws) -> None:
    for number, name in enumerate(("shop2", "sho", "batch")):
        detail: dict[str, Any] = {"clusterArn": CLUSTER.replace("shop", name)}
        history.emit({**event(number), "detail": {**event(number)["detail"], **detail}})
    history.emit(event(9))
    assert [each["id"] for each in kept(history, 1)] == [event(9)["id"]]
    # Ask the rule, because an event that is missing may only be late.
    (rule,) = history.physical_ids("Shop", "AWS::Events::Rule")
    other = {**event(1), "detail": {**event(1)["detail"], "clusterArn": f"{CLUSTER}2"}}
    assert history.rejection(rule, other)


def test_console_finds_the_rule_by_its_name(history: EmbeddedAws) -> None:
    (rule,) = history.client("events").list_rules(NamePrefix="EventsToLogs-shop-")["Rules"]
    assert json.loads(rule["EventPattern"])["detail"] == {"clusterArn": [CLUSTER]}
    targets = history.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert [each["Arn"].rpartition(":log-group:")[2] for each in targets] == [LOG_GROUP]


def test_events_need_the_policy_of_the_log_group(history: EmbeddedAws) -> None:
    logs = history.client("logs")
    arn = f"arn:aws:logs:eu-west-1:111122223333:log-group:{LOG_GROUP}"
    policies = logs.describe_resource_policies(resourceArn=arn)["resourcePolicies"]
    assert len(policies) == 1
    logs.delete_resource_policy(resourceArn=arn, expectedRevisionId=policies[0]["revisionId"])
    history.emit(event(1))
    assert history.log_lines(LOG_GROUP) == []
