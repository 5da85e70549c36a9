"""The values of a task's own overrides: hidden wherever they occur, or shown if the user wants."""

from typing import Any

import pytest

from ecs_events import Event, task_event
from ecs_task_event_logger.handler.task_events.record import make_record

TENANT = "rustic-badger-2667"


def task(reason: str, value: str = TENANT, name: str = "TENANT", **more: Any) -> Event:
    """Return a stopped task with one variable in its overrides."""
    override = {"name": "app", "environment": [{"name": name, "value": value}], **more}
    return task_event(
        {"name": "app", "exitCode": 1, "reason": reason},
        overrides={"containerOverrides": [override]},
        stoppedReason="Essential container in task exited",
    )


def reason_of(event: Event) -> str:
    (container,) = make_record(event)["containers"]
    reason: str = container["reason"]
    return reason


class TestKnownValues:
    @pytest.mark.parametrize(
        ("value", "reason", "expected"),
        [
            (TENANT, f"unknown tenant {TENANT}!", "unknown tenant ***!"),
            (TENANT, f"/data/{TENANT}.csv is missing", "/data/***.csv is missing"),
            (TENANT, f"bad {TENANT.upper()}", "bad ***"),
            ("a b-2667 c", "GET /x?y=a%20b-2667%20c 404", "GET /x?y=*** 404"),
            ('say "hi-2667"', 'bad {"x":"say \\"hi-2667\\""}', 'bad {"x":"***"}'),
            ("gr\u00f6\u00dfe-2667", "bad gr\\u00f6\\u00dfe-2667 x", "bad *** x"),
            (TENANT, "cut: rustic-badger-2", "cut: ***"),
            (TENANT, "cut: rustic-badg... (truncated)", "cut: ***... (truncated)"),
            ("postgres://db/shop?k=Ab12Cd34Ef", "k Ab12Cd34Ef is bad", "k *** is bad"),
        ],
    )
    def test_value_is_hidden_wherever_it_occurs(
        self, value: str, reason: str, expected: str
    ) -> None:
        assert reason_of(task(reason, value)) == expected

    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            ("8080", "port 8080 is in use"),
            ("app", "app exited"),
            ("1", "exit 1"),
            ("", "failed"),
            ("production", "not in production"),
            ("eu-west-1", "no bucket in eu-west-1"),
            ("linux/arm64", "no image for linux/arm64"),
            ("application/json", "expected application/json"),
            ("shop", "cluster shop is full"),
        ],
    )
    def test_common_values_stay(self, value: str, reason: str) -> None:
        assert reason_of(task(reason, value)) == reason

    def test_plain_word_is_hidden_if_its_name_says_that_it_is_secret(self) -> None:
        assert reason_of(task("swordfish is wrong", "swordfish", "DB_PASSWORD")) == "*** is wrong"
        assert reason_of(task("swordfish is wrong", "swordfish", "FISH")) == "swordfish is wrong"

    def test_words_of_commands_are_hidden_but_not_the_program(self) -> None:
        reason = 'exec: "acme-import": executable file not found in $PATH'
        assert reason_of(task(reason, command=["acme-import"])) == reason
        reason = f'exec: "run {TENANT}": executable file not found in $PATH'
        assert TENANT not in reason_of(task(reason, command=[f"run {TENANT}"]))

    def test_names_that_ecs_gives_stay(self) -> None:
        event = task("service web of shop failed", "web")
        record = make_record(event)
        assert (record["cluster"], record["service"]) == ("shop", "web")
        assert record["containers"][0]["reason"] == "service web of shop failed"

    @pytest.mark.parametrize("key", ["group", "startedBy"])
    def test_value_is_hidden_in_other_fields(self, key: str) -> None:
        event = task("failed")
        event["detail"][key] = f"job {TENANT}"
        assert make_record(event)[key] == "job ***"

    def test_arns_stay(self) -> None:
        arn = f"arn:aws:s3:::{TENANT}/orders.csv"
        assert reason_of(task(f"no access to {arn}")) == f"no access to {arn}"

    def test_image_stays_except_parts_with_many_digits(self) -> None:
        assert reason_of(task("pull r.example.com/a/indexer-v41:1 failed", "indexer-v41")) == (
            "pull r.example.com/a/indexer-v41:1 failed"
        )
        assert reason_of(task(f"pull r.example.com/{TENANT}/app:1 failed")) == (
            "pull r.example.com/***/app:1 failed"
        )

    def test_lone_surrogates_and_deep_values_do_no_harm(self) -> None:
        deep: Any = "x"
        for _ in range(500):
            deep = [deep]
        event = task(f"{TENANT} failed", f"{TENANT}\ud800")
        event["detail"]["deep"] = deep
        for full in (False, True):
            assert "handlerErrors" not in make_record(event, full)


class TestShownVariables:
    def test_line_shows_the_variables_that_stay_readable(self) -> None:
        event = task(f"unknown tenant {TENANT}")
        record = make_record(event, unredacted=["TENANT", "OTHER"])
        assert record["environment"] == {"TENANT": TENANT}
        assert record["containers"][0]["reason"] == f"unknown tenant {TENANT}"

    def test_values_that_differ_between_containers_are_all_shown(self) -> None:
        def override(name: str, value: str) -> Event:
            return {"name": name, "environment": [{"name": "ID", "value": value}]}

        overrides = [override("a", "1"), override("b", "2"), override("c", "1")]
        event = task_event(overrides={"containerOverrides": overrides})
        assert make_record(event, unredacted=["ID"])["environment"] == {"ID": "1, 2"}

    @pytest.mark.parametrize(
        "overrides", [None, {}, [], {"containerOverrides": [{"environment": "x"}, 5]}]
    )
    def test_line_shows_nothing_without_such_a_variable(self, overrides: Any) -> None:
        event = task_event(overrides=overrides)
        assert "environment" not in make_record(event, unredacted=["ID"])
        assert "environment" not in make_record(task("failed"), unredacted=["ID"])
