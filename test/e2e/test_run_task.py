"""Calls of RunTask that failed, from end to end: CloudTrail's event in, a line out."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs

from deployed_logger import CLUSTER, Deployed, deploy, event
from ecs_events import SHARED, Event, call, not_placed
from ecs_task_event_logger import EcsTaskEventLogger, FailureMessage
from emulator import EmbeddedAws
from waiting import wait_for

CASES = SHARED / "cases" / "run-task-failed.json"
TENANT = "shop-4711-eu"
OVERRIDES = {
    "containerOverrides": [
        {"name": "app", "command": [TENANT], "environment": [{"name": "T", "value": TENANT}]}
    ]
}
BY_PERSON = {"type": "IAMUser", "arn": "arn:aws:iam::1:user/bob", "userName": "bob"}
BY_SCHEDULER = {"type": "AWSService", "invokedBy": "scheduler.amazonaws.com"}
BY_STATE_MACHINE = {"type": "AssumedRole", "invokedBy": "states.amazonaws.com"}
DENIED = ("AccessDeniedException", "User is not authorized to perform: ecs:RunTask")


def parameters(**given: Any) -> Event:
    return {"requestParameters": {"overrides": OVERRIDES, **given}}


LOGGED = [
    # Errors.
    call(error=DENIED, **parameters(), userIdentity=BY_PERSON),
    call(error=("ClusterNotFoundException", "Cluster not found."), **parameters()),
    call(error=("InvalidParameterException", f"No {TENANT}"), **parameters(cluster=CLUSTER)),
    call(error=("ThrottlingException", "Rate exceeded"), userIdentity=BY_STATE_MACHINE),
    call(error=("ServerException", "Service Unavailable."), userIdentity=BY_SCHEDULER),
    # Calls that made no task.
    call(not_placed("RESOURCE:CPU"), **parameters(), userIdentity=BY_PERSON),
    call(not_placed("RESOURCE:MEMORY", f"no {TENANT}"), **parameters(cluster=CLUSTER)),
    call(not_placed("AGENT"), userIdentity=BY_STATE_MACHINE),
    call(
        not_placed("ATTRIBUTE"),
        userIdentity=BY_SCHEDULER,
        **parameters(startedBy="chronos-schedule/x"),
    ),
    call(not_placed("MISSING"), eventName="StartTask", **parameters(containerInstances=["a"])),
    # Calls that made fewer tasks than they asked for.
    call(not_placed("RESOURCE:CPU"), started=9, **parameters(count=10)),
    call(not_placed("RESOURCE:CPU"), not_placed("RESOURCE:ENI"), started=1, **parameters(count=10)),
    call(not_placed("LOCATION"), started=1, **parameters(count=2, cluster=CLUSTER)),
    call(not_placed("AGENT"), started=2, **parameters(count=3), userIdentity=BY_PERSON),
    call(
        not_placed("INACTIVE"),
        started=1,
        eventName="StartTask",
        **parameters(containerInstances=["a", "b"]),
    ),
]
NOT_LOGGED = [
    call(started=1),
    call(started=10, **parameters(count=10)),
    call(not_placed("AGENT"), **parameters(cluster="shop2")),
    call(not_placed("AGENT"), **parameters(cluster=f"{CLUSTER}2")),
    call(not_placed("AGENT"), **parameters(cluster=None)),
    call(not_placed("AGENT"), eventName="UpdateService"),
    {**call(error=DENIED), "source": "aws.ec2"},
]


def sent(number: int, each: Event) -> Event:
    """Return an event with an ID of this test, and a time that CloudWatch Logs accepts."""
    own = event(number)
    return {**each, "id": own["id"], "time": own["time"]}


def test_failed_calls_are_logged_and_others_are_not(aws: EmbeddedAws, tmp_path: Path) -> None:
    deployed = deploy(aws, tmp_path, event_types=["RUN_TASK_FAILURE"])
    logged = [sent(number, each) for number, each in enumerate(LOGGED)]
    (rule,) = aws.client("events").list_rules()["Rules"]
    for number, each in enumerate(NOT_LOGGED, len(LOGGED)):
        assert aws.rejection(rule["Name"], sent(number, each))
    records = emit(deployed, logged)
    assert [each["eventId"] for each in records] == [each["id"] for each in logged]
    for record in records:
        assert (record["level"], record["cluster"]) == ("ERROR", "shop")
        assert record["cause"]
        assert "nightly:4 could not be started in shop by " in record["message"]
    assert TENANT not in "".join(aws.log_lines(deployed.log_group))


def emit(deployed: Deployed, events: list[Event]) -> list[Event]:
    """Send events, and return the records in the order of the events."""
    for each in events:
        deployed.aws.emit(each)
    records = deployed.records(len(events))
    assert len(records) == len(events)
    return sorted(records, key=lambda record: str(record["eventId"]))


@pytest.mark.recorded
def test_field_cases_are_logged(aws: EmbeddedAws, tmp_path: Path) -> None:
    cases = json.loads(CASES.read_text())
    (arn,) = {each["event"]["detail"]["requestParameters"]["cluster"] for each in cases}
    deployed = deploy(aws, tmp_path, event_types=["RUN_TASK_FAILURE"], cluster_arn=arn)
    events = [sent(number, each["event"]) for number, each in enumerate(cases)]
    for record, case in zip(emit(deployed, events), cases, strict=True):
        assert record.items() >= case["expect"].items()


def test_denied_call_without_parameters_is_logged(aws: EmbeddedAws, tmp_path: Path) -> None:
    deployed = deploy(aws, tmp_path, event_types=["RUN_TASK_FAILURE"])
    denied = sent(0, call(error=DENIED))
    denied["detail"]["requestParameters"] = None
    (record,) = emit(deployed, [denied])
    assert record["cause"] == "REQUEST_REFUSED"


def test_notification_says_that_a_task_was_not_started(aws: EmbeddedAws, tmp_path: Path) -> None:
    stack = cdk.Stack(cdk.App(outdir=str(tmp_path)), "Shop")
    cluster = ecs.Cluster.from_cluster_arn(stack, "Cluster", CLUSTER)
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=["RUN_TASK_FAILURE"])
    queue = sqs.Queue(stack, "Told", queue_name="Told")
    log.on_failure("Tell", target=targets.SqsQueue(queue, message=FailureMessage.text()))
    aws.deploy(cdk.App.of(stack).synth().directory, "Shop")  # type: ignore[union-attr]
    aws.emit(sent(0, LOGGED[5]))
    client = aws.client("sqs")
    url = client.get_queue_url(QueueName="Told")["QueueUrl"]
    (letter,) = wait_for(
        lambda: client.receive_message(QueueUrl=url).get("Messages"), "the message", 30
    )
    text = json.loads(letter["Body"])
    assert text.startswith(
        "Task not started: shop / nightly. nightly:4 could not be started in shop by bob: "
        "no container instance has enough CPU (RESOURCE:CPU). "
    )
    assert TENANT not in text
