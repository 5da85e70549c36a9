"""Where an event is after each fault: never lost. SECURITY.md has the table."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from deployed_logger import CLUSTER, HANGS, RAISES, Deployed, deploy, event, zipped
from ecs_events import Event
from emulator import EmbeddedAws
from waiting import wait_for


@pytest.fixture
def deployed(aws: EmbeddedAws, tmp_path: Path) -> Deployed:
    return deploy(aws, tmp_path)


def assert_dead_then_brought_back(
    deployed: Deployed, events: Sequence[Event], mend: Callable[[], object]
) -> list[Event]:
    """Assert that events are in the queue as ECS sent them, and in the log after the redrive."""
    letters = deployed.dead_letters(len(events))
    assert sorted((json.loads(each["Body"]) for each in letters), key=lambda e: e["id"]) == events
    mend()
    result = deployed.redrive()
    assert (result.logged, result.known, result.left) == (len(events), 0, {})
    assert deployed.is_queue_empty()
    records = deployed.records(len(events))
    assert sorted(record["eventId"] for record in records) == [each["id"] for each in events]
    return letters


def test_what_the_function_raises_on_is_in_the_queue_and_can_be_brought_back(
    deployed: Deployed,
) -> None:
    deployed.replace_code(RAISES)
    events = [event(1), event(2)]
    for each in events:
        deployed.aws.emit(each)
    (letter, _) = assert_dead_then_brought_back(deployed, events, deployed.mend_code)
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "broken"


def test_a_huge_event_that_the_function_raises_on_is_in_the_queue_and_can_be_brought_back(
    deployed: Deployed,
) -> None:
    huge = event(1, stoppedReason="")
    huge["detail"]["stoppedReason"] = "x" * (256 * 1024 - len(json.dumps(huge)))
    deployed.replace_code(RAISES)
    deployed.aws.emit(huge)
    assert_dead_then_brought_back(deployed, [huge], deployed.mend_code)


def test_what_the_function_hangs_on_is_in_the_queue_and_can_be_brought_back(
    deployed: Deployed,
) -> None:
    deployed.replace_code(HANGS)
    deployed.aws.client("lambda").update_function_configuration(
        FunctionName=deployed.function, Timeout=1
    )
    deployed.aws.emit(event(1))
    assert_dead_then_brought_back(deployed, [event(1)], deployed.mend_code)


def test_what_the_function_is_too_busy_for_is_in_the_queue_and_can_be_brought_back(
    deployed: Deployed,
) -> None:
    client = deployed.aws.client("lambda")
    client.put_function_concurrency(FunctionName=deployed.function, ReservedConcurrentExecutions=0)
    deployed.aws.emit(event(1))
    assert_dead_then_brought_back(
        deployed,
        [event(1)],
        lambda: client.delete_function_concurrency(FunctionName=deployed.function),
    )


def test_what_a_deleted_function_misses_is_in_the_queue_and_its_successor_can_log_it(
    deployed: Deployed,
) -> None:
    client = deployed.aws.client("lambda")
    deleted = client.get_function_configuration(FunctionName=deployed.function)
    client.delete_function(FunctionName=deployed.function)
    deployed.aws.emit(event(1))

    def replace() -> None:
        deployed.function = "successor"
        kept = ("Runtime", "Role", "Handler", "DeadLetterConfig", "LoggingConfig")
        client.create_function(
            FunctionName="successor",
            Code={"ZipFile": zipped({})},
            **{name: deleted[name] for name in kept},
        )
        deployed.mend_code()

    (letter,) = assert_dead_then_brought_back(deployed, [event(1)], replace)
    assert letter["MessageAttributes"]["TARGET_ARN"]["StringValue"] == deleted["FunctionArn"]


def test_a_log_group_that_was_deleted_is_made_anew_and_has_what_comes_after(
    deployed: Deployed,
) -> None:
    deployed.aws.client("logs").delete_log_group(logGroupName=deployed.log_group)
    deployed.aws.emit(event(1))

    def record() -> list[Event] | None:
        groups = deployed.aws.client("logs").describe_log_groups()["logGroups"]
        is_there = deployed.log_group in [each["logGroupName"] for each in groups]
        return deployed.records(1) if is_there else None

    (made,) = wait_for(record, "the log group", 30)
    assert made["eventId"] == event(1)["id"]


def test_an_event_that_comes_twice_leaves_two_lines_that_say_so(deployed: Deployed) -> None:
    deployed.aws.emit(event(1))
    deployed.aws.emit(event(1))
    first, second = deployed.records(2)
    assert first == second
    assert first["eventId"] == event(1)["id"]


def test_events_out_of_order_are_all_there_and_say_their_order(deployed: Deployed) -> None:
    for count, version in enumerate((3, 1, 2), 1):
        deployed.aws.emit(event(version, version=version))
        records = deployed.records(count)
    assert [record["version"] for record in records] == [3, 1, 2]
    in_order = sorted(records, key=lambda record: record["version"])
    assert [record["eventId"] for record in in_order] == [event(n)["id"] for n in (1, 2, 3)]


def test_an_event_that_cannot_be_understood_is_in_the_log_as_it_is(deployed: Deployed) -> None:
    malformed = {**event(1), "detail": {"clusterArn": CLUSTER, "containers": 7, "surprise": [1]}}
    deployed.aws.emit(malformed)
    (record,) = deployed.records(1)
    assert record["level"] == "WARN"
    assert record["unparsed"]["detail"] == malformed["detail"]


@pytest.mark.parametrize(("kilobytes", "is_cut"), [(256, False), (1024, True)])
def test_a_huge_event_is_in_the_log_and_cut_to_what_fits_a_line(
    deployed: Deployed, kilobytes: int, is_cut: bool
) -> None:
    huge = event(1, stoppedReason="")
    huge["detail"]["stoppedReason"] = "x" * (kilobytes * 1024 - len(json.dumps(huge)))
    deployed.aws.emit(huge)
    (record,) = deployed.records(1)
    assert record["eventId"] == huge["id"]
    assert ("stoppedReason" in record.get("truncated", [])) == is_cut
    (line,) = deployed.aws.log_lines(deployed.log_group)
    assert len(line.encode()) <= 256 * 1024 - 26
