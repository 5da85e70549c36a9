"""Redaction: secrets are never logged, wherever they stand."""

import json
from typing import Any

import pytest

from ecs_events import task_event
from ecs_task_event_logger.handler.task_events.record import make_record
from ecs_task_event_logger.handler.task_events.redaction import TOO_DEEP, TOO_LONG, redact

OVERRIDES = {
    "containerOverrides": [
        {
            "name": "app",
            "command": ["migrate", "--password", "hunter2"],
            "environment": [
                {"name": "DB_PASSWORD", "value": "hunter2"},
                {"name": "STAGE", "value": "production"},
            ],
            "environmentFiles": [{"type": "s3", "value": "hunter2"}],
            "cpu": 256,
        }
    ],
    "initProcessOverrides": [
        {"name": "init", "command": ["hunter2"], "environment": {"A": "hunter2"}}
    ],
    "taskRoleArn": "arn:aws:iam::111122223333:role/task",
    "somethingNew": ["hunter2", {"deeper": "hunter2"}],
}


def as_text(value: Any) -> str:
    return json.dumps(value)


class TestOverrides:
    def test_masks_values_and_keeps_names(self) -> None:
        assert redact({"overrides": OVERRIDES}) == {
            "overrides": {
                "containerOverrides": [
                    {
                        "name": "app",
                        "command": ["***", "***", "***"],
                        "environment": [
                            {"name": "DB_PASSWORD", "value": "***"},
                            {"name": "STAGE", "value": "***"},
                        ],
                        "environmentFiles": [{"type": "s3", "value": "***"}],
                        "cpu": 256,
                    }
                ],
                "initProcessOverrides": [
                    {"name": "init", "command": ["***"], "environment": {"A": "***"}}
                ],
                "taskRoleArn": "arn:aws:iam::111122223333:role/task",
                "somethingNew": ["***", {"deeper": "***"}],
            }
        }

    @pytest.mark.parametrize(
        "harmless",
        [
            {"name": "app", "type": "s3", "cpu": 256, "memory": "512", "memoryReservation": 128},
            {"sizeInGiB": 21, "deviceName": "eia", "deviceType": "eia2.medium"},
            {"executionRoleArn": "arn:aws:iam::1:role/a", "taskRoleArn": "arn:aws:iam::1:role/b"},
            {"cpu": None},
        ],
    )
    def test_keeps_harmless_overrides(self, harmless: Any) -> None:
        assert redact({"overrides": [harmless]}) == {"overrides": [harmless]}

    def test_keeps_only_unredacted_variables(self) -> None:
        record = make_record(task_event(overrides=OVERRIDES), full=True, unredacted=["STAGE"])
        (container,) = record["detail"]["overrides"]["containerOverrides"]
        assert container["environment"] == [
            {"name": "DB_PASSWORD", "value": "***"},
            {"name": "STAGE", "value": "production"},
        ]
        assert "hunter2" not in as_text(record)

    def test_keeps_unredacted_variables_of_a_mapping(self) -> None:
        environment = {"DB_PASSWORD": "hunter2", "STAGE": "production"}
        assert redact({"environment": environment}, ["STAGE"]) == {
            "environment": {"DB_PASSWORD": "***", "STAGE": "production"}
        }

    def test_masks_all_values_of_a_variable_without_a_name(self) -> None:
        environment = [{"value": "hunter2", "other": 1}, {"name": ["STAGE"], "value": "hunter2"}]
        assert redact({"environment": environment}, ["STAGE"]) == {
            "environment": [{"value": "***", "other": "***"}, {"name": "***", "value": "***"}]
        }

    @pytest.mark.parametrize(
        "environment",
        [
            "hunter2",
            ["hunter2", "A=hunter2"],
            [["hunter2"]],
            {"A": "hunter2", "B": ["hunter2"], "STAGE": {"x": "hunter2"}},
            [{"name": ["hunter2"], "value": "hunter2"}],
            [{"name": "STAGE", "value": {"x": "hunter2"}}],
            [{"name": "STAGE", "other": "hunter2"}],
            [{"value": "hunter2"}],
        ],
    )
    @pytest.mark.parametrize("key", ["environment", "Environment", "command", "Command"])
    def test_masks_environments_of_any_shape_at_any_depth(self, key: str, environment: Any) -> None:
        for value in ({key: environment}, {"a": [{"b": {key: environment}}]}):
            assert "hunter2" not in as_text(redact(value, ["STAGE"]))

    def test_masks_unparsed_events(self) -> None:
        event = task_event(overrides=OVERRIDES, containers="strange")
        record = make_record(event)
        assert record["unparsed"]["detail"]["containers"] == "strange"
        assert "hunter2" not in as_text(record)
        assert "production" not in as_text(record)
        assert "production" in as_text(make_record(event, unredacted=["STAGE"]))

    @pytest.mark.parametrize("layers", [1, 2, 3])
    def test_masks_events_inside_json_strings(self, layers: int) -> None:
        text = json.dumps(task_event(overrides=OVERRIDES))
        for _ in range(layers):
            text = json.dumps({"Records": [{"messageId": "1", "body": text}]})
        for event in (json.loads(text), {**task_event(), "detail": text}):
            logged = as_text(make_record(event))
            assert "hunter2" not in logged
            assert "production" not in logged
            assert "DB_PASSWORD" in logged
            assert "production" in as_text(make_record(event, unredacted=["STAGE"]))

    @pytest.mark.parametrize(
        "text",
        [
            json.dumps({"Message": "m", "overrides": OVERRIDES})[:-30],
            json.dumps(json.dumps({"overrides": OVERRIDES}))[:-30],
            "event: " + json.dumps({"overrides": OVERRIDES}),
            '{"env":[{"name":"A","value":"hunter2"}',
            '{"args": ["hunter2"',
            "{'entryPoint': 'hunter2'",
            '{"x":[{"name":"A","value":"hunter2"}',
            '{"command":["hunter2"],"command":[]}',
        ],
    )
    def test_masks_secrets_in_text_around_or_within_broken_json(self, text: str) -> None:
        redacted = redact({"body": text})["body"]
        assert "hunter2" not in redacted
        assert "***" in redacted

    @pytest.mark.parametrize(
        "text",
        [
            '["--password","hunter2","token=abc"]',
            '{"DB_PASSWORD":"hunter2","token":"x"}',
            '{"https://user:hunter2@host":1,"password":"x"}',
            "\ufeff" + json.dumps({"overrides": OVERRIDES}),
            json.dumps(json.dumps({"overrides": OVERRIDES})),
        ],
    )
    def test_masks_secrets_inside_json_strings(self, text: str) -> None:
        assert "hunter2" not in redact({"body": text})["body"]
        assert len(redact({"body": text})["body"]) > len("***")

    @pytest.mark.parametrize(
        "text",
        [
            *("[INFO] started", '{"a": [1, 2]}', "{}", " {x}", "[" * 50_000, "{" + "9" * 5_000),
            "[FATAL] unknown command line option",
            'exec: "env": executable file not found in $PATH',
            '"quoted"',
        ],
        ids=lambda text: text[:12],
    )
    def test_keeps_strings_that_only_look_like_json(self, text: str) -> None:
        assert redact({"body": text}) == {"body": text}

    def test_drops_values_nested_too_deep(self) -> None:
        value: Any = "hunter2"
        for _ in range(200):
            value = {"a": [value]}
        assert "nested too deep" in as_text(redact(value))
        assert "hunter2" not in as_text(redact(value))

    @pytest.mark.parametrize(
        "wrap",
        [
            lambda value: [value],
            lambda value: {"a": value},
            lambda value: {"details": [value]},
        ],
        ids=["lists", "mappings", "pairs"],
    )
    def test_keeps_values_nested_sixty_deep(self, wrap: Any) -> None:
        levels = 1 if wrap(0) != {"details": [0]} else 2
        value: Any = "text"
        for _ in range(60 // levels):
            value = wrap(value)
        assert redact(value) == value
        assert TOO_DEEP in as_text(redact(wrap(value)))

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ({"command": "hunter2"}, {"command": "***"}),
            ({"cmd": "hunter2"}, {"cmd": "***"}),
            ({"environment": "hunter2"}, {"environment": "***"}),
            ({"environment": ["hunter2"]}, {"environment": ["***"]}),
            ({"envs": {"A": "hunter2"}}, {"envs": {"A": "***"}}),
            ({"password": "hunter2"}, {"password": "***"}),
            ({"password": None}, {"password": None}),
            ({"overrides": {"name": {"x": "hunter2"}}}, {"overrides": {"name": {"x": "***"}}}),
            (
                {"overrides": {"details": [{"name": "A", "value": "hunter2"}]}},
                {"overrides": {"details": [{"name": "A", "value": "***"}]}},
            ),
            ({"details": [{"command": "hunter2"}]}, {"details": [{"command": "***"}]}),
            ({"details": "text"}, {"details": "text"}),
            ({"details": {"a": "b"}}, {"details": {"a": "b"}}),
            ({"command": ["a", "hunter2"]}, {"command": ["***", "***"]}),
            (
                {"x": {"name": "A", "value": "hunter2"}},
                {"x": {"name": "A", "value": "***"}},
            ),
            (
                {"x": [{"name": "A", "value": "hunter2"}, "hunter2", 5]},
                {"x": [{"name": "A", "value": "***"}, "***", "***"]},
            ),
            (
                {"details": [{"name": "A", "note": "B"}, 5]},
                {"details": [{"name": "A", "note": "B"}, 5]},
            ),
        ],
    )
    def test_masked_values_keep_their_shape(self, value: Any, expected: Any) -> None:
        assert redact(value) == expected

    @pytest.mark.parametrize(
        "value",
        [
            {"taskOverride": {"cmd": "hunter2", "x": ["hunter2"]}},
            {"env": ["A=hunter2"], "environmentVariables": {"A": "hunter2"}},
            {"entryPoint": ["hunter2"], "args": "hunter2", "commands": ["hunter2"]},
            {"x": {"name": "A", "value": "hunter2"}},
            {"x": {"Name": "A", "Value": "hunter2"}},
            {"x": [{"name": "A", "value": "hunter2"}]},
            {"password": "hunter2"},
            {"password": ["hunter2"], "secret": {"x": "hunter2"}},
            {"details": [{"name": "A", "value": {"x": "hunter2"}}]},
        ],
    )
    def test_masks_values_shaped_like_secrets(self, value: Any) -> None:
        assert "hunter2" not in as_text(redact(value))

    def test_keeps_network_interface_details(self) -> None:
        details = [{"name": "subnetId", "value": "subnet-1"}]
        event = {"attachments": [{"type": "eni", "details": details}]}
        assert redact(event) == event

    def test_keeps_container_instance_attributes(self) -> None:
        detail = {"attributes": [{"name": "ecs.os-type", "value": "linux"}, {"name": "ecs.a"}]}
        assert redact(detail) == detail

    def test_writes_non_json_numbers_as_text(self) -> None:
        value = redact([float("nan"), float("inf"), 10**5000, 5, 0.5])
        assert value == ["nan", "inf", "*** too long a number to be logged ***", 5, 0.5]
        assert redact([2**9_999, 2**10_000]) == [2**9_999, TOO_LONG]

    def test_does_not_change_the_event(self) -> None:
        event = task_event(overrides=OVERRIDES)
        before = as_text(event)
        make_record(event, full=True)
        assert as_text(event) == before
