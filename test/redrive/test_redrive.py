"""Reading any message in a dead-letter queue, and the command line."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_events import task_event
from ecs_task_event_logger.redrive import RedriveError, Redriven
from ecs_task_event_logger.redrive.__main__ import main
from ecs_task_event_logger.redrive.queue import DeadLetter, read_dead_letter

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:logger"

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "source", "requestPayload", "requestContext", "functionArn"])
            | st.text(max_size=5),
            children | st.just("aws.ecs"),
            max_size=4,
        )
    ),
    max_leaves=15,
)


def message(body: Any, target: str | None = None) -> dict[str, Any]:
    attributes = {"TARGET_ARN": {"DataType": "String", "StringValue": target}} if target else {}
    text = body if isinstance(body, str) else json.dumps(body)
    return {"MessageId": "1", "Body": text, "MessageAttributes": attributes}


@given(values | st.text())
def test_any_message_holds_an_ecs_event_or_none(body: Any) -> None:
    letter = read_dead_letter(message(body))
    if letter.event is not None:
        assert letter.event["source"] == "aws.ecs"
    if letter.event_id is not None:
        assert letter.event is not None
        assert letter.event["id"] == letter.event_id


@pytest.mark.parametrize("body", ["", "[" * 100_000, "\ud83d", "[]", "1", "null", "{}"])
def test_message_without_an_event_reads_as_none(body: str) -> None:
    assert read_dead_letter(message(body)).event is None


def test_message_without_attributes_has_no_target() -> None:
    body = json.dumps(task_event())
    assert read_dead_letter({"Body": body}) == DeadLetter(body, task_event())


@pytest.mark.parametrize("qualifier", ["", ":$LATEST", ":7", ":live"])
def test_target_comes_from_the_attributes_or_the_envelope(qualifier: str) -> None:
    assert read_dead_letter(message(task_event(), ARN + qualifier)).target == ARN
    body = {"requestContext": {"functionArn": ARN + qualifier}, "requestPayload": task_event()}
    assert read_dead_letter(message(body)) == DeadLetter(json.dumps(body), task_event(), ARN)


def test_command_requires_a_function(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([])
    assert "the following arguments are required: function" in capsys.readouterr().err


def test_command_imports_neither_cdk_nor_node() -> None:
    code = "import sys, ecs_task_event_logger.redrive.__main__; sys.exit('aws_cdk' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_result_reads_as_a_sentence() -> None:
    assert str(Redriven(2, 1)) == "2 brought back, 1 logged already, 0 left in the queue"
    assert str(Redriven(filtered=3, unseen=4)) == (
        "0 brought back, 3 filtered out, 0 logged already, 0 left in the queue, 4 not seen"
    )
    assert str(Redriven(discarded=2, left={"1": "", "2": ""}, too_old=1)) == (
        "0 brought back, 0 logged already, 2 discarded, 2 left in the queue, "
        "1 of these too old to be logged"
    )


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (Redriven(logged=1, discarded=1), 0),
        (Redriven(left={"1": "broken"}), 1),
        (Redriven(unseen=1), 1),
        (Redriven(left={"1": "broken", "2": "old"}, too_old=1), 3),
    ],
)
def test_exit_code_tells_what_is_left(
    monkeypatch: pytest.MonkeyPatch, result: Redriven, code: int
) -> None:
    name = "ecs_task_event_logger.redrive.__main__.redrive"
    monkeypatch.setattr(name, lambda *_, **__: result)
    assert main([ARN]) == code


QUEUE = "arn:aws:sqs:us-east-1:222222222222:Undelivered"


@pytest.fixture
def redrive_calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The calls that the command makes."""
    calls: list[Any] = []

    def session(**options: Any) -> Any:
        return options

    def redrive(session: Any, function: str, **queue: Any) -> Redriven:
        calls.append((session, function, queue))
        return Redriven()

    monkeypatch.setattr("boto3.Session", session)
    monkeypatch.setattr("ecs_task_event_logger.redrive.__main__.redrive", redrive)
    return calls


class TestRegion:
    @pytest.mark.parametrize(
        ("function", "options", "variable", "region"),
        [
            (ARN, ["--region", "eu-north-1"], "us-west-2", "eu-north-1"),
            (ARN, [], "us-west-2", "eu-west-1"),
            ("logger", [], "us-west-2", "us-west-2"),
            ("111122223333:function:logger", [], "us-west-2", "us-west-2"),
            ("logger", [], None, None),  # boto3 then reads its own configuration
        ],
    )
    def test_option_wins_over_arn_and_arn_over_environment(
        self,
        redrive_calls: list[Any],
        monkeypatch: pytest.MonkeyPatch,
        function: str,
        options: list[str],
        variable: str | None,
        region: str | None,
    ) -> None:
        monkeypatch.delenv("AWS_REGION", raising=False)
        if variable:
            monkeypatch.setenv("AWS_REGION", variable)
        main([function, *options])
        ((session, _, _),) = redrive_calls
        assert session["region_name"] == region

    def test_missing_region_is_an_error(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        with pytest.raises(SystemExit):
            main(["logger"])
        assert "--region is missing: name the AWS region" in capsys.readouterr().err


def test_prints_an_error_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(session: Any, function: str, **queue: Any) -> Redriven:
        raise RedriveError("logger has no dead-letter queue in SQS.")

    monkeypatch.setattr("ecs_task_event_logger.redrive.__main__.redrive", refused)
    assert main(["logger", "--region", "eu-west-1"]) == 2
    assert capsys.readouterr().err == (
        "python -m ecs_task_event_logger.redrive: logger has no dead-letter queue in SQS.\n"
    )


class TestForwarderQueue:
    def test_may_be_in_another_region(self, redrive_calls: list[Any]) -> None:
        main(["FUNCTION", "--profile", "central", "--region", "eu-west-1", "--queue", QUEUE])
        ((session, function, queue),) = redrive_calls
        assert (session, function) == (
            {"profile_name": "central", "region_name": "eu-west-1"},
            "FUNCTION",
        )
        assert queue == {
            "queue_arn": QUEUE,
            "queue_session": {"profile_name": "central", "region_name": "us-east-1"},
            "discard": None,
        }

    def test_may_be_in_another_account(self, redrive_calls: list[Any]) -> None:
        main(["FUNCTION", "--queue", QUEUE, "--queue-profile", "member"])
        ((_, _, queue),) = redrive_calls
        assert queue["queue_session"]["profile_name"] == "member"

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--queue", "Undelivered"], "is not the ARN of a queue"),
            (["--queue-profile", "member"], "is for the queue that --queue names"),
        ],
    )
    def test_rejects_a_bad_queue_option(
        self,
        redrive_calls: list[Any],
        capsys: pytest.CaptureFixture[str],
        options: list[str],
        message: str,
    ) -> None:
        with pytest.raises(SystemExit):
            main(["FUNCTION", *options])
        assert message in capsys.readouterr().err
        assert redrive_calls == []
