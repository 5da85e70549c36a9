"""The last lines of a container's log: found, safe, bounded, and never in the way."""

import importlib
import json
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_api import Answer, AwsApi, error
from ecs_events import TASK, Event, task_event
from ecs_task_event_logger.handler import task_events
from ecs_task_event_logger.handler.task_events import (
    container_logs,
    log_client,
    log_tail,
    main,
    notification,
)
from ecs_task_event_logger.handler.task_events.known_values import make_hide
from mutations import SECRET

SCHEMA = json.loads(files("ecs_task_event_logger").joinpath("record.schema.json").read_text())
STREAM = f"app/app/{TASK.rpartition('/')[2]}"
CONTEXT_ARN = "arn:aws:lambda:eu-west-1:111122223333:function:log"
FAILED = task_event({"name": "app", "exitCode": 1}, stopCode="EssentialContainerExited")


def definition(**containers: Event | None) -> Answer:
    """Return the answer with a task definition, whose containers have these log drivers."""
    return lambda request: (
        200,
        {
            "taskDefinition": {
                "containerDefinitions": [
                    {"name": name.replace("_", "-"), **({"logConfiguration": log} if log else {})}
                    for name, log in containers.items()
                ]
            }
        },
    )


def awslogs(group: str = "/ecs/app", prefix: str | None = "app", **options: str) -> Event:
    options = {"awslogs-group": group, **options}
    if prefix:
        options["awslogs-stream-prefix"] = prefix
    return {"logDriver": "awslogs", "options": options}


def log_events(*messages: str) -> Answer:
    """Return the answer with these messages, or as many of the last ones as are asked for."""
    return lambda request: (
        200,
        {
            "events": [{"message": each} for each in messages[-request["limit"] :]],
            "nextBackwardToken": "b/1",
        },
    )


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsApi]:
    with AwsApi() as api:
        api.answers = {
            "DescribeTaskDefinition": definition(app=awslogs()),
            "GetLogEvents": log_events("starting", "KeyError: 'DATABASE_URL'"),
        }
        monkeypatch.setattr(log_client, "FLUSH_SECONDS", 0)
        with handler_that_calls(api.url):
            yield api
        for thread in threading.enumerate():
            if "_look_up" in thread.name:  # its event did not wait for it
                thread.join()


@contextmanager
def handler_that_calls(url: str, **environment: str) -> Iterator[None]:
    """Let the handler read container logs from a server."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "CONTAINER_LOG_GROUPS": "/ecs/*",
            "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            **environment,
        }.items():
            patch.setenv(name, value)
        forget()
        importlib.reload(container_logs)
        importlib.reload(notification)
        importlib.reload(main)
        yield
    forget()
    importlib.reload(notification)
    importlib.reload(main)


_CACHED = log_client.log_configurations, log_client._client


def forget() -> None:
    """Forget what the handler keeps between events."""
    container_logs._known.clear()
    for each in _CACHED:
        each.cache_clear()


@pytest.fixture
def handle(capsys: pytest.CaptureFixture[str]) -> Callable[..., Event]:
    """A function that returns the record in the one line that the handler writes."""

    def handle(event: Event, context: object = None) -> Event:
        main.handler(event, context)
        (line,) = capsys.readouterr().out.splitlines()
        record: Event = json.loads(line)
        jsonschema.validate(record, SCHEMA)
        assert record.keys() <= SCHEMA["properties"].keys()
        return record

    return handle


Handle = Callable[..., Event]


class TestFound:
    def test_line_has_the_last_lines_and_their_stream(self, api: AwsApi, handle: Handle) -> None:
        record = handle(FAILED)
        assert record["logTail"] == ["starting", "KeyError: 'DATABASE_URL'"]
        assert record["logStream"] == f"/ecs/app:{STREAM}"
        assert "logTailError" not in record
        assert api.calls == [
            ("DescribeTaskDefinition", {"taskDefinition": FAILED["detail"]["taskDefinitionArn"]}),
            (
                "GetLogEvents",
                {
                    "logGroupName": "/ecs/app",
                    "logStreamName": STREAM,
                    "limit": 20,
                    "startFromHead": False,
                },
            ),
        ]

    def test_tail_stands_before_durations_and_containers(self, api: AwsApi, handle: Handle) -> None:
        record = handle(
            task_event({"name": "app", "exitCode": 1}, stoppedAt="2026-11-01T10:01:00Z")
        )
        assert list(record)[-5:] == [
            *("remedy", "logTail", "logStream"),
            *("durations", "containers"),
        ]

    def test_definition_is_read_once_for_each_revision(self, api: AwsApi, handle: Handle) -> None:
        handle(FAILED)
        handle({**FAILED, "id": "another"})
        assert api.operations == ["DescribeTaskDefinition", "GetLogEvents", "GetLogEvents"]

    def test_repeated_event_needs_no_calls(self, api: AwsApi, handle: Handle) -> None:
        first, count = handle(FAILED), len(api.calls)
        assert handle(FAILED) == first
        assert len(api.calls) == count

    def test_stream_without_a_prefix_is_the_container_id(self, api: AwsApi, handle: Handle) -> None:
        api.answers["DescribeTaskDefinition"] = definition(app=awslogs(prefix=None))
        container = {"name": "app", "exitCode": 1, "runtimeId": "0123abcd"}
        record = handle(task_event(container, launchType="EC2"))
        assert record["logStream"] == "/ecs/app:0123abcd"

    def test_culprit_among_several_containers(self, api: AwsApi, handle: Handle) -> None:
        api.answers["DescribeTaskDefinition"] = definition(
            app=awslogs(), db=awslogs(prefix="db"), log_router=None
        )
        record = handle(
            task_event(
                {"name": "app", "exitCode": 143},
                {"name": "db", "exitCode": 3},
                {"name": "log-router", "exitCode": 0},
                stopCode="EssentialContainerExited",
            )
        )
        assert record["culprit"] == "db"
        assert record["logStream"].startswith("/ecs/app:db/db/")

    def test_main_container_if_there_is_no_culprit(self, api: AwsApi, handle: Handle) -> None:
        api.answers["DescribeTaskDefinition"] = definition(envoy=awslogs(), app=awslogs())
        reason = "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:x)"
        record = handle(
            task_event(
                {"name": "envoy", "exitCode": 0},
                {"name": "app", "exitCode": 143},
                stoppedReason=reason,
                stopCode="ServiceSchedulerInitiated",
            )
        )
        assert "culprit" not in record
        assert record["logStream"] == f"/ecs/app:{STREAM}"

    def test_lost_instance_shows_how_far_the_job_got(self, api: AwsApi, handle: Handle) -> None:
        record = handle(
            task_event(
                {"name": "app"},
                group="family:nightly",
                startedBy=None,
                startedAt="2026-11-01T10:00:09Z",
                stoppedReason="Host EC2 (instance i-0123456789abcdef0) terminated.",
                stopCode="TerminationNotice",
            )
        )
        assert record["failed"] is True
        assert record["logTail"]

    def test_number_of_lines(self, api: AwsApi, capsys: pytest.CaptureFixture[str]) -> None:
        api.answers["GetLogEvents"] = log_events(*map(str, range(200)))
        with handler_that_calls(api.url, CONTAINER_LOG_LINES="3"):
            main.handler(FAILED)
        assert json.loads(capsys.readouterr().out)["logTail"] == ["197", "198", "199"]

    def test_log_driver_gets_time_for_the_last_lines(self, api: AwsApi, handle: Handle) -> None:
        pages = [[], [], ["late"]]

        def page(request: Event) -> tuple[int, Any]:
            return log_events(*pages.pop(0))(request)

        api.answers["GetLogEvents"] = page
        assert handle(FAILED)["logTail"] == ["late"]

    def test_empty_page_before_others_is_not_the_end(self, api: AwsApi, handle: Handle) -> None:
        def page(request: Event) -> tuple[int, Any]:
            return log_events(*(["earlier"] if "nextToken" in request else []))(request)

        api.answers["GetLogEvents"] = page
        assert handle(FAILED)["logTail"] == ["earlier"]
        assert api.calls[-1][1]["nextToken"] == "b/1"


def test_sdk_logs_no_lines_of_its_own(
    api: AwsApi, handle: Handle, caplog: pytest.LogCaptureFixture
) -> None:
    # Lambda sets the level INFO, and would log what botocore says about its credentials.
    with caplog.at_level("INFO"):
        handle(FAILED)
    assert caplog.records == []


class TestNoCalls:
    @pytest.mark.parametrize(
        "event",
        [
            task_event({"name": "app"}, lastStatus="RUNNING", desiredStatus="RUNNING"),
            task_event({"name": "app", "exitCode": 1}, lastStatus="DEPROVISIONING"),
            task_event({"name": "app", "exitCode": 0}, stopCode="EssentialContainerExited"),
            task_event(
                {"name": "app", "exitCode": 143},
                stopCode="ServiceSchedulerInitiated",
                stoppedReason="Scaling activity initiated by (deployment ecs-svc/1)",
            ),
            task_event({"name": "app", "exitCode": 137}, stopCode="UserInitiated"),
            task_event(
                {"name": "app", "reason": "CannotPullContainerError: not found"},
                startedAt=None,
                stopCode="TaskFailedToStart",
            ),
            task_event(
                {
                    "name": "app",
                    "exitCode": 128,
                    "reason": "CannotStartContainerError: exec: not found",
                },
                startedAt=None,
                stopCode="TaskFailedToStart",
            ),
            task_event(
                {"name": "app"},
                startedAt=None,
                stopCode="TaskFailedToStart",
                stoppedReason="ResourceInitializationError: unable to pull secrets",
            ),
            task_event(
                {"name": "app", "exitCode": 137, "reason": "CannotPullContainerError: denied"},
                startedAt=None,
            ),
        ],
        ids=[
            "running",
            "not stopped yet",
            "completed",
            "scheduler",
            "user",
            "image pull",
            "start",
            "secrets",
            "image pull with an exit code",
        ],
    )
    def test_for_other_events(self, api: AwsApi, handle: Handle, event: Event) -> None:
        record = handle(event)
        assert api.calls == []
        assert not {"logTail", "logStream", "logTailError"} & record.keys()

    def test_if_a_filter_drops_the_event(
        self, api: AwsApi, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with handler_that_calls(api.url, CAUSES="IMAGE_PULL"):
            assert main.handler(FAILED) is None
        assert (api.calls, capsys.readouterr().out) == ([], "")

    @pytest.mark.parametrize("place", [{"account": "999999999999"}, {"region": "us-east-1"}])
    def test_if_the_task_ran_elsewhere(self, api: AwsApi, handle: Handle, place: Event) -> None:
        context = SimpleNamespace(invoked_function_arn=CONTEXT_ARN)
        record = handle({**FAILED, **place}, context)
        assert record["logTailError"] == "the task ran in another account or region"
        assert api.calls == []

    @pytest.mark.parametrize("key", ["account", "region"])
    def test_event_without_its_place_is_of_the_own_one(
        self, api: AwsApi, handle: Handle, key: str
    ) -> None:
        event = {name: value for name, value in FAILED.items() if name != key}
        record = handle(event, SimpleNamespace(invoked_function_arn=CONTEXT_ARN))
        assert record["logTail"]


class TestReasons:
    @pytest.mark.parametrize(
        ("log", "reason"),
        [
            (None, "container app has no log configuration"),
            ({"logDriver": "awsfirelens"}, "container app logs to awsfirelens, not to awslogs"),
            (awslogs("/shop/app"), "container_log_groups does not include /shop/app"),
            (
                awslogs(**{"awslogs-region": "us-east-1"}),
                "the log of container app is in us-east-1",
            ),
        ],
        ids=["none", "firelens", "not listed", "other region"],
    )
    def test_log_that_cannot_be_read(
        self, api: AwsApi, handle: Handle, log: Event | None, reason: str
    ) -> None:
        api.answers["DescribeTaskDefinition"] = definition(app=log)
        record = handle(FAILED)
        assert record["logTailError"] == reason
        assert api.operations == ["DescribeTaskDefinition"]
        assert not {"logTail", "logStream"} & record.keys()

    def test_injected_container_is_not_in_the_definition(self, api: AwsApi, handle: Handle) -> None:
        record = handle(task_event({"name": "aws-guardduty-agent-x", "exitCode": 1}))
        assert record["logTailError"] == (
            "container aws-guardduty-agent-x has no log configuration"
        )

    @pytest.mark.parametrize("operation", ["DescribeTaskDefinition", "GetLogEvents"])
    @pytest.mark.parametrize(
        "code",
        ["AccessDeniedException", "ResourceNotFoundException", "ThrottlingException", "Other"],
    )
    def test_error_of_aws(self, api: AwsApi, handle: Handle, operation: str, code: str) -> None:
        api.answers[operation] = error(code)
        record = handle(FAILED)
        assert record["logTailError"] == f"{operation} failed: {code}"
        assert ("logStream" in record) is (operation == "GetLogEvents")
        assert len(api.calls) <= 3

    def test_error_is_not_kept_for_the_next_task(self, api: AwsApi, handle: Handle) -> None:
        answer = api.answers["DescribeTaskDefinition"]
        api.answers["DescribeTaskDefinition"] = error("ThrottlingException")
        handle(FAILED)
        api.answers["DescribeTaskDefinition"] = answer
        assert handle({**FAILED, "id": "another"})["logTail"]

    @pytest.mark.parametrize(
        ("detail", "reason"),
        [
            ({"taskDefinitionArn": None}, "container app has no log configuration"),
            (
                {"taskArn": None},
                "the event does not say which stream container app logs to",
            ),
        ],
    )
    def test_event_without_an_arn(
        self, api: AwsApi, handle: Handle, detail: Event, reason: str
    ) -> None:
        event = {**task_event({"name": "app", "exitCode": 1}, **detail), "resources": []}
        assert handle(event)["logTailError"] == reason

    def test_names_have_no_override_values(self, api: AwsApi, handle: Handle) -> None:
        group = f"/ecs/{OVERRIDE}"
        api.answers["DescribeTaskDefinition"] = definition(app=awslogs(group))
        event = task_event({"name": "app", "exitCode": 1}, overrides=OVERRIDES)
        assert handle(event)["logStream"].startswith("/ecs/***:app/app/")

    @pytest.mark.parametrize("group", ["/ecs/token", "/ecs/secrets", "/ecs/oauth-token"])
    def test_stream_in_a_group_with_a_secret_name_stays_readable(
        self, api: AwsApi, handle: Handle, group: str
    ) -> None:
        api.answers["DescribeTaskDefinition"] = definition(app=awslogs(group))
        assert handle(FAILED)["logStream"] == f"{group}:{STREAM}"

    def test_empty_log(self, api: AwsApi, handle: Handle) -> None:
        api.answers["GetLogEvents"] = log_events()
        record = handle(FAILED)
        assert record["logTailError"] == "the log is empty"
        assert record["logStream"] == f"/ecs/app:{STREAM}"
        assert api.operations.count("GetLogEvents") == 4

    def test_answer_that_is_no_json(self, api: AwsApi, handle: Handle) -> None:
        api.answers["GetLogEvents"] = lambda request: (200, "unexpected")
        assert handle(FAILED)["logTailError"]

    def test_server_that_refuses_connections(self, handle: Handle) -> None:
        with AwsApi() as stopped:
            url = stopped.url
        with handler_that_calls(url):
            record = handle(FAILED)
        assert record["logTailError"] == ("DescribeTaskDefinition failed: EndpointConnectionError")
        assert record["message"]

    @pytest.mark.parametrize("operation", ["DescribeTaskDefinition", "GetLogEvents"])
    def test_slow_answer_delays_the_line_by_the_budget_only(
        self, api: AwsApi, handle: Handle, monkeypatch: pytest.MonkeyPatch, operation: str
    ) -> None:
        done = threading.Event()

        def answer(request: Event) -> tuple[int, Any]:
            done.wait()
            return error("TooLate")(request)

        api.answers[operation] = answer
        monkeypatch.setattr(container_logs, "BUDGET", 0.5)
        record = handle(FAILED)
        assert not done.is_set()
        done.set()
        assert record["logTailError"] == "ECS or CloudWatch Logs took too long to answer"
        assert record["cause"] == "APPLICATION_ERROR"

    def test_budget_is_half_of_the_time_that_is_left(self) -> None:
        def seconds(left: int) -> float:
            return container_logs._seconds(
                SimpleNamespace(get_remaining_time_in_millis=lambda: left)
            )

        assert (seconds(900_000), seconds(3_000)) == (container_logs.BUDGET, 1.5)


OVERRIDE = "shop-4711-eu"
OVERRIDES = {
    "containerOverrides": [
        {"name": "app", "environment": [{"name": "TENANT", "value": OVERRIDE}]},
    ]
}
SECRETS = st.sampled_from(
    [
        "password=hunter2",
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "postgres://shop:hunter2@db/shop",
        '{"token": "hunter2"}',
        "Authorization: Bearer hunter2",
        "\x1b[31mpassword\x1b[0m=\x1b[1mhunter2\x1b[0m",
        "pass\u200bword=hunter2",
        f"job {OVERRIDE} failed",
        "MIIEpAIBAAKCAQEA7wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY0123456",
    ]
)
LEAKS = (SECRET, "wJalrXUtnFEMI", OVERRIDE)
FRAGMENTS = st.one_of(
    st.text(st.characters(codec=None), max_size=60).filter(
        lambda text: not any(leak in text for leak in LEAKS)
    ),
    SECRETS,
    st.sampled_from(
        ["\n", "\r\n", "\u2028", "\x00", "\ud800", "\x1b[2J", '"]}', "\\", "x" * 7000, "y" * 2**18]
    ),
)
MESSAGES = st.lists(st.lists(FRAGMENTS, max_size=6).map(" ".join), max_size=30)


def safe_tail(
    messages: list[str], detail: Event | None = None, unredacted: Collection[str] = ()
) -> list[str]:
    return log_tail.safe_tail(messages, make_hide(detail or {}, unredacted))


class TestSafe:
    @given(MESSAGES)
    def test_any_lines_are_short_printable_and_without_secrets(self, messages: list[str]) -> None:
        detail = task_event(overrides=OVERRIDES)["detail"]
        tail = safe_tail(messages, detail)
        assert len(json.dumps(tail, ensure_ascii=False).encode()) <= log_tail.MOST_BYTES
        for line in tail:
            assert 0 < len(line) <= log_tail.LONGEST
            assert line.isprintable()
            assert not [each for each in LEAKS if each in line]

    def test_long_line_keeps_its_beginning_and_end(self) -> None:
        (line,) = safe_tail([f"first {'x' * 5000} last"])
        assert line.startswith("first x")
        assert line.endswith("x last")
        assert len(line) == log_tail.LONGEST

    def test_huge_line_keeps_its_beginning(self) -> None:
        (line,) = safe_tail([f"first {'x' * 1024 * 1024} last"])
        assert line.startswith("first x")
        assert len(line) == log_tail.LONGEST

    def test_long_stack_trace_keeps_its_causes(self) -> None:
        frames = "".join(
            f"\n\tat com.example.Shop.step{number}(Shop.java:7)" for number in range(40)
        )
        trace = f"IllegalStateException: boom{frames}\nCaused by: UnknownHostException: db{frames}"
        assert safe_tail([trace]) == [
            "IllegalStateException: boom",
            "Caused by: UnknownHostException: db",
        ]

    @pytest.mark.parametrize(
        "cause",
        [
            " ---> System.Net.Sockets.SocketException (111): Connection refused",
            "     Reason: liquibase.exception.DatabaseException: relation already exists",
            '  "error": "relation does not exist",',
            "  - DB_HOST: missing",
        ],
    )
    def test_indented_cause_is_no_frame(self, cause: str) -> None:
        message = f"{'x' * 400}\n{cause}\n{'x' * 400}"
        assert safe_tail([message])[1] == cause

    def test_frames_of_python_go_with_their_source(self) -> None:
        frames = '  File "/app/main.py", line 12, in run\n    job.run()\n    ~~~~~~~^^\n' * 20
        trace = f"Traceback (most recent call last):\n{frames}KeyError: 'CHF'"
        assert safe_tail([trace]) == ["Traceback (most recent call last):", "KeyError: 'CHF'"]

    def test_password_in_a_redis_command_is_masked(self) -> None:
        assert safe_tail(["command: { name: 'auth', args: [ 'default', 'x7' ] }"]) == [
            "command: { name: 'auth', args: [***] }"
        ]

    @pytest.mark.parametrize("prefix", ["", "app-1  | ", "2026-11-01T10:00:00Z INFO ", "+ "])
    def test_lines_of_a_private_key_are_masked(self, prefix: str) -> None:
        body = ["MIIEpAIBAAKCAQEA7wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY0123456xyz", "Zm9vYmFyCg=="]
        key = ["-----BEGIN RSA PRIVATE KEY-----", *body, "-----END RSA PRIVATE KEY-----", "failed"]
        tail = safe_tail([f"{prefix}{line}" for line in key])
        assert tail[1:3] == [f"{prefix}***"] * 2
        assert tail[-1] == f"{prefix}failed"

    @pytest.mark.parametrize(
        ("lines", "masked"),
        [
            (['  "client_secret":', '    "hunter2",'], '    "***",'),
            (["password: |", "  hunter2"], "  ***"),
            (["tokens:", "  - hunter2"], "  - ***"),
            (['"name": "DB_PASSWORD",', '"value": "hunter2"'], '"value": "***"'),
            (["- name: API_TOKEN", "  value: hunter2"], "  value: ***"),
            (["Property: spring.mail.password", 'Value: "hunter2"'], 'Value: "***"'),
            (
                ["db_password", "  Too short [type=a, input_value='hunter2', input_type=str]"],
                "  Too short [type=a, input_value='***', input_type=str]",
            ),
            (["Password for the elastic user:", "  xT7qLm2Zk81pX0vvQ9"], "  ***"),
            (["Your password is:", "xT7qLm2Zk81pX0vvQ9"], "***"),
        ],
    )
    def test_secret_in_the_line_after_its_name_is_masked(
        self, lines: list[str], masked: str
    ) -> None:
        assert safe_tail([*lines, "failed"]) == [lines[0], masked, "failed"]

    @pytest.mark.parametrize(
        "line",
        [
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
            "subprocess.CalledProcessError: Command '['alembic', 'upgrade', 'head']' returned 1",
            '{"level":"error","env":"prod","command":"sync","msg":"boom"}',
            "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified",
            "+ export NODE_ENV=production",
            "Enter password:",
        ],
    )
    def test_commands_of_the_application_stay_readable(self, line: str) -> None:
        assert safe_tail([line, "could not connect to db"]) == [line, "could not connect to db"]

    @pytest.mark.parametrize(
        ("override", "line", "logged"),
        [
            ("tenant: acme\niban: DE02 1203 0000", "iban: DE02 1203 0000", "***"),
            ('{"customer": "Umbrella-Corp-Ltd"}', "got Umbrella-Corp-Ltd", "got ***"),
            ("https://api.example.com/acme-gmbh-4711", "no acme-gmbh-4711", "no ***"),
            ("shop-4711-eu", "shop-\x1b[38:5:1m4711-eu", "***"),
        ],
    )
    def test_parts_of_an_override_are_masked(self, override: str, line: str, logged: str) -> None:
        environment = [{"name": "X", "value": override}]
        overrides = {"containerOverrides": [{"name": "app", "environment": environment}]}
        assert safe_tail([line], task_event(overrides=overrides)["detail"]) == [logged]

    def test_words_of_an_overridden_command_are_masked(self) -> None:
        command = ["sh", "-c", "set -x; ./import --customer=big-customer-ag"]
        overrides = {"containerOverrides": [{"name": "app", "command": command}]}
        detail = task_event(overrides=overrides)["detail"]
        assert safe_tail(["+ ./import --customer=big-customer-ag"], detail) == [
            "+ ./import --customer=***"
        ]

    def test_secret_in_a_huge_message_is_masked(self) -> None:
        (line,) = safe_tail([f"first {'x ' * 128 * 1024} password=hunter2"])
        assert "hunter2" not in line

    def test_oldest_lines_are_dropped_if_all_do_not_fit(self) -> None:
        messages = [f"{number} {'x' * 600}" for number in range(20)]
        tail = safe_tail(messages)
        assert [line.split()[0] for line in tail] == [str(number) for number in range(12, 20)]

    def test_colours_and_line_breaks_become_plain_text(self) -> None:
        message = "\x1b[31mERROR\x1b[0m boom\n\tat Main.java:3\r\n"
        assert safe_tail([message]) == ["ERROR boom", " at Main.java:3"]

    def test_blank_and_binary_lines_are_left_out(self) -> None:
        assert safe_tail(["", " \n", "\x00\x01\x02", "end"]) == ["end"]

    def test_other_text_stays_as_it_is(self) -> None:
        lines = [
            "Traceback (most recent call last):",
            '  File "/app/main.py", line 12, in <module>',
            "KeyError: 'DATABASE_URL'",
            '{"level":"error","msg":"boom","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}',
            "日本語のエラー: 接続できません",
            "4bf92f3577b34da6a3ce929d0e0e47364bf92f35",
        ]
        assert safe_tail(lines) == lines

    def test_allowed_override_stays_readable(self) -> None:
        detail = task_event(overrides=OVERRIDES)["detail"]
        messages = [f"import for {OVERRIDE} failed"]
        assert safe_tail(messages, detail) == ["import for *** failed"]
        assert safe_tail(messages, detail, {"TENANT"}) == messages

    def test_line_cannot_forge_another_line(self, api: AwsApi, handle: Handle) -> None:
        forged = '"]}\n{"level": "ERROR", "message": "forged"}\n'
        api.answers["GetLogEvents"] = log_events(forged)
        record = handle(FAILED)
        assert record["logTail"] == ['"]}', '{"level": "ERROR", "message": "forged"}']


MODULES = (container_logs, log_client, log_tail)
# They catch the exceptions of the others.
CATCHES = ("add_log_tail", "_look_up")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (module, name)
        for module in MODULES
        for name, value in vars(module).items()
        if callable(value)
        and getattr(value, "__module__", "").startswith(task_events.__name__)
        and name not in ("LookUpError", *CATCHES)
    ],
    ids=lambda each: each if isinstance(each, str) else None,
)
def test_broken_function_costs_only_the_tail(
    api: AwsApi, handle: Handle, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    # Between them they need every function.
    key = "MIIEpAIBAAKCAQEA7wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY0123456xyz"
    api.answers["GetLogEvents"] = log_events("password:", '"value",', key, "x" * 600)
    detail = {name: value for name, value in FAILED["detail"].items() if name != "taskArn"}
    failed = {**FAILED, "resources": [TASK], "detail": {**detail, "overrides": OVERRIDES}}
    whole = handle(failed)
    for key in ("logTail", "logStream"):
        del whole[key]
    forget()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    for each in MODULES:
        if hasattr(each, name):
            monkeypatch.setattr(each, name, broken)
    record = handle(failed)
    assert record.pop("logTailError") == "RuntimeError"
    record.pop("logStream", None)
    assert record == whole


LOG_LINES = ("logLines", "logLine1", "logLine2", "logLine3")


@pytest.mark.parametrize("broken", [False, True], ids=["works", "broken"])
def test_notification_has_the_last_log_lines(
    api: AwsApi, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    monkeypatch.setattr(main, "_LOG_GROUP", "/shop/tasks")
    if broken:
        monkeypatch.delattr(notification, "_log_lines")
    record = main.handler(FAILED)
    assert record is not None
    lines = ["starting / KeyError: 'DATABASE_URL'", "starting", "KeyError: 'DATABASE_URL'", " "]
    assert [record["notification"][key] for key in LOG_LINES] == (
        ["no container log"] * 4 if broken else lines
    )
