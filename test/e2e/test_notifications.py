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

from deployed_logger import CLUSTER, TIME, event
from ecs_events import Event, deployment, health, instance, service_action
from ecs_task_event_logger import EcsTaskEventLogger, EventType, FailureMessage
from emulator import EmbeddedAws
from waiting import wait_for

OUT_OF_MEMORY = {"name": "app", "exitCode": 137, "reason": "OutOfMemoryError: Container killed"}


@pytest.fixture
def notified(aws: EmbeddedAws, tmp_path: Path) -> "Targets":
    stack = cdk.Stack(cdk.App(outdir=str(tmp_path)), "Shop")
    cluster = ecs.Cluster.from_cluster_arn(stack, "Cluster", CLUSTER)
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    for name, message in (("Text", FailureMessage.text()), ("Slack", FailureMessage.slack())):
        queue = sqs.Queue(stack, f"{name}Queue", queue_name=name)
        log.on_task_failure(name, target=targets.SqsQueue(queue, message=message))
    everything = sqs.Queue(stack, "EverythingQueue", queue_name="Everything")
    log.on_task_stopped("Everything", target=targets.SqsQueue(everything), services=["web*"])
    chatbot = sqs.Queue(stack, "ChatbotQueue", queue_name="Chatbot")
    log.on_task_stopped(
        "Chatbot", target=targets.SqsQueue(chatbot, message=FailureMessage.chatbot())
    )
    return deployed(aws, stack)


def deployed(aws: EmbeddedAws, stack: cdk.Stack) -> "Targets":
    """Deploy a stack, with one more queue for all results of the function."""
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
    assert text.startswith("Task failed: shop / web. web:6 STOPPED")
    assert f"{out_of_memory}. Raise the memory" in text
    (slack,) = notified.bodies("Slack", 1)
    assert text.startswith(slack["text"])
    assert slack["blocks"][1]["text"]["text"].endswith(out_of_memory)
    contents = [each["content"] for each in notified.bodies("Chatbot", 2)]
    assert {each["title"] for each in contents} == {
        "Task stopped: shop / web",
        "Task failed: shop / web",
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


TYPES = {
    "task": (completed, failing),
    "deployment": (
        lambda _: deployment("SERVICE_DEPLOYMENT_COMPLETED", "completed."),
        lambda _: deployment("SERVICE_DEPLOYMENT_FAILED", "tasks failed to start.", "ERROR"),
    ),
    "service": (
        lambda _: service_action("SERVICE_STEADY_STATE"),
        lambda _: service_action(
            "SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", reason="RESOURCE:MEMORY"
        ),
    ),
    "instance": (lambda _: instance("ACTIVE"), lambda _: instance("ACTIVE", agentConnected=False)),
    "health": (lambda _: health("OK"), lambda _: health("IMPAIRED")),
}


@pytest.fixture
def all_types(aws: EmbeddedAws, tmp_path: Path) -> Targets:
    stack = cdk.Stack(cdk.App(outdir=str(tmp_path)), "Shop")
    cluster = ecs.Cluster.from_cluster_arn(stack, "Cluster", CLUSTER)
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=list(EventType))
    text = FailureMessage.text(environment_name="production")
    failures = sqs.Queue(stack, "FailuresQueue", queue_name="Failures")
    log.on_failure("Failures", target=targets.SqsQueue(failures, message=text))
    agents = sqs.Queue(stack, "AgentsQueue", queue_name="Agents")
    log.on_agent_disconnected("Agents", target=targets.SqsQueue(agents, message=text))
    return deployed(aws, stack)


def test_failures_of_each_type_reach_their_target_and_healthy_events_do_not(
    all_types: Targets,
) -> None:
    sent = [make(0) for pair in TYPES.values() for make in pair]
    for number, each in enumerate(sent):
        all_types.aws.emit({**each, "id": event(number)["id"], "time": TIME})
    texts = all_types.bodies("Failures", 4) + all_types.bodies("Agents", 1)
    assert sorted(text.partition(". ")[0] for text in texts) == [
        "[production] Agent disconnected: shop / i-0abc",
        "[production] Deployment failed: shop / web",
        "[production] Instance impaired: shop / i-0abc",
        "[production] Task failed: shop / web",
        "[production] Task not placed: shop / web",
    ]
    assert all("account 111122223333, region eu-west-1" in text for text in texts)
    (placement,) = (text for text in texts if "Task not placed" in text)
    assert "service web could not place a task: RESOURCE:MEMORY. No instance has" in placement
    (log_group,) = all_types.aws.physical_ids("Shop", "AWS::Logs::LogGroup")
    assert all(log_group.replace("/", "$2A2f") in text for text in texts)
    # Ask the rules about each result, because a message that is missing may only be late.
    rules = [
        name
        for name in all_types.aws.physical_ids("Shop", "AWS::Events::Rule")
        if "Notifications" in name
    ]
    notified = [
        result["detail"]["responsePayload"]["eventId"]
        for result in all_types.bodies("Results", 10)
        if any(all_types.aws.rejection(rule, result) is None for rule in rules)
    ]
    assert sorted(notified) == [event(number)["id"] for number in range(1, 10, 2)]


def test_lines_hold_nothing_of_the_messages(all_types: Targets) -> None:
    all_types.aws.emit(failing(1))
    all_types.bodies("Failures", 1)
    (log_group,) = all_types.aws.physical_ids("Shop", "AWS::Logs::LogGroup")
    (line,) = all_types.aws.log_lines(log_group)
    assert "notification" not in line
    assert "console" not in line
