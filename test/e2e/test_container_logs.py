"""Container logs from end to end: what a container printed last is in the line and in messages."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs

from aws_api import AwsApi
from deployed_logger import CLUSTER, NOW, event, running_test
from ecs_events import Event
from ecs_task_event_logger import EcsTaskEventLogger, FailureMessage
from emulator import EmbeddedAws
from waiting import wait_for

GROUP = "/ecs/shop"
STARTED = "2026-11-01T10:00:09.000Z"
EXITED = {"stopCode": "EssentialContainerExited", "startedAt": STARTED}
UNHEALTHY = {
    "stopCode": "ServiceSchedulerInitiated",
    "stoppedReason": "Task failed container health checks",
    "startedAt": STARTED,
}
OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"


class Shop:
    """A logger that reads container logs, and the logs of a task with three containers."""

    def __init__(self, aws: EmbeddedAws, api: AwsApi, outdir: Path) -> None:
        """Deploy the logger. Its function calls AWS by way of ``api``."""
        self.aws, self.api = aws, api
        stack = cdk.Stack(cdk.App(outdir=str(outdir)), f"Shop{running_test()}")
        cluster = ecs.Cluster.from_cluster_arn(stack, "Cluster", CLUSTER)
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, container_log_groups=["/ecs/*"])
        queue = sqs.Queue(stack, "Told", queue_name="Told")
        log.on_failure("Tell", target=targets.SqsQueue(queue, message=FailureMessage.slack()))
        aws.deploy(cdk.App.of(stack).synth().directory, stack.stack_name)  # type: ignore[union-attr]
        (function,) = aws.physical_ids(stack.stack_name, "AWS::Lambda::Function")
        (self.log_group,) = aws.physical_ids(stack.stack_name, "AWS::Logs::LogGroup")
        client = aws.client("lambda")
        variables = client.get_function_configuration(FunctionName=function)["Environment"]
        variables["Variables"]["AWS_ENDPOINT_URL"] = api.url
        client.update_function_configuration(FunctionName=function, Environment=variables)
        aws.client("logs").create_log_group(logGroupName=GROUP)
        self.definition = self._register("app", "db", "envoy")

    def _register(self, *containers: str) -> str:
        answer = self.aws.client("ecs").register_task_definition(
            family="web",
            containerDefinitions=[
                {
                    "name": name,
                    "image": name,
                    "memory": 128,
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {
                            "awslogs-group": GROUP,
                            "awslogs-region": self.aws.region,
                            "awslogs-stream-prefix": "web",
                        },
                    },
                }
                for name in containers
            ],
        )
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def print(self, task: Event, container: str, *lines: str) -> None:
        """Log lines, as the log driver of a container does."""
        stream = f"web/{container}/{task['detail']['taskArn'].rpartition('/')[2]}"
        client = self.aws.client("logs")
        client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        time = int((NOW - timedelta(minutes=1)).timestamp() * 1000)
        client.put_log_events(
            logGroupName=GROUP,
            logStreamName=stream,
            logEvents=[{"timestamp": time, "message": each} for each in lines],
        )

    def stopped(self, number: int, *containers: Event, **detail: Any) -> Event:
        """Return the event of a stopped task."""
        task = event(number, taskDefinitionArn=self.definition, **detail)
        task["detail"]["taskArn"] = f"{CLUSTER.replace('cluster', 'task')}/{number:032x}"
        task["detail"]["containers"] = [{"lastStatus": "STOPPED", **each} for each in containers]
        return task

    def record(self, task: Event) -> Event:
        """Send an event, and return the record in its line."""
        self.aws.emit(task)
        (invocation,) = self.aws.wait_for_invocations(self.log_group, 1)
        (line,) = invocation.lines
        record: Event = json.loads(line)
        return record

    def message(self) -> Event:
        """Return the message that the notification sent."""
        client = self.aws.client("sqs")
        url = client.get_queue_url(QueueName="Told")["QueueUrl"]
        (letter,) = wait_for(
            lambda: client.receive_message(QueueUrl=url).get("Messages"), "the message", 30
        )
        body: Event = json.loads(letter["Body"])
        return body


@pytest.fixture
def shop(aws: EmbeddedAws, tmp_path: Path) -> Iterator[Shop]:
    with AwsApi(aws.endpoint_url.removeprefix("http://")) as api:
        yield Shop(aws, api, tmp_path)


@pytest.mark.parametrize(
    ("containers", "detail", "cause", "culprit"),
    [
        (
            [{"name": "app", "exitCode": 1}, {"name": "envoy", "exitCode": 0}],
            EXITED,
            "APPLICATION_ERROR",
            "app",
        ),
        (
            [
                {"name": "app", "exitCode": 143},
                {"name": "db", "exitCode": 137, "reason": OUT_OF_MEMORY},
            ],
            EXITED,
            "OUT_OF_MEMORY",
            "db",
        ),
        (
            [
                {"name": "app", "exitCode": 143, "healthStatus": "HEALTHY"},
                {"name": "db", "exitCode": 143, "healthStatus": "UNHEALTHY"},
                {"name": "envoy", "exitCode": 0, "healthStatus": "HEALTHY"},
            ],
            UNHEALTHY,
            "CONTAINER_HEALTH_CHECK",
            "db",
        ),
    ],
    ids=["application error", "out of memory", "health check"],
)
def test_failed_task_shows_the_last_lines_of_the_culprit(
    shop: Shop, containers: list[Event], detail: Event, cause: str, culprit: str
) -> None:
    task = shop.stopped(1, *containers, **detail)
    for name in ("app", "db", "envoy"):
        shop.print(task, name, *(f"{name} says {number}" for number in range(30)), f"{name} ends")
    record = shop.record(task)
    assert (record["cause"], record["culprit"]) == (cause, culprit)
    assert record["logTail"] == [
        *(f"{culprit} says {number}" for number in range(11, 30)),
        f"{culprit} ends",
    ]
    assert record["logStream"] == f"{GROUP}:web/{culprit}/{1:032x}"
    (code,) = [each for each in shop.message()["blocks"] if each["type"] == "rich_text"]
    assert code["elements"][0]["elements"][0]["text"] == (
        f"{culprit} says 28\n{culprit} says 29\n{culprit} ends"
    )
    assert shop.api.operations == ["DescribeTaskDefinition", "GetLogEvents"]


@pytest.mark.parametrize(
    ("container", "detail"),
    [
        ({"name": "app", "exitCode": 0}, {**EXITED, "group": "family:web", "startedBy": None}),
        (
            {"name": "app", "exitCode": 143},
            {
                "stopCode": "ServiceSchedulerInitiated",
                "stoppedReason": "Scaling activity initiated by (deployment ecs-svc/1)",
                "startedAt": STARTED,
            },
        ),
        (
            {"name": "app", "reason": "CannotPullContainerError: image not found"},
            {"stopCode": "TaskFailedToStart"},
        ),
    ],
    ids=["completed", "scheduler", "image pull"],
)
def test_other_tasks_make_no_calls(shop: Shop, container: Event, detail: Event) -> None:
    record = shop.record(shop.stopped(1, container, **detail))
    assert record["cause"] in ("COMPLETED", "SCHEDULER_STOPPED", "IMAGE_PULL")
    assert shop.api.calls == []


def test_line_has_no_tail_without_a_stream(shop: Shop) -> None:
    record = shop.record(shop.stopped(1, {"name": "app", "exitCode": 1}, **EXITED))
    assert record["logTailError"] == "GetLogEvents failed: ResourceNotFoundException"
    assert record["logStream"] == f"{GROUP}:web/app/{1:032x}"
    assert record["cause"] == "APPLICATION_ERROR"
