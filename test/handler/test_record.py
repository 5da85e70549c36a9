"""The record: the contract with everyone who reads the log."""

import json
from typing import Any

import pytest

from ecs_events import (
    INSTANCE,
    Event,
    shared_events,
    stream_events,
    task_event,
    without,
)
from ecs_task_event_logger.handler.task_events.message import in_words
from ecs_task_event_logger.handler.task_events.record import make_record
from ecs_task_event_logger.handler.task_events.serialize import to_line

EXITED = "Essential container in task exited"
TIMES = {
    "createdAt": "2026-11-01T10:00:00.000Z",
    "pullStartedAt": "2026-11-01T10:00:10.000Z",
    "pullStoppedAt": "2026-11-01T10:00:12.61Z",
    "startedAt": "2026-11-01T10:00:20.5Z",
    "stoppingAt": "2026-11-01T10:02:20Z",
    "executionStoppedAt": "2026-11-01T10:02:23.5Z",
    "stoppedAt": "2026-11-01T10:02:40.123456Z",
}


class TestStoppedTask:
    def test_stopped_task_has_all_keys_in_order(self) -> None:
        event = task_event(
            {
                "name": "app",
                "exitCode": 137,
                "reason": "OutOfMemoryError: killed",
                "imageDigest": "sha256:1",
            },
            stopCode="EssentialContainerExited",
            stoppedReason="Essential container in task exited",
            capacityProviderName="FARGATE_SPOT",
            **TIMES,
        )
        assert list(make_record(event).items()) == [
            ("timestamp", "2026-11-01T10:05:00Z"),
            ("level", "ERROR"),
            (
                "message",
                "web:6 STOPPED after 2m 3s: "
                "out of memory in container app (exit code 137; limit 512 MiB): "
                "OutOfMemoryError: killed",
            ),
            ("detailType", "ECS Task State Change"),
            ("eventId", "7bf73129-1428-4cd3-a780-95db273d1602"),
            ("account", "111122223333"),
            ("region", "eu-west-1"),
            ("cluster", "shop"),
            ("service", "web"),
            ("taskDefinition", "web:6"),
            ("taskId", "0123456789abcdef0123456789abcdef"),
            ("lastStatus", "STOPPED"),
            ("version", 5),
            ("launchType", "FARGATE"),
            ("capacityProviderName", "FARGATE_SPOT"),
            ("availabilityZone", "eu-west-1a"),
            ("startedBy", "ecs-svc/1234567890123456789"),
            ("stopCode", "EssentialContainerExited"),
            ("stoppedReason", "Essential container in task exited"),
            ("cause", "OUT_OF_MEMORY"),
            ("failed", True),
            ("culprit", "app"),
            ("exitCode", 137),
            ("remedy", "Raise the memory of the container or task, or find the leak."),
            ("cpu", "256"),
            ("memory", "512"),
            ("durations", {"pull": 2.6, "start": 20.5, "run": 123.0, "stop": 20.1, "total": 160.1}),
            (
                "containers",
                [
                    {
                        "name": "app",
                        "exitCode": 137,
                        "reason": "OutOfMemoryError: killed",
                        "image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1",
                        "imageDigest": "sha256:1",
                    }
                ],
            ),
        ]

    def test_image_digest_is_not_repeated(self) -> None:
        image = {"image": "shop/app@sha256:1", "imageDigest": "sha256:1"}
        (container,) = make_record(task_event({"name": "app", **image}))["containers"]
        assert container == {"name": "app", "image": "shop/app@sha256:1"}

    def test_image_digest_is_kept_without_an_image(self) -> None:
        event = task_event({"name": "app", "image": None, "imageDigest": "sha256:1"})
        record = make_record(event)
        assert record["containers"] == [{"name": "app", "imageDigest": "sha256:1"}]
        assert "unparsed" not in record

    def test_stopped_task_has_a_cause_whatever_its_desired_status(self) -> None:
        event = task_event({"name": "app", "exitCode": 1}, desiredStatus="RUNNING")
        assert make_record(event)["cause"] == "APPLICATION_ERROR"

    @pytest.mark.parametrize(
        ("container", "detail", "message"),
        [
            (
                {"exitCode": 0},
                {"createdAt": TIMES["createdAt"], "stoppedAt": TIMES["stoppedAt"]},
                "web:6 STOPPED: completed, container app exited with 0, so the service starts "
                "another task",
            ),
            (
                {"exitCode": 0},
                {"group": "family:job", "startedBy": "me"},
                "web:6 STOPPED: completed, container app exited with 0",
            ),
            ({}, {"stoppedReason": "Wibble"}, "web:6 never started: cause unknown: Wibble"),
            (
                {},
                {"stoppedReason": "Wibble", "startedAt": TIMES["startedAt"]},
                "web:6 STOPPED: cause unknown: Wibble",
            ),
            (
                {},
                {},
                "web:6 never started: cause unknown: ECS gives no reason, no image pull began",
            ),
        ],
    )
    def test_message_says_why_the_task_stopped(
        self, container: Event, detail: Event, message: str
    ) -> None:
        event = task_event({"name": "app", **container}, **{"createdAt": None, **detail})
        assert make_record(event)["message"] == message

    def test_container_that_exited_has_started(self) -> None:
        event = task_event(stopCode="EssentialContainerExited", stoppedReason=EXITED)
        message = make_record(event)["message"]
        assert message.startswith("web:6 STOPPED")
        assert "exit code unknown" in message
        assert "never started" not in message

    def test_unexpected_statuses_are_kept(self) -> None:
        event = task_event({"name": "app", "lastStatus": "RUNNING"}, desiredStatus="RUNNING")
        record = make_record(event)
        assert record["desiredStatus"] == "RUNNING"
        assert record["containers"][0]["lastStatus"] == "RUNNING"

    @pytest.mark.parametrize(
        ("detail", "level"),
        [
            ({"stoppedReason": "Your Spot Task was interrupted."}, "WARN"),
            (
                {
                    "stoppedReason": "Your Spot Task was interrupted.",
                    "group": "family:job",
                    "startedBy": "me",
                },
                "ERROR",
            ),
            ({"stoppedReason": "Task stopped by user", "stopCode": "UserInitiated"}, "INFO"),
        ],
    )
    def test_level_depends_on_cause_and_service(self, detail: Event, level: str) -> None:
        assert make_record(task_event(**detail))["level"] == level

    def test_negative_durations_are_left_out(self) -> None:
        event = task_event(startedAt=TIMES["stoppingAt"], executionStoppedAt=TIMES["startedAt"])
        assert "run" not in make_record(event)["durations"]

    @pytest.mark.parametrize(("end", "span"), [("20.5", 0.0), ("21", 0.5)])
    def test_shortest_runs_have_a_duration(self, end: str, span: float) -> None:
        end = f"2026-11-01T10:00:{end}Z"
        event = task_event(startedAt=TIMES["startedAt"], executionStoppedAt=end)
        assert make_record(event)["durations"]["run"] == span

    def test_task_id_comes_from_the_resource_if_needed(self) -> None:
        record = make_record(without(task_event(), "taskArn"))
        assert record["taskId"] == "0123456789abcdef0123456789abcdef"

    def test_reads_short_task_arns(self) -> None:
        arn = "arn:aws:ecs:us-east-1:111122223333:task/c5cba4eb-5dad"
        assert make_record(task_event(taskArn=arn))["taskId"] == "c5cba4eb-5dad"
        record = make_record({**without(task_event(), "taskArn", "clusterArn"), "resources": [arn]})
        assert record["taskId"] == "c5cba4eb-5dad"
        assert "cluster" not in record

    @pytest.mark.parametrize("resources", [None, [], [5], ["arn"], "arn", {"arn": 1}])
    def test_accepts_events_without_a_resource(self, resources: Any) -> None:
        event = without(task_event(), "taskArn", "clusterArn")
        record = make_record({**event, "resources": resources})
        assert record.get("taskId", "arn") == "arn"
        assert "cluster" not in record
        assert "unparsed" not in record

    @pytest.mark.parametrize(
        ("exit_code", "words"),
        [
            (1, "1"),
            (128, "128"),
            (129, "129, SIGHUP"),
            (139, "139, SIGSEGV"),
            (143, "143, SIGTERM"),
            (144, "144, SIGSTKFLT"),
            (159, "159, SIGSYS"),
            (126, "126, command not executable"),
            (127, "127, command not found"),
            (193, "193"),
        ],
    )
    def test_message_names_the_signal_of_an_exit_code(self, exit_code: int, words: str) -> None:
        message = make_record(task_event({"name": "app", "exitCode": exit_code}))["message"]
        assert message.endswith(f" in container app (exit code {words})")

    def test_exit_code_stands_as_ecs_reports_it(self) -> None:
        record = make_record(task_event({"name": "app", "exitCode": -1073741819}))
        assert record["exitCode"] == -1073741819
        assert record["message"].endswith("(exit code 0xC0000005, access violation)")

    @pytest.mark.parametrize("group", ["family:job", "service:"])
    def test_groups_that_are_no_service_are_kept(self, group: str) -> None:
        record = make_record(task_event(group=group))
        assert record["group"] == group
        assert "service" not in record

    @pytest.mark.parametrize(
        "key", ["group", "taskDefinitionArn", "taskArn", "clusterArn", "launchType", "containers"]
    )
    def test_null_fields_count_as_missing(self, key: str) -> None:
        event = without(task_event(), key)
        with_null = {**event, "detail": {**event["detail"], key: None}}
        assert make_record(with_null) == make_record(event)


class TestOtherStatuses:
    def test_passing_status_leaves_out_constant_fields(self) -> None:
        event = task_event(lastStatus="PENDING", desiredStatus="RUNNING", **TIMES)
        record = make_record(event)
        assert list(record)[8:] == [
            "service",
            "taskDefinition",
            "taskId",
            "lastStatus",
            "version",
            "launchType",
            "availabilityZone",
            "startedBy",
        ]

    @pytest.mark.parametrize("status", ["PENDING", "RUNNING", "STOPPED"])
    def test_placement_is_logged_where_a_task_may_stay(self, status: str) -> None:
        placement = {
            "launchType": "EC2",
            "capacityProviderName": "fleet",
            "availabilityZone": "eu-west-1a",
            "startedBy": "me",
            "containerInstanceArn": INSTANCE,
        }
        record = make_record(task_event(lastStatus=status, **placement))
        assert placement.items() <= record.items()
        passing = make_record(task_event(lastStatus="ACTIVATING", **placement))
        assert not placement.keys() & passing.keys()

    @pytest.mark.parametrize(
        ("status", "keys"),
        [
            ("PENDING", {"name", "reason", "healthStatus"}),
            ("RUNNING", {"name", "reason", "healthStatus", "image"}),
            ("STOPPED", {"name", "reason", "healthStatus", "image", "imageDigest"}),
        ],
    )
    def test_image_is_logged_at_running_and_stopped(self, status: str, keys: set[str]) -> None:
        more = {"imageDigest": "sha256:1", "reason": "because", "healthStatus": "HEALTHY"}
        event = task_event({"name": "app", **more}, lastStatus=status)
        assert make_record(event)["containers"][0].keys() == keys

    def test_address_is_logged_only_at_running(self) -> None:
        interfaces = [{"attachmentId": "a", "privateIpv4Address": "10.0.1.7"}]
        app = {"name": "app", "networkInterfaces": interfaces}
        running = {"lastStatus": "RUNNING", "desiredStatus": "RUNNING"}
        assert make_record(task_event(app, **running))["privateIp"] == "10.0.1.7"
        for status in ("PENDING", "STOPPED"):
            assert "privateIp" not in make_record(task_event(app, lastStatus=status))

    def test_address_may_stand_in_an_attachment(self) -> None:
        address = {"name": "privateIPv4Address", "value": "10.0.1.7"}
        attachment = {"type": "eni", "status": "ATTACHED", "details": [address]}
        running = {"lastStatus": "RUNNING", "desiredStatus": "RUNNING"}
        record = make_record(task_event(attachments=[attachment], **running))
        assert record["privateIp"] == "10.0.1.7"
        assert "attachments" not in record

    @pytest.mark.parametrize("status", ["PENDING", "RUNNING", "STOPPED"])
    def test_only_a_lost_connection_is_logged(self, status: str) -> None:
        lost = make_record(task_event(lastStatus=status, connectivity="DISCONNECTED"))
        assert lost["connectivity"] == "DISCONNECTED"
        assert "connectivity" not in make_record(task_event(lastStatus=status))

    def test_only_failed_attachments_are_logged(self) -> None:
        reason = {"name": "statusReason", "value": "no free address"}
        failed = {"id": "1", "type": "eni", "status": "FAILED", "details": [reason]}
        attachments = [{"id": "2", "type": "sdi", "status": "DELETED", "details": []}, failed]
        record = make_record(task_event(attachments=attachments))
        assert record["attachments"] == [
            {"type": "eni", "status": "FAILED", "reason": "no free address"}
        ]
        assert record["message"].endswith("attachment eni failed: no free address")

    def test_limits_of_the_culprit_beat_those_of_the_task(self) -> None:
        oom = "OutOfMemoryError: Container killed due to memory usage"
        app = {"name": "app", "exitCode": 137, "reason": oom, "memory": "128", "cpu": "64"}
        record = make_record(task_event(app, {"name": "db", "exitCode": 143}))
        assert (record["cpu"], record["memory"]) == ("64", "128")
        assert "limit 128 MiB" in record["message"]

    def test_limits_are_logged_only_with_out_of_memory(self) -> None:
        record = make_record(task_event({"name": "app", "exitCode": 1}))
        assert not {"cpu", "memory"} & record.keys()

    @pytest.mark.parametrize(
        ("status", "usual", "unusual"),
        [
            *((each, "RUNNING", "STOPPED") for each in ("PROVISIONING", "PENDING", "ACTIVATING")),
            ("RUNNING", "RUNNING", "STOPPED"),
            *((each, "STOPPED", "RUNNING") for each in ("DEACTIVATING", "STOPPING")),
            *((each, "STOPPED", "RUNNING") for each in ("DEPROVISIONING", "STOPPED")),
        ],
    )
    def test_desired_status_is_logged_only_if_unexpected(
        self, status: str, usual: str, unusual: str
    ) -> None:
        assert "desiredStatus" not in make_record(
            task_event(lastStatus=status, desiredStatus=usual)
        )
        record = make_record(task_event(lastStatus=status, desiredStatus=unusual))
        assert record["desiredStatus"] == unusual

    @pytest.mark.parametrize("status", ["DELETED", "NEW", None, 5])
    def test_desired_status_is_logged_with_an_unknown_status(self, status: Any) -> None:
        record = make_record(task_event(lastStatus=status, desiredStatus="RUNNING"))
        assert record["desiredStatus"] == "RUNNING"

    @pytest.mark.parametrize("status", ["DEACTIVATING", "STOPPING", "DEPROVISIONING"])
    def test_stopping_task_says_who_stops_it(self, status: str) -> None:
        stop = {"stopCode": "UserInitiated", "stoppedReason": "because"}
        record = make_record(task_event(lastStatus=status, **stop, **TIMES))
        assert "launchType" not in record
        assert "durations" not in record
        assert stop.items() <= record.items()

    @pytest.mark.parametrize(
        ("status", "message"),
        [
            ("PROVISIONING", "web:6 PROVISIONING: preparing its network"),
            ("PENDING", "web:6 PENDING: waiting for containers to start"),
            ("ACTIVATING", "web:6 ACTIVATING: joining its load balancer"),
            ("RUNNING", "web:6 RUNNING, started in 20s, image pull 2.6s"),
            ("DEACTIVATING", "web:6 is being stopped: leaving its load balancer"),
            ("STOPPING", "web:6 is being stopped: waiting for containers to stop"),
            ("DEPROVISIONING", "web:6 is being stopped: releasing its network"),
            ("HIBERNATING", "web:6 HIBERNATING"),
        ],
    )
    def test_every_status_has_its_own_message(self, status: str, message: str) -> None:
        phases = {key: TIMES[key] for key in list(TIMES)[:4]}
        event = task_event(lastStatus=status, desiredStatus="RUNNING", **phases)
        assert make_record(event)["message"] == message

    def test_message_has_no_pull_if_the_image_was_cached(self) -> None:
        start = {key: TIMES[key] for key in ("createdAt", "startedAt")}
        event = task_event(lastStatus="RUNNING", desiredStatus="RUNNING", **start)
        assert make_record(event)["message"] == "web:6 RUNNING, started in 20s"

    def test_stopping_task_says_why_once_known(self) -> None:
        reason = "Scaling activity initiated by (deployment ecs-svc/1)"
        record = make_record(task_event(lastStatus="DEACTIVATING", stoppedReason=reason))
        assert record["message"] == ("web:6 is being stopped by the service scheduler")
        assert record["cause"] == "SCHEDULER_STOPPED"
        assert record["failed"] is False

    def test_running_task_has_no_cause(self) -> None:
        event = task_event(
            {"name": "init", "exitCode": 1}, lastStatus="RUNNING", desiredStatus="RUNNING"
        )
        assert "cause" not in make_record(event)

    def test_task_without_a_status_or_name_has_a_message(self) -> None:
        app = {"name": "app", "lastStatus": "RUNNING"}
        event = without(task_event(app, desiredStatus="RUNNING", lastStatus=None), "taskArn")
        record = make_record({**event, "resources": []})
        assert record["message"] == "web:6 in an unknown status"
        del event["detail"]["taskDefinitionArn"]
        record = make_record({**event, "resources": []})
        assert record["message"] == "task without an ID in an unknown status"

    def test_task_without_a_definition_is_named_by_its_id(self) -> None:
        event = without(task_event(lastStatus="PENDING"), "taskDefinitionArn")
        assert make_record(event)["message"].startswith("task 0123456789abcdef0123456789abcdef ")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0.4s"),
        (9.9, "9.9s"),
        (10.4, "10s"),
        (59.4, "59s"),
        (59.6, "1m 0s"),
        (3599, "59m 59s"),
        (3600, "1h 0m"),
        (7260, "2h 1m"),
        (86_399, "23h 59m"),
        (86_400, "1d 0h"),
        (273_600, "3d 4h"),
    ],
)
def test_durations_are_written_for_people(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


class TestUnparsedEvents:
    @pytest.mark.parametrize(
        "event", [None, 5, "text", [], [1], {}, {"detail": None}, {"detail": []}]
    )
    def test_values_that_are_no_event_are_logged_whole(self, event: Any) -> None:
        record = make_record(event)
        assert record["level"] == "WARN"
        assert record["unparsed"] == event
        assert record["message"] == "This event could not be parsed: see unparsed"
        assert "timestamp" not in record

    def test_head_is_read_without_a_detail(self) -> None:
        record = make_record({**task_event(), "detail": None})
        assert record["timestamp"] == "2026-11-01T10:05:00Z"
        assert record["detailType"] == "ECS Task State Change"
        assert record["cluster"] == "shop"

    @pytest.mark.parametrize("kind", ["Task State Change", "", 5, None])
    def test_events_from_other_sources_have_no_event_type(self, kind: Any) -> None:
        event = {**task_event(), "detail-type": kind}
        record = make_record(event)
        assert "eventType" not in record
        assert record["eventId"] == event["id"]
        assert record["unparsed"] == event

    @pytest.mark.parametrize("head", [{"id": 5}, {"time": 5}, {"account": ["1"]}])
    def test_head_of_another_type_does_not_hide_the_rest(self, head: Event) -> None:
        event = {**task_event(), **head}
        record = make_record(event)
        assert record["region"] == "eu-west-1"
        assert record["service"] == "web"
        assert record["unparsed"] == event

    @pytest.mark.parametrize("missing", [("time",), ("account",), ("region",), ("id", "time")])
    def test_event_without_a_part_of_the_head_is_read(self, missing: tuple[str, ...]) -> None:
        event = {key: value for key, value in task_event().items() if key not in missing}
        record = make_record(event)
        assert "unparsed" not in record
        assert record["service"] == "web"
        assert record["message"].endswith(" (this event has no ID)") is ("id" in missing)

    @pytest.mark.parametrize(("version", "understood"), [(2**63 - 1, True), (2**63, False)])
    def test_numbers_beyond_64_bits_are_not_copied(self, version: int, understood: bool) -> None:
        record = make_record(task_event(version=version))
        assert ("version" in record) is understood
        assert ("unparsed" not in record) is understood

    @pytest.mark.parametrize(
        "detail",
        [
            {"containers": "none"},
            {"containers": ["app"]},
            {"stoppedReason": {"text": "Task stopped by user"}},
            {"launchType": ["FARGATE", 1]},
            {"launchType": ["FARGATE"]},
            {"launchType": True},
            {"version": "5"},
            {"version": True},
            {"version": [5]},
            {"lastStatus": 5},
            {"group": {"a": 1}, "startedBy": "ecs-svc/1"},
            {"taskArn": 5},
            {"clusterArn": ["x"]},
        ],
    )
    def test_fields_of_another_type_do_not_hide_the_rest(self, detail: Event) -> None:
        event = task_event(stopCode="UserInitiated", **detail)
        record = make_record(event)
        assert record["unparsed"] == event
        assert record["level"] == "WARN"
        assert record["taskDefinition"] == "web:6"
        assert record["cause"] == "USER_STOPPED"

    @pytest.mark.parametrize("status", [{}, {"lastStatus": None}, {"lastStatus": ""}])
    def test_missing_status_does_not_hide_the_rest(self, status: Event) -> None:
        app = {"name": "app", "lastStatus": "RUNNING"}
        event = without(task_event(app, desiredStatus="RUNNING"), "lastStatus")
        event["detail"] |= status
        record = make_record(event)
        assert record["unparsed"] == event
        assert record["containers"] == [{"name": "app", "lastStatus": "RUNNING"}]
        assert record["message"] == "web:6 in an unknown status"

    @pytest.mark.parametrize("strange", ["app", {"name": "app", "reason": {"a": 1}}])
    def test_one_unexpected_container_does_not_hide_the_others(self, strange: Any) -> None:
        event = task_event(containers=[strange, {"name": "proxy", "lastStatus": "STOPPED"}])
        record = make_record(event)
        assert record["containers"][-1] == {"name": "proxy"}
        assert record["message"].startswith("web:6 never started: cause unknown")
        assert record["unparsed"] == event

    @pytest.mark.parametrize("status", ["PENDING", "RUNNING", "STOPPED"])
    @pytest.mark.parametrize("strange", [5, "app", {"a": 1}, ["app"], [5], [{"a": 1}], [None]])
    @pytest.mark.parametrize("key", ["containers", "attachments", "networkInterfaces", "details"])
    def test_strange_lists_raise_no_error(self, key: str, strange: Any, status: str) -> None:
        app = {"name": "app", "exitCode": 1}
        if key == "networkInterfaces":
            event = task_event({**app, key: strange}, lastStatus=status)
        elif key == "details":
            failed = {"type": "eni", "status": "FAILED", key: strange}
            event = task_event(app, lastStatus=status, attachments=[failed])
        else:
            event = task_event(app, lastStatus=status, **{key: strange})
        assert "handlerErrors" not in make_record(event)

    def test_unparsed_failure_stays_an_error(self) -> None:
        record = make_record(task_event({"name": "app", "exitCode": 1}, startedBy={}, cpu="null"))
        assert "unparsed" not in record
        record = make_record(task_event({"name": "app", "exitCode": 1}, startedBy={"a": 1}))
        assert "unparsed" in record
        assert record["level"] == "ERROR"

    def test_error_in_the_diagnosis_does_not_cost_the_line(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(detail: Event, record: Event) -> None:
            raise ZeroDivisionError

        module = "ecs_task_event_logger.handler.task_events.diagnosis"
        monkeypatch.setattr(f"{module}.add_diagnosis", fail)
        record = make_record(task_event())
        assert record["unparsed"] == task_event()
        assert record["containers"]

    def test_error_in_the_message_does_not_cost_the_line(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(detail: Event, record: Event) -> None:
            raise ZeroDivisionError

        module = "ecs_task_event_logger.handler.task_events.task"
        monkeypatch.setattr(f"{module}.add_message", fail)
        assert make_record(task_event())["unparsed"] == task_event()


def test_full_record_adds_the_whole_detail() -> None:
    event = task_event()
    record = make_record(event, full=True)
    assert list(record)[-1] == "detail"
    assert record["detail"].keys() == event["detail"].keys()
    assert make_record(event) == {k: v for k, v in record.items() if k != "detail"}


@pytest.mark.recorded
class TestRealEvents:
    def test_real_events_are_understood_and_have_no_empty_keys(self) -> None:
        for event in shared_events():
            record = make_record(event)
            assert "unparsed" not in record, event
            assert record["cluster"], event
            assert all(value not in (None, "", [], {}) for value in record.values()), record

    @pytest.mark.recorded
    def test_lines_are_much_smaller_than_their_events(self) -> None:
        tasks = [e for e in stream_events() if e["detail-type"] == "ECS Task State Change"]
        raw = sum(compact_size(event) for event in tasks)
        lines = [(e["detail"]["lastStatus"], len(to_line(make_record(e)).encode())) for e in tasks]
        assert sum(size for _, size in lines) <= 0.28 * raw
        assert sum(size for status, size in lines if status == "STOPPED") <= 0.06 * raw


def compact_size(event: Event) -> int:
    return len(json.dumps(event, separators=(",", ":")))


def test_message_is_safe_inside_text_and_json() -> None:
    reason = 'exec "C:\\run"\nfailed\ttwice\u2028now'
    record = make_record(task_event(stoppedReason=reason, stopCode=None, containers=[]))
    assert record["message"].endswith("exec 'C:/run' failed twice now")
    assert record["stoppedReason"] == reason
