"""Redriving the dead-letter queue on the embedded AWS."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deployed_logger import NOW, RAISES, Deployed, deploy, event
from ecs_events import ROOT, Event
from ecs_task_event_logger import redrive
from ecs_task_event_logger.redrive import RedriveError, log, queue
from ecs_task_event_logger.redrive.function import LoggerFunction
from ecs_task_event_logger.redrive.queue import DeadLetterQueue
from emulator import EmbeddedAws


@pytest.fixture
def deployed(aws: EmbeddedAws, tmp_path: Path) -> Deployed:
    return deploy(aws, tmp_path)


def enqueue(deployed: Deployed, body: Any, **attributes: str) -> None:
    """Send a message to the queue."""
    deployed.aws.client("sqs").send_message(
        QueueUrl=deployed.queue_url,
        MessageBody=body if isinstance(body, str) else json.dumps(body),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    )


def function_arn(deployed: Deployed) -> str:
    configuration = deployed.aws.client("lambda").get_function_configuration(
        FunctionName=deployed.function
    )
    return str(configuration["FunctionArn"])


def envelope(event: Event, function_arn: str) -> Event:
    """Return the message that Lambda sends to a destination on failure."""
    return {
        "version": "1.0",
        "timestamp": "2026-11-01T10:05:03.000Z",
        "requestContext": {
            "requestId": "e4b46cbf-b738-xmpl-8880-a18cdf61200e",
            "functionArn": f"{function_arn}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": event,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "responsePayload": {"errorMessage": "broken", "errorType": "RuntimeError"},
    }


def test_brings_back_plain_and_enveloped_events(deployed: Deployed) -> None:
    enqueue(deployed, event(1))
    enqueue(deployed, envelope(event(2), function_arn(deployed)))
    assert str(deployed.redrive()) == "2 brought back, 0 logged already, 0 left in the queue"
    assert {record["eventId"] for record in deployed.records(2)} == {event(1)["id"], event(2)["id"]}
    assert deployed.is_queue_empty()


def test_brings_back_events_from_a_destination_on_failure(deployed: Deployed) -> None:
    client = deployed.aws.client("lambda")
    configuration = client.get_function_configuration(FunctionName=deployed.function)
    client.put_function_event_invoke_config(
        FunctionName=deployed.function,
        DestinationConfig={
            "OnFailure": {"Destination": configuration["DeadLetterConfig"]["TargetArn"]}
        },
    )
    client.update_function_configuration(FunctionName=deployed.function, DeadLetterConfig={})
    deployed.replace_code(RAISES)
    deployed.aws.emit(event(1))
    (letter,) = deployed.dead_letters(1)
    assert json.loads(letter["Body"])["requestPayload"] == event(1)
    deployed.restore_code()
    assert deployed.redrive().logged == 1
    assert [record["eventId"] for record in deployed.records(1)] == [event(1)["id"]]


def test_logs_an_event_once_that_is_queued_twice(deployed: Deployed) -> None:
    enqueue(deployed, event(1))
    enqueue(deployed, event(1))
    enqueue(deployed, envelope(event(1), function_arn(deployed)))
    result = deployed.redrive()
    assert (result.logged, result.known, result.left) == (1, 2, {})
    assert len(deployed.records(1)) == 1
    assert deployed.is_queue_empty()


def test_skips_events_already_logged(deployed: Deployed) -> None:
    deployed.aws.emit(event(1))
    deployed.records(1)
    enqueue(deployed, event(1))
    enqueue(deployed, event(2))
    result = deployed.redrive()
    assert (result.logged, result.known) == (1, 1)
    assert len(deployed.records(2)) == 2
    enqueue(deployed, event(2))
    result = deployed.redrive()
    assert (result.logged, result.known) == (0, 1)


def test_keeps_an_event_that_fails_again_and_says_why(deployed: Deployed) -> None:
    deployed.replace_code(RAISES)
    enqueue(deployed, event(1))
    result = deployed.redrive()
    assert result.logged == 0
    ((_, reason),) = result.left.items()
    assert "the function fails on it" in reason
    assert "broken" in reason
    # The message is visible to other consumers at once.
    deployed.dead_letters(1)


def test_keeps_events_for_other_functions_and_other_messages(deployed: Deployed) -> None:
    other = deployed.aws.client("lambda").create_function(
        FunctionName="other",
        Runtime="python3.14",
        Role="arn:aws:iam::111122223333:role/other",
        Handler="other.handler",
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
    )["FunctionArn"]
    enqueue(deployed, "no JSON")
    enqueue(deployed, {"source": "aws.s3", "id": "1"})
    enqueue(deployed, event(1), TARGET_ARN=other)
    enqueue(deployed, envelope(event(2), other))
    enqueue(deployed, event(3), TARGET_ARN=function_arn(deployed))
    result = deployed.redrive()
    assert (result.logged, result.known) == (1, 0)
    assert sorted(result.left.values()) == [
        *["it holds no ECS event"] * 2,
        *[f"it is for {other}"] * 2,
    ]
    assert len(deployed.dead_letters(4)) == 4


def test_empties_a_queue_of_several_batches(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redrive, "_BATCH_SIZE", 10)
    for number in range(25):
        enqueue(deployed, event(number))
    enqueue(deployed, "no JSON")
    result = deployed.redrive()
    assert (result.logged, len(result.left), result.unseen) == (25, 1, 0)
    assert len(deployed.records(25)) == 25


def test_keeps_an_event_whose_line_does_not_arrive(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_INGESTION_SECONDS", 0)
    deployed.replace_code("def handler(event, context):\n    return {'lost': True}\n")
    enqueue(deployed, event(1))
    result = deployed.redrive()
    assert result.logged == 0
    assert "does not have the line" in str(result.left)
    deployed.dead_letters(1)


class TestOldEvents:
    """Lambda may give a line the time of its event, and CloudWatch Logs refuses old lines."""

    def test_finds_a_line_with_the_time_of_its_event(
        self, deployed: Deployed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        logs = deployed.aws.client("logs")
        logs.create_log_stream(logGroupName=deployed.log_group, logStreamName="old")

        def replay(_: LoggerFunction, event: Event) -> bool:
            line = {
                "timestamp": int((NOW - timedelta(days=10)).timestamp() * 1000),
                "message": json.dumps({"eventId": event["id"]}),
            }
            logs.put_log_events(
                logGroupName=deployed.log_group, logStreamName="old", logEvents=[line]
            )
            return True

        monkeypatch.setattr(LoggerFunction, "replay", replay)
        monkeypatch.setattr(log, "_INGESTION_SECONDS", 0)
        enqueue(deployed, aged(event(1), days=10))
        assert deployed.redrive().logged == 1

    @pytest.mark.parametrize(("age", "retention"), [(15, None), (15, 30), (2, 1)])
    def test_names_events_that_are_too_old(
        self, deployed: Deployed, age: int, retention: int | None
    ) -> None:
        logs = deployed.aws.client("logs")
        if retention:
            logs.put_retention_policy(logGroupName=deployed.log_group, retentionInDays=retention)
        else:
            logs.delete_retention_policy(logGroupName=deployed.log_group)
        enqueue(deployed, aged(event(1), days=age))
        enqueue(deployed, event(2))
        result = deployed.redrive()
        assert (result.logged, result.too_old) == (1, 1)
        (reason,) = result.left.values()
        accepted = min(14, retention or 14)
        assert f"older than the {accepted}-day limit of {deployed.log_group}" in reason
        deployed.dead_letters(1)

    def test_deletes_an_old_event_that_has_a_line(self, deployed: Deployed) -> None:
        deployed.aws.emit(aged(event(1), days=15))
        deployed.records(1)
        enqueue(deployed, aged(event(1), days=15))
        result = deployed.redrive()
        assert (result.known, result.too_old) == (1, 0)

    def test_brings_back_an_event_without_a_time(self, deployed: Deployed) -> None:
        without_time = event(1)
        del without_time["time"]
        enqueue(deployed, without_time)
        assert deployed.redrive().logged == 1


def test_copies_wait_for_the_line_of_the_event(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redrive, "_BATCH_SIZE", 10)
    monkeypatch.setattr(log, "_INGESTION_SECONDS", 0)
    replayed: list[Event] = []

    def replay(_: LoggerFunction, event: Event) -> bool:
        replayed.append(event)
        return True

    monkeypatch.setattr(LoggerFunction, "replay", replay)
    for _ in range(12):
        enqueue(deployed, event(1))
    result = deployed.redrive()
    assert (result.logged, result.known, len(result.left)) == (0, 0, 12)
    assert len(replayed) == 1


def test_keeps_a_message_with_a_malformed_target(deployed: Deployed) -> None:
    malformed = envelope(event(1), "")
    malformed["requestContext"]["functionArn"] = ""
    enqueue(deployed, malformed)
    enqueue(deployed, event(2))
    result = deployed.redrive()
    assert (result.logged, len(result.left)) == (1, 1)


def test_keeps_an_event_without_a_line_if_there_are_no_filters(deployed: Deployed) -> None:
    deployed.replace_code("def handler(event, context):\n    return None\n")
    enqueue(deployed, event(1))
    result = deployed.redrive()
    assert (result.filtered, len(result.left)) == (0, 1)


def test_brings_back_an_event_from_the_future_once(deployed: Deployed) -> None:
    for _ in range(2):
        enqueue(deployed, aged(event(1), days=-1))
        deployed.redrive()
    assert len(deployed.records(1)) == 1


class TestDiscard:
    def test_shows_and_deletes_what_is_no_event(self, deployed: Deployed) -> None:
        enqueue(deployed, "no JSON\nand more")
        enqueue(deployed, {"key1": "value1"})
        without_id = event(1)
        del without_id["id"]
        enqueue(deployed, without_id)
        finished = run_command(deployed, "--discard")
        assert finished.returncode == 1
        *discarded, summary = finished.stdout.splitlines()
        assert sorted(discarded) == [
            r'discarded "no JSON\nand more"',
            r'discarded "{\"key1\": \"value1\"}"',
        ]
        assert summary.endswith("2 discarded, 1 left in the queue")
        assert "its event has no ID" in finished.stderr
        assert len(deployed.dead_letters(1)) == 1

    def test_keeps_a_message_that_could_not_be_shown(self, deployed: Deployed) -> None:
        def fail(_: str) -> None:
            raise BrokenPipeError

        enqueue(deployed, "no JSON")
        with pytest.raises(BrokenPipeError):
            redrive.redrive(deployed.aws, deployed.function, discard=fail)
        deployed.dead_letters(1)


def aged(event: Event, *, days: int) -> Event:
    """Return an event as it was some days ago."""
    return {**event, "time": (NOW - timedelta(days=days)).isoformat()}


def test_deletes_an_event_that_the_filters_drop(aws: EmbeddedAws, tmp_path: Path) -> None:
    deployed = deploy(aws, tmp_path, exclude_services=["web"], services=["w*"])
    enqueue(deployed, event(1))
    result = deployed.redrive()
    assert (result.logged, result.filtered, result.left) == (0, 1, {})
    assert deployed.is_queue_empty()


def test_gives_up_after_ten_failures_in_a_row(deployed: Deployed) -> None:
    deployed.replace_code(RAISES)
    for number in range(12):
        enqueue(deployed, event(number))
    reasons = list(deployed.redrive().left.values())
    assert sum("the function fails on it" in reason for reason in reasons) == 10
    assert sum("failed on 10 events before it" in reason for reason in reasons) == 2


def test_releases_messages_after_an_interrupt(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LoggerFunction, "replay", interrupt)
    enqueue(deployed, event(1))
    with pytest.raises(KeyboardInterrupt):
        deployed.redrive()
    deployed.dead_letters(1)


def test_waits_until_sqs_stops_counting_deleted_messages(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = iter([2, 1, 0])
    monkeypatch.setattr(queue, "_POLL_SECONDS", 0)
    monkeypatch.setattr(DeadLetterQueue, "_length", lambda self: next(lengths))
    enqueue(deployed, event(1))
    result = deployed.redrive()
    assert (result.logged, result.unseen, result.is_all_done) == (1, 0, True)


def test_failing_release_does_not_stop_the_others(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = DeadLetterQueue.receive

    def receive_and_spoil(self: DeadLetterQueue, count: int) -> Any:
        letters = receive(self, count)
        first = next(iter(self._receipt_handles), None)
        if first:
            self._receipt_handles[first] = "spoiled"
        return letters

    monkeypatch.setattr(DeadLetterQueue, "receive", receive_and_spoil)
    enqueue(deployed, "no JSON")
    enqueue(deployed, "no JSON either")
    assert len(deployed.redrive().left) == 2
    deployed.dead_letters(1)


def test_continues_when_another_run_holds_a_message(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_COUNT_SECONDS", 0)
    enqueue(deployed, event(1))
    enqueue(deployed, "no JSON")
    receive = DeadLetterQueue.receive

    def receive_too_late(self: DeadLetterQueue, count: int) -> Any:
        letters = receive(self, count)
        self._receipt_handles = dict.fromkeys(self._receipt_handles, "stale")
        return letters

    monkeypatch.setattr(DeadLetterQueue, "receive", receive_too_late)
    assert deployed.redrive().logged == 1


def test_counts_messages_that_another_run_holds(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_COUNT_SECONDS", 0)
    enqueue(deployed, event(1))
    deployed.aws.client("sqs").receive_message(QueueUrl=deployed.queue_url, VisibilityTimeout=60)
    result = deployed.redrive()
    assert (result.unseen, result.is_all_done) == (1, False)


def test_function_without_a_queue_is_an_error(deployed: Deployed) -> None:
    deployed.aws.client("lambda").update_function_configuration(
        FunctionName=deployed.function, DeadLetterConfig={}
    )
    with pytest.raises(RedriveError, match="has no dead-letter queue"):
        deployed.redrive()


def run_python(deployed: Deployed, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the embedded AWS as its AWS."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, *arguments],
        env={
            **own,
            "AWS_ENDPOINT_URL": deployed.aws.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": deployed.aws.region,
        },
        capture_output=True,
        text=True,
    )


def test_documentation_shows_the_output_of_the_command(deployed: Deployed) -> None:
    page = (ROOT / "docs" / "redrive.md").read_text()
    quoted = re.search(r"^\$ python (-m \S+redrive) FUNCTION\n(.+\n)", page, re.MULTILINE)
    assert quoted is not None
    arguments, output = quoted.groups()
    deployed.aws.client("lambda").invoke(
        FunctionName=deployed.function, Payload=json.dumps(event(1))
    )
    deployed.records(1)
    for number in (1, 2, 3):
        enqueue(deployed, event(number))
    finished = run_python(deployed, *arguments.split(), deployed.function)
    assert (finished.returncode, finished.stdout) == (0, output), finished.stderr


def run_command(deployed: Deployed, *options: str) -> subprocess.CompletedProcess[str]:
    return run_python(deployed, "-m", "ecs_task_event_logger.redrive", deployed.function, *options)


def test_command_reports_the_outcome(deployed: Deployed) -> None:
    enqueue(deployed, event(1))
    enqueue(deployed, "no JSON")
    finished = run_command(deployed)
    assert finished.returncode == 1, finished.stderr
    assert finished.stdout == "1 brought back, 0 logged already, 1 left in the queue\n"
    assert "it holds no ECS event" in finished.stderr


@pytest.mark.parametrize("region", [{}, {"AWS_DEFAULT_REGION": "eu-west-1"}])
def test_command_reports_an_error_in_one_line(aws: EmbeddedAws, region: dict[str, str]) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "ecs_task_event_logger.redrive", "missing"],
        env={
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": aws.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            **region,
        },
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 2
    assert "Traceback" not in finished.stderr
    assert ("not found" if region else "region") in finished.stderr
