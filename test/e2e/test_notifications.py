"""Notifications from end to end: an ECS event in, a message at each target."""

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
def notified(aws: EmbeddedAws, tmp_path: Path) -> "Targets":
    stack = cdk.Stack(cdk.App(outdir=str(tmp_path)), "Shop")
    cluster = ecs.Cluster.from_cluster_arn(stack, "Cluster", CLUSTER)
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    for name, message in (("Text", TaskMessage.text()), ("Slack", TaskMessage.slack())):
        queue = sqs.Queue(stack, f"{name}Queue", queue_name=name)
        log.on_task_failure(name, target=targets.SqsQueue(queue, message=message))
    everything = sqs.Queue(stack, "EverythingQueue", queue_name="Everything")
    log.on_task_stopped("Everything", target=targets.SqsQueue(everything), services=["web*"])
    chatbot = sqs.Queue(stack, "ChatbotQueue", queue_name="Chatbot")
    log.on_task_stopped("Chatbot", target=targets.SqsQueue(chatbot, message=TaskMessage.chatbot()))
    results = sqs.Queue(stack, "ResultsQueue", queue_name="Results")
    events.Rule(
        stack,
        "Results",
        event_pattern=events.EventPattern(source=["lambda"]),
        targets=[targets.SqsQueue(results)],
    )
    aws.deploy(cdk.App.of(stack).synth().directory, "Shop")  # type: ignore[union-attr]
    return Targets(aws)


class Targets:
    """The queues that receive the notifications."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws

    def bodies(self, queue: str, count: int) -> list[Any]:
        """Wait until a queue has ``count`` messages, and return their bodies."""
        client = self.aws.client("sqs")
        url = client.get_queue_url(QueueName=queue)["QueueUrl"]

        def messages() -> list[Event] | None:
            found: list[Event] = client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0
            ).get("Messages", [])
            return found if len(found) >= count else None

        return [json.loads(each["Body"]) for each in wait_for(messages, f"message {count}", 30)]


def failing(number: int) -> Event:
    failed = event(number)
    failed["detail"]["containers"] = [{**failed["detail"]["containers"][0], **OUT_OF_MEMORY}]
    return failed


def completed(number: int) -> Event:
    stopped = event(number)
    stopped["detail"]["containers"][0]["exitCode"] = 0
    return stopped


def test_targets_get_failed_tasks_and_no_completed_ones(notified: Targets) -> None:
    notified.aws.emit(completed(1))
    notified.aws.emit(failing(2))
    records = notified.bodies("Everything", 2)
    assert {(record["eventId"], record["failed"]) for record in records} == {
        (event(1)["id"], False),
        (event(2)["id"], True),
    }
    (text,) = notified.bodies("Text", 1)
    out_of_memory = (
        "out of memory in container app (exit code 137; limit 512 MiB): "
        "OutOfMemoryError: Container killed"
    )
    assert text.startswith("web:6 STOPPED")
    assert f"{out_of_memory}. Raise the memory" in text
    assert notified.bodies("Slack", 1) == [{"text": text}]
    contents = [each["content"] for each in notified.bodies("Chatbot", 2)]
    assert all(each["description"].startswith("Cluster shop, task 0123") for each in contents)
    assert {each["title"].partition(": ")[2] for each in contents} == {
        "completed, container app exited with 0, so the service starts another task",
        out_of_memory,
    }


def test_no_target_gets_a_tasks_command_or_environment(notified: Targets) -> None:
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
    notified.aws.emit(secret)
    bodies = [notified.bodies(queue, 1) for queue in ("Text", "Slack", "Everything", "Chatbot")]
    assert "hunter2" not in json.dumps(bodies)


def test_targets_get_only_the_events_of_their_filters(notified: Targets) -> None:
    notified.aws.emit({**event(1), "detail": {**event(1)["detail"], "lastStatus": "RUNNING"}})
    other = completed(2)
    other["detail"]["group"] = "service:shop"
    notified.aws.emit(other)
    notified.aws.emit(completed(3))
    (rule,) = (
        name
        for name in notified.aws.physical_ids("Shop", "AWS::Events::Rule")
        if "NotificationsEverything" in name
    )
    # Ask the rule about each result, because a message that is missing may only be late.
    assert [
        result["detail"]["responsePayload"]["eventId"]
        for result in notified.bodies("Results", 3)
        if notified.aws.rejection(rule, result) is None
    ] == [event(3)["id"]]
