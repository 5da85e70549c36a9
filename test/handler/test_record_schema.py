"""The schema of the record describes the lines that are logged."""

import json
import re
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from ecs_events import (
    EVERY_TYPE,
    INSTANCE,
    LOOKED_UP,
    ROOT,
    Event,
    call,
    check,
    daemon_action,
    daemon_deployment,
    deployment,
    health,
    hook,
    instance,
    not_placed,
    service_action,
    task_event,
)
from ecs_task_event_logger import Cause
from ecs_task_event_logger.handler.task_events.record import make_record
from ecs_task_event_logger.handler.task_events.serialize import to_line
from mutations import EVENTS, json_values, mutated_events

SCHEMA: dict[str, Any] = json.loads(
    files("ecs_task_event_logger").joinpath("record.schema.json").read_text()
)


def closed(schema: Any) -> Any:
    """Return a schema that allows only the keys that it names, at any depth."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return inner | {"additionalProperties": False} if "properties" in schema else inner


# A minor release may add keys, but this test must notice them.
STRICT = jsonschema.Draft202012Validator(closed(SCHEMA))

SHOWN = ("TENANT_ID",)
# Events with every field that the record reads.
COMPLETE = [
    task_event(
        {
            "name": "app",
            "lastStatus": "RUNNING",
            "exitCode": 137,
            "reason": "OutOfMemoryError: killed",
            "healthStatus": "UNHEALTHY",
            "imageDigest": "sha256:1",
        },
        desiredStatus="RUNNING",
        capacityProviderName="FARGATE_SPOT",
        containerInstanceArn=INSTANCE,
        stopCode="EssentialContainerExited",
        stoppedReason="Essential container in task exited",
        pullStartedAt="2026-11-01T10:00:10Z",
        pullStoppedAt="2026-11-01T10:00:12Z",
        startedAt="2026-11-01T10:00:20Z",
        stoppingAt="2026-11-01T10:02:20Z",
        executionStoppedAt="2026-11-01T10:02:23Z",
        stoppedAt="2026-11-01T10:02:40Z",
    ),
    task_event(
        {"name": "app", "networkInterfaces": [{"privateIpv4Address": "10.0.1.7"}]},
        lastStatus="RUNNING",
        connectivity="DISCONNECTED",
        overrides={
            "containerOverrides": [
                {"name": "app", "environment": [{"name": "TENANT_ID", "value": "acme"}]}
            ]
        },
    ),
    task_event(
        group="family:job",
        attachments=[
            {
                "type": "eni",
                "status": "FAILED",
                "details": [{"name": "statusReason", "value": "no free address"}],
            }
        ],
    ),
    service_action("TASKS_STOPPED", **LOOKED_UP),
    deployment("SERVICE_DEPLOYMENT_COMPLETED", "ECS deployment ecs-svc/1 completed."),
    hook("HOOK_AWAITING_ACTION"),
    instance(
        "DRAINING",
        statusReason="because",
        agentUpdateStatus="UPDATED",
        capacityProviderName="fleet",
        runningTasksCount=3,
        pendingTasksCount=0,
    ),
    health("IMPAIRED", check("DAEMON", "IMPAIRED", "unhealthy"), capacityProviderName="fleet"),
    daemon_action("TASK_FAILED_TO_RUN"),
    daemon_deployment("DAEMON_DEPLOYMENT_STOPPED", reason="because"),
    call(not_placed("RESOURCE:CPU", "because")),
    call(error=("ClientException", "because")),
]


def test_schema_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("event", [*EVENTS, *EVERY_TYPE, *COMPLETE])
@pytest.mark.parametrize("full", [False, True])
def test_lines_match_the_schema(event: Event, full: bool) -> None:
    STRICT.validate(json.loads(to_line(make_record(event, full, SHOWN))))


@given(mutated_events())
def test_lines_of_mutated_events_match_the_schema(event: Event) -> None:
    STRICT.validate(json.loads(to_line(make_record(event))))


@given(json_values)
def test_lines_of_any_json_match_the_schema(value: Any) -> None:
    STRICT.validate(json.loads(to_line(make_record(value))))


@pytest.mark.parametrize(
    "field", ["stoppedReason", "startedBy", "taskArn", "clusterArn", "containers", "lastStatus"]
)
def test_cut_lines_match_the_schema(field: str) -> None:
    event = {**EVENTS[0], "detail": {**EVENTS[0]["detail"], field: "x" * 2_000_000}}
    STRICT.validate(json.loads(to_line(make_record(event, full=True))))


def test_schema_has_exactly_the_logged_keys() -> None:
    logged = set().union(*(keys_of(make_record(event, unredacted=SHOWN)) for event in COMPLETE))
    logged -= {f"environment.{name}" for name in SHOWN}  # Users choose these names.
    # Only full records, unparsed events, cut lines and errors in the handler have these.
    logged |= {"handlerErrors", "detail", "unparsed", "truncated"}
    # They come from CloudWatch Logs: see test_container_logs.py.
    logged |= {"logTail", "logStream", "logTailError"}
    assert logged == keys_of_schema(SCHEMA), "add an event with the key to COMPLETE"


def keys_of(value: Any, path: str = "") -> set[str]:
    """Return the keys of a record at any depth, such as ``containers.name``."""
    if isinstance(value, list):
        return set().union(*(keys_of(item, path) for item in value))
    if not isinstance(value, dict):
        return set()
    return {path + key for key in value}.union(
        *(keys_of(item, f"{path}{key}.") for key, item in value.items())
    )


def keys_of_schema(schema: Any, path: str = "") -> set[str]:
    """Return the keys of a schema in the same form."""
    schema = schema.get("items", schema)
    properties = schema.get("properties", {})
    return {path + key for key in properties}.union(
        *(keys_of_schema(item, f"{path}{key}.") for key, item in properties.items())
    )


def test_documentation_matches_the_schema() -> None:
    text = (ROOT / "docs" / "record.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", text, re.MULTILINE)
    assert rows == [
        (key, type_of(each), each["description"]) for key, each in SCHEMA["properties"].items()
    ]


def type_of(schema: Any) -> str:
    """Return the name of a type in the table."""
    if "enum" in schema:
        return "string"
    if schema.get("type") == "array":
        return f"list of {type_of(schema['items'])}s"
    return str(schema.get("type", "any"))


def test_schema_does_not_list_causes_and_event_types() -> None:
    for key in ("cause", "detailType"):
        assert "enum" not in SCHEMA["properties"][key]
    assert Cause.__name__ in SCHEMA["properties"]["cause"]["description"]
