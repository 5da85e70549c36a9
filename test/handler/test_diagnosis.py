"""The diagnosis: cause, culprit and remedy, from the evidence in the event alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecs_events import SHARED, Event, task_event
from ecs_task_event_logger.handler.task_events import diagnosis, evidence, reason_patterns
from ecs_task_event_logger.handler.task_events.cause import Cause
from ecs_task_event_logger.handler.task_events.matching import causes, find_cause
from ecs_task_event_logger.handler.task_events.remedies import REMEDIES, patterns
from verdicts import Verdict, diagnose

EXITED = "Essential container in task exited"


def read_stops(path: Path) -> list[Event]:
    """Return stops that users reported, each with its cause."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def verdict(*containers: Event, **detail: Any) -> Verdict:
    """Return the diagnosis of a stopped task that belongs to no service."""
    given = {"group": "family:job", "startedBy": None, **detail}
    found = diagnose(task_event(*containers, **given)["detail"])
    assert found is not None
    return found


LABELS = ("cause", "also", "failed", "culprit", "source", "provenance", "why_label")


def verdict_of(case: Event) -> Verdict:
    containers = [
        {key: value for key, value in container.items() if value is not None}
        for container in case.get("containers", ())
    ]
    found = diagnose(
        {
            "lastStatus": "STOPPED",
            "desiredStatus": "STOPPED",
            **{key: value for key, value in case.items() if key not in LABELS},
            "containers": containers,
        }
    )
    assert found is not None
    return found


def is_right(case: Event) -> bool:
    return verdict_of(case).cause in [case["cause"], *case.get("also", ())]


STOPS = read_stops(Path(__file__).with_name("stops.jsonl"))
SHARED_STOPS = read_stops(SHARED / "reasons-dev.jsonl")


@pytest.mark.parametrize("case", STOPS, ids=[f"{n}-{c['cause']}" for n, c in enumerate(STOPS)])
def test_finds_the_cause_of_every_known_stop(case: Event) -> None:
    found = verdict_of(case)
    assert found.cause in [case["cause"], *case.get("also", ())]
    assert found.failed == case["failed"]
    if "culprit" in case:
        assert found.culprit == case["culprit"]


def test_stops_are_sorted_by_cause() -> None:
    found = [case["cause"] for case in STOPS]
    assert found == sorted(found), "move the new lines of stops.jsonl next to others of their cause"


@pytest.mark.recorded
def test_finds_the_cause_of_the_maintainers_stops() -> None:
    assert [case for case in SHARED_STOPS if not is_right(case)] == []
    for case in SHARED_STOPS:
        # Before STOPPED, the outcome of a Spot interruption is not known.
        is_known = case.get("lastStatus", "STOPPED") == "STOPPED"
        assert verdict_of(case).failed is (case["failed"] if is_known else None)


@pytest.mark.parametrize("case", STOPS[::7], ids=lambda case: case["cause"])
@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
def test_ignores_upper_and_lower_case(case: Event, change: Any) -> None:
    changed = dict(case)
    if case.get("stoppedReason"):
        changed["stoppedReason"] = change(case["stoppedReason"])
    changed["containers"] = [
        {**container, "reason": change(container["reason"])} if "reason" in container else container
        for container in case.get("containers", ())
    ]
    assert is_right(changed)


# Each text also matches another cause, whose pattern comes later in the table.
TRICKY = [
    ("Stopped by the failed subnet cleaner", Cause.USER_STOPPED),
    ("Task stopped by the failed subnet cleaner", Cause.USER_STOPPED),
    ("Task was stopped by the failed subnet cleaner", Cause.USER_STOPPED),
    ("Stopped via the failed subnet console", Cause.USER_STOPPED),
    ("Stopped from the failed subnet console", Cause.USER_STOPPED),
    ("Stopped manually for a new failed subnet", Cause.USER_STOPPED),
    ("Manually stopped for a new failed subnet", Cause.USER_STOPPED),
    ("… unable to assume role log-group-secret-volume", Cause.RESOURCE_INITIALIZATION),
    ("… unable to assume the role log-group-secret-volume", Cause.RESOURCE_INITIALIZATION),
    ("… secrets manager: my-volume", Cause.SECRETS),
    ("… secretsmanager: my-volume", Cause.SECRETS),
    ("… invalid secret data of my-volume", Cause.SECRETS),
    ("… cannot fetch secret my-volume", Cause.SECRETS),
    ("… fetching secret my-volume", Cause.SECRETS),
    ("… retrieve secret my-volume", Cause.SECRETS),
    ("… retrieving secret my-volume", Cause.SECRETS),
    ("… invalid secret value of my-volume", Cause.SECRETS),
    ("… timeout waiting for the file system", Cause.RESOURCE_INITIALIZATION),
    ("… firelens s3 config: operation error S3: GetObject", Cause.LOG_DRIVER),
    ("… firelens config: unexpected end of JSON input", Cause.LOG_DRIVER),
]


class TestReasonPatterns:
    TABLES = ("STOPPED_BY", "STOPPED_FOR_USER", "WENT_WRONG", "ON_REQUEST", "WRAPPERS")

    @pytest.mark.parametrize("table", TABLES)
    def test_every_pattern_is_lower_case_and_reachable(self, table: str) -> None:
        earlier: list[tuple[Cause, list[str], bool]] = []
        for cause, wording, is_word in causes(getattr(reason_patterns, table)):
            assert wording == [part.lower() for part in wording]
            for earlier_cause, other, other_is_word in earlier:
                # A word counts only in texts of ECS, so it hides no other pattern.
                hides = len(other) == 1 and any(other[0] in part for part in wording)
                hides = hides and (is_word or not other_is_word)
                assert not hides, f"{other} ({earlier_cause}) hides {wording} ({cause})"
            earlier.append((cause, wording, is_word))

    @pytest.mark.parametrize("table", TABLES)
    def test_every_pattern_gives_its_cause_and_is_needed(
        self, table: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = getattr(reason_patterns, table)
        # Words without an error in them count only in texts that are surely ECS's.
        codes = {"STOPPED_FOR_USER": "UserInitiated", "WENT_WRONG": "TaskFailedToStart"}
        code = codes.get(table)
        for cause, wording, is_word in causes(whole):
            phrase = " … ".join(["", *wording]).strip().removeprefix("… ^").removesuffix("$")
            assert verdict(stopCode=code, stoppedReason=phrase).cause is cause, phrase
            phrases = [phrase, *(each for each, told in TRICKY if told is cause)]
            line = f"\n    {'~' if is_word else ''}{'*'.join(wording)}\n"
            assert whole.count(line) == 1
            with monkeypatch.context() as patch:
                patch.setattr(
                    diagnosis if hasattr(diagnosis, table) else evidence,
                    table,
                    whole.replace(line, "\n").replace("\n\n\n", "\n\n"),
                )
                verdicts = {verdict(stopCode=code, stoppedReason=each).cause for each in phrases}
                # Words count only in texts that begin like ECS's.
                of_container = verdict(c("app", None, phrase)).cause
            if of_container is verdict(c("app", None, phrase)).cause:
                assert verdicts != {cause}, f"without {phrase} nothing changes"

    @pytest.mark.parametrize(("phrase", "cause"), TRICKY)
    def test_first_match_decides_if_a_text_fits_several_causes(
        self, phrase: str, cause: Cause
    ) -> None:
        assert verdict(stoppedReason=phrase).cause is cause

    @pytest.mark.parametrize(
        ("text", "cause"),
        [
            ("well, first and second", Cause.SIGNAL),
            ("first, second, first", Cause.SIGNAL),
            ("well, second and first", None),
            ("firsecond", None),
            ("first", None),
            ("third", Cause.TIMEOUT),
            ("well, third", None),
            ("well, the last", Cause.CAPACITY),
            ("the last, well", None),
            ("whole", Cause.NETWORK),
            ("well, whole", None),
            ("whole, well", None),
        ],
    )
    def test_parts_of_a_pattern_match_in_order_without_overlap(
        self, text: str, cause: Cause | None
    ) -> None:
        table = (
            "SIGNAL\n    first*second\n\nTIMEOUT\n    firs*secon*d*d\n    ^third\n\n"
            "CAPACITY\n    the last$\n\nNETWORK\n    ^whole$\n"
        )
        assert find_cause(table, text) is cause

    def test_words_count_only_in_texts_of_ecs(self) -> None:
        table = "SIGNAL\n    ~word\n\nTIMEOUT\n    word of an error\n"
        assert find_cause(table, "a word of an error") is Cause.SIGNAL
        assert find_cause(table, "a word of an error", by_ecs=False) is Cause.TIMEOUT
        assert find_cause(table, "a word", by_ecs=False) is None

    # A request that was refused makes no task: see test_run_task.py.
    @pytest.mark.parametrize("cause", sorted(set(Cause) - {Cause.REQUEST_REFUSED}))
    def test_every_cause_has_an_example(self, cause: Cause) -> None:
        assert any(case["cause"] == cause for case in STOPS)


class TestStoppedBy:
    """The evidence of who stopped a task beats exit codes and container reasons."""

    @pytest.mark.parametrize("exit_code", [0, 1, 137, 143])
    @pytest.mark.parametrize(
        ("reason", "cause"),
        [
            ("Scaling activity initiated by (deployment ecs-svc/1)", "SCHEDULER_STOPPED"),
            ("Task stopped by user", "USER_STOPPED"),
            ("Your Spot Task was interrupted.", "SPOT_INTERRUPTION"),
            ("Host EC2 (instance i-1) terminated.", "HOST_FAILURE"),
            ("ECS is performing maintenance on the underlying infrastructure", "MAINTENANCE"),
            ("Task failed ELB health checks in (target-group arn:a)", "LOAD_BALANCER_HEALTH_CHECK"),
            ("Task failed container health checks", "CONTAINER_HEALTH_CHECK"),
        ],
    )
    def test_reason_beats_exit_codes_and_container_reasons(
        self, reason: str, cause: str, exit_code: int
    ) -> None:
        app = {"name": "app", "exitCode": exit_code, "reason": "OutOfMemoryError: killed"}
        assert verdict(app, stoppedReason=reason).cause == cause

    @pytest.mark.parametrize(
        ("detail", "cause"),
        [
            ({"stopCode": "UserInitiated"}, "USER_STOPPED"),
            ({"stopCode": "ServiceSchedulerInitiated"}, "SCHEDULER_STOPPED"),
            ({"stopCode": "SpotInterruption"}, "SPOT_INTERRUPTION"),
            ({"stopCode": "TerminationNotice"}, "SPOT_INTERRUPTION"),
            ({"stopCode": "TerminationNotice", "launchType": "EC2"}, "HOST_FAILURE"),
            (
                {
                    "stopCode": "TerminationNotice",
                    "launchType": None,
                    "capacityProviderName": "FARGATE_SPOT",
                },
                "SPOT_INTERRUPTION",
            ),
            ({"stopCode": "TerminationNotice", "launchType": None}, "HOST_FAILURE"),
        ],
    )
    def test_stop_code_decides_if_the_reason_is_unknown(self, detail: Event, cause: str) -> None:
        app = {"name": "app", "exitCode": 1}
        assert verdict(app, stoppedReason="because", **detail).cause == cause

    @pytest.mark.parametrize(
        ("reason", "cause"),
        [
            ("Task stopped by user", Cause.USER_STOPPED),
            ("Scaling activity initiated by (deployment ecs-svc/1)", Cause.SCHEDULER_STOPPED),
        ],
    )
    @pytest.mark.parametrize("code", ["EssentialContainerExited", "SpotInterruption"])
    def test_reasons_that_the_rule_filters_beat_the_stop_code(
        self, code: str, reason: str, cause: Cause
    ) -> None:
        app = {"name": "app", "exitCode": 1}
        assert verdict(app, stopCode=code, stoppedReason=reason).cause is cause

    @pytest.mark.parametrize("reason", ["Your Spot Task was interrupted.", "cancelled"])
    def test_task_that_exited_by_itself_was_not_stopped(self, reason: str) -> None:
        app = {"name": "app", "exitCode": 1}
        found = verdict(app, stopCode="EssentialContainerExited", stoppedReason=reason)
        assert found.cause is Cause.APPLICATION_ERROR

    def test_user_stop_is_no_failure_whatever_the_reason_says(self) -> None:
        found = verdict(stopCode="UserInitiated", stoppedReason="OutOfMemoryError seen, restarting")
        assert found.cause is Cause.USER_STOPPED
        assert found.failed is False

    def test_image_name_does_not_show_who_stopped_the_task(self) -> None:
        reason = "CannotPullContainerError: spot-interrupt-handler:1 not found"
        assert verdict(stoppedReason=reason).cause is Cause.IMAGE_PULL


class TestFailed:
    @pytest.mark.parametrize(
        ("detail", "failed"),
        [
            ({"group": "service:web", "startedBy": None}, False),
            ({"group": None, "startedBy": "ecs-svc/1"}, False),
            ({"group": "family:job", "startedBy": "me"}, True),
            ({"group": None, "startedBy": None}, True),
        ],
    )
    @pytest.mark.parametrize(
        "reason",
        [
            "Your Spot Task was interrupted.",
            "Host EC2 (instance i-1) terminated.",
            "ECS is performing maintenance on the underlying infrastructure hosting the task",
        ],
    )
    def test_lost_platform_fails_only_tasks_outside_a_service(
        self, reason: str, detail: Event, failed: bool
    ) -> None:
        found = verdict(stoppedReason=reason, **detail)
        assert found.failed is failed
        assert found.level == ("ERROR" if failed else "WARN")
        assert bool(found.remedy) is failed

    @pytest.mark.parametrize("group", ["service:web", "family:job"])
    @pytest.mark.parametrize("status", ["RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING"])
    def test_outcome_of_a_lost_platform_is_unknown_before_stopped(
        self, status: str, group: str
    ) -> None:
        reason = "Your Spot Task was interrupted."
        found = verdict(lastStatus=status, stoppedReason=reason, group=group)
        assert found.cause is Cause.SPOT_INTERRUPTION
        assert found.failed is None
        assert found.level == "WARN"
        assert found.remedy is None

    @pytest.mark.parametrize(
        "reason",
        [
            "Your Spot Task was interrupted.",
            "Host EC2 (instance i-1) terminated.",
            "ECS is performing maintenance on the underlying infrastructure hosting the task",
        ],
    )
    @pytest.mark.parametrize(
        ("codes", "failed"), [((0,), False), ((0, 143), False), ((143,), True), ((None,), True)]
    )
    def test_done_work_does_not_fail_on_a_lost_platform(
        self, reason: str, codes: tuple[int | None, ...], failed: bool
    ) -> None:
        names = ("job", "log_router")
        containers = [c(name, code) for name, code in zip(names, codes, strict=False)]
        assert verdict(*containers, stoppedReason=reason).failed is failed

    @pytest.mark.parametrize(
        ("codes", "failed"), [([0], False), ([0, 0], False), ([0, None], True), ([None], True)]
    )
    def test_exit_codes_decide_if_the_reason_is_unknown(
        self, codes: list[int | None], failed: bool
    ) -> None:
        containers = [{"name": f"c{n}", "exitCode": code} for n, code in enumerate(codes)]
        assert verdict(*containers, stoppedReason="wibble").failed is failed


# Failures that no container is responsible for. The culprit is the container whose reason shows
# the cause, if there is one.
NOT_CAUSED_BY_A_CONTAINER = {
    *(Cause.SECRETS, Cause.STORAGE, Cause.NETWORK, Cause.RESOURCE_INITIALIZATION),
    *(Cause.LOAD_BALANCER_HEALTH_CHECK, Cause.INTERNAL_ERROR, Cause.CAPACITY),
    *(Cause.SPOT_INTERRUPTION, Cause.HOST_FAILURE, Cause.MAINTENANCE, Cause.UNKNOWN),
    Cause.REQUEST_REFUSED,
}


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause.failed])
def test_every_failure_says_whether_a_container_caused_it(cause: Cause) -> None:
    by_a_container = cause in diagnosis._CAUSED_BY_A_CONTAINER
    assert by_a_container != (cause in NOT_CAUSED_BY_A_CONTAINER), (
        f"add {cause} to _CAUSED_BY_A_CONTAINER in diagnosis.py if a container is responsible for "
        "it even when only the task's reason shows it, else to NOT_CAUSED_BY_A_CONTAINER here"
    )


class TestUnexpectedTypes:
    @pytest.mark.parametrize("containers", [None, 5, "app", {"name": "app"}, ["app", 5, []]])
    def test_ignores_containers_of_another_type(self, containers: Any) -> None:
        found = verdict(containers=containers, stoppedReason="CannotPullContainerError")
        assert found.cause is Cause.IMAGE_PULL
        assert found.culprit is None

    def test_ignores_one_container_of_another_type(self) -> None:
        found = verdict(containers=["proxy", {"name": "app", "exitCode": 1}])
        assert found.cause is Cause.APPLICATION_ERROR

    @pytest.mark.parametrize("code", [5, ["UserInitiated"], {"UserInitiated": 1}])
    def test_ignores_a_stop_code_of_another_type(self, code: Any) -> None:
        found = verdict({"name": "app", "exitCode": 1}, stopCode=code)
        assert found.cause is Cause.APPLICATION_ERROR

    @pytest.mark.parametrize("code", ["137", 137.0, True])
    def test_ignores_an_exit_code_of_another_type(self, code: Any) -> None:
        found = verdict({"name": "app", "exitCode": code}, stoppedReason=EXITED)
        assert found.cause is Cause.APPLICATION_ERROR

    def test_searches_only_the_start_of_a_long_text(self) -> None:
        reason = "OutOfMemoryError"
        assert verdict(stoppedReason="x" * 3000 + reason).cause is Cause.OUT_OF_MEMORY
        assert verdict(stoppedReason="x" * 5000 + reason).cause is Cause.UNKNOWN


class TestWithoutEvidence:
    """Neither a text nor an exit code shows the cause."""

    @pytest.mark.parametrize(
        ("codes", "detail", "cause"),
        [
            ([None], {"stoppedReason": EXITED}, Cause.APPLICATION_ERROR),
            ([None], {"stopCode": "EssentialContainerExited"}, Cause.APPLICATION_ERROR),
            ([None], {"stopCode": "TaskFailedToStart"}, Cause.UNKNOWN),
            (
                [None],
                {"stopCode": "TaskFailedToStart", "stoppedReason": "wibble"},
                Cause.RESOURCE_INITIALIZATION,
            ),
            ([None], {"stoppedReason": "wibble"}, Cause.UNKNOWN),
            ([0, None], {"stoppedReason": EXITED}, Cause.UNKNOWN),
            ([0, None], {"stopCode": "EssentialContainerExited"}, Cause.UNKNOWN),
        ],
    )
    def test_missing_exit_codes_are_a_failure_only_if_all_are_missing(
        self, codes: list[int | None], detail: Event, cause: Cause
    ) -> None:
        containers = [{"name": f"c{n}", "exitCode": code} for n, code in enumerate(codes)]
        assert verdict(*containers, **detail).cause is cause


class TestStopping:
    """Before STOPPED, an unknown cause is not guessed."""

    def test_waits_for_missing_exit_codes_before_stopped(self) -> None:
        detail = {"lastStatus": "STOPPING", "stoppedReason": EXITED}
        app, sidecar = {"name": "app"}, {"name": "log_router"}
        assert diagnose(task_event(app, sidecar, **detail)["detail"]) is None
        assert diagnose(task_event({**sidecar, "exitCode": 0}, app, **detail)["detail"]) is None
        found = diagnose(task_event({**app, "exitCode": 3}, sidecar, **detail)["detail"])
        assert found is not None
        assert found.cause is Cause.APPLICATION_ERROR

    def test_reports_a_known_cause_before_stopped(self) -> None:
        reason = "Scaling activity initiated by (deployment ecs-svc/1)"
        found = diagnose(task_event(lastStatus="DEACTIVATING", stoppedReason=reason)["detail"])
        assert found is not None
        assert found.cause is Cause.SCHEDULER_STOPPED


def c(name: str, exit_code: int | None = None, reason: str | None = None, **more: Any) -> Event:
    """Return a container."""
    given = {"name": name, "exitCode": exit_code, "reason": reason, **more}
    return {key: value for key, value in given.items() if value is not None}


OOM = "OutOfMemoryError: Container killed due to memory usage"
DEPENDENCY = (
    "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency "
    "[{0}(public.ecr.aws/{0}) (STOPPED->RUNNING) - Exit: 1] for target [{1}(public.ecr.aws/{1})"
)


@pytest.mark.parametrize(
    ("containers", "detail", "cause", "culprit"),
    [
        # sidecars that were told to stop
        ([c("app", 1), c("log_router", 143)], {}, "APPLICATION_ERROR", "app"),
        ([c("log_router", 143), c("app", 1)], {}, "APPLICATION_ERROR", "app"),
        ([c("envoy", 137), c("app", 2), c("xray-daemon", 0)], {}, "APPLICATION_ERROR", "app"),
        ([c("datadog-agent", 1), c("app", 3)], {}, "APPLICATION_ERROR", "app"),
        ([c("app", 0), c("log_router", 143)], {}, "COMPLETED", None),
        ([c("app", 0), c("envoy", 137)], {}, "COMPLETED", None),
        ([c("app", 137), c("log_router", 0)], {}, "SIGNAL", "app"),
        ([c("app", 137), c("log_router", 143)], {}, "SIGNAL", "app"),
        ([c("log_router", 143), c("app", 143)], {}, "SIGNAL", "app"),
        ([c("app", 139), c("envoy", 143)], {}, "SIGNAL", "app"),
        ([c("app", 0), c("sidecar", 1)], {}, "COMPLETED", None),
        (
            [c("app", 0), c("sidecar", 1)],
            {"group": "service:web"},
            "APPLICATION_ERROR",
            "sidecar",
        ),
        # the time that it took tells a kill from the consequence of one
        (
            [c("app", 0), c("worker", 137)],
            {"stoppingAt": "2026-11-01T10:00:00Z", "executionStoppedAt": "2026-11-01T10:00:31Z"},
            "COMPLETED",
            None,
        ),
        (
            [c("app", 0), c("envoy", 137)],
            {
                "stoppingAt": "2026-11-01T10:00:00Z",
                "executionStoppedAt": "2026-11-01T10:00:01Z",
                "group": "service:web",
            },
            "SIGNAL",
            "envoy",
        ),
        (
            [c("app", 0), c("envoy", 137)],
            {"stoppingAt": "2026-11-01T10:00:00Z", "executionStoppedAt": "2026-11-01T10:00:01Z"},
            "COMPLETED",
            None,
        ),
        (
            [c("app", 0), c("worker", 137)],
            {"stoppingAt": "2026-11-01T10:00:00Z", "executionStoppedAt": "2026-11-01T10:00:30Z"},
            "COMPLETED",
            None,
        ),
        (
            [c("app", 0), c("worker", 137)],
            {"stoppingAt": "2026-11-01T10:00:00Z", "executionStoppedAt": "2026-11-01T10:00:29Z"},
            "SIGNAL",
            "worker",
        ),
        (
            [c("app", 0), c("envoy", 137)],
            {"stoppingAt": "2026-11-01T10:00:00Z", "executionStoppedAt": "2026-11-01T10:00:02Z"},
            "COMPLETED",
            None,
        ),
        # out of memory stands only in a container's reason
        ([c("log_router", 143), c("app", 137, OOM)], {}, "OUT_OF_MEMORY", "app"),
        ([c("app", 0, OOM), c("log_router", 0)], {}, "OUT_OF_MEMORY", "app"),
        ([c("app", 1), c("cache", 137, OOM)], {}, "OUT_OF_MEMORY", "cache"),
        (
            [c("web", 137), c("nginx", 143)],
            {"stoppedReason": "OutOfMemoryError: Container killed due to memory usage"},
            "OUT_OF_MEMORY",
            "web",
        ),
        ([c("web"), c("nginx", 137)], {"stoppedReason": OOM}, "OUT_OF_MEMORY", "nginx"),
        (
            [c("web"), c("nginx", 137)],
            {"stoppedReason": f"{EXITED} (exit code 137)"},
            "SIGNAL",
            "nginx",
        ),
        ([c("web"), c("nginx")], {"stoppedReason": OOM}, "OUT_OF_MEMORY", None),
        ([c("web", 0), c("nginx", 0)], {"stoppedReason": OOM}, "OUT_OF_MEMORY", None),
        # init containers and dependsOn
        ([c("init", 1), c("app")], {}, "APPLICATION_ERROR", "init"),
        ([c("init", 0), c("app", 1)], {}, "APPLICATION_ERROR", "app"),
        ([c("init", 0), c("app", 0)], {}, "COMPLETED", None),
        (
            [c("init", 1), c("app", 143, DEPENDENCY.format("init", "app"))],
            {"stoppedReason": None},
            "DEPENDENCY_FAILED",
            "init",
        ),
        (
            [c("app", 143, DEPENDENCY.format("db", "app")), c("proxy", 0), c("db", 1)],
            {"stoppedReason": None},
            "DEPENDENCY_FAILED",
            "db",
        ),
        (
            [c("app", 1, DEPENDENCY.format("db", "app")), c("proxy", 1), c("db", 0)],
            {"stoppedReason": None},
            "DEPENDENCY_FAILED",
            "db",
        ),
        (
            [c("db", 0), c("cache", 1), c("app", 143, DEPENDENCY.format("db", "cache], [app"))],
            {"stoppedReason": None},
            "DEPENDENCY_FAILED",
            "cache",
        ),
        (
            [c("app", None, DEPENDENCY.format("db", "app")), c("proxy", 0)],
            {"stoppedReason": None},
            "DEPENDENCY_FAILED",
            "app",
        ),
        (
            [c("app"), c("envoy", healthStatus="UNHEALTHY")],
            {"stoppedReason": "Container app depends on container envoy which failed"},
            "DEPENDENCY_FAILED",
            "envoy",
        ),
        # what never started was not essential
        ([c("app", 0), c("guardduty", None, "CannotPullContainerError")], {}, "COMPLETED", None),
        (
            [c("guardduty", None, "CannotPullContainerError"), c("app", 4)],
            {},
            "APPLICATION_ERROR",
            "app",
        ),
        # of a kill, whether it was the cause is not told by what never started
        (
            [c("app", 137), c("init", None, "CannotPullContainerError: not found")],
            {},
            "IMAGE_PULL",
            "init",
        ),
        (
            [c("app", 143), c("init", None, "CannotPullContainerError: not found")],
            {},
            "IMAGE_PULL",
            "init",
        ),
        # of a task with one container it is that one
        ([c("app")], {"stoppedReason": "logging driver failed"}, "LOG_DRIVER", "app"),
        ([c("app")], {"stoppedReason": "write: no space left"}, "OUT_OF_DISK", "app"),
        ([c("app")], {"stoppedReason": "DockerTimeoutError"}, "TIMEOUT", "app"),
        ([c("app")], {"stoppedReason": OOM}, "OUT_OF_MEMORY", "app"),
        ([c("app")], {"stoppedReason": f"{EXITED} (exit code 137)"}, "SIGNAL", "app"),
        ([c("app")], {}, "APPLICATION_ERROR", "app"),
        # the task's own reason names the container or its image
        (
            [c("", image=""), c("proxy", image="shop/proxy:9")],
            {"stoppedReason": "CannotPullContainerError: ref shop/proxy:9 not found"},
            "IMAGE_PULL",
            "proxy",
        ),
        (
            [c("app"), c("proxy", 1)],
            {"stoppedReason": "CannotPullContainerError: some/image: not found"},
            "IMAGE_PULL",
            None,
        ),
        (
            [c("app", image="shop/app:9"), c("proxy", image="shop/proxy:9")],
            {"stoppedReason": "CannotPullContainerError: ref shop/proxy:9 not found"},
            "IMAGE_PULL",
            "proxy",
        ),
        (
            [c("app", image="shop/app:9"), c("sidecar", image="Shop/Proxy:9")],
            {"stoppedReason": "CannotPullContainerError: ref Shop/Proxy:9 not found"},
            "IMAGE_PULL",
            "sidecar",
        ),
        (
            [c("app"), c("my-app")],
            {"stoppedReason": "CannotStartContainerError: my-app: exec format error"},
            "CONTAINER_START",
            "my-app",
        ),
        (
            [c("app"), c("proxy")],
            {"stoppedReason": "CannotPullContainerError: some/image: not found"},
            "IMAGE_PULL",
            None,
        ),
        (
            [c("app", 137, healthStatus="HEALTHY"), c("db", 143, healthStatus="UNHEALTHY")],
            {"stoppedReason": "Task failed container health checks"},
            "CONTAINER_HEALTH_CHECK",
            "db",
        ),
        # the task's own reason is what a container says
        (
            [c("redis"), c("app", None, "CannotPullContainerError: write: no space le")],
            {"stoppedReason": "CannotPullContainerError: write: no space left on device"},
            "OUT_OF_DISK",
            "app",
        ),
        # several failing
        ([c("envoy", 1), c("app", 1)], {}, "APPLICATION_ERROR", "app"),
        ([c("a", 137), c("b", 2), c("c", 143)], {}, "APPLICATION_ERROR", "b"),
        ([c("a", 143), c("b", 137)], {}, "SIGNAL", "b"),
        ([c("a", 1), c("b", 2, "wibble")], {}, "APPLICATION_ERROR", "b"),
        (
            [c("a", 0, OOM), c("b", 1, "CannotStartContainerError: exec format error")],
            {},
            "CONTAINER_START",
            "b",
        ),
        # an application's own text is no evidence
        ([c("a", 0, OOM), c("b", 1, "exec format error")], {}, "OUT_OF_MEMORY", "a"),
        (
            [c("a", None, "CannotPullContainerError: not found"), c("b")],
            {"stoppedReason": None},
            "IMAGE_PULL",
            "a",
        ),
        # no container is to blame
        (
            [c("app", 137), c("log_router", 143)],
            {"stoppedReason": "Scaling activity initiated by (deployment ecs-svc/1)"},
            "SCHEDULER_STOPPED",
            None,
        ),
        (
            [c("app", 137), c("log_router", 143)],
            {"stoppedReason": "Task failed ELB health checks in (target-group arn:a)"},
            "LOAD_BALANCER_HEALTH_CHECK",
            None,
        ),
    ],
)
def test_finds_the_container_that_brought_the_task_down(
    containers: list[Event], detail: Event, cause: str, culprit: str | None
) -> None:
    found = verdict(*containers, **{"stoppedReason": EXITED, **detail})
    assert found.cause == cause
    assert found.culprit == culprit


@pytest.mark.parametrize(
    ("exit_code", "cause"),
    [
        (-1, Cause.APPLICATION_ERROR),
        (128, Cause.APPLICATION_ERROR),
        (129, Cause.SIGNAL),
        (192, Cause.SIGNAL),
        (193, Cause.APPLICATION_ERROR),
    ],
)
def test_exit_codes_from_129_to_192_are_signals(exit_code: int, cause: Cause) -> None:
    assert verdict(c("app", exit_code), stoppedReason=EXITED).cause is cause


def remedies() -> dict[str, list[tuple[str, list[str]]]]:
    """Return the remedies of each cause, each with its patterns."""
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for block in REMEDIES.strip().split("\n\n"):
        cause, *lines = block.splitlines()
        entries = found.setdefault(cause, [])
        for line in lines:
            if line.startswith(" " * 8):
                entries[-1][1].extend(patterns(line.strip()))
            else:
                entries.append((line.strip(), []))
    return found


class TestRemedies:
    @pytest.mark.parametrize("cause", Cause)
    def test_every_failure_cause_has_a_general_remedy(self, cause: Cause) -> None:
        if cause.failed:
            remedy, called_for_by = remedies()[cause][-1]
            assert called_for_by == []
            assert 20 <= len(remedy) <= 160
            assert remedy.endswith(".")
        else:
            assert cause not in remedies()

    @pytest.mark.parametrize(
        ("reason", "remedy"),
        [
            (
                "CannotPullContainerError: unauthorized: role may not ecr:BatchGetImage",
                "Allow the execution role ecr:GetAuthorizationToken",
            ),
            (
                "CannotPullContainerError: Get https://a/v2/: dial tcp: i/o timeout",
                "Check the route to the registry",
            ),
            ("CannotPullContainerError: toomanyrequests: rate limit", "Registry rate limit"),
            ("CannotPullContainerError: shop:9: not found", "Check that the image's repository"),
            (
                "CannotPullContainerError: no matching manifest for linux/arm64",
                "Build the image for the task's CPU",
            ),
            ("CannotPullContainerError: x509: signed by unknown authority", "Check the registry's"),
            ("CannotPullContainerError: invalid reference format", "Correct the image's name"),
            ("CannotPullContainerError", "Check the image's name, the execution role"),
            (
                "ResourceInitializationError: unable to pull secrets or registry auth: unable to "
                "retrieve secret from asm: ResourceNotFoundException: can't find the secret",
                "Check that the secret, parameter or file exists",
            ),
            (
                "ResourceInitializationError: unable to pull secrets or registry auth: unable to "
                "retrieve secrets from ssm: AccessDeniedException: not authorized to perform",
                "Check that the execution role may read it",
            ),
            (
                "ResourceInitializationError: unable to retrieve secret from asm: AccessDenied: "
                "Access to KMS is not allowed",
                "Check that the execution role may decrypt",
            ),
            (
                "ResourceInitializationError: unable to retrieve secret from asm: "
                "context deadline exceeded",
                "Check the route to Secrets Manager",
            ),
            (
                "ResourceInitializationError: secret did not contain json key PASSWORD",
                "Check that the secret's value is JSON",
            ),
            (
                "CannotStartContainerError: failed to initialize logging driver: "
                "ResourceNotFoundException: The specified log group does not exist",
                "Create the log group",
            ),
            (
                "failed to validate logger args: AccessDeniedException: logs:CreateLogGroup",
                "Check that the execution role may write logs",
            ),
            (
                "failed to initialize logging driver: dial tcp: i/o timeout",
                "Check the route to CloudWatch Logs",
            ),
            (
                "failed to invoke EFS utils commands: Failed to resolve fs-1.efs.amazonaws.com",
                "Check the file system's ID, DNS",
            ),
            (
                "failed to invoke EFS utils commands: mount.nfs4: Connection timed out",
                "Check that the security groups let NFS",
            ),
            (
                "failed to invoke EFS utils commands: mount.nfs4: access denied by server",
                "Check the file system's policy",
            ),
            (
                "failed to invoke EFS utils commands: mount.nfs4: mounting fs-1.efs.x:/websites "
                "failed, reason given by server: Permission denied",
                "Check the file system's policy",
            ),
            (
                "failed to initialize logging driver: dial unix /var/run/fluent.sock: connect: no "
                "such file or directory",
                "Check that the log router",
            ),
            ("Create Network Interface: InsufficientFreeAddressesInSubnet", "The subnet is out"),
            (
                "Unable to attach network interface to unused device index",
                "The instance has no network interface left",
            ),
            (
                "retrieve secrets from ssm: ThrottlingException: Rate exceeded",
                "The secret store throttles",
            ),
            ("retrieve secret from asm: invalid character 'p'", "Check that the secret's value is"),
            ("ECS was unable to assume the role 'a'", "Check the role's trust policy"),
            ("EBS volume: ECS Infrastructure Role: not authorized", "Check the ECS infrastructure"),
            ("Create Network Interface: UnauthorizedOperation", "Check ECS's service-linked role"),
            ("capacity provider: UnauthorizedOperation", "Check that the infrastructure role may"),
            (
                "CannotPullContainerError: 1403.dkr.ecr.x/platform-certificate:1: not found",
                "Check that the image's repository",
            ),
            ("CannotStartContainerError: exec format error", "Build the image for the task's CPU"),
            ("CannotStartContainerError: port is already allocated", "The host port is taken"),
            (
                'CannotStartContainerError: exec: "run": executable file not found in $PATH',
                "Check entryPoint and command",
            ),
            ("CannotStartContainerError: permission denied", "Check that the entry point"),
            ("write /var/lib/docker/tmp: no space left on device", "Free space on the container"),
            ("RESOURCE:CPU", "No instance has what the task needs"),
            ("RESOURCE:PORTS", "The host port is taken"),
            ("ATTRIBUTE", "Compare the placement constraints"),
            ("LOCATION", "Compare the placement constraints"),
            (
                "CannotPullContainerError: ghcr.io/shop/app:1: failed to fetch anonymous token: "
                "unexpected status: 403 Forbidden",
                "Check the image's name; a private image needs repositoryCredentials",
            ),
            (
                "CannotPullContainerError: pull access denied for shop/app, repository does not "
                "exist or may require 'docker login'",
                "Check the image's name; a private image needs repositoryCredentials",
            ),
            (
                "CannotPullContainerError: pull access denied for 1.dkr.ecr.eu-west-1.amazonaws.com"
                "/app, repository does not exist or may require 'docker login'",
                "Check the image's name and that the execution role may pull it",
            ),
            (
                "CannotPullECRContainerError: AccessDeniedException: role is not authorized to "
                "perform: ecr:BatchImportUpstreamImage",
                "Allow the execution role ecr:BatchImportUpstreamImage",
            ),
            (
                "CannotPullECRContainerError: AccessDeniedException: role is not authorized to "
                "perform: ecr:BatchGetImage because no VPC endpoint policy allows it",
                "Check the policy of the VPC endpoint",
            ),
            (
                "CannotPullECRContainerError: AccessDeniedException: role is not authorized to "
                "perform: ecr:BatchGetImage because no resource-based policy allows it",
                "Check the repository's policy",
            ),
            (
                "CannotPullContainerError: KMSAccessDeniedException: The ciphertext refers to a "
                "customer master key that does not exist",
                "Check the repository's KMS key",
            ),
            (
                "CannotPullContainerError: a Windows version 10.0.20348-based image is "
                "incompatible with a 10.0.17763 host",
                "Use an image for the host's version of Windows",
            ),
            (
                "CannotPullContainerError: http: server gave HTTP response to HTTPS client",
                "The registry speaks no TLS",
            ),
            (
                "CannotPullContainerError: failed to register layer: archive/tar: invalid tar "
                "header",
                "The image is damaged",
            ),
            (
                "CannotPullContainerError: unexpected status: 503 Service Unavailable",
                "The registry has trouble",
            ),
            (
                "CannotPullContainerError: denied: Your authorization token has expired.",
                "The instance's login to ECR has expired",
            ),
            (
                "ResourceInitializationError: unable to retrieve secret from asm: can't find the "
                "specified secret value for staging label: AWSCURRENT",
                "Give the secret a value",
            ),
            (
                "CredentialSpecError: unable to retrieve credential spec from S3: AccessDenied",
                "Check that the gMSA credential spec exists",
            ),
            (
                "CannotStartContainerError: failed to initialize logging driver: dial tcp "
                "127.0.0.1:24224: connect: connection refused",
                "Check that the log router",
            ),
            (
                "CannotCreateContainerError: error looking up volume plugin rexray/ebs: plugin "
                '"rexray/ebs" not found',
                "Install the volume's plugin",
            ),
            (
                "CannotStartContainerError: unable to apply cgroup configuration: mkdir "
                "/sys/fs/cgroup/memory/ecs/1: no space left on device",
                "The instance has too many control groups",
            ),
            (
                "CannotStartContainerError: OCI runtime create failed: chdir to cwd "
                '("/srv") set in config.json failed: no such file or directory',
                "Check workingDirectory",
            ),
            (
                'CannotCreateContainerError: Conflict. The container name "/a" is already in use '
                "by container b",
                "Remove the old container",
            ),
            (
                "InvalidSubnetID.NotFound: The subnet ID 'subnet-1' does not exist",
                "Check that the subnets exist",
            ),
            (
                "ECS infrastructure role is not authorized to perform: ec2:CreateFleet",
                "Check that the infrastructure role may launch instances",
            ),
        ],
    )
    def test_remedy_is_as_specific_as_the_reason(self, reason: str, remedy: str) -> None:
        found = verdict(stoppedReason=reason).remedy
        assert found is not None
        assert found.startswith(remedy)

    @pytest.mark.parametrize(
        ("reason", "remedy"),
        [
            (
                "CannotPullContainerError: 1.dkr.ecr.eu-west-1.x/throttler:1: not found",
                "Check that the image's repository",
            ),
            (
                "CannotPullContainerError: shop/x509-tool:1: not found",
                "Check that the image's repository",
            ),
            (
                "ResourceInitializationError: unable to retrieve secret from asm: prod/"
                "throttle-key: AccessDeniedException: not authorized to perform",
                "Check that the execution role may read it",
            ),
            (
                "failed to invoke EFS utils commands: mount.nfs4: /websites: Connection timed out",
                "Check that the security groups let NFS",
            ),
            (
                "failed to invoke EFS utils commands: mount.nfs4: /dnsmasq: No such file",
                "Check that the path or volume to mount exists",
            ),
            (
                "failed to initialize logging driver: failed to create Cloudwatch log stream: "
                "ResourceNotFoundException: The specified log group does not exist: /ecs/fluentd",
                "Create the log group",
            ),
            (
                "failed to initialize logging driver: RequestError: Post "
                "https://logs.eu-west-1.amazonaws.com/: /ecs/syslog: dial tcp: i/o timeout",
                "Check the route to CloudWatch Logs",
            ),
            (
                "Capacity is unavailable at this time for allocation strategy spread",
                "Try again, or add Availability Zones",
            ),
        ],
    )
    def test_a_name_is_no_evidence_for_a_remedy(self, reason: str, remedy: str) -> None:
        assert (verdict(stoppedReason=reason).remedy or "").startswith(remedy)

    @pytest.mark.parametrize(
        ("exit_code", "remedy"),
        [
            (137, "Compare the memory"),
            (139, "The program crashed"),
            (143, "Find who or what told it"),
            (129, "Find who or what told it"),
            (159, "The program made a system call"),
            (138, "Read the container's last log lines."),
        ],
    )
    def test_remedy_of_a_signal_depends_on_the_signal(self, exit_code: int, remedy: str) -> None:
        found = verdict(c("app", exit_code), stoppedReason=EXITED)
        assert (found.remedy or "").startswith(remedy)

    def test_every_remedy_is_reachable(self) -> None:
        for cause, by_cause in remedies().items():
            earlier: list[str] = []
            for _, called_for_by in by_cause:
                for wording in called_for_by:
                    assert not [e for e in earlier if e in wording], (cause, wording)
                earlier += called_for_by

    def test_success_has_no_remedy(self) -> None:
        assert verdict(c("app", 0), stoppedReason=EXITED).remedy is None
