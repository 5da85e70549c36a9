"""No fault loses an event. SECURITY.md says where the event is after each."""

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


def assert_waits_for_redrive(
    deployed: Deployed, events: Sequence[Event], repair: Callable[[], object]
) -> list[Event]:
    """Assert that events are in the queue as ECS sent them, and in the log after a redrive."""
    letters = deployed.dead_letters(len(events))
    assert sorted((json.loads(each["Body"]) for each in letters), key=lambda e: e["id"]) == events
    repair()
    result = deployed.redrive()
    assert (result.logged, result.known, result.left) == (len(events), 0, {})
    assert deployed.is_queue_empty()
    records = deployed.records(len(events))
    assert sorted(record["eventId"] for record in records) == [each["id"] for each in events]
    return letters


def test_failed_event_waits_in_the_queue_for_redrive(
    deployed: Deployed,
) -> None:
    deployed.replace_code(RAISES)
    events = [event(1), event(2)]
    for each in events:
        deployed.aws.emit(each)
    (letter, _) = assert_waits_for_redrive(deployed, events, deployed.restore_code)
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "broken"


def test_failed_huge_event_waits_in_the_queue_for_redrive(
    deployed: Deployed,
) -> None:
    huge = event(1, stoppedReason="")
    huge["detail"]["stoppedReason"] = "x" * (256 * 1024 - len(json.dumps(huge)))
    deployed.replace_code(RAISES)
    deployed.aws.emit(huge)
    assert_waits_for_redrive(deployed, [huge], deployed.restore_code)


def test_timed_out_event_waits_in_the_queue_for_redrive(
    deployed: Deployed,
) -> None:
    deployed.replace_code(HANGS)
    deployed.aws.client("lambda").update_function_configuration(
        FunctionName=deployed.function, Timeout=1
    )
    deployed.aws.emit(event(1))
    assert_waits_for_redrive(deployed, [event(1)], deployed.restore_code)


def test_throttled_event_waits_in_the_queue_for_redrive(
    deployed: Deployed,
) -> None:
    client = deployed.aws.client("lambda")
    client.put_function_concurrency(FunctionName=deployed.function, ReservedConcurrentExecutions=0)
    deployed.aws.emit(event(1))
    assert_waits_for_redrive(
        deployed,
        [event(1)],
        lambda: client.delete_function_concurrency(FunctionName=deployed.function),
    )


def test_replacement_function_logs_the_events_of_a_deleted_one(
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
        deployed.restore_code()

    (letter,) = assert_waits_for_redrive(deployed, [event(1)], replace)
    assert letter["MessageAttributes"]["TARGET_ARN"]["StringValue"] == deleted["FunctionArn"]


def test_event_without_permission_waits_in_the_queue_for_redrive(deployed: Deployed) -> None:
    client = deployed.aws.client("lambda")
    policy = json.loads(client.get_policy(FunctionName=deployed.function)["Policy"])
    for statement in policy["Statement"]:
        client.remove_permission(FunctionName=deployed.function, StatementId=statement["Sid"])
    deployed.aws.emit(event(1))
    (letter,) = assert_waits_for_redrive(deployed, [event(1)], lambda: None)
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"


def test_deleted_log_group_is_created_again_for_later_events(
    deployed: Deployed,
) -> None:
    deployed.aws.client("logs").delete_log_group(logGroupName=deployed.log_group)
    deployed.aws.emit(event(1))

    def records() -> list[Event] | None:
        groups = deployed.aws.client("logs").describe_log_groups()["logGroups"]
        exists = deployed.log_group in [each["logGroupName"] for each in groups]
        return deployed.records(1) if exists else None

    (logged,) = wait_for(records, "the log group", 30)
    assert logged["eventId"] == event(1)["id"]


def test_event_delivered_twice_gives_two_lines_with_one_id(deployed: Deployed) -> None:
    deployed.aws.emit(event(1))
    deployed.aws.emit(event(1))
    first, second = deployed.records(2)
    assert first == second
    assert first["eventId"] == event(1)["id"]


def test_events_out_of_order_are_logged_with_their_version(deployed: Deployed) -> None:
    for count, version in enumerate((3, 1, 2), 1):
        deployed.aws.emit(event(version, version=version))
        records = deployed.records(count)
    assert [record["version"] for record in records] == [3, 1, 2]
    in_order = sorted(records, key=lambda record: record["version"])
    assert [record["eventId"] for record in in_order] == [event(n)["id"] for n in (1, 2, 3)]


def test_event_that_cannot_be_parsed_is_logged_as_received(deployed: Deployed) -> None:
    malformed = {**event(1), "detail": {"clusterArn": CLUSTER, "containers": 7, "surprise": [1]}}
    deployed.aws.emit(malformed)
    (record,) = deployed.records(1)
    assert record["level"] == "WARN"
    assert record["unparsed"]["detail"] == malformed["detail"]


@pytest.mark.parametrize(("kilobytes", "is_truncated"), [(256, False), (1024, True)])
def test_huge_event_is_logged_and_truncated_to_the_maximum_size(
    deployed: Deployed, kilobytes: int, is_truncated: bool
) -> None:
    huge = event(1, stoppedReason="")
    huge["detail"]["stoppedReason"] = "x" * (kilobytes * 1024 - len(json.dumps(huge)))
    deployed.aws.emit(huge)
    (record,) = deployed.records(1)
    assert record["eventId"] == huge["id"]
    assert ("stoppedReason" in record.get("truncated", [])) == is_truncated
    (line,) = deployed.aws.log_lines(deployed.log_group)
    assert len(line.encode()) <= 256 * 1024 - 26
