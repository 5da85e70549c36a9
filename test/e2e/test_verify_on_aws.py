"""``examples/verify_on_aws``: the command, run against the embedded AWS."""

import re
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ecs_events import ROOT, Event, task_event
from emulator import EmbeddedAws
from examples.verify_on_aws import checks, cli, evidence, waits
from examples.verify_on_aws.stack import Stack
from examples.verify_on_aws.tasks import Tasks

RUN = [sys.executable, str(ROOT / "examples" / "verify_on_aws" / "run.py")]


@pytest.fixture(autouse=True)
def adapt_to_ministack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll often, and hide the lines of the platform. AWS writes none in the JSON log format."""
    every_log_event = evidence.log_events

    def log_events(stack: Stack) -> list[Event]:
        return [event for event in every_log_event(stack) if event["message"].startswith("{")]

    monkeypatch.setattr(evidence, "log_events", log_events)
    monkeypatch.setattr(waits, "_POLL_SECONDS", 0.05)


class EmittingTasks(Tasks):
    """Tasks whose events are sent, as ECS and EventBridge do. MiniStack's ECS sends none."""

    stop_code = "UserInitiated"

    def start(self, count: int) -> None:
        super().start(count)
        for arn in self.arns:
            self._stack.session.emit(
                self._event(arn, lastStatus="RUNNING", desiredStatus="RUNNING")
            )

    def stop(self, arn: str, reason: str) -> None:
        super().stop(arn, reason)
        self._stack.session.emit(self._event(arn, stopCode=self.stop_code, stoppedReason=reason))

    def _event(self, arn: str, **detail: Any) -> Event:
        event = task_event(
            {"name": "sleeper", "exitCode": 137},
            clusterArn=self._cluster,
            taskArn=arn,
            taskDefinitionArn=self._stack.outputs["TaskDefinitionArn"],
            group="family:sleeper",
            **detail,
        )
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return {**event, "id": str(uuid.uuid4()), "time": now, "resources": [arn]}


class OtherTasks(EmittingTasks):
    """Tasks that stop for a reason of their own."""

    stop_code = "EssentialContainerExited"


class ForbiddenTasks(Tasks):
    """Tasks that AWS does not start."""

    def start(self, count: int) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "RunTask")


class InterruptedTasks(Tasks):
    """Tasks that run when the user presses Ctrl-C."""

    def start(self, count: int) -> None:
        super().start(count)
        raise KeyboardInterrupt


def assert_nothing_is_left(aws: EmbeddedAws) -> None:
    stacks = aws.client("cloudformation").list_stacks()["StackSummaries"]
    assert {stack["StackStatus"] for stack in stacks} <= {"DELETE_COMPLETE"}
    left = [
        *aws.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])[
            "Vpcs"
        ],
        *aws.client("ecs").list_tasks(desiredStatus="RUNNING")["taskArns"],
        *aws.client("events").list_rules()["Rules"],
        *aws.client("iam").list_roles()["Roles"],
        *aws.client("lambda").list_functions()["Functions"],
        *aws.client("logs").describe_log_groups()["logGroups"],
        *aws.client("s3").list_buckets()["Buckets"],
        *aws.client("sqs").list_queues().get("QueueUrls", []),
    ]
    assert left == []


def test_everything_holds_and_nothing_is_left(
    aws: EmbeddedAws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--yes"], aws, EmittingTasks) == 0
    output = capsys.readouterr().out
    for check in (*checks.CHECKS, checks.LAST):
        assert f"\nheld          {check.assumption}  " in output
    assert re.search(r"verify-task-events-\w+:1 STOPPED on", output)
    assert "NO_PERMISSIONS" in output
    assert output.endswith("\nEverything held.\n")
    table = output.partition("\nheld")[2]
    assert max(map(len, table.splitlines())) <= 100
    assert_nothing_is_left(aws)


def test_reports_what_does_not_hold_and_checks_the_rest(
    aws: EmbeddedAws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--yes"], aws, OtherTasks) == 1
    output = capsys.readouterr().out
    assert "\nDID NOT HOLD  The line of a stopped task has the cause" in output
    assert output.count("\nheld ") == len(checks.CHECKS)
    assert "Please report this table" in output
    assert_nothing_is_left(aws)


def test_exit_code_is_2_if_aws_refuses_a_request(
    aws: EmbeddedAws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--yes"], aws, ForbiddenTasks) == 2
    output = capsys.readouterr().out
    assert output.count("\nnot checked ") == len(checks.CHECKS) - 1
    assert "AccessDenied" in output
    assert_nothing_is_left(aws)


def test_deletes_everything_after_an_interrupt(aws: EmbeddedAws) -> None:
    with pytest.raises(KeyboardInterrupt):
        cli.main(["--yes"], aws, InterruptedTasks)
    assert_nothing_is_left(aws)


def run(environment: dict[str, str], answer: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(RUN, env=environment, input=answer, capture_output=True, text=True)


def test_creates_nothing_without_consent(aws: EmbeddedAws) -> None:
    environment = {
        "AWS_ENDPOINT_URL": aws.endpoint_url,
        "AWS_ACCESS_KEY_ID": aws.account,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": aws.region,
    }
    for answer in ("n\n", ""):
        finished = run(environment, answer)
        assert finished.returncode == 2, finished.stderr
        assert f"account {aws.account}, region {aws.region}" in finished.stdout
        assert finished.stdout.endswith("Nothing was created.\n")
    assert_nothing_is_left(aws)


def test_reports_missing_credentials_in_one_line() -> None:
    finished = run({"AWS_DEFAULT_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"})
    assert (finished.returncode, finished.stderr) == (2, "run.py: Unable to locate credentials\n")
