"""What messages say beyond the record: texts that are safe, and links."""

import json
import re
import sys
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given

from ecs_events import (
    EVERY_TYPE,
    Event,
    check,
    daemon_action,
    daemon_deployment,
    deployment,
    health,
    hook,
    instance,
    service_action,
    task_event,
)
from ecs_task_event_logger.handler.task_events import links, main, notification
from ecs_task_event_logger.handler.task_events.notification import add_notification
from ecs_task_event_logger.handler.task_events.record import make_record
from mutations import SECRET, json_values, mutated_events

LOG_GROUP = "/shop/tasks"
FAILED = task_event({"name": "app", "exitCode": 1}, stoppedAt="2026-11-01T10:05:00Z")


@pytest.fixture(autouse=True)
def _place_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setattr(links, "_now", lambda: datetime(2026, 11, 1, 10, 5, 1, tzinfo=UTC))


def notify(event: Any) -> dict[str, str]:
    record = make_record(event)
    add_notification(record, LOG_GROUP)
    added: dict[str, str] = record.get("notification", {})
    return added


@pytest.mark.parametrize(
    ("event", "title", "remedy"),
    [
        (FAILED, "Task failed: shop / web", "Read the container"),
        (task_event({"name": "app", "exitCode": 0}), "Task stopped: shop / web", "Read its lines"),
        (
            task_event(stopCode="UserInitiated", stoppedReason="Task stopped by user"),
            "Task stopped: shop / web",
            "Nothing has to be done.",
        ),
        (
            task_event({"name": "app", "exitCode": 1}, group="family:job"),
            "Task failed: shop / web",
            "Read the container",
        ),
        (
            service_action("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", reason="RESOURCE:MEMORY"),
            "Task not placed: shop / web",
            "No instance has what the task needs",
        ),
        (
            service_action("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", reason="AGENT"),
            "Task not placed: shop / web",
            "Check that the agents of the instances are connected",
        ),
        (
            service_action("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", reason="ATTRIBUTE"),
            "Task not placed: shop / web",
            "Compare the placement constraints",
        ),
        (
            service_action("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", reason="RESOURCE:FARGATE"),
            "Task not placed: shop / web",
            "Try again, add Availability Zones, or let FARGATE",
        ),
        (
            service_action("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", reason="memberOf"),
            "Task not placed: shop / web",
            "Compare the placement constraints",
        ),
        (
            service_action(
                "SERVICE_TASK_PLACEMENT_FAILURE",
                "ERROR",
                reason="is already using a port required by your task",
            ),
            "Task not placed: shop / web",
            "The host port is taken",
        ),
        (
            service_action(
                "SERVICE_TASK_PLACEMENT_FAILURE",
                "ERROR",
                reason="ECS was unable to assume the role that was provided for this task",
            ),
            "Task not placed: shop / web",
            "Check the role's trust policy",
        ),
        (
            service_action(
                "SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", reason="TaskDefinition is INACTIVE"
            ),
            "Task not placed: shop / web",
            "Read the reason: more capacity helps only if it says so.",
        ),
        (
            service_action("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR"),
            "Task not placed: shop / web",
            "Try again, or add Availability Zones",
        ),
        (
            service_action("SERVICE_DEPLOYMENT_FAILED", "ERROR"),
            "Deployment failed: shop / web",
            "Look at the tasks that the deployment started",
        ),
        (
            service_action("SERVICE_TASK_START_IMPAIRED", "WARN"),
            "Tasks do not start: shop / web",
            "Look at the service's last stopped tasks",
        ),
        (
            deployment("SERVICE_DEPLOYMENT_FAILED", "tasks failed to start.", "ERROR"),
            "Deployment failed: shop / web",
            "Look at the tasks that the deployment started",
        ),
        (hook("HOOK_FAILED", "AWS_LAMBDA"), "Deployment hook failed: shop / web", "Look at the lo"),
        (
            hook("HOOK_TIMED_OUT"),
            "Deployment hook failed: shop / web",
            "Continue the deployment or",
        ),
        (hook("HOOK_AWAITING_ACTION"), "ECS warning: shop / web", "Continue the deployment or"),
        (
            instance("REGISTRATION_FAILED"),
            "Instance could not join: shop / i-0abc",
            "Check ENI trunking",
        ),
        (
            instance("ACTIVE", agentConnected=False),
            "Agent disconnected: shop / i-0abc",
            "Check the instance, its role",
        ),
        (
            health("IMPAIRED", check("CONTAINER_RUNTIME", "IMPAIRED")),
            "Instance impaired: shop / i-0abc",
            "Drain and replace the instance",
        ),
        (daemon_action("TASK_FAILED_TO_RUN"), "Daemon impaired: shop / agent", "Look at the tasks"),
        (
            daemon_action("TASK_CREATION_FAILED", reason="RESOURCE:CPU"),
            "Daemon impaired: shop / agent",
            "No instance has what the task needs",
        ),
        (
            daemon_deployment("DAEMON_DEPLOYMENT_ROLLBACK_FAILED"),
            "Daemon rollback failed: shop / agent",
            "Look at the tasks",
        ),
        (
            daemon_deployment("DAEMON_DEPLOYMENT_FAILED", "ERROR"),
            "Daemon deployment failed: shop / agent",
            "Look at the tasks",
        ),
    ],
)
def test_says_what_failed_and_what_to_do(event: Event, title: str, remedy: str) -> None:
    added = notify(event)
    assert added["title"] == title
    assert added["remedy"].startswith(remedy)
    assert added["message"] == make_record(event)["message"].rstrip(".")
    assert (added["account"], added["region"]) == ("111122223333", "eu-west-1")
    assert added["time"] == "2026-11-01T10:05:00Z"


@pytest.mark.parametrize(
    ("event", "kind", "name"),
    [
        (FAILED, "Service", "web"),
        (task_event({"name": "app", "exitCode": 1}, group="batch"), "Task family", "web"),
        (
            task_event({"name": "app", "exitCode": 1}, group=None, taskDefinitionArn=None),
            "Task",
            "0123456789abcdef0123456789abcdef",
        ),
        (daemon_action("TASK_FAILED_TO_RUN"), "Daemon", "agent"),
        (instance("ACTIVE", agentConnected=False), "Container instance", "i-0abc"),
        (
            instance("ACTIVE", agentConnected=False, ec2InstanceId=None),
            "Container instance",
            "2dd1b186f39845a584488d2ef155c131",
        ),
        (
            {**deployment("SERVICE_DEPLOYMENT_FAILED", "x", "ERROR"), "resources": []},
            "Service",
            "unknown",
        ),
    ],
)
def test_names_what_failed_by_its_kind(event: Event, kind: str, name: str) -> None:
    added = notify(event)
    assert (added["kind"], added["name"]) == (kind, name)


@pytest.mark.parametrize(
    "event",
    [task_event({"name": "app"}, lastStatus="RUNNING", desiredStatus="RUNNING"), *EVERY_TYPE],
)
def test_lines_that_no_notification_is_about_get_nothing(event: Event) -> None:
    assert bool(notify(event)) is (make_record(event)["level"] != "INFO")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("see https://evil.example", "see https:/ /evil.example"),
        ("[press](https://evil.example)", "[press] (https:/ /evil.example)"),
        ("<!channel> <@U123> <https://a|b>", "(!channel) (@U123) (https:/ /a|b)"),
        ('"},{"text":"', "'},{'text':'"),
        ("back\\slash", "back/slash"),
        ("two\nlines\u2028three", "two lines three"),
        (
            "www.evil.example or mailto:a@evil.example",
            "www .evil.example or mailto :a@evil.example",
        ),
    ],
)
def test_what_people_wrote_is_only_text(written: str, shown: str) -> None:
    added = notify(task_event(stopCode="UserInitiated", stoppedReason=written))
    assert shown in added["message"]


def query_of(url: str) -> dict[str, str]:
    """Return what a link to Logs Insights asks for, as the console reads it."""
    page, _, detail = urlsplit(url).fragment.partition("$3FqueryDetail$3D")
    assert page == "logsV2:logs-insights"
    decoded = unquote(detail.replace("$", "%"))
    assert decoded.startswith("~(")
    assert decoded.endswith("))")
    keys_and_values = decoded.removeprefix("~(").removesuffix("))").split("~")
    keys_and_values.remove("(")  # the list of log groups
    keys, values = keys_and_values[::2], keys_and_values[1::2]
    return {
        key: unquote(value.removeprefix("'").replace("*", "%"))
        for key, value in zip(keys, values, strict=True)
    }


class TestLinks:
    @pytest.mark.parametrize(
        ("event", "condition"),
        [
            (FAILED, 'taskId = "0123456789abcdef0123456789abcdef"'),
            (
                deployment("SERVICE_DEPLOYMENT_FAILED", "x", "ERROR"),
                'service = "web" and cluster = "shop" and account = "111122223333" and '
                'region = "eu-west-1"',
            ),
            (daemon_deployment("DAEMON_DEPLOYMENT_ROLLBACK_FAILED"), 'daemon = "agent" and clu'),
            (health("IMPAIRED"), 'ec2InstanceId = "i-0abc"'),
        ],
    )
    def test_lines_are_those_of_the_same_task_or_service(
        self, event: Event, condition: str
    ) -> None:
        query = query_of(notify(event)["linesUrl"])
        assert f"| filter {condition}" in query["editorString"]
        assert query["source"] == LOG_GROUP
        assert query["timeType"] == "ABSOLUTE"

    @pytest.mark.parametrize(
        ("created", "start"),
        [
            ("2026-11-01T10:00:00Z", "2026-10-31T10:05:00.000Z"),
            ("2026-08-01T10:00:00Z", "2026-08-01T10:00:00.000Z"),
        ],
    )
    def test_times_reach_from_the_tasks_creation_to_after_the_event(
        self, created: str, start: str
    ) -> None:
        query = query_of(
            notify(task_event(createdAt=created, stoppedAt="2026-11-01T10:05:00Z"))["linesUrl"]
        )
        assert (query["start"], query["end"]) == (start, "2026-11-01T11:05:01.000Z")

    def test_times_reach_to_a_line_that_is_late(self, monkeypatch: pytest.MonkeyPatch) -> None:
        late = datetime(2026, 11, 2, 9, tzinfo=UTC)
        monkeypatch.setattr(links, "_now", lambda: late)
        assert query_of(notify(FAILED)["linesUrl"])["end"] == "2026-11-02T10:00:00.000Z"

    def test_links_that_slack_would_refuse_are_shorter(self) -> None:
        name = 255 * "é"
        record = make_record(task_event(taskArn=f"x:task/{name}", clusterArn=f"x:cluster/{name}"))
        add_notification(record, "/" * 512)
        added = record["notification"]
        assert added["linesUrl"].endswith("#logsV2:logs-insights")
        assert added["consoleUrl"].endswith("/ecs/v2/clusters?region=eu-west-1")

    @pytest.mark.parametrize("time", [None, "soon", "2026-11-01T10:05:00"])
    def test_lines_of_an_event_without_a_time_are_of_any_time(self, time: str | None) -> None:
        query = query_of(notify({**FAILED, "time": time})["linesUrl"])
        assert query["start"].startswith("1970")

    def test_query_cannot_be_extended_by_a_name(self) -> None:
        reason = {"serviceArn": None, "serviceName": 'web" or 1=1 \\'}
        event = service_action("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR", **reason)
        query = query_of(notify({**event, "resources": []})["linesUrl"])
        assert query["editorString"].count('"') == 8

    @pytest.mark.parametrize(
        ("event", "path"),
        [
            (FAILED, "shop/tasks/0123456789abcdef0123456789abcdef/configuration"),
            (service_action("SERVICE_TASK_START_IMPAIRED", "WARN"), "shop/services/web/health"),
            (
                deployment("SERVICE_DEPLOYMENT_FAILED", "x", "ERROR"),
                "shop/services/web/deployments",
            ),
            (
                health("IMPAIRED"),
                "shop/infrastructure/container-instances/2dd1b186f39845a584488d2ef155c131",
            ),
            (daemon_deployment("DAEMON_DEPLOYMENT_ROLLBACK_FAILED"), "shop"),
        ],
    )
    def test_console_shows_the_resource(self, event: Event, path: str) -> None:
        assert notify(event)["consoleUrl"] == (
            f"https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/{path}?region=eu-west-1"
        )

    @pytest.mark.parametrize(
        ("region", "host"),
        [
            ("us-east-1", "us-east-1.console.aws.amazon.com"),
            ("cn-northwest-1", "cn-northwest-1.console.amazonaws.cn"),
            ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
            ("eusc-de-east-1", "eusc-de-east-1.console.amazonaws-eusc.eu"),
            ("us-iso-east-1", "us-iso-east-1.console.c2shome.ic.gov"),
            ("us-isob-east-1", "us-isob-east-1.console.sc2shome.sgov.gov"),
        ],
    )
    def test_hosts_are_those_of_the_partition(
        self, region: str, host: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_REGION", region)
        added = notify({**FAILED, "region": region})
        for url in (added["linesUrl"], added["consoleUrl"]):
            assert urlsplit(url).hostname == host
            assert parse_qs(urlsplit(url).query) == {"region": [region]}

    def test_lines_are_in_the_loggers_region_and_the_task_in_its_own(self) -> None:
        added = notify({**FAILED, "region": "us-east-1"})
        assert urlsplit(added["linesUrl"]).hostname == "eu-west-1.console.aws.amazon.com"
        assert urlsplit(added["consoleUrl"]).hostname == "us-east-1.console.aws.amazon.com"


TEXTS = {"title", "message", "remedy", "kind", "name", "cluster", "account", "region", "time"}
URLS = {"linesUrl", "consoleUrl"}


def assert_safe(event: Any) -> None:
    added = notify(event)
    if not added:
        return
    assert added.keys() == TEXTS | URLS
    for key, text in added.items():
        assert text.isprintable()
        assert not set(text) & set('"\\<>')
        assert SECRET not in text
        assert 1 <= len(text) <= {"title": 100, "name": 255}.get(key, 2000)
    for key in TEXTS:
        assert not re.search(r"(?i)://|\]\(|www\.|mailto:", added[key])
    for key in URLS:
        assert added[key].isascii()
        assert not set(added[key]) & set(" '()~*")
        assert len(added[key]) <= 3000
        assert (urlsplit(added[key]).hostname or "").endswith(".console.aws.amazon.com")
    query_of(added["linesUrl"])


@given(mutated_events())
def test_any_event_gives_safe_texts_and_links(event: Event) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_REGION", "eu-west-1")
        assert_safe(event)


@given(json_values)
def test_any_detail_gives_safe_texts_and_links(detail: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_REGION", "eu-west-1")
        for event in (FAILED, service_action("SERVICE_TASK_PLACEMENT_FAILURE"), health("IMPAIRED")):
            parts = event["detail"] | (detail if isinstance(detail, dict) else {"group": detail})
            assert_safe({**event, "detail": parts})


def handle(event: Event, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Any]:
    """Return the line, and what the handler returns."""
    writes: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(sys.stdout, "write", writes.append)
        returned = main.handler(event)
    return "".join(writes), returned


def test_line_has_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    without, _ = handle(FAILED, monkeypatch)
    monkeypatch.setattr(main, "_LOG_GROUP", LOG_GROUP)
    line, returned = handle(FAILED, monkeypatch)
    assert line == without
    assert returned.pop("notification")["title"] == "Task failed: shop / web"
    assert returned == json.loads(line)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (module, name)
        for module in (notification, links)
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__
        and name not in ("add_notification", "_log_lines")
    ],
)
def test_broken_function_costs_only_the_notification(
    module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> Any:
        raise RuntimeError(SECRET)

    # Between them they need every function.
    events = [FAILED, service_action("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR")]
    expected = [handle(event, monkeypatch) for event in events]
    monkeypatch.setattr(main, "_LOG_GROUP", LOG_GROUP)
    for holder in (module, notification):
        if hasattr(holder, name):
            monkeypatch.setattr(holder, name, broken)
    broken_ones = 0
    for event, (line, record) in zip(events, expected, strict=True):
        written, returned = handle(event, monkeypatch)
        assert written == line
        added = returned.pop("notification")
        assert added.keys() == TEXTS | URLS
        assert added["message"] == record["message"]
        if "handlerErrors" in returned:
            broken_ones += 1
            assert returned == {**record, "handlerErrors": {"notification": "RuntimeError"}}
    assert broken_ones
