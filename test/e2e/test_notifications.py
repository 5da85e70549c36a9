"""Notifications from end to end: an ECS event in, a message at the target."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs

from deployed_logger import CLUSTER, event
from ecs_events import Event
from ecs_task_event_logger import EcsTaskEventLogger, TaskMessage
from emulator import EmbeddedAws
from waiting import wait_for

OUT_OF_MEMORY = {"name": "app", "exitCode": 137, "reason": "OutOfMemoryError: Container killed"}


@pytest.fixture
def told(aws: EmbeddedAws, tmp_path: Path) -> "Told":
    stack = cdk.Stack(cdk.App(outdir=str(tmp_path)), "Shop")
    cluster = ecs.Cluster.from_cluster_arn(stack, "Cluster", CLUSTER)
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    for name, message in (("Text", TaskMessage.text()), ("Slack", TaskMessage.slack())):
        queue = sqs.Queue(stack, f"{name}Queue", queue_name=name)
        log.on_task_failure(name, target=targets.SqsQueue(queue, message=message))
    everything = sqs.Queue(stack, "EverythingQueue", queue_name="Everything")
    log.on_task_stopped("Everything", target=targets.SqsQueue(everything), services=["web*"])
    words = sqs.Queue(stack, "WordsQueue", queue_name="Words")
    log.on_task_stopped("Words", target=targets.SqsQueue(words, message=TaskMessage.chatbot()))
    results = sqs.Queue(stack, "ResultsQueue", queue_name="Results")
    events.Rule(
        stack,
        "Results",
        event_pattern=events.EventPattern(source=["lambda"]),
        targets=[targets.SqsQueue(results)],
    )
    aws.deploy(cdk.App.of(stack).synth().directory, "Shop")  # type: ignore[union-attr]
    return Told(aws)


class Told:
    """The targets that are told."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws

    def bodies(self, queue: str, count: int) -> list[Any]:
        """Wait until so many messages are in a queue, and return what they hold."""
        client = self.aws.client("sqs")
        url = client.get_queue_url(QueueName=queue)["QueueUrl"]

        def messages() -> list[Event] | None:
            found: list[Event] = client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0
            ).get("Messages", [])
            return found if len(found) >= count else None

        return [json.loads(each["Body"]) for each in wait_for(messages, f"message {count}", 30)]


def failing(number: int) -> Event:
    made = event(number)
    made["detail"]["containers"] = [{**made["detail"]["containers"][0], **OUT_OF_MEMORY}]
    return made


def completed(number: int) -> Event:
    made = event(number)
    made["detail"]["containers"][0]["exitCode"] = 0
    return made


def test_a_failing_task_is_told_of_and_a_completed_one_is_not(told: Told) -> None:
    told.aws.emit(completed(1))
    told.aws.emit(failing(2))
    records = told.bodies("Everything", 2)
    assert {(record["eventId"], record["failed"]) for record in records} == {
        (event(1)["id"], False),
        (event(2)["id"], True),
    }
    (text,) = told.bodies("Text", 1)
    assert text.startswith("web:6 STOPPED")
    assert "out of memory in container app (exit code 137, SIGKILL). Raise the memory" in text
    assert told.bodies("Slack", 1) == [{"text": text}]
    words = [each["content"] for each in told.bodies("Words", 2)]
    assert all(each["description"].startswith("Cluster shop, task 0123") for each in words)
    assert {each["title"].partition(": ")[2] for each in words} == {
        "completed",
        "out of memory in container app (exit code 137, SIGKILL)",
    }


def test_no_target_is_told_what_a_task_was_called_with(told: Told) -> None:
    secret = failing(1)
    secret["detail"]["overrides"] = {
        "containerOverrides": [
            {
                "name": "app",
                "command": ["--password", "hunter2"],
                "environment": [{"name": "DB", "value": "hunter2"}],
            }
        ]
    }
    told.aws.emit(secret)
    bodies = [told.bodies(queue, 1) for queue in ("Text", "Slack", "Everything", "Words")]
    assert "hunter2" not in json.dumps(bodies)


def test_what_is_not_asked_for_is_not_told(told: Told) -> None:
    told.aws.emit({**event(1), "detail": {**event(1)["detail"], "lastStatus": "RUNNING"}})
    other = completed(2)
    other["detail"]["group"] = "service:shop"
    told.aws.emit(other)
    told.aws.emit(completed(3))
    (rule,) = (
        name
        for name in told.aws.physical_ids("Shop", "AWS::Events::Rule")
        if "NotificationsEverything" in name
    )
    # The rule is asked of each result: a message that is not there may only be late.
    assert [
        result["detail"]["responsePayload"]["eventId"]
        for result in told.bodies("Results", 3)
        if told.aws.rejection(rule, result) is None
    ] == [event(3)["id"]]
