"""The saved queries, run over real and synthetic lines.

The expected rows come from the events themselves, or a person read them there.
test/logs_insights.py evaluates the query language.
"""

import json
import random
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Template

import logs_insights
from ecs_events import (
    API,
    WEB,
    Event,
    other_event,
    shared_events,
    stream_events,
    task_event,
)
from ecs_task_event_logger import Cause, EcsTaskEventLogger
from ecs_task_event_logger._insights.dashboard import failures_table, log_widgets
from ecs_task_event_logger._insights.saved_queries import INDEXED_FIELDS, all_queries
from ecs_task_event_logger.handler.task_events.record import make_record
from templates import only

Record = dict[str, Any]

WIDGET_QUERIES = {widget.title: widget.query for widget in [*log_widgets(), failures_table()]}
ALL_QUERIES = {**all_queries(), **WIDGET_QUERIES}

# An error as Lambda's Python runtime logs it in JSON.
RUNTIME_ERROR = {
    "timestamp": "2026-11-01T13:00:00Z",
    "level": "ERROR",
    "errorMessage": "Unable to import module 'task_events.main'",
    "errorType": "Runtime.ImportModuleError",
    "requestId": "6f1a9d3a-8f0e-4f7f-9b0a-2f6f2b1e0c11",
    "stackTrace": [],
}
# ECS sends no event like this.
MALFORMED = {**task_event(), "time": "2026-11-01T12:30:00Z", "id": "malformed", "detail": "none"}

APP_FAILED = {
    "stopCode": "EssentialContainerExited",
    "stoppedReason": "Essential container in task exited",
}
SPOT = {"stopCode": "SpotInterruption", "stoppedReason": "Your Spot Task was interrupted."}
SCALED_IN = {
    "stopCode": "ServiceSchedulerInitiated",
    "stoppedReason": "Scaling activity initiated by (deployment ecs-svc/1234567890123456789)",
}
OUT_OF_MEMORY = {
    "name": "app",
    "exitCode": 137,
    "reason": "OutOfMemoryError: Container killed due to memory usage",
}


def at(clock: str, number: int, *containers: Event, **detail: Any) -> Event:
    """Return an event of the task with a number, at an hour, minute and second."""
    arn = f"arn:aws:ecs:eu-west-1:111122223333:task/shop/{number:032x}"
    event = task_event(*containers, taskArn=arn, **detail)
    return {**event, "time": f"2026-11-01T{clock}Z", "id": f"{number}-{detail.get('version')}"}


def running(clock: str, number: int, start: float, pull: float, **detail: Any) -> Event:
    """Return the event of a running task, with its seconds to start and to pull images."""
    times = {
        "createdAt": "2026-11-01T08:00:00.000Z",
        "pullStartedAt": "2026-11-01T08:00:01.000Z",
        "pullStoppedAt": f"2026-11-01T08:{int(pull + 1) // 60:02}:{(pull + 1) % 60:06.3f}Z",
        "startedAt": f"2026-11-01T08:{int(start) // 60:02}:{start % 60:06.3f}Z",
    }
    whole = {"lastStatus": "RUNNING", "desiredStatus": "RUNNING", **times, **detail}
    return at(clock, number, **whole)


SYNTHETIC: list[Event] = [
    at("09:58:00", 1, lastStatus="PENDING", desiredStatus="RUNNING", version=2),
    running("10:00:00", 1, 30, 10, version=3, capacityProviderName="FARGATE_SPOT"),
    # The same task: something else about it changed.
    running("10:01:00", 1, 30, 10, version=4, capacityProviderName="FARGATE_SPOT"),
    at("10:04:00", 1, OUT_OF_MEMORY, lastStatus="DEPROVISIONING", version=6),
    at("10:05:00", 1, OUT_OF_MEMORY, version=7),
    # EventBridge may deliver an event twice.
    at("10:05:00", 1, OUT_OF_MEMORY, version=7),
    running("11:00:00", 2, 90.5, 60, version=3, launchType="EC2"),
    at(
        "11:10:00",
        2,
        {"name": "app", "exitCode": 1},
        version=7,
        startedAt="2026-11-01T11:00:00.000Z",
        executionStoppedAt="2026-11-01T11:09:30.000Z",
        **APP_FAILED,
    ),
    # ECS does not replace a task without a service, so its interruption is a failure.
    at("11:20:00", 3, group="family:job", startedBy=None, version=5, **SPOT),
    at("11:30:00", 4, group="service:api", version=5, **SPOT),
    running("11:40:00", 5, 40, 20, version=3, group="service:api"),
    at("11:50:00", 5, group="service:api", version=6, **SCALED_IN),
    # It must stop already, so its start does not count.
    running("11:52:00", 7, 200, 100, version=4, desiredStatus="STOPPED", launchType="EC2"),
    at("11:55:00", 6, OUT_OF_MEMORY, version=7),
    other_event(
        "ECS Service Action",
        "arn:aws:ecs:eu-west-1:111122223333:service/shop/web",
        eventType="INFO",
        eventName="SERVICE_STEADY_STATE",
        clusterArn="arn:aws:ecs:eu-west-1:111122223333:cluster/shop",
    ),
    # The failure of a deployment.
    other_event(
        "ECS Deployment State Change",
        "arn:aws:ecs:eu-west-1:111122223333:service/shop/web",
        eventType="ERROR",
        eventName="SERVICE_DEPLOYMENT_FAILED",
        reason="ECS deployment circuit breaker: tasks failed to start.",
    ),
    other_event(
        "ECS Container Instance State Change",
        "arn:aws:ecs:eu-west-1:111122223333:container-instance/shop/1",
        clusterArn="arn:aws:ecs:eu-west-1:111122223333:cluster/shop",
        status="ACTIVE",
        agentConnected=True,
        ec2InstanceId="i-0abc",
    ),
]


def task_id(number: int) -> str:
    return f"{number:032x}"


def synthetic_records() -> list[Record]:
    return [make_record(event) for event in SYNTHETIC]


def stream_records() -> list[Record]:
    return [make_record(event) for event in stream_events()]


def columns(answer: list[Record], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row.get(name) for name in names) for row in answer]


def counted(row: Record) -> Record:
    """Return a row without its zeros."""
    return {name: value for name, value in row.items() if value != 0}


class TestSavedQueriesOverRealEvents:
    pytestmark = pytest.mark.recorded

    def test_recent_failures_show_four_tasks_and_the_failed_deployment(
        self,
    ) -> None:
        answer = logs_insights.run(all_queries()["Recent failures"], stream_records())
        assert columns(answer, "timestamp", "workload", "cluster", "taskId") == [
            (time, WEB, "Defang-testproj-beta-cluster", task)
            for time, task in [
                ("2024-08-09T16:38:31Z", "f6827216a3734d2995c29f9280d0523f"),
                # The service's deployment has failed.
                ("2024-08-09T16:38:02Z", None),
                ("2024-08-09T16:37:54Z", "f7ea98ad6082446a82c4342c3237eb93"),
                ("2024-08-09T16:37:22Z", "4fdbbbc7486143b0acdea3833f6f9bd0"),
                ("2024-08-09T16:36:47Z", "781c1b46b4d5418492c68b7578939c03"),
            ]
        ]
        exits = {
            event["detail"]["taskArn"].rpartition("/")[2]
            for event in stream_events()
            if event["detail"].get("lastStatus") == "STOPPED"
            and any(each.get("exitCode") == 99 for each in event["detail"]["containers"])
        }
        tasks = [row for row in answer if row.get("taskId")]
        assert {row["taskId"] for row in tasks} == exits
        assert all("exit code 99" in row["message"] and row["remedy"] for row in tasks)

    def test_shows_the_life_of_a_task_in_order(self) -> None:
        task = "781c1b46b4d5418492c68b7578939c03"
        query = all_queries()["Life of one task"].replace('""', f'"{task}"')
        records = stream_records()
        random.Random(0).shuffle(records)
        answer = logs_insights.run(query, records)
        assert columns(answer, "version", "lastStatus") == [
            (1, "PROVISIONING"),
            (2, "PENDING"),
            (3, "PENDING"),
            (4, "ACTIVATING"),
            (5, "RUNNING"),
            (6, "DEPROVISIONING"),
            (7, "STOPPED"),
        ]
        assert answer[-1]["stoppedReason"] == "Essential container in task exited"

    def test_counts_failures_by_service_and_cause(self) -> None:
        (row,) = logs_insights.run(all_queries()["Failures by service and cause"], stream_records())
        latest = row.pop("latestMessage")
        assert row == {"workload": WEB, "cause": "APPLICATION_ERROR", "tasks": 4}
        assert latest.startswith("Defang-testproj-beta-testproj_web:29 STOPPED: application error")

    def test_slowest_starts_come_first(self) -> None:
        answer = logs_insights.run(
            all_queries()["Slowest starts and image pulls"], stream_records()
        )
        kaniko = "family:Defang-testproj-beta-kanikoAmd64"
        assert columns(answer, "durations.start", "durations.pull", "workload") == [
            (35.5, 5.4, API),
            (31.5, 5.4, API),
            (24.2, 1.5, WEB),
            (24.1, 1.0, WEB),
            (23.5, 1.4, WEB),
            (23.3, 1.2, WEB),
            (22.5, 1.1, WEB),
            (21.1, 6.0, kaniko),
        ]

    def test_restarts_exclude_stops_by_the_scheduler(self) -> None:
        (row,) = logs_insights.run(all_queries()["Restarts by service"], stream_records())
        assert (row["service"], row["bin(1h)"], row["restarts"]) == (
            WEB,
            "2024-08-09T16:00:00Z",
            4,
        )

    def test_finds_only_unparsed_events_and_errors(self) -> None:
        query = all_queries()["Unparsed events and errors"]
        assert logs_insights.run(query, stream_records()) == []
        lines = [*stream_records(), make_record(MALFORMED), RUNTIME_ERROR]
        assert columns(logs_insights.run(query, lines), "level", "eventId") == [
            ("ERROR", None),
            ("WARN", "malformed"),
        ]


class TestSavedQueriesOverSyntheticEvents:
    @pytest.mark.parametrize(
        "lines",
        [
            ["end"],
            ["first", "second", "end"],
            ['"]}', 'a "quoted", [list] \\ of', "end"],
            ['"]', "end"],
        ],
    )
    def test_recent_failures_show_the_last_line_of_the_container_log(
        self, lines: list[str]
    ) -> None:
        record = {
            **make_record(task_event({"name": "app", "exitCode": 1})),
            "logTail": lines,
            "logStream": "/ecs/app:app/app/1",
            "truncated": ["containers"],
        }
        query = all_queries(has_log_tail=True)["Recent failures"]
        (row, without) = logs_insights.run(query, [record, {**record, "logTail": []}])
        assert (row["lastLogLine"], row["logStream"]) == ("end", "/ecs/app:app/app/1")
        assert "lastLogLine" not in without

    def test_recent_failures_come_latest_first(
        self,
    ) -> None:
        answer = logs_insights.run(all_queries()["Recent failures"], synthetic_records())
        assert columns(answer, "timestamp", "workload", "taskId") == [
            ("2026-11-01T11:55:00Z", "web", task_id(6)),
            ("2026-11-01T11:20:00Z", "family:job", task_id(3)),
            ("2026-11-01T11:10:00Z", "web", task_id(2)),
            ("2026-11-01T10:05:00Z", "web", task_id(1)),
            ("2026-11-01T10:05:00Z", "web", task_id(1)),
            # The service's deployment.
            ("2026-11-01T10:05:00Z", "web", None),
        ]
        assert {row["cluster"] for row in answer} == {"shop"}

    def test_shows_the_life_of_a_task_in_order(self) -> None:
        query = all_queries()["Life of one task"]
        assert logs_insights.run(query, synthetic_records()) == []
        answer = logs_insights.run(
            query.replace('""', f'"{task_id(1)}"'), synthetic_records()[::-1]
        )
        assert columns(answer, "version", "lastStatus") == [
            (2, "PENDING"),
            (3, "RUNNING"),
            (4, "RUNNING"),
            (6, "DEPROVISIONING"),
            (7, "STOPPED"),
            (7, "STOPPED"),
        ]

    def test_counts_a_task_once_if_its_event_arrives_twice(self) -> None:
        query = all_queries()["Failures by service and cause"]
        answer = logs_insights.run(query, synthetic_records())
        assert columns(answer, "workload", "cause", "tasks") == [
            ("web", "OUT_OF_MEMORY", 2),
            ("web", "APPLICATION_ERROR", 1),
            ("family:job", "SPOT_INTERRUPTION", 1),
        ]
        assert answer[1]["latestMessage"] == (
            "web:6 STOPPED after 9m 30s: application error in container app (exit code 1)"
        )

    def test_shows_each_start_once(self) -> None:
        answer = logs_insights.run(
            all_queries()["Slowest starts and image pulls"], synthetic_records()
        )
        assert columns(answer, "durations.start", "durations.pull", "launchType", "taskId") == [
            (90.5, 60, "EC2", task_id(2)),
            (40, 20, "FARGATE", task_id(5)),
            (30, 10, "FARGATE", task_id(1)),
        ]

    def test_counts_restarts_by_hour(self) -> None:
        answer = logs_insights.run(all_queries()["Restarts by service"], synthetic_records())
        assert sorted(columns(answer, "restarts", "service", "bin(1h)"), reverse=True) == [
            (2, "web", "2026-11-01T11:00:00Z"),
            (1, "web", "2026-11-01T10:00:00Z"),
            (1, "api", "2026-11-01T11:00:00Z"),
        ]
        assert answer[0]["restarts"] == 2

    def test_finds_unparsed_events_and_runtime_errors(self) -> None:
        lines = [make_record(MALFORMED), *synthetic_records(), RUNTIME_ERROR]
        answer = logs_insights.run(all_queries()["Unparsed events and errors"], lines)
        assert columns(answer, "@timestamp", "level", "eventId") == [
            ("2026-11-01T13:00:00Z", "ERROR", None),
            ("2026-11-01T12:30:00Z", "WARN", "malformed"),
        ]
        assert "Runtime.ImportModuleError" in answer[0]["@message"]

    def test_every_stopped_task_has_a_cause(self) -> None:
        # A query compares with !=, and AWS does not document how it treats a missing field.
        events = [*SYNTHETIC, *shared_events()]
        stopped = [r for r in map(make_record, events) if r.get("lastStatus") == "STOPPED"]
        assert all("cause" in record for record in stopped)


class TestWidgetQueriesOverRealEvents:
    pytestmark = pytest.mark.recorded

    def answer(self, title: str) -> list[Record]:
        return logs_insights.run(WIDGET_QUERIES[title], stream_records())

    def test_counts_failures_by_cause(self) -> None:
        # Tasks stopped in the first hour, but none failed.
        assert [counted(row) for row in self.answer("Failed tasks an hour, by cause")] == [
            {"bin(1h)": "2024-08-08T17:00:00Z"},
            {"bin(1h)": "2024-08-09T16:00:00Z", "APPLICATION_ERROR": 4},
        ]

    def test_counts_failures_by_service(self) -> None:
        assert self.answer("Failed tasks, by service") == [{"workload": WEB, "tasks": 4}]

    def test_shows_seconds_to_start(self) -> None:
        answer = self.answer("Seconds to start, and of that to pull images")
        # 24.2 and 35.5 seconds; and 21.1, 22.5, 23.3, 23.5, 24.1 and 31.5
        names = ("bin(1h)", "startP50", "startP95", "pullP50", "pullP95")
        assert columns(answer, *names) == [
            ("2024-08-08T17:00:00Z", 24.2, 35.5, 1.5, 5.4),
            ("2024-08-09T16:00:00Z", 23.3, 31.5, 1.2, 6.0),
        ]

    def test_counts_interruptions(self) -> None:
        answer = self.answer("Interrupted tasks an hour: Spot, hosts, maintenance")
        assert [counted(row) for row in answer] == [
            {"bin(1h)": "2024-08-08T17:00:00Z"},
            {"bin(1h)": "2024-08-09T16:00:00Z"},
        ]

    def test_counts_starts_by_capacity(self) -> None:
        assert columns(self.answer("Started tasks, by capacity"), "capacity", "tasks") == [
            ("FARGATE_SPOT", 7),
            ("FARGATE", 1),
        ]


class TestWidgetQueriesOverSyntheticEvents:
    def answer(self, title: str) -> list[Record]:
        return logs_insights.run(WIDGET_QUERIES[title], synthetic_records())

    def test_counts_failures_by_cause(self) -> None:
        # It counts lines, so an event that arrives twice counts twice.
        assert [counted(row) for row in self.answer("Failed tasks an hour, by cause")] == [
            {"bin(1h)": "2026-11-01T10:00:00Z", "OUT_OF_MEMORY": 2},
            {
                "bin(1h)": "2026-11-01T11:00:00Z",
                "APPLICATION_ERROR": 1,
                "OUT_OF_MEMORY": 1,
                "SPOT_INTERRUPTION": 1,
            },
        ]

    def test_counts_failures_by_service(self) -> None:
        answer = self.answer("Failed tasks, by service")
        assert columns(answer, "workload", "tasks") == [("web", 3), ("family:job", 1)]

    def test_shows_seconds_to_start(self) -> None:
        answer = self.answer("Seconds to start, and of that to pull images")
        names = ("bin(1h)", "startP50", "startP95", "pullP50", "pullP95")
        assert columns(answer, *names) == [
            ("2026-11-01T10:00:00Z", 30, 30, 10, 10),
            ("2026-11-01T11:00:00Z", 40, 90.5, 20, 60),
        ]

    def test_counts_interruptions_of_all_tasks(self) -> None:
        answer = self.answer("Interrupted tasks an hour: Spot, hosts, maintenance")
        assert [counted(row) for row in answer] == [
            {"bin(1h)": "2026-11-01T10:00:00Z"},
            {"bin(1h)": "2026-11-01T11:00:00Z", "SPOT_INTERRUPTION": 2},
        ]

    def test_capacity_is_the_provider_or_the_launch_type(self) -> None:
        answer = self.answer("Started tasks, by capacity")
        assert columns(answer, "capacity", "tasks") == [
            ("FARGATE_SPOT", 1),
            ("EC2", 2),
            ("FARGATE", 1),
        ]

    @pytest.mark.parametrize(
        "cause",
        [each for each in Cause if each.failed and each is not Cause.REQUEST_REFUSED],
    )
    def test_each_failure_cause_has_its_own_column(self, cause: Cause) -> None:
        record = {**make_record(SYNTHETIC[4]), "cause": cause}
        (row,) = logs_insights.run(WIDGET_QUERIES["Failed tasks an hour, by cause"], [record])
        assert counted(row) == {"bin(1h)": "2026-11-01T10:00:00Z", cause: 1}


class TestFields:
    @pytest.mark.parametrize("name", ALL_QUERIES)
    def test_query_reads_logged_fields(self, name: str) -> None:
        assert logs_insights.fields_of(ALL_QUERIES[name]) <= logged_fields(synthetic_records())

    @pytest.mark.recorded
    @pytest.mark.parametrize("name", ALL_QUERIES)
    def test_query_reads_fields_of_real_events(self, name: str) -> None:
        records = [make_record(event) for event in shared_events()]
        # None of these tasks is asked to stop while it runs.
        rare = {"desiredStatus"}
        assert logs_insights.fields_of(ALL_QUERIES[name]) - rare <= logged_fields(records)

    def test_metric_filters_read_logged_fields(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        types = ["TASK_STATE_CHANGE", "CONTAINER_INSTANCE_STATE_CHANGE"]
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=types)
        names = {name for name in dir(log) if name.startswith("metric_")}
        # It is the queue's own metric, which reads no lines.
        names.remove("metric_undelivered_events")
        for name in sorted(names):
            getattr(log, name)(cluster="shop")
        for metric in (log.metric_failures, log.metric_stopped_tasks):
            metric(cause="SIGNAL", service="web")
        filters = Template.from_stack(stack).find_resources("AWS::Logs::MetricFilter")
        named = set(re.findall(r"\$\.([\w.]+)", json.dumps(filters)))
        assert {"desiredStatus", "level", "cause", "durations.run"} <= named
        assert named <= logged_fields(synthetic_records())

    def test_index_has_logged_fields(self) -> None:
        assert set(INDEXED_FIELDS) <= logged_fields(synthetic_records())


def logged_fields(records: list[Record]) -> set[str]:
    """Return the fields of some records, and of a record that was not parsed."""
    lines = [*records, make_record(MALFORMED)]
    return {"@timestamp", "@message"}.union(*map(logs_insights.flatten, lines))


class TestTemplate:
    def test_saves_six_queries_in_a_folder_of_the_construct(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        template = Template.from_stack(stack)
        (log_group,) = template.find_resources("AWS::Logs::LogGroup")
        saved = template.find_resources("AWS::Logs::QueryDefinition").values()
        assert [query["Properties"] for query in saved] == [
            {
                "Name": f"Stack/Log/{name}",
                "QueryString": text,
                "LogGroupNames": [{"Ref": log_group}],
            }
            for name, text in all_queries().items()
        ]
        assert len(saved) == 6

    def test_queries_read_an_own_log_group(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        own = logs.LogGroup.from_log_group_name(stack, "Own", "/ecs/events")
        EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=own)
        saved = Template.from_stack(stack).find_resources("AWS::Logs::QueryDefinition").values()
        assert [query["Properties"]["LogGroupNames"] for query in saved] == [["/ecs/events"]] * 6

    def test_saved_queries_can_be_switched_off(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster, saved_queries=False)
        Template.from_stack(stack).resource_count_is("AWS::Logs::QueryDefinition", 0)

    def test_indexes_the_fields_that_people_look_up(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        log_group = only(Template.from_stack(stack), "AWS::Logs::LogGroup")
        assert log_group["FieldIndexPolicies"] == [
            {"Fields": ["taskId", "service", "cause", "cluster"]}
        ]

    def test_infrequent_access_has_no_index(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        infrequent = logs.LogGroupClass.INFREQUENT_ACCESS
        EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group_class=infrequent)
        log_group = only(Template.from_stack(stack), "AWS::Logs::LogGroup")
        assert "FieldIndexPolicies" not in log_group


class TestCauses:
    def test_no_cause_contains_the_name_of_another(self) -> None:
        # Logs Insights has no if(), so the dashboard counts lines whose cause contains a name.
        nested = [(a, b) for a in Cause for b in Cause if a is not b and a in b]
        assert nested == []


class TestEvaluator:
    """A check that accepts everything would check nothing."""

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "field level",
            "fields level |",
            "fields level, | limit 1",
            "fields upper(level) as l",
            "fields coalesce(service, group)",
            'filter level == "ERROR"',
            "filter level > 3",
            'filter level like "ERROR"',
            "filter level = ERROR",
            'filter level = "ERR"OR"',
            'filter level = "ERROR" and',
            'filter (level = "ERROR"',
            "filter isPresent(level)",
            "stats avg(durations.run) as run",
            "stats count(level) as n",
            "stats count(*)",
            "stats count(*) as n by bin(1 hour)",
            "stats count(*) as n by bin(1y)",
            "stats pct(durations.run) as p",
            "stats count(*) as n by cause | sort m desc",
            "stats count(*) as n by cause | filter level = 1",
            "sort level",
            "sort level down",
            "dedup taskId | sort timestamp asc",
            "limit 0",
            "limit 1.5",
            "limit 10 | fields level",
            'fields level | filter level = "a\\"b"',
        ],
    )
    def test_rejects_unknown_syntax(self, query: str) -> None:
        with pytest.raises(logs_insights.QueryError):
            logs_insights.run(query, [])

    @pytest.mark.parametrize(
        ("condition", "kept"),
        [
            ('a = "x"', [0]),
            ('a != "x"', [1, 2]),
            ("ispresent(b.c)", [1]),
            ("not ispresent(b.c)", [0, 2]),
            ("b.c = 1", [1]),
            ("l.0.n = 5", [2]),
            ('a = "x" or a = "y" and b.c = 2', [0]),
            ('(a = "x" or a = "y") and ispresent(b.c)', [1]),
        ],
    )
    def test_evaluates_conditions(self, condition: str, kept: list[int]) -> None:
        lines: list[Record] = [
            {"i": 0, "a": "x"},
            {"i": 1, "a": "y", "b": {"c": True}},
            {"i": 2, "l": [{"n": 5}]},
        ]
        answer = logs_insights.run(f"fields i\n# which ones\n| filter {condition}", lines)
        assert [row["i"] for row in answer] == kept

    def test_rejects_comparing_numbers_with_strings(self) -> None:
        with pytest.raises(
            logs_insights.QueryError, match="a is 'x', which cannot be compared with 1"
        ):
            logs_insights.run("filter a = 1", [{"a": "x"}])

    def test_sorts_naturally_and_dedup_keeps_missing_values(self) -> None:
        pairs: list[tuple[int, str | None]] = [
            (1, "t10"),
            (2, "t9"),
            (3, None),
            (4, "t9"),
            (5, None),
        ]
        lines: list[Record] = [{"i": i, "a": a} for i, a in pairs]
        answer = logs_insights.run("fields i | sort a asc | dedup a", lines)
        assert [row["i"] for row in answer] == [2, 1, 3, 5]

    def test_lists_the_fields_that_a_query_reads(self) -> None:
        query = """\
# comment
fields coalesce(a, b.c) as d
| filter e = "f" and not ispresent(g)
| stats sum(strcontains(h, "i")) as j, count(*) as n, pct(k, 50) as l by d, m, bin(5m)
| sort j desc"""
        assert logs_insights.fields_of(query) == {"a", "b.c", "e", "g", "h", "k", "m"}
