"""A logger deployed on the embedded AWS, whose function tests break and restore."""

import io
import json
import os
import zipfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs

from ecs_events import ROOT, Event, task_event
from ecs_task_event_logger import EcsTaskEventLogger
from ecs_task_event_logger.redrive import Redriven, redrive
from emulator import EmbeddedAws
from waiting import wait_for

# Events are recent: CloudWatch Logs refuses old ones.
NOW = datetime.now(UTC)
TIME = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
CLUSTER = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
FUNCTION = ROOT / "src" / "ecs_task_event_logger" / "handler"

RAISES = "def handler(event, context):\n    raise RuntimeError('broken')\n"
HANGS = "def handler(event, context):\n    while True:\n        pass\n"


def zipped(sources: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, source in sources.items():
            archive.writestr(name, source)
    return buffer.getvalue()


@dataclass
class Deployed:
    """A logger deployed on the embedded AWS."""

    aws: EmbeddedAws
    function: str
    log_group: str
    queue_url: str

    def replace_code(self, source: str) -> None:
        self._update_code({"task_events/__init__.py": "", "task_events/main.py": source})

    def restore_code(self) -> None:
        files = FUNCTION.glob("task_events/*.py")
        self._update_code({str(each.relative_to(FUNCTION)): each.read_text() for each in files})

    def _update_code(self, sources: dict[str, str]) -> None:
        self.aws.client("lambda").update_function_code(
            FunctionName=self.function, ZipFile=zipped(sources)
        )

    def dead_letters(self, count: int) -> list[Event]:
        """Wait until the queue has ``count`` messages, and return them."""

        def messages() -> list[Event] | None:
            found: list[Event] = (
                self.aws.client("sqs")
                .receive_message(
                    QueueUrl=self.queue_url,
                    MaxNumberOfMessages=10,
                    VisibilityTimeout=0,
                    MessageAttributeNames=["All"],
                )
                .get("Messages", [])
            )
            return found if len(found) >= count else None

        return wait_for(messages, f"dead letter {count}", 30)

    def is_queue_empty(self) -> bool:
        attributes = self.aws.client("sqs").get_queue_attributes(
            QueueUrl=self.queue_url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )["Attributes"]
        return set(attributes.values()) == {"0"}

    def redrive(self) -> Redriven:
        return redrive(self.aws, self.function)

    def records(self, count: int) -> list[Event]:
        """Wait until the log has ``count`` lines, and return all records in it."""

        def lines() -> list[Event] | None:
            found = [
                json.loads(line)
                for line in self.aws.log_lines(self.log_group)
                if line.startswith("{")
            ]
            return found if len(found) >= count else None

        return wait_for(lines, f"line {count}", 30)


def deploy(aws: EmbeddedAws, outdir: Path, cluster_arn: str = CLUSTER, **props: Any) -> Deployed:
    stack_name = f"Shop{running_test()}"
    stack = cdk.Stack(cdk.App(outdir=str(outdir)), stack_name)
    cluster = ecs.Cluster.from_cluster_arn(stack, "Cluster", cluster_arn)
    EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
    aws.deploy(cdk.App.of(stack).synth().directory, stack_name)  # type: ignore[union-attr]

    def only(resource_type: str) -> str:
        (physical_id,) = aws.physical_ids(stack_name, resource_type)
        return physical_id

    return Deployed(
        aws,
        only("AWS::Lambda::Function"),
        only("AWS::Logs::LogGroup"),
        only("AWS::SQS::Queue"),
    )


def event(number: int, **detail: Any) -> Event:
    """Return an event whose ID no other test uses."""
    template = task_event(clusterArn=CLUSTER, **detail)
    event_id = f"{running_test()}-0000-0000-0000-{number:012}"
    return {**template, "id": event_id, "time": TIME}


def running_test() -> str:
    """Return eight hexadecimal digits that identify the running test.

    A function that an earlier test invoked may still log, so each test has its own log group.
    """
    name = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
    return f"{zlib.crc32(name.encode()):08x}"
