"""Reading what is in a dead-letter queue, whatever that is."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_events import task_event
from ecs_task_event_logger.redrive import DeadLetter, Redriven, main, read_dead_letter

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:logger"

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "source", "requestPayload", "requestContext", "functionArn"])
            | st.text(max_size=5),
            inner | st.just("aws.ecs"),
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
def test_whatever_is_in_it_is_an_event_of_ecs_or_none(body: Any) -> None:
    letter = read_dead_letter(message(body))
    if letter.event is not None:
        assert letter.event["source"] == "aws.ecs"
        assert isinstance(letter.event["id"], str)


@pytest.mark.parametrize("body", ["", "[" * 100_000, "\ud83d", "[]", "1", "null", "{}"])
def test_what_holds_no_event_is_read_as_none(body: str) -> None:
    assert read_dead_letter(message(body)).event is None


def test_an_event_without_attributes_does_not_say_for_whom_it_is() -> None:
    assert read_dead_letter({"Body": json.dumps(task_event())}) == DeadLetter(task_event(), None)


@pytest.mark.parametrize("qualifier", ["", ":$LATEST", ":7", ":live"])
def test_for_whom_it_is_is_said_by_its_attributes_or_by_its_envelope(qualifier: str) -> None:
    assert read_dead_letter(message(task_event(), ARN + qualifier)).target == ARN
    body = {"requestContext": {"functionArn": ARN + qualifier}, "requestPayload": task_event()}
    assert read_dead_letter(message(body)) == DeadLetter(task_event(), ARN)


def test_the_command_says_what_it_wants(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([])
    assert "the following arguments are required: function" in capsys.readouterr().err


def test_the_command_needs_neither_cdk_nor_node() -> None:
    code = "import sys, ecs_task_event_logger.redrive; sys.exit('aws_cdk' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_result_reads_as_a_sentence() -> None:
    assert str(Redriven(2, 1)) == "2 brought back, 1 logged already, 0 left in the queue"
    assert str(Redriven(filtered=3, unseen=4)) == (
        "0 brought back, 3 filtered out, 0 logged already, 0 left in the queue, 4 not seen"
    )


QUEUE = "arn:aws:sqs:us-east-1:222222222222:Undelivered"


class TestTheQueueOfAForwarder:
    @pytest.fixture
    def asked(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """What the command has asked for."""
        calls: list[Any] = []

        def session(**where: Any) -> Any:
            return where

        def redrive(session: Any, function: str, **queue: Any) -> Redriven:
            calls.append((session, function, queue))
            return Redriven()

        monkeypatch.setattr("boto3.Session", session)
        monkeypatch.setattr("ecs_task_event_logger.redrive.redrive", redrive)
        return calls

    def test_is_in_a_region_of_its_own(self, asked: list[Any]) -> None:
        main(["FUNCTION", "--profile", "central", "--region", "eu-west-1", "--queue", QUEUE])
        ((session, function, queue),) = asked
        assert (session, function) == (
            {"profile_name": "central", "region_name": "eu-west-1"},
            "FUNCTION",
        )
        assert queue == {
            "queue_arn": QUEUE,
            "queue_session": {"profile_name": "central", "region_name": "us-east-1"},
        }

    def test_may_be_in_an_account_of_its_own(self, asked: list[Any]) -> None:
        main(["FUNCTION", "--queue", QUEUE, "--queue-profile", "member"])
        ((_, _, queue),) = asked
        assert queue["queue_session"]["profile_name"] == "member"

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--queue", "Undelivered"], "no ARN of a queue"),
            (["--queue-profile", "member"], "is for the queue that --queue names"),
        ],
    )
    def test_must_be_said(
        self, asked: list[Any], capsys: pytest.CaptureFixture[str], options: list[str], message: str
    ) -> None:
        with pytest.raises(SystemExit):
            main(["FUNCTION", *options])
        assert message in capsys.readouterr().err
        assert asked == []
