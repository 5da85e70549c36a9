"""Filters: their documentation, the synthesized pattern in EventBridge, and the log agree."""

import copy
import fnmatch
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Template
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from ecs_events import SHARED, Event, shared_events, task_event
from ecs_task_event_logger import Cause, EcsTaskEventLogger, LaunchType, StopCode, TaskStatus
from ecs_task_event_logger.handler.task_events.filters import make_selection
from ecs_task_event_logger.handler.task_events.record import make_record
from emulator import EmbeddedAws
from verdicts import Verdict, diagnose

Props = dict[str, Any]

TASK_EVENTS = [
    task_event(lastStatus="RUNNING", desiredStatus="RUNNING"),
    task_event({"name": "app", "exitCode": 1}, stopCode="EssentialContainerExited"),
    task_event(stoppedReason="Your Spot Task was interrupted.", lastStatus="RUNNING"),
    *(e for e in shared_events() if e["detail-type"] == "ECS Task State Change"),
]
ARN = "arn:aws:ecs:eu-west-1:111122223333:task-definition/"
NAMES = ["web", "web-1", "job", "testproj_web-1bb0086", "Defang-testproj-beta-kanikoAmd64"]
REASONS = [
    None,
    "",
    "Scaling activity initiated by (deployment ecs-svc/1)",
    "scaling activity initiated by an operator",
    "Task stopped by user",
    "Essential container in task exited",
    "Task failed ELB health checks in (target-group a)",
    "CannotPullContainerError: web-1 not found",
    "ECS is performing maintenance",
]

names = st.lists(
    st.sampled_from([*NAMES, "*", "web*", "*-1*", "testproj_*", "t*b-1*6"]), min_size=1, max_size=3
)


def members(enum: Any) -> Any:
    return st.lists(st.sampled_from(list(enum)), min_size=1, max_size=3, unique=True)


FILTERS: dict[str, Any] = {
    "statuses": members(TaskStatus),
    "services": names,
    "task_families": names,
    "exclude_services": names,
    "exclude_task_families": names,
    "launch_types": members(LaunchType),
    "stop_codes": members(StopCode),
    "causes": members(Cause),
    "only_failures": st.just(True),
}


@st.composite
def configurations(draw: Any) -> Props:
    """Draw some filters, mostly a pair."""
    count = draw(st.sampled_from([1, 2, 2, 2, 3, 4]))
    chosen = draw(
        st.lists(st.sampled_from(list(FILTERS)), min_size=count, max_size=count, unique=True)
    )
    return {prop: draw(FILTERS[prop]) for prop in chosen}


@st.composite
def mutated_events(draw: Any) -> Event:
    event: Event = copy.deepcopy(draw(st.sampled_from(TASK_EVENTS)))
    detail = event["detail"]
    name = draw(st.sampled_from(NAMES))
    definition = detail["taskDefinitionArn"].rpartition("/")[2]
    detail["taskDefinitionArn"] = f"{ARN}{definition}"
    for key, values in {
        "lastStatus": [*TaskStatus, "NEW"],
        "desiredStatus": [None, "RUNNING", "STOPPED"],
        "group": [None, f"service:{name}", f"family:{name}", name],
        "taskDefinitionArn": [None, f"{ARN}{name}:7"],
        "launchType": [None, *LaunchType],
        "stopCode": [None, *StopCode],
        "stoppedReason": REASONS,
        "containers": [[], [{"name": "a", "exitCode": 0}], [{"name": "a", "exitCode": 137}]],
    }.items():
        if draw(st.booleans()):
            value = draw(st.sampled_from(values))
            detail.pop(key, None)
            if value is not None:
                detail[key] = str(value) if isinstance(value, str) else value
    return event


def is_wanted(props: Props, event: Event) -> bool:
    """Return whether the filters select an event, according to their documentation."""
    detail = event["detail"]
    group = detail.get("group", "")
    service = group.removeprefix("service:") if group.startswith("service:") else None
    arn = detail.get("taskDefinitionArn")
    family = arn.split("/")[1].split(":")[0] if arn else None
    diagnosis = None
    if "STOPPED" in (detail.get("lastStatus"), detail.get("desiredStatus")):
        diagnosis = diagnose(detail)

    def is_named(name: str | None, patterns: list[str]) -> bool:
        return name is not None and any(fnmatch.fnmatchcase(name, item) for item in patterns)

    names_match = [
        is_named(name, props[prop])
        for prop, name in (("services", service), ("task_families", family))
        if prop in props
    ]
    return all(
        [
            detail.get("lastStatus") in props.get("statuses", [detail.get("lastStatus")]),
            not names_match or any(names_match),
            not is_named(service, props.get("exclude_services", [])),
            not is_named(family, props.get("exclude_task_families", [])),
            "launch_types" not in props or detail.get("launchType") in props["launch_types"],
            "stop_codes" not in props or detail.get("stopCode") in props["stop_codes"],
            "causes" not in props or bool(diagnosis and diagnosis.cause in props["causes"]),
            not props.get("only_failures") or is_failure(detail, diagnosis),
        ]
    )


def is_failure(detail: Event, diagnosis: Verdict | None) -> bool:
    """Return whether a line reports a failed task: only its STOPPED line does."""
    return bool(detail.get("lastStatus") == "STOPPED" and diagnosis and diagnosis.failed)


def synthesized(props: Props) -> tuple[Any, dict[str, str]]:
    """Return the pattern of a logger's rule, and the environment of its function."""
    environment = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(cdk.App(), "Stack", env=environment)
    EcsTaskEventLogger.for_all_clusters(stack, "Log", **props)
    template = Template.from_stack(stack)
    (rule,) = template.find_resources("AWS::Events::Rule").values()
    (function,) = template.find_resources("AWS::Lambda::Function").values()
    variables = function["Properties"].get("Environment", {}).get("Variables", {})
    return resolve(rule["Properties"]["EventPattern"]), variables


def resolve(value: Any) -> Any:
    """Resolve the intrinsic functions in a part of a template."""
    if isinstance(value, list):
        return [resolve(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value == {"Ref": "AWS::Partition"}:
        return "aws"
    if "Fn::Join" in value:
        return "".join(map(resolve, value["Fn::Join"][1]))
    return {key: resolve(item) for key, item in value.items()}


@settings(max_examples=(settings.get_current_profile_name() == "long" and 2_000) or 200)
@given(configurations(), st.lists(mutated_events(), min_size=3, max_size=3))
def test_filters_pattern_and_logged_events_agree(
    embedded_aws: EmbeddedAws, props: Props, drawn: list[Event]
) -> None:
    try:
        pattern, environment = synthesized(props)
    except ValueError:
        reject()  # Other tests check which filters are refused.
    is_selected = make_selection(environment)
    for event in drawn:
        answer = embedded_aws.client("events").test_event_pattern(
            EventPattern=json.dumps(pattern), Event=json.dumps(event)
        )
        wanted = is_wanted(props, event)
        # The pattern matches each event that the filters select. Where the function has filters of
        # its own, the pattern may match more.
        assert answer["Result"] or not wanted
        if not environment:
            assert answer["Result"] == wanted
        logged = answer["Result"] and is_selected(make_record(event))
        assert logged == wanted


@pytest.mark.recorded
def test_only_failures_pattern_matches_each_failure_and_few_others(
    embedded_aws: EmbeddedAws,
) -> None:
    pattern, environment = synthesized({"only_failures": True})
    is_selected = make_selection(environment)
    cases = [json.loads(line) for line in (SHARED / "reasons-dev.jsonl").read_text().splitlines()]
    results: dict[bool, list[bool]] = {True: [], False: []}
    for case in cases:
        containers = [
            {key: value for key, value in container.items() if value is not None}
            for container in case["containers"]
        ]
        keys = ("stoppedReason", "stopCode", "launchType", "desiredStatus")
        values = {key: case.get(key) for key in keys}
        event = task_event(*containers, **{**values, "group": None, "startedBy": None})
        if not containers:
            del event["detail"]["containers"]
        answer = embedded_aws.client("events").test_event_pattern(
            EventPattern=json.dumps(pattern), Event=json.dumps(event)
        )
        results[case["failed"]].append(answer["Result"])
        diagnosis = diagnose(event["detail"])
        assert is_selected(make_record(event)) == bool(diagnosis and diagnosis.failed)
        assert answer["Result"] or not (diagnosis and diagnosis.failed)
    assert all(results[True])
    assert sum(results[False]) <= len(results[False]) / 2


class TestEndToEnd:
    CLUSTER = "arn:aws:ecs:us-west-2:123456789012:cluster/Defang-testproj-beta-cluster"
    LOG_GROUP = "/shop/failures"

    @pytest.fixture
    def failures(self, aws: EmbeddedAws, tmp_path: Path) -> EmbeddedAws:
        app = cdk.App(outdir=str(tmp_path))
        stack = cdk.Stack(app, "Shop")
        EcsTaskEventLogger(
            stack,
            "Log",
            cluster=ecs.Cluster.from_cluster_arn(stack, "Cluster", self.CLUSTER),
            only_failures=True,
            log_group=logs.LogGroup(stack, "LogGroup", log_group_name=self.LOG_GROUP),
        )
        aws.deploy(app.synth().directory, "Shop")
        return aws

    def play(self, aws: EmbeddedAws, events: list[Event]) -> list[Event]:
        """Emit events, and return the logged records."""
        (rule,) = aws.physical_ids("Shop", "AWS::Events::Rule")
        expected = 0
        for event in events:
            if aws.rejection(rule, event) is None:
                aws.emit(event)
                expected += 1
                aws.wait_for_invocations(self.LOG_GROUP, expected)
        return [json.loads(line) for line in aws.log_lines(self.LOG_GROUP)]

    @pytest.mark.recorded
    @pytest.mark.parametrize(
        ("stream", "failure_count"), [("stream-process-exit", 4), ("stream-success", 0)]
    )
    def test_only_failures_logs_exactly_the_failures_of_recorded_events(
        self, failures: EmbeddedAws, stream: str, failure_count: int
    ) -> None:
        text = (SHARED / "events" / f"{stream}.jsonl").read_text()
        events = [json.loads(line) for line in text.splitlines()]
        records = self.play(failures, events)
        expected = [
            event["id"]
            for event in events
            if event["detail"].get("lastStatus") == "STOPPED"
            and any(c.get("exitCode") == 99 for c in event["detail"].get("containers", ()))
        ]
        assert [record["eventId"] for record in records] == expected
        assert len(expected) == failure_count
        assert all(record["failed"] for record in records)
        assert {record["lastStatus"] for record in records} <= {"STOPPED"}
