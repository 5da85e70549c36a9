"""Calls of RunTask that made no task, or fewer than were asked for."""

import json
from typing import Any

import pytest

from ecs_events import SHARED, TASK, Event, call, not_placed
from ecs_task_event_logger.handler.task_events.filters import make_selection
from ecs_task_event_logger.handler.task_events.record import make_record
from ecs_task_event_logger.handler.task_events.serialize import to_line

CASES = SHARED / "cases" / "run-task-failed.json"
DENIED = (
    "AccessDeniedException",
    "User: arn:aws:sts::111122223333:assumed-role/deploy/anna is not authorized to perform: "
    "iam:PassRole on resource: arn:aws:iam::111122223333:role/task",
)
OVERRIDES = {
    "containerOverrides": [
        {
            "name": "app",
            "command": ["import", "--customer", "Umbrella-Corp-4711"],
            "environment": [{"name": "TENANT", "value": "shop-4711-eu"}],
        }
    ]
}


def identity(kind: str, arn: str = "", **others: Any) -> Event:
    return {"type": kind, **({"arn": f"arn:aws:{arn}"} if arn else {}), **others}


@pytest.mark.recorded
def test_field_cases() -> None:
    for case in json.loads(CASES.read_text()):
        record = make_record(case["event"])
        assert record.items() >= case["expect"].items()


def test_record_says_what_where_who_and_why() -> None:
    record = make_record(call(not_placed("RESOURCE:CPU")))
    assert record.pop("message") == (
        "nightly:4 could not be started in shop by the schedule nightly: no container instance has "
        "enough CPU (RESOURCE:CPU)"
    )
    assert record.pop("remedy")
    assert record.pop("eventId")
    assert record == {
        "timestamp": "2026-11-01T10:05:00Z",
        "level": "ERROR",
        "detailType": "AWS API Call via CloudTrail",
        "account": "111122223333",
        "region": "eu-west-1",
        "eventName": "RunTask",
        "group": "family:nightly",
        "startedBy": "events-rule/nightly",
        "cluster": "shop",
        "taskDefinition": "nightly:4",
        "caller": "ecsEventsRole/nightly",
        "invokedBy": "events.amazonaws.com",
        "requestId": "6d4f7c2e-7d3e-4a4c-9d4b-2f1b8a6f4f10",
        "failures": [not_placed("RESOURCE:CPU")],
        "requestedCount": 1,
        "failedCount": 1,
        "failed": True,
        "cause": "CAPACITY",
    }


@pytest.mark.parametrize(
    ("reason", "cause", "words"),
    [
        ("RESOURCE:MEMORY", "CAPACITY", "no container instance has enough memory"),
        ("RESOURCE:ENI", "CAPACITY", "no container instance has a free network interface"),
        ("RESOURCE:PORTS_TCP", "CAPACITY", "no container instance has the ports free"),
        ("RESOURCE:FPGA", "CAPACITY", "no container instance has enough resources"),
        ("AGENT", "HOST_FAILURE", "the agent of the container instance is disconnected"),
        ("ATTRIBUTE", "CAPACITY", "no container instance has an attribute that the task needs"),
        ("LOCATION", "CAPACITY", "not in an availability zone of the task's subnets"),
        ("MISSING", "REQUEST_REFUSED", "the container instance does not exist"),
        ("INACTIVE", "HOST_FAILURE", "the container instance has left the cluster"),
        ("NEW_REASON", "UNKNOWN", "ECS gives a reason of its own"),
    ],
)
def test_failure_has_a_cause_words_and_a_remedy(reason: str, cause: str, words: str) -> None:
    record = make_record(call(not_placed(reason)))
    assert record["cause"] == cause
    assert record["message"].endswith(f"{words} ({reason})")
    assert len(record["remedy"]) > 20


@pytest.mark.parametrize(
    ("error", "cause", "remedy"),
    [
        (DENIED, "REQUEST_REFUSED", "Allow the caller what the message names: ecs:RunTask"),
        (("AccessDenied", "denied"), "REQUEST_REFUSED", "Allow the caller"),
        (("ClusterNotFoundException", "Cluster not found."), "REQUEST_REFUSED", "the cluster"),
        (("InvalidParameterException", "No subnets."), "REQUEST_REFUSED", "Correct the call"),
        (("ClientException", "TaskDefinition is inactive"), "REQUEST_REFUSED", "Correct the call"),
        (("ThrottlingException", "Rate exceeded"), "REQUEST_REFUSED", "Start fewer tasks at once"),
        (("ServerException", "Service Unavailable."), "INTERNAL_ERROR", "Start the task again"),
        (("LimitExceededException", "Too many"), "REQUEST_REFUSED", "higher quota"),
        (("BlockedException", "Blocked."), "REQUEST_REFUSED", "AWS Support"),
        (("ExpiredTokenException", "expired"), "REQUEST_REFUSED", "new credentials"),
        (
            ("AccessDeniedException", "with an explicit deny in a service control policy"),
            "REQUEST_REFUSED",
            "denies the call explicitly",
        ),
        (
            ("InvalidParameterException", "The specified capacity provider strategy is not valid."),
            "REQUEST_REFUSED",
            "Correct the call",
        ),
        (
            ("ClientException", "Capacity is unavailable at this time. Please try again later."),
            "CAPACITY",
            "Try again",
        ),
        (
            ("ClientException", "You've reached the limit on the number of vCPUs you can run"),
            "CAPACITY",
            "quota",
        ),
    ],
)
def test_error_has_a_cause_and_a_remedy(error: tuple[str, str], cause: str, remedy: str) -> None:
    record = make_record(call(error=error))
    code, message = error
    assert record["cause"] == cause
    assert remedy in record["remedy"]
    assert record["message"].endswith(f": {message.rstrip('.')} ({code})")
    assert (record["errorCode"], record["errorMessage"]) == error


@pytest.mark.parametrize(
    ("who", "started_by", "words"),
    [
        (identity("IAMUser", "iam::1:user/ops/bob", userName="bob"), None, "by bob: "),
        (identity("AssumedRole", "sts::1:assumed-role/deploy/anna"), None, "by deploy/anna: "),
        (identity("Root", "iam::1:root"), None, "by root: "),
        (identity("AssumedRole", invokedBy="states.amazonaws.com"), None, "by Step Functions: "),
        (
            identity(
                "AssumedRole", "sts::1:assumed-role/flow/run1", invokedBy="states.amazonaws.com"
            ),
            None,
            "by Step Functions (flow/run1): ",
        ),
        (
            identity("IAMUser", "iam::1:user/bob"),
            "events-rule/nightly",
            "by bob: ",
        ),
        (identity("AWSService", invokedBy="batch.amazonaws.com"), None, "by Batch: "),
        (
            identity("AWSService", invokedBy="scheduler.amazonaws.com"),
            "chronos-schedule/hourly",
            "by the schedule hourly: ",
        ),
        (identity("AWSService", invokedBy="new.amazonaws.com"), None, "by new.amazonaws.com: "),
        (None, None, " in shop: "),
    ],
)
def test_message_names_who_called(who: Event | None, started_by: str | None, words: str) -> None:
    event = call(not_placed("AGENT"), userIdentity=who, requestParameters={"startedBy": started_by})
    assert words in make_record(event)["message"]


def test_partial_failure_counts_tasks_and_not_instances() -> None:
    failures = [not_placed(each) for each in ("RESOURCE:CPU", "RESOURCE:MEMORY", "RESOURCE:CPU")]
    record = make_record(call(*failures, started=8, requestParameters={"count": 10}))
    assert (record["requestedCount"], record["failedCount"]) == (10, 2)
    assert record["message"] == (
        "2 of 10 tasks of nightly:4 could not be started in shop by the schedule nightly: no "
        "container instance has enough CPU (RESOURCE:CPU), and no container instance has enough "
        "memory (RESOURCE:MEMORY)"
    )


def test_start_task_asks_for_one_task_on_each_instance() -> None:
    event = call(
        not_placed("AGENT"),
        started=1,
        eventName="StartTask",
        requestParameters={"count": None, "containerInstances": ["a", "b"]},
    )
    record = make_record(event)
    assert (record["requestedCount"], record["failedCount"]) == (2, 1)
    assert record["message"].startswith("1 of 2 tasks of nightly:4 could not be started")


@pytest.mark.parametrize(
    ("given", "cluster"),
    [
        ("batch", "batch"),
        ("arn:aws:ecs:eu-west-1:111122223333:cluster/batch", "batch"),
        (None, "default"),
    ],
)
def test_cluster_is_the_default_if_the_call_names_none(given: str | None, cluster: str) -> None:
    event = call(not_placed("AGENT"), requestParameters={"cluster": given})
    assert make_record(event)["cluster"] == cluster


@pytest.mark.parametrize(
    ("given", "definition"),
    [
        ("nightly", "nightly"),
        ("arn:aws:ecs:eu-west-1:111122223333:task-definition/nightly:4", "nightly:4"),
    ],
)
def test_task_definition_is_named_without_its_arn(given: str, definition: str) -> None:
    event = call(not_placed("AGENT"), requestParameters={"taskDefinition": given})
    assert make_record(event)["taskDefinition"] == definition


def test_call_without_parameters_names_no_cluster() -> None:
    event = call(error=DENIED)
    event["detail"]["requestParameters"] = None
    record = make_record(event)
    assert not {"cluster", "taskDefinition", "unparsed"} & record.keys()
    assert record["message"].startswith(
        "a task could not be started by EventBridge (ecsEventsRole/nightly): User: "
    )


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("started", [0, 1])
def test_no_override_value_is_logged(full: bool, started: int) -> None:
    detail = "container app: unexpected argument Umbrella-Corp-4711 for tenant shop-4711-eu"
    event = call(
        not_placed("AGENT", detail),
        started=started,
        requestParameters={"overrides": OVERRIDES, "count": 2},
    )
    event["detail"]["responseElements"]["tasks"] = [{"taskArn": TASK, "overrides": OVERRIDES}]
    line = to_line(make_record(event, full=full))
    assert "4711" not in line
    assert "unexpected argument ***" in line


def test_names_that_overrides_repeat_stay_readable() -> None:
    environment = [
        {"name": "JOB", "value": "import-2024q1"},
        {"name": "CLUSTER", "value": "shop-prod-eu1"},
        {"name": "TENANT", "value": "umbrella-4711"},
    ]
    event = call(
        not_placed("AGENT", "import-2024q1 for umbrella-4711"),
        requestParameters={
            "cluster": "shop-prod-eu1",
            "taskDefinition": "import-2024q1:4",
            "startedBy": "events-rule/import-2024q1",
            "overrides": {"containerOverrides": [{"name": "app", "environment": environment}]},
        },
    )
    record = make_record(event)
    assert record["message"] == (
        "import-2024q1:4 could not be started in shop-prod-eu1 by the schedule import-2024q1: "
        "import-2024q1 for *** (AGENT)"
    )


@pytest.mark.parametrize("reasons", [("AGENT", "RESOURCE:CPU"), ("RESOURCE:CPU", "AGENT")])
def test_a_full_cluster_counts_more_than_an_agent(reasons: tuple[str, str]) -> None:
    assert make_record(call(*map(not_placed, reasons)))["cause"] == "CAPACITY"


def test_many_failures_are_summarized() -> None:
    failures = [not_placed(f"RESOURCE:{number}", f"detail {number}") for number in range(500)]
    record = make_record(call(*failures))
    assert len(record["failures"]) == 20
    assert record["message"].endswith("(RESOURCE:2), and other reasons")


@pytest.mark.parametrize("failures", [{}, "AGENT", [{"reason": ["AGENT"]}]])
def test_failures_of_another_form_are_not_taken_for_success(failures: Any) -> None:
    event = call()
    event["detail"]["responseElements"] = {"tasks": [], "failures": failures}
    record = make_record(event)
    assert "unparsed" in record
    assert "started" not in record["message"]


def test_successful_call_is_no_failure() -> None:
    record = make_record(call(started=1))
    assert (record["level"], record["message"]) == (
        "INFO",
        "nightly:4 started in shop by the schedule nightly",
    )
    assert not {"cause", "failed", "unparsed"} & record.keys()


def test_other_calls_are_not_understood() -> None:
    record = make_record(call(not_placed("AGENT"), eventName="UpdateService"))
    assert "unparsed" in record
    assert record["level"] == "WARN"


@pytest.mark.parametrize(
    ("settings", "is_logged"),
    [
        ({"ONLY_FAILURES": "true"}, True),
        ({"CAUSES": "CAPACITY"}, True),
        ({"CAUSES": "IMAGE_PULL"}, False),
        ({"TASK_FAMILIES": "night*"}, True),
        ({"TASK_FAMILIES": "web"}, False),
        ({"EXCLUDE_TASK_FAMILIES": "nightly"}, False),
    ],
)
@pytest.mark.parametrize("definition", ["nightly", "nightly:4"])
def test_filters_apply(settings: dict[str, str], is_logged: bool, definition: str) -> None:
    event = call(not_placed("RESOURCE:CPU"), requestParameters={"taskDefinition": definition})
    assert make_selection(settings)(make_record(event)) is is_logged
