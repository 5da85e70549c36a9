"""Redaction: what must never be logged, wherever it stands."""

import json
from typing import Any

import pytest

from ecs_events import Event, task_event
from ecs_task_event_logger.function.task_events.reading import masked
from ecs_task_event_logger.function.task_events.record import make_record
from ecs_task_event_logger.function.task_events.redaction import redact

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
    def test_names_stay_and_values_are_masked(self) -> None:
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

    def test_only_what_is_named_may_pass(self) -> None:
        record = make_record(task_event(overrides=OVERRIDES), full=True, unredacted=["STAGE"])
        (container,) = record["detail"]["overrides"]["containerOverrides"]
        assert container["environment"] == [
            {"name": "DB_PASSWORD", "value": "***"},
            {"name": "STAGE", "value": "production"},
        ]
        assert "hunter2" not in as_text(record)

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
    def test_an_environment_of_any_shape_is_masked_at_any_depth(
        self, key: str, environment: Any
    ) -> None:
        for value in ({key: environment}, {"a": [{"b": {key: environment}}]}):
            assert "hunter2" not in as_text(redact(value, ["STAGE"]))

    def test_it_is_masked_in_what_was_not_understood_too(self) -> None:
        event = task_event(overrides=OVERRIDES, containers="strange")
        record = make_record(event)
        assert record["unparsed"]["detail"]["containers"] == "strange"
        assert "hunter2" not in as_text(record)

    def test_what_is_nested_beyond_all_measure_is_not_logged(self) -> None:
        value: Any = "hunter2"
        for _ in range(200):
            value = {"a": [value]}
        assert "nested too deep" in as_text(redact(value))
        assert "hunter2" not in as_text(redact(value))

    def test_the_event_itself_is_left_as_it_is(self) -> None:
        event = task_event(overrides=OVERRIDES)
        before = as_text(event)
        make_record(event, full=True)
        assert as_text(event) == before


class TestCredentials:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("key AKIAIOSFODNN7EXAMPLE is not valid", "key *** is not valid"),
            ("ASIAIOSFODNN7EXAMPLE", "***"),
            ("password=hunter2 failed", "password=*** failed"),
            ("Password: hunter2, user: me", "Password: ***, user: me"),
            ('{"password": "hunter 2", "user": "me"}', '{"password": ***, "user": "me"}'),
            ("DB_PASSWORD='hunter2'", "DB_PASSWORD=***"),
            ("postgres://me:hunter2@db:5432/shop", "postgres://***@db:5432/shop"),
            ("https://token@github.com/shop", "https://***@github.com/shop"),
            ("Authorization: Bearer eyJhbGciOi.abc.def", "Authorization: Bearer ***"),
            ("authorization=Basic aHVudGVyMg==", "authorization=Basic ***"),
            ("api_key=hunter2&x=1", "api_key=***&x=1"),
            ("secret=hunter2", "secret=***"),
            ("aws_secret_access_key = hunter2", "aws_secret_access_key = ***"),
            ("--token hunter2 --verbose", "--token *** --verbose"),
            ("--password=hunter2", "--password=***"),
        ],
    )
    def test_what_looks_like_one_is_masked(self, text: str, expected: str) -> None:
        assert masked(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "Essential container in task exited",
            "failed to fetch secret arn:aws:secretsmanager:us-east-1:1:secret:prod/db-Ab from asm",
            "secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:db",
            "unable to pull secrets or registry auth: execution resource retrieval failed",
            "no basic auth credentials",
            "Get https://registry-1.docker.io/v2/: dial tcp: i/o timeout",
            "did not contain json key PASSWORD",
            "SASIAN is no access key",
        ],
    )
    def test_what_only_speaks_of_one_is_left(self, text: str) -> None:
        assert masked(text) == text

    def test_reasons_are_masked_in_the_record_and_in_its_message(self) -> None:
        event: Event = task_event(
            {"name": "app", "reason": "exec: postgres://me:hunter2@db"},
            stoppedReason="wibble password=hunter2",
        )
        for full in (False, True):
            assert "hunter2" not in as_text(make_record(event, full=full))
