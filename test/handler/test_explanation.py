"""The message carries the decisive words, and no noise."""

from typing import Any

import pytest

from ecs_events import Event, task_event
from ecs_task_event_logger.handler.task_events.record import make_record

SCALING = "Scaling activity initiated by (deployment ecs-svc/1)"
EXITED = "Essential container in task exited"
STARTED = {"createdAt": "2026-11-01T10:00:00Z", "startedAt": "2026-11-01T10:00:20Z"}
SPOT = "Your Spot Task was interrupted."
TARGET_GROUP = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-tg/0123456789"


def record_of(*containers: Event, **detail: Any) -> Event:
    given = {"group": "family:job", "startedBy": "me", **detail}
    return make_record(task_event(*containers, **given))


def message(*containers: Event, **detail: Any) -> str:
    text: str = record_of(*containers, **detail)["message"]
    return text


class TestDecisiveWords:
    def test_names_the_image(self) -> None:
        reason = "CannotPullContainerError: pull image manifest has been retried 5 time(s)"
        app = {"name": "app", "image": "shop/app:v9", "reason": f"{reason}: not found"}
        text = message(app)
        assert text == (
            "web:6 never started: pull of image shop/app:v9 failed in container app: not found"
        )

    @pytest.mark.parametrize(
        ("reason", "name"),
        [
            (
                "ResourceInitializationError: unable to pull secrets or registry auth: execution "
                "resource retrieval failed: unable to retrieve secret from asm: service call has "
                "been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:"
                "111122223333:secret:shop/db-AbCdEf from secrets manager: AccessDeniedException: "
                "User is not authorized to perform: secretsmanager:GetSecretValue",
                "shop/db",
            ),
            (
                "ResourceInitializationError: unable to retrieve secrets from ssm: invalid "
                "parameters: /shop/db-url",
                "/shop/db-url",
            ),
            (
                "ResourceInitializationError: failed to validate logger args: create stream has "
                "been retried 1 times: failed to create Cloudwatch log stream: "
                "ResourceNotFoundException: The specified log group does not exist. "
                "Log group: /ecs/shop-web",
                "/ecs/shop-web",
            ),
            (
                "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS "
                "volumes: stderr: Failed to resolve fs-0123456789abcdef0.efs.eu-west-1.amazonaws."
                "com - check that your file system ID is correct",
                "fs-0123456789abcdef0",
            ),
        ],
    )
    def test_names_the_resource(self, reason: str, name: str) -> None:
        text = message(stopCode="TaskFailedToStart", stoppedReason=reason)
        assert name in text

    def test_resource_far_from_the_end_is_named(self) -> None:
        reason = (
            "unable to retrieve secret from asm: failed to fetch secret "
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-AbCdEf from secrets "
            "manager: operation error Secrets Manager: GetSecretValue, exceeded maximum number of "
            f"attempts, 3, https response error StatusCode: 0: {'x ' * 100}: i/o timeout"
        )
        text = message(stoppedReason=f"ResourceInitializationError: {reason}")
        assert text.startswith(
            "web:6 never started: secrets could not be fetched: shop/db-AbCdEf: 0: x x "
        )
        assert text.endswith("i/o timeout")

    @pytest.mark.parametrize(
        ("reason", "beginning"),
        [
            (
                "failed to initialize logging driver: log group: /ecs/shop",
                "log driver could not be set up in container app: /ecs/shop: ",
            ),
            (
                "failed to invoke EFS utils commands to set up EFS volumes: fs-0123456789abcdef0",
                "volume could not be mounted: fs-0123456789abcdef0: ",
            ),
        ],
    )
    def test_other_resources_far_from_the_end_are_named(self, reason: str, beginning: str) -> None:
        ends = f"{'x' * 150}: {'y' * 150}: the end"
        text = message(stoppedReason=f"ResourceInitializationError: {reason}: {ends}")
        assert text == f"web:6 never started: {beginning}{'y' * 150}: the end"

    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            (f"Task failed ELB health checks in (target-group {TARGET_GROUP})", "shop-tg"),
            (
                f"Task failed ELB health checks in (target-group {TARGET_GROUP}) due to (reason "
                "Health checks failed with these codes: [502])",
                "shop-tg, codes 502",
            ),
            (
                f"Task failed ELB health checks in (target-group {TARGET_GROUP}) due to (reason "
                "Request timed out)",
                "shop-tg, Request timed out",
            ),
        ],
    )
    def test_names_the_target_group_and_what_it_saw(self, reason: str, words: str) -> None:
        text = message(
            {"name": "app", "exitCode": 143},
            group="service:web",
            stopCode="ServiceSchedulerInitiated",
            stoppedReason=reason,
        )
        assert text == f"web:6 STOPPED: load balancer health check failed: target group {words}"

    def test_names_the_memory_limit(self) -> None:
        oom = "OutOfMemoryError: Container killed due to memory usage"
        app = {"name": "app", "exitCode": 137, "reason": oom}
        assert "(exit code 137; limit 512 MiB)" in message(app)
        assert "limit 64 MiB" in message({**app, "memory": "64"})
        assert "limit" not in message(app, memory="null")
        assert "(limit 512 MiB)" in message({"name": "app", "reason": oom})

    def test_quotes_the_container_if_the_cause_is_unknown(self) -> None:
        text = message({"name": "app", "reason": "Some odd thing"}, stoppedReason=None)
        assert text.endswith("cause unknown: Some odd thing")

    def test_quotes_the_container_if_the_exit_code_is_missing(self) -> None:
        app = {"name": "app", "reason": "Some odd thing"}
        text = message(app, stopCode="EssentialContainerExited", stoppedReason=EXITED)
        assert text.endswith(": Some odd thing")

    @pytest.mark.parametrize("code", [137, 1])
    def test_exit_code_next_to_a_failed_pull_is_left_out(self, code: int) -> None:
        reason = "CannotPullContainerError: shop/app:v9: not found"
        text = message({"name": "app", "exitCode": code, "reason": reason}, stoppedReason=None)
        assert "pull of image" in text
        assert "exit code" not in text

    @pytest.mark.parametrize(
        "noise",
        ["status code: 400, request id: 0a1b-2c3d", "has been retried 3 time(s)", "Error response"],
    )
    def test_noise_is_left_out(self, noise: str) -> None:
        reason = (
            "CannotPullContainerError: Error response from daemon: pull has been retried 3 "
            "time(s): shop/app:v9: not found, status code: 400, request id: 0a1b-2c3d"
        )
        text = message({"name": "app", "reason": reason})
        assert noise not in text
        assert "not found" in text

    def test_reason_that_says_nothing_is_not_quoted(self) -> None:
        text = message({"name": "app", "exitCode": 3}, stoppedReason=EXITED, **STARTED)
        assert text.endswith("application error in container app (exit code 3)")

    @pytest.mark.parametrize(
        ("reason", "end"),
        [
            (
                "ResourceInitializationError: failed to invoke EFS utils commands: stderr: "
                "mount.nfs4: Connection timed out : unsuccessful EFS utils command execution; "
                "code: 32",
                "mount.nfs4: Connection timed out",
            ),
            (
                "ResourceInitializationError: unable to retrieve secret from asm: service call has "
                "been retried 5 time(s): RequestCanceled: context deadline exceeded",
                ": unable to retrieve secret from asm: RequestCanceled: context deadline exceeded",
            ),
            (
                "CannotPullContainerError: pull access denied for shop/app, see https://a/b",
                "container app: pull access denied for shop/app, see https://a/b",
            ),
            (
                "ResourceInitializationError: ResourceInitializationError: setup failed. See "
                "https://docs.aws.amazon.com/a for more detail. And more.",
                "initialization failed: setup failed",
            ),
            (
                "ResourceInitializationError: execution resource retrieval failed: unable to "
                "retrieve secrets from ssm: invalid parameters: /shop/db-url, and /shop/api-url",
                "fetched: unable to retrieve secrets from ssm: invalid parameters: /shop/db-url, "
                "and /shop/api-url",
            ),
            (
                "ResourceInitializationError: failed to validate logger args: create stream has "
                "been retried 1 times: failed to create log stream: log group /ecs/web: not found",
                "set up in container app: failed to validate logger args: create stream has been "
                "retried 1 times: failed to create log stream: log group /ecs/web: not found",
            ),
            ("Task failed container health checks", "health check failed in container app"),
            ("OutOfMemoryError", "out of memory in container app (limit 512 MiB)"),
            ("Essential container in task exited.", "in container app (exit code unknown)"),
            ("OutOfMemoryError: Container killed due to memory usage", "(limit 512 MiB)"),
        ],
    )
    def test_ends_with_the_decisive_words(self, reason: str, end: str) -> None:
        assert message({"name": "app"}, stoppedReason=reason).endswith(end)

    @pytest.mark.parametrize(
        ("detail", "text"),
        [
            ({"stopCode": "UserInitiated", "stoppedReason": "by Jo"}, "STOPPED on request: by Jo"),
            (
                {"stopCode": "ServiceSchedulerInitiated", "stoppedReason": SCALING},
                "STOPPED by the service scheduler",
            ),
        ],
    )
    def test_stop_on_request_is_said_once(self, detail: Event, text: str) -> None:
        assert message({"name": "app", "exitCode": 143}, **detail) == f"web:6 {text}"

    @pytest.mark.parametrize("code", [129, 255 - 64, 192])
    def test_linux_has_signals(self, code: int) -> None:
        text = message({"name": "app", "exitCode": code}, stoppedReason=EXITED)
        assert text.startswith(
            f"web:6 STOPPED: killed by a signal in container app (exit code {code}"
        )

    @pytest.mark.parametrize(
        ("code", "words"), [(125, "125"), (126, "126, command not executable")]
    )
    def test_exit_codes_have_names(self, code: int, words: str) -> None:
        text = message({"name": "app", "exitCode": code}, stoppedReason=EXITED)
        assert text == f"web:6 STOPPED: application error in container app (exit code {words})"

    def test_exit_code_in_the_reason_is_not_called_unknown(self) -> None:
        text = message({"name": "app"}, stoppedReason=f"{EXITED} (exit code 3)")
        assert text == (
            "web:6 STOPPED: application error in container app: "
            "Essential container in task exited (exit code 3)"
        )

    def test_scheduler_gives_other_reasons_in_its_own_words(self) -> None:
        text = message(
            {"name": "app"},
            stopCode="ServiceSchedulerInitiated",
            stoppedReason="Newer service deployment",
            startedAt="2026-11-01T10:00:00Z",
        )
        assert text == "web:6 STOPPED by the service scheduler: Newer service deployment"

    def test_program_on_windows_crashes_without_a_signal(self) -> None:
        text = message({"name": "app", "exitCode": 0xC0000005}, stoppedReason=EXITED)
        assert text == (
            "web:6 STOPPED: crashed in container app (exit code 0xC0000005, access violation)"
        )

    @pytest.mark.parametrize("code", [0xC000013A, 0xC000013A - 2**32])
    def test_program_on_windows_that_was_told_to_stop_has_not_crashed(self, code: int) -> None:
        text = message({"name": "app", "exitCode": code}, stoppedReason=EXITED)
        assert text == (
            "web:6 STOPPED: ended in container app (exit code 0xC000013A, told to stop)"
        )

    def test_names_only_the_containers_that_did_the_work(self) -> None:
        containers = [{"name": name, "exitCode": 0} for name in ("job", "vmagent")]
        assert message(*containers, stoppedReason=EXITED).endswith("container job exited with 0")


class TestLength:
    @pytest.mark.parametrize(("length", "is_whole"), [(208, True), (210, True), (211, False)])
    def test_text_of_ecs_is_whole_up_to_220_characters(self, length: int, is_whole: bool) -> None:
        text = message(stoppedReason=f"{'x' * 5}: {'y' * length}: end")
        assert text.endswith(": " + "y" * length + ": end")
        assert ("xxxxx" in text) is is_whole

    def test_long_text_of_ecs_keeps_its_end(self) -> None:
        reason = ": ".join(["CannotPullContainerError", *["x" * 50] * 20, "the end"])
        text = message(stoppedReason=reason)
        assert text.endswith(": ".join(["failed in container app", *["x" * 50] * 4, "the end"]))

    def test_long_words_of_a_user_keep_their_beginning(self) -> None:
        words = "The beginning: " + "because " * 200
        text = message(stopCode="UserInitiated", stoppedReason=words)
        assert text.endswith(f"on request: {words[:440]}…")
        assert message(stopCode="UserInitiated", stoppedReason="x" * 441).endswith("x" * 440 + "…")
        words = words[:440].strip()
        assert message(stopCode="UserInitiated", stoppedReason=words).endswith(words)

    @pytest.mark.parametrize("cause", ["CannotPullContainerError", "Wibble", SPOT])
    def test_long_text_keeps_what_was_not_allowed(self, cause: str) -> None:
        denied = "AccessDeniedException: User: arn:a is not authorized to perform: b"
        text = message(stoppedReason=f"{cause}: {denied}: {'x' * 150}: {'y' * 60}: the end")
        assert "User: arn:a is not authorized to perform" in text or "AccessDenied" in text
        assert text.endswith(": the end")

    @pytest.mark.parametrize("unit", ["arn:", " due to (reason ", "arn:a:targetgroup/"])
    def test_no_text_takes_long_to_shorten(self, unit: str) -> None:
        assert len(message(stopCode="TaskFailedToStart", stoppedReason=unit * 60_000)) < 700

    @pytest.mark.parametrize("cause", ["CannotPullContainerError", "Wibble", SPOT])
    def test_text_without_a_place_to_cut_is_cut_all_the_same(self, cause: str) -> None:
        assert len(message(stoppedReason=f"{cause} {'x' * 3000}")) < 700

    def test_words_of_a_user_stand_on_one_line(self) -> None:
        text = message(stopCode="UserInitiated", stoppedReason="first\n  second")
        assert text.endswith("first second")


SECRETS = [
    "password=hunter2abc",
    "https://me:hunter2abc@registry.example.com/",
    "Authorization: Bearer hunter2abchunter2abc",
]


class TestMasking:
    @pytest.mark.parametrize("length", range(380, 440, 5))
    def test_cut_leaves_no_part_of_a_credential(self, length: int) -> None:
        text = "x" * length + " postgres://admin:hunter2longpw@db"
        record = record_of(stopCode="UserInitiated", stoppedReason=text)
        assert "hunter2" not in str(record)

    @pytest.mark.parametrize("secret", SECRETS)
    @pytest.mark.parametrize(
        "detail",
        [
            {"stoppedReason": "{}"},
            {"stoppedReason": "CannotPullContainerError: {}"},
            {"stoppedReason": "CannotPullContainerError: " + "x: " * 300 + "{}"},
            {"stoppedReason": "{}", "stopCode": "UserInitiated"},
            {"stoppedReason": "unable to retrieve secret from asm: :secret:{}: " + "x" * 300},
            {"stoppedReason": "failed to initialize logging driver: log group: /{}"},
            {"containers": [{"name": "app", "reason": "{}"}]},
            {"containers": [{"name": "app", "image": "{}", "reason": "CannotPullContainer"}]},
            {
                "attachments": [
                    {
                        "type": "eni",
                        "status": "FAILED",
                        "details": [{"name": "statusReason", "value": "{}"}],
                    }
                ]
            },
        ],
    )
    def test_no_credential_reaches_the_record(self, detail: Event, secret: str) -> None:
        filled = fill(detail, secret)
        assert "hunter2" not in str(record_of(**filled))


def fill(value: Any, secret: str) -> Any:
    if isinstance(value, list):
        return [fill(each, secret) for each in value]
    if isinstance(value, dict):
        return {key: fill(each, secret) for key, each in value.items()}
    return value.replace("{}", secret)


class TestSafeCharacters:
    @pytest.mark.parametrize("text", ["<!channel> now", "<@U0123>", "<https://a|b>", 'a "b" \\c'])
    @pytest.mark.parametrize("code", ["UserInitiated", None])
    def test_nothing_reads_as_a_mention_or_breaks_json(self, code: str | None, text: str) -> None:
        record = record_of({"name": "app", "reason": text}, stopCode=code, stoppedReason=text)
        assert not set('<>"\\') & set(record["message"])
        assert record["stoppedReason"] == text


class TestInProgress:
    """Before STOPPED, the wish to stop is never silent."""

    @pytest.mark.parametrize("status", ["PENDING", "RUNNING", "DEACTIVATING", "STOPPING"])
    def test_says_who_stops_it(self, status: str) -> None:
        detail = {"lastStatus": status, "stopCode": "UserInitiated", "stoppedReason": "by Jo"}
        text = message({"name": "app"}, **detail)
        assert text == "web:6 is being stopped on request: by Jo"

    @pytest.mark.parametrize("status", ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"])
    def test_says_so_without_a_reason(self, status: str) -> None:
        text = message({"name": "app"}, lastStatus=status)
        assert text.startswith("web:6 is being stopped")
        assert "waiting for containers to start" not in text

    def test_just_started_task_says_so_too(self) -> None:
        text = message({"name": "app"}, lastStatus="RUNNING", stoppedReason=SCALING, **STARTED)
        assert text.startswith("web:6 is being stopped by the service scheduler")

    def test_failure_in_progress_is_a_warning(self) -> None:
        record = record_of({"name": "app", "exitCode": 3}, lastStatus="STOPPING", **STARTED)
        assert record["message"].startswith("web:6 is being stopped: application error in")
        assert (record["level"], record["failed"]) == ("WARN", True)

    def test_spot_notice_has_no_outcome_yet(self) -> None:
        record = record_of(lastStatus="RUNNING", stoppedReason=SPOT, **STARTED)
        assert record["cause"] == "SPOT_INTERRUPTION"
        assert record["level"] == "WARN"
        assert not {"failed", "remedy"} & record.keys()
        assert record["message"].startswith("web:6 is being stopped: Spot")


STOPPED = {"createdAt": "2026-11-01T10:00:00Z", "stoppedAt": "2026-11-01T10:03:00Z"}


class TestNeverStarted:
    def test_says_how_long_it_existed(self) -> None:
        reason = "ResourceInitializationError: unable to assume role 'a'"
        text = message(stopCode="TaskFailedToStart", stoppedReason=reason, **STOPPED)
        assert text.startswith("web:6 never started, stopped 3m 0s after it was created: ")

    def test_after_counts_the_run_alone(self) -> None:
        times = {**STARTED, "executionStoppedAt": "2026-11-01T10:00:50Z", **STOPPED}
        assert "STOPPED after 30s: " in message({"name": "app", "exitCode": 1}, **times)

    @pytest.mark.parametrize("reason", [SPOT, SCALING, "Host EC2 (instance i-0) terminated."])
    def test_event_that_is_cut_short_denies_no_start(self, reason: str) -> None:
        text = message(stopCode=None, stoppedReason=reason, createdAt=None)
        assert text.startswith("web:6 STOPPED")
        assert message(stopCode=None, stoppedReason=reason).startswith("web:6 never started")

    def test_exit_code_shows_that_it_started(self) -> None:
        text = message({"name": "app", "exitCode": 1}, **STOPPED)
        assert text.startswith("web:6 STOPPED: ")

    @pytest.mark.parametrize(
        ("detail", "words"),
        [
            ({}, "no image pull began"),
            ({"pullStartedAt": "2026-11-01T10:00:10Z"}, None),
            ({"connectivity": "DISCONNECTED"}, "the agent is disconnected, no image pull began"),
            ({"launchType": "EC2"}, "it was never placed on an instance"),
            ({"launchType": "EC2", "containerInstanceArn": "arn:i"}, "no image pull began"),
        ],
    )
    def test_bare_failure_says_what_the_event_shows(self, detail: Event, words: str | None) -> None:
        reason = "Task failed to start"
        record = record_of(stopCode="TaskFailedToStart", stoppedReason=reason, **detail)
        facts = f"ECS gives no reason, {words}" if words else "ECS gives no reason"
        assert record["message"] == f"web:6 never started: cause unknown: {facts}"
        for place in ("events", "capacity", "network interfaces", "agent"):
            assert place in record["remedy"]

    @pytest.mark.parametrize(
        ("kind", "cause"),
        [
            ("ElasticNetworkInterface", "NETWORK"),
            ("AmazonElasticBlockStorage", "STORAGE"),
            ("ebs", "STORAGE"),
            ("FsxVolume", "STORAGE"),
        ],
    )
    def test_failed_attachment_is_evidence(self, kind: str, cause: str) -> None:
        attachment: Event = {"type": kind, "status": "FAILED"}
        attached = {"type": "ElasticNetworkInterface", "status": "ATTACHED"}
        record = record_of(attachments=[attached, attachment])
        assert record["cause"] == cause
        assert record["message"].endswith(f": attachment {kind} failed: ECS gives no reason")
        attachment["details"] = [{"name": "statusReason", "value": "no such subnet"}]
        record = record_of(attachments=[attachment])
        assert record["message"].endswith(f": attachment {kind} failed: no such subnet")

    @pytest.mark.parametrize("code", [127, 128])
    def test_container_that_could_not_start_never_started(self, code: int) -> None:
        reason = "CannotStartContainerError: OCI runtime create failed: exec: no such file"
        app = {"name": "app", "exitCode": code, "reason": reason}
        text = message(app, stopCode="TaskFailedToStart", **STOPPED)
        assert text.startswith("web:6 never started, stopped 3m 0s after it was created: start")

    @pytest.mark.parametrize("code", ["UserInitiated", "ServiceSchedulerInitiated", None])
    def test_failed_attachment_explains_no_other_cause(self, code: str | None) -> None:
        app = {"name": "app", "exitCode": 1}
        text = message(app, stopCode=code, attachments=[{"type": "eni", "status": "FAILED"}])
        assert "attachment" not in text

    def test_pull_that_began_is_not_denied(self) -> None:
        text = message(stoppedReason="Task failed to start", pullStartedAt="2026-11-01T10:00:10Z")
        assert "image pull" not in text


class TestEvidence:
    """An application's own text is no text of ECS, and users write what they like."""

    @pytest.mark.parametrize(
        "text",
        [
            "npm_config_registry is not set",
            "could not connect to db: connection refused",
            "network could not be set up",
            "failed to read secret from volume",
            "Disk is full, out of memory, permission denied",
            "API error: 401 Unauthorized from registry.example.com",
            "InternalError: payment gateway",
            "Misconfiguration: DATABASE_URL missing",
            "Resource: subnet config missing",
            "Error: image not found in bucket",
            "Task failed to start worker: secretsmanager: AccessDenied",
            "OOM score adjusted; connection refused",
        ],
    )
    def test_text_of_an_application_is_no_evidence(self, text: str) -> None:
        exited = {"stopCode": "EssentialContainerExited", "stoppedReason": EXITED}
        record = record_of({"name": "app", "exitCode": 1, "reason": text}, **exited)
        assert record["cause"] == "APPLICATION_ERROR"
        assert (record["culprit"], record["exitCode"]) == ("app", 1)

    @pytest.mark.parametrize(
        "text",
        [
            *("Moved to the new registry", "A new secret, so restarted", "Subnet move"),
            *("Volume resized", "Placement constraints changed", "Log group renamed"),
        ],
    )
    def test_word_in_passing_is_no_evidence(self, text: str) -> None:
        assert record_of({"name": "app"}, stoppedReason=text)["cause"] == "UNKNOWN"
        told = record_of({"name": "app", "exitCode": 143}, stoppedReason=text)
        assert told["cause"] == "USER_STOPPED"
        assert record_of({"name": "app", "reason": text})["cause"] == "UNKNOWN"
        told = record_of({"name": "app", "exitCode": 143}, stoppedReason=f"{text}: unavailable")
        assert told["cause"] == "SIGNAL"

    @pytest.mark.parametrize(
        "words",
        [
            *("Agent updated", "agent: rolling restart", "New secret, restarting", "Subnet move"),
            *("OutOfMemoryError seen in prod", "draining for maintenance", "spot test"),
            *("Task failed container health checks so I killed it", "Spotted a bug, terminated"),
            *("Deployment rollback by Jo", "Task failed my review", "capacity is unavailable"),
        ],
    )
    def test_words_of_a_user_are_quoted(self, words: str) -> None:
        record = record_of({"name": "app", "exitCode": 137}, **by_user(words))
        assert (record["cause"], record["failed"]) == ("USER_STOPPED", False)
        assert record["message"].endswith(words)

    @pytest.mark.parametrize(
        ("words", "cause", "failed"),
        [
            ("Container instance deregistration forced by user", "HOST_FAILURE", True),
            ("Job attempt duration exceeded timeout", "TIMEOUT", True),
        ],
    )
    def test_stop_by_the_platform_is_no_stop_by_a_user(
        self, words: str, cause: str, failed: bool
    ) -> None:
        record = record_of({"name": "app", "exitCode": 137}, **by_user(words))
        assert (record["cause"], record["failed"]) == (cause, failed)

    @pytest.mark.parametrize("exit_code", [None, 137, 143])
    def test_unhealthy_container_explains_a_stop_without_a_reason(
        self, exit_code: int | None
    ) -> None:
        agent = {"name": "agent", "healthStatus": "UNHEALTHY", "exitCode": exit_code}
        agent = {key: value for key, value in agent.items() if value is not None}
        record = record_of({"name": "app", "healthStatus": "HEALTHY"}, agent)
        assert (record["cause"], record["culprit"]) == ("CONTAINER_HEALTH_CHECK", "agent")

    @pytest.mark.parametrize(
        ("kind", "cause"),
        [
            ("ElasticNetworkInterface", "NETWORK"),
            ("eni", "NETWORK"),
            ("AmazonElasticBlockStorage", "STORAGE"),
        ],
    )
    def test_failed_attachment_explains_a_stop_without_a_reason(
        self, kind: str, cause: str
    ) -> None:
        attachments = [{"id": "a", "type": kind, "status": "FAILED", "details": []}]
        record = record_of(attachments=attachments)
        assert (record["cause"], record["failed"]) == (cause, True)
        assert kind in record["message"]

    @pytest.mark.parametrize(
        ("kind", "reason", "remedy"),
        [
            (
                "ElasticNetworkInterface",
                "InsufficientFreeAddressesInSubnet",
                "The subnet is out of IP addresses",
            ),
            (
                "AmazonElasticBlockStorage",
                "ECS was unable to assume the infrastructure role",
                "Check the ECS infrastructure role",
            ),
            ("AmazonElasticBlockStorage", "", "Check the EBS volume's Availability Zone"),
        ],
    )
    def test_remedy_fits_the_reason_of_a_failed_attachment(
        self, kind: str, reason: str, remedy: str
    ) -> None:
        attachment = {"type": kind, "status": "FAILED", "statusReason": reason}
        record = record_of(attachments=[attachment])
        assert record["remedy"].startswith(remedy)
        assert reason in record["message"]

    def test_reason_of_a_failed_attachment_follows_the_reason_of_the_task(self) -> None:
        attachment = {
            "type": "AmazonElasticBlockStorage",
            "status": "FAILED",
            "statusReason": "ECS was unable to assume the infrastructure role",
        }
        why = "Timed out waiting for EBS volume attachment"
        record = record_of(attachments=[attachment], stoppedReason=why)
        assert record["message"].endswith(
            f"{why}; attachment AmazonElasticBlockStorage failed: "
            "ECS was unable to assume the infrastructure role"
        )


class TestOtherContainers:
    """Any essential container ends a task, so the message names each main one that failed."""

    def test_main_container_failed_beside_a_helper_that_ran_out_of_memory(self) -> None:
        otel = {"name": "otel-collector", "exitCode": 137, "reason": "OutOfMemoryError: killed"}
        record = record_of({"name": "etl", "exitCode": 1}, otel, stoppedReason=EXITED)
        assert (record["cause"], record["culprit"]) == ("OUT_OF_MEMORY", "otel-collector")
        assert record["message"].endswith("; container etl exited with 1")

    def test_two_main_containers_failed(self) -> None:
        api, worker = {"name": "api", "exitCode": 1}, {"name": "worker", "exitCode": 2}
        text = message(api, worker, stoppedReason=EXITED)
        assert text.endswith("in container api (exit code 1); container worker exited with 2")

    def test_message_leaves_out_containers_that_were_stopped(self) -> None:
        others = [
            {"name": "worker", "exitCode": 143},
            {"name": "done", "exitCode": 0},
            {"name": "cloudwatch-agent", "exitCode": 2},
        ]
        text = message({"name": "api", "exitCode": 1}, *others, stoppedReason=EXITED)
        assert text.endswith("in container api (exit code 1)")


def by_user(words: str) -> Event:
    return {"stopCode": "UserInitiated", "stoppedReason": words}


class TestRemedies:
    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            ("CannotStartContainerError: container init was OOM-killed", ("memory",)),
            (
                "ResourceInitializationError: failed to download FireLens s3 config: NoSuchKey",
                ("S3", "task role"),
            ),
            ("HostConfigError: Link target not available: db", ("link",)),
            (
                "Canceled by JobStateTimeLimit action due to reason: "
                "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
                ("compute environment",),
            ),
            (
                "The task cannot find the Amazon CloudWatch log group. There is a connection issue "
                "between the task and Amazon CloudWatch.",
                ("route to CloudWatch Logs",),
            ),
            (
                "CannotCreateContainerError: Cannot connect to the Docker daemon",
                ("Docker daemon", "instance"),
            ),
            (
                "CannotPullContainerError: error during connect: this error may indicate that the "
                "docker daemon is not running",
                ("Docker daemon", "instance"),
            ),
        ],
    )
    def test_remedy_fits_the_reason(self, reason: str, words: tuple[str, ...]) -> None:
        remedy = record_of({"name": "app", "reason": reason}, stoppedReason=None)["remedy"]
        for word in words:
            assert word in remedy

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            (126, "executable"),
            (127, "exist in the image"),
            (159, "system call"),
            (0xC0000135, "DLL"),
            (0xC0000005, "crashed"),
        ],
    )
    def test_remedy_fits_the_exit_code(self, code: int, words: str) -> None:
        record = record_of({"name": "app", "exitCode": code}, stoppedReason=EXITED)
        assert words in record["remedy"]
