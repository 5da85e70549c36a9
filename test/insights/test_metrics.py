"""Metrics: their filters, their options and their values."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Template

import filter_pattern
from ecs_events import (
    API,
    WEB,
    deployment,
    health,
    instance,
    service_action,
    stream_events,
    task_event,
)
from ecs_task_event_logger import Cause, EcsTaskEventLogger, EventType
from ecs_task_event_logger.handler.task_events.record import make_record
from templates import only

Record = dict[str, Any]

METRIC_FILTER = "AWS::Logs::MetricFilter"
TASK_EVENT = EventType.TASK_STATE_CHANGE.detail_type
ALARM = "AWS::CloudWatch::Alarm"

METHODS: dict[str, Callable[..., cloudwatch.Metric]] = {
    "Failures": EcsTaskEventLogger.metric_failures,
    "StoppedTasks": EcsTaskEventLogger.metric_stopped_tasks,
    "StartDuration": EcsTaskEventLogger.metric_start_duration,
    "ImagePullDuration": EcsTaskEventLogger.metric_image_pull_duration,
    "RunDuration": EcsTaskEventLogger.metric_run_duration,
}
COUNTS = ["Failures", "StoppedTasks"]
DURATIONS = {
    "StartDuration": "$.durations.start",
    "ImagePullDuration": "$.durations.pull",
    "RunDuration": "$.durations.run",
}


def metric_filters(stack: cdk.Stack) -> list[Any]:
    found = Template.from_stack(stack).find_resources(METRIC_FILTER).values()
    return [resource["Properties"] for resource in found]


def alarm_of(stack: cdk.Stack, metric: cloudwatch.Metric) -> dict[str, Any]:
    metric.create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)
    return only(Template.from_stack(stack), ALARM)


class TestMetricFilters:
    def test_default_creates_no_metric_filter(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        assert metric_filters(stack) == []

    @pytest.mark.parametrize("name", COUNTS)
    def test_count_adds_one_for_each_line(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, name: str
    ) -> None:
        METHODS[name](log)
        template = Template.from_stack(stack)
        (log_group,) = template.find_resources("AWS::Logs::LogGroup")
        properties = only(template, METRIC_FILTER)
        assert properties["LogGroupName"] == {"Ref": log_group}
        assert properties["MetricTransformations"] == [
            {
                "DefaultValue": 0,
                "MetricName": f"Stack/Log/{name}",
                "MetricNamespace": "EcsTaskEvents",
                "MetricValue": "1",
                "Unit": "Count",
            }
        ]

    @pytest.mark.parametrize(("name", "value"), DURATIONS.items())
    def test_duration_is_the_value_in_the_line(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, name: str, value: str
    ) -> None:
        METHODS[name](log)
        assert only(Template.from_stack(stack), METRIC_FILTER)["MetricTransformations"] == [
            {
                "MetricName": f"Stack/Log/{name}",
                "MetricNamespace": "EcsTaskEvents",
                "MetricValue": value,
                "Unit": "Seconds",
            }
        ]

    @pytest.mark.parametrize("name", METHODS)
    def test_dimensions_have_no_default_value(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, name: str
    ) -> None:
        METHODS[name](log, service="web")
        (transformation,) = only(Template.from_stack(stack), METRIC_FILTER)["MetricTransformations"]
        assert transformation["Dimensions"] == [{"Key": "Service", "Value": "$.service"}]
        assert "DefaultValue" not in transformation

    @pytest.mark.parametrize("name", METHODS)
    def test_calls_with_equal_dimensions_share_a_filter(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, name: str
    ) -> None:
        for service in (None, "web", "api", None):
            METHODS[name](log, service=service)
        assert len(metric_filters(stack)) == 2

    def test_failures_split_by_cause_and_service(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        for cause, service in [
            (None, None),
            (Cause.SIGNAL, None),
            ("TIMEOUT", None),
            (None, "web"),
            ("SIGNAL", "web"),
            (Cause.OUT_OF_MEMORY, "api"),
        ]:
            log.metric_failures(cause=cause, service=service)
        dimensions = [
            [each["Key"] for each in properties["MetricTransformations"][0].get("Dimensions", [])]
            for properties in metric_filters(stack)
        ]
        assert sorted(dimensions) == [[], ["Cause"], ["Cause", "Service"], ["Service"]]

    def test_pattern_requires_the_published_fields(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        # Otherwise the line would match, but have no value to publish.
        for method in METHODS.values():
            method(log, service="web")
        log.metric_failures(cause="SIGNAL", service="web")
        for properties in metric_filters(stack):
            (transformation,) = properties["MetricTransformations"]
            values = [each["Value"] for each in transformation["Dimensions"]]
            values += {transformation["MetricValue"]} - {"1"}
            assert all(f'({value} = "*")' in properties["FilterPattern"] for value in values)

    def test_two_loggers_have_different_metric_names(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        for id in ("One", "Two"):
            logger = EcsTaskEventLogger(stack, id, cluster=cluster)
            for method in METHODS.values():
                method(logger)
        names = [each["MetricTransformations"][0]["MetricName"] for each in metric_filters(stack)]
        assert sorted(names) == sorted(
            f"Stack/{id}/{name}" for id in ("One", "Two") for name in METHODS
        )

    @pytest.mark.parametrize(
        ("id", "name"),
        [
            ("Größe", "Gr%C3%B6%C3%9Fe"),
            ("Grüße", "Gr%C3%BC%C3%9Fe"),
            ("ログ", "%E3%83%AD%E3%82%B0"),
            ("a:b*c$", "a%3Ab%2Ac%24"),
            ("50%", "50%25"),
            ("My log (1)", "My log (1)"),
        ],
    )
    def test_names_are_ascii_and_stay_different(
        self, stack: cdk.Stack, cluster: ecs.ICluster, id: str, name: str
    ) -> None:
        metric = EcsTaskEventLogger(stack, id, cluster=cluster).metric_failures()
        assert metric.metric_name == f"Stack/{name}/Failures"
        assert re.fullmatch(r"((?![:*$])[\x00-\x7F]){1,255}", metric.metric_name)

    def test_rejects_an_alarm_in_another_region(self) -> None:
        app = cdk.App()
        here, there = (
            cdk.Stack(app, name, env=cdk.Environment(account="111122223333", region=region))
            for name, region in (("Here", "eu-west-1"), ("There", "us-east-1"))
        )
        log = EcsTaskEventLogger(here, "Log", cluster=ecs.Cluster(here, "Cluster"))
        # The errors of the oldest CDK have no names.
        with pytest.raises(
            RuntimeError, match=r"AlarmRegionMismatch|Cannot create an Alarm in reg"
        ):
            log.metric_failures().create_alarm(there, "A", threshold=1, evaluation_periods=1)

    @pytest.mark.parametrize(
        ("props", "error", "message"),
        [
            (
                {"service": "web-*"},
                ValueError,
                r"service is 'web-\*', which is not the name of one service",
            ),
            ({"service": "arn:aws:ecs"}, ValueError, "service is 'arn:aws:ecs'"),
            ({"service": ""}, ValueError, "service is ''"),
            (
                {"service": ["web"]},
                TypeError,
                r"service must be the service or its name, got \['web'\]",
            ),
            (
                {"dimensions_map": {"Service": "web"}},
                ValueError,
                "Use event_type=, cause=, service=, clus",
            ),
            ({"cluster": "arn:aws:ecs"}, ValueError, "cluster is 'arn:aws:ecs'"),
            ({"cluster": 5}, TypeError, "cluster must be the cluster or its name, got 5"),
            ({"source_account": "12"}, ValueError, "source_account is '12'"),
            ({"source_region": 1}, ValueError, "source_region is 1, which is not an AWS"),
            ({"source_region": "Ireland"}, ValueError, "source_region is 'Ireland', which is not"),
            (
                {"cause": "COMPLETED"},
                ValueError,
                "cause holds COMPLETED, never a failure, .* Use metric_stopped_tasks",
            ),
            ({"period": 300}, TypeError, "period"),
            (
                {"causes": ["X"]},
                TypeError,
                r"no option 'causes'\. Did you mean cause\?",
            ),
            ({"stat": "Sum"}, TypeError, r"no option 'stat'\. Did you mean statistic\?"),
        ],
    )
    def test_rejects_bad_options_without_creating_a_filter(
        self,
        stack: cdk.Stack,
        log: EcsTaskEventLogger,
        props: Any,
        error: type[Exception],
        message: str,
    ) -> None:
        with pytest.raises(error, match=message):
            log.metric_failures(**props)
        assert metric_filters(stack) == []

    def test_rejects_a_metric_of_filtered_statuses(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, statuses=["STOPPED"])
        log.metric_failures()
        with pytest.raises(
            ValueError,
            match="StartDuration needs tasks in status RUNNING, but statuses has only",
        ):
            log.metric_start_duration()

    def test_filters_an_own_log_group(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        own = logs.LogGroup.from_log_group_name(stack, "Own", "/ecs/events")
        EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=own).metric_failures()
        assert only(Template.from_stack(stack), METRIC_FILTER)["LogGroupName"] == "/ecs/events"

    @pytest.mark.parametrize(
        "make",
        [
            lambda log: log.on_task_failure("Failures"),
            lambda log: log.create_dashboard("Failures"),
        ],
    )
    def test_other_constructs_with_the_same_id_cause_no_conflict(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, make: Callable[[EcsTaskEventLogger], Any]
    ) -> None:
        make(log)
        log.metric_failures()
        assert len(metric_filters(stack)) == 1


class TestMetrics:
    @pytest.mark.parametrize(
        ("name", "statistic"),
        [*((name, "Sum") for name in COUNTS), *((name, "p95") for name in DURATIONS)],
    )
    def test_metric_matches_its_filter(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, name: str, statistic: str
    ) -> None:
        alarm = alarm_of(stack, METHODS[name](log))
        (published,) = metric_filters(stack)[0]["MetricTransformations"]
        assert alarm["Namespace"] == published["MetricNamespace"]
        assert alarm["MetricName"] == published["MetricName"]
        assert alarm.get("Statistic", alarm.get("ExtendedStatistic")) == statistic
        assert alarm["Period"] == 300
        assert "Dimensions" not in alarm

    def test_metric_has_the_given_dimensions(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        alarm = alarm_of(stack, log.metric_failures(cause=Cause.OUT_OF_MEMORY, service="web"))
        assert alarm["Dimensions"] == [
            {"Name": "Cause", "Value": "OUT_OF_MEMORY"},
            {"Name": "Service", "Value": "web"},
        ]

    def test_accepts_a_token_as_service(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        name = cdk.CfnParameter(stack, "Name").value_as_string
        alarm = alarm_of(stack, log.metric_run_duration(service=name))
        assert alarm["Dimensions"] == [{"Name": "Service", "Value": {"Ref": "Name"}}]

    @pytest.mark.parametrize("name", METHODS)
    def test_accepts_constructs_as_service_and_cluster(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, service: ecs.FargateService, name: str
    ) -> None:
        metric = METHODS[name](log, service=service, cluster=service.cluster)
        assert stack.resolve(metric.dimensions) == {
            "Service": stack.resolve(service.service_name),
            "Cluster": "shop",
        }

    def test_names_and_constructs_share_a_filter(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, cluster: ecs.ICluster
    ) -> None:
        arn = "arn:aws:ecs:eu-west-1:111122223333:service/shop/api"
        api = ecs.BaseService.from_service_arn_with_cluster(stack, "Api", arn)
        for service, where in ((api, cluster), ("api", "shop")):
            metric = log.metric_failures(service=service, cluster=where)
            assert metric.dimensions == {"Service": "api", "Cluster": "shop"}
        assert len(metric_filters(stack)) == 1

    @pytest.mark.parametrize(("prop", "kind"), [("service", "cluster"), ("cluster", "service")])
    def test_rejects_a_construct_of_the_wrong_kind(
        self,
        stack: cdk.Stack,
        log: EcsTaskEventLogger,
        prop: str,
        kind: str,
        request: pytest.FixtureRequest,
    ) -> None:
        construct = request.getfixturevalue(kind)
        props: Any = {prop: construct}
        path = construct.node.path
        message = f"^{prop} must be the {prop} or its name, got the construct {path}\\.$"
        with pytest.raises(TypeError, match=message):
            log.metric_failures(**props)
        assert metric_filters(stack) == []

    def test_passes_options_through(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        metric = log.metric_start_duration(
            service="web",
            statistic="Maximum",
            period=Duration.hours(1),
            label="Slowest start",
            color="#ff0000",
            unit=cloudwatch.Unit.SECONDS,
            region="eu-west-1",
        )
        assert (metric.label, metric.color, metric.region) == (
            "Slowest start",
            "#ff0000",
            "eu-west-1",
        )
        alarm = alarm_of(stack, log.metric_failures(statistic="Maximum", period=Duration.hours(1)))
        assert (alarm["Statistic"], alarm["Period"]) == ("Maximum", 3600)

    @pytest.mark.parametrize("name", COUNTS)
    def test_rejects_an_unknown_cause(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, name: str
    ) -> None:
        with pytest.raises(ValueError, match="cause is 'OOM', which is none of: IMAGE_PULL, "):
            METHODS[name](log, cause="OOM")
        assert metric_filters(stack) == []

    @pytest.mark.parametrize("name", METHODS)
    def test_rejects_a_log_group_without_metric_filters(
        self, stack: cdk.Stack, cluster: ecs.ICluster, name: str
    ) -> None:
        infrequent = logs.LogGroupClass.INFREQUENT_ACCESS
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group_class=infrequent)
        with pytest.raises(
            ValueError,
            match="LogGroupInfrequentAccess is a log group of class INFREQUENT_ACCESS, which has",
        ):
            METHODS[name](log)
        own = logs.LogGroup(stack, "Own", log_group_class=infrequent)
        log = EcsTaskEventLogger(stack, "Other", cluster=cluster, log_group=own)
        with pytest.raises(ValueError, match="Stack/Own is a log group of class INFREQUENT_ACCESS"):
            METHODS[name](log)


Dimensions = tuple[str, ...]


def published(properties: dict[str, Any], records: list[Record]) -> dict[Dimensions, list[float]]:
    """Return the values that a metric filter publishes, by the values of its dimensions."""
    (transformation,) = properties["MetricTransformations"]
    value = transformation["MetricValue"]
    dimensions = transformation.get("Dimensions", [])
    values: dict[Dimensions, list[float]] = {}
    for record in records:
        if filter_pattern.matches(properties["FilterPattern"], record):
            key = tuple(filter_pattern.value_of(each["Value"], record) for each in dimensions)
            found = filter_pattern.value_of(value, record) if value.startswith("$") else value
            values.setdefault(key, []).append(float(found))
    return values


def seconds(detail: dict[str, Any], begin: str, end: str) -> float:
    return (
        datetime.fromisoformat(detail[end]) - datetime.fromisoformat(detail[begin])
    ).total_seconds()


@pytest.mark.recorded
class TestValuesOfRealEvents:
    def numbers(self, stack: cdk.Stack) -> dict[Dimensions, list[float]]:
        tasks = [each for each in stream_events() if each["detail-type"] == TASK_EVENT]
        records = [make_record(event) for event in tasks]
        return published(only(Template.from_stack(stack), METRIC_FILTER), records)

    def details(self, status: str) -> list[dict[str, Any]]:
        details = [event["detail"] for event in stream_events()]
        return [detail for detail in details if detail.get("lastStatus") == status]

    def test_counts_failures(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        log.metric_failures()
        assert self.numbers(stack) == {(): [1.0] * 4}

    @pytest.mark.parametrize("name", COUNTS)
    def test_counts_agree_with_the_diagnosis(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, name: str
    ) -> None:
        METHODS[name](log, cause="SIGNAL", service="web")
        records = [make_record(event) for event in stream_events()]
        stopped = [
            record
            for record in records
            if record.get("lastStatus") == "STOPPED"
            and "service" in record
            and (record["failed"] or name == "StoppedTasks")
        ]
        expected = Counter((record["cause"], record["service"]) for record in stopped)
        assert {key: len(values) for key, values in self.numbers(stack).items()} == expected

    def test_counts_failures_by_cause(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        log.metric_failures(cause="APPLICATION_ERROR")
        assert self.numbers(stack) == {("APPLICATION_ERROR",): [1.0] * 4}

    def test_counts_failures_by_service(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        log.metric_failures(service=WEB)
        assert self.numbers(stack) == {(WEB,): [1.0] * 4}

    def test_counts_stopped_tasks(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        log.metric_stopped_tasks()
        assert self.numbers(stack) == {(): [1.0] * 8}
        assert len(self.details("STOPPED")) == 8

    def test_counts_stopped_tasks_by_cause(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        log.metric_stopped_tasks(cause="COMPLETED")
        assert {key: len(values) for (key,), values in self.numbers(stack).items()} == {
            "APPLICATION_ERROR": 4,
            "SCHEDULER_STOPPED": 3,
            "COMPLETED": 1,
        }

    def test_measures_start_durations(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        log.metric_start_duration()
        (values,) = self.numbers(stack).values()
        assert values == [24.2, 35.5, 21.1, 31.5, 23.3, 22.5, 24.1, 23.5]
        starts = [seconds(d, "createdAt", "startedAt") for d in self.details("RUNNING")]
        assert values == pytest.approx(starts, abs=0.06)

    def test_measures_start_durations_by_service(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        log.metric_start_duration(service=API)
        # One task has no service.
        assert self.numbers(stack) == {
            (WEB,): [24.2, 23.3, 22.5, 24.1, 23.5],
            (API,): [35.5, 31.5],
        }

    def test_measures_image_pull_durations(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        log.metric_image_pull_duration()
        (values,) = self.numbers(stack).values()
        assert values == [1.5, 5.4, 6.0, 5.4, 1.2, 1.1, 1.0, 1.4]
        pulls = [seconds(d, "pullStartedAt", "pullStoppedAt") for d in self.details("RUNNING")]
        assert values == pytest.approx(pulls, abs=0.06)

    def test_measures_run_durations(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        log.metric_run_duration()
        (values,) = self.numbers(stack).values()
        assert values == [1057.2, 1067.7, 61634.6, 69.6]


class TestValuesOfSyntheticEvents:
    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("Failures", [1, 1]),
            ("StoppedTasks", [1, 1, 1]),
            ("StartDuration", [30]),
            ("ImagePullDuration", [10.5]),
            ("RunDuration", [240]),
        ],
    )
    def test_metric_uses_only_its_own_lines(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, name: str, values: list[float]
    ) -> None:
        times = {
            "pullStartedAt": "2026-11-01T10:00:05.000Z",
            "pullStoppedAt": "2026-11-01T10:00:15.500Z",
            "startedAt": "2026-11-01T10:00:30.000Z",
        }
        failed = {"name": "app", "exitCode": 1}
        events = [
            task_event(lastStatus="PENDING", desiredStatus="RUNNING"),
            task_event(lastStatus="RUNNING", desiredStatus="RUNNING", **times),
            # Something else changed while it ran, or it is about to stop.
            task_event(
                lastStatus="RUNNING",
                desiredStatus="RUNNING",
                **times,
                updatedAt="2026-11-01T10:02:00.000Z",
            ),
            task_event(lastStatus="RUNNING", desiredStatus="STOPPED", **times),
            # Its failure is known, but it has not stopped yet.
            task_event(failed, lastStatus="DEPROVISIONING", **times),
            task_event(failed, executionStoppedAt="2026-11-01T10:04:30.000Z", **times),
            # It never ran.
            task_event({"name": "app", "reason": "CannotPullContainerError: not found"}),
            task_event(stopCode="UserInitiated", stoppedReason="Task stopped by user"),
        ]
        METHODS[name](log)
        properties = only(Template.from_stack(stack), METRIC_FILTER)
        assert published(properties, [make_record(event) for event in events]) == {(): values}


def metric_values(stack: cdk.Stack, records: list[Record]) -> dict[Dimensions, list[float]]:
    """Return what all metric filters publish, in the order of the records."""
    values: dict[Dimensions, list[float]] = {}
    for record in records:
        for properties in metric_filters(stack):
            for key, added in published(properties, [record]).items():
                values.setdefault(key, []).extend(added)
    return values


class TestFailuresOfOtherTypes:
    @pytest.fixture
    def log(self, stack: cdk.Stack, cluster: ecs.ICluster) -> EcsTaskEventLogger:
        return EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=list(EventType))

    EVENTS = (
        task_event({"name": "app", "exitCode": 1}),
        task_event({"name": "app", "exitCode": 0}),
        deployment("SERVICE_DEPLOYMENT_FAILED", "x", "ERROR"),
        deployment("SERVICE_DEPLOYMENT_COMPLETED", "x"),
        service_action("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR"),
        service_action("SERVICE_STEADY_STATE"),
        health("IMPAIRED"),
        health("OK"),
    )

    @pytest.mark.parametrize(
        ("options", "values"),
        [
            ({}, {(): [1.0] * 4}),
            ({"service": "web"}, {("web",): [1.0] * 3}),
            (
                {"event_type": "SERVICE_ACTION", "service": "web", "cluster": "shop"},
                {
                    ("ECS Task State Change", "web", "shop"): [1.0],
                    ("ECS Deployment State Change", "web", "shop"): [1.0],
                    ("ECS Service Action", "web", "shop"): [1.0],
                },
            ),
        ],
    )
    def test_counts_lines_of_level_error(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, options: Any, values: Any
    ) -> None:
        log.metric_failures(**options)
        assert metric_values(stack, [make_record(each) for each in self.EVENTS]) == values

    def test_type_is_a_dimension(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        metric = log.metric_failures(event_type=EventType.DEPLOYMENT_STATE_CHANGE, service="web")
        assert alarm_of(stack, metric)["Dimensions"] == [
            {"Name": "EventType", "Value": "ECS Deployment State Change"},
            {"Name": "Service", "Value": "web"},
        ]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"event_type": "SERVICE_ACTION", "cause": "SIGNAL"}, "cause cannot be used with eve"),
            (
                {"event_type": "CONTAINER_INSTANCE_HEALTH_CHANGE", "service": "web"},
                "service cannot be used with event_type CONTAINER_INSTANCE_HEALTH_CHANGE: events",
            ),
            ({"event_type": "DEPLOYMENT"}, "event_type is 'DEPLOYMENT', which is none of: TASK_"),
            (
                {
                    "event_type": "SERVICE_ACTION",
                    "service": "web",
                    "cluster": "shop",
                    "source_account": "111122223333",
                },
                "split by EventType, Service, Cluster, Account, but .* at most 3",
            ),
        ],
    )
    def test_rejects_what_the_type_lacks(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, options: Any, message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            log.metric_failures(**options)
        assert metric_filters(stack) == []


class TestFailuresByService:
    def test_counts_failures_of_each_service(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        log.metric_task_failures_by_service()
        failed = {"name": "app", "exitCode": 1}
        events = [
            task_event(failed),
            task_event(failed, group="service:api"),
            task_event(failed),
            task_event(failed, group="family:job"),
            task_event({"name": "app", "exitCode": 0}),
            deployment("SERVICE_DEPLOYMENT_FAILED", "x", "ERROR"),
        ]
        assert metric_values(stack, [make_record(event) for event in events]) == {
            ("shop", "web"): [1, 1],
            ("shop", "api"): [1],
        }

    def test_alarm_has_a_state_for_each_service(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        metric = log.metric_task_failures_by_service(period=Duration.minutes(15))
        metric.create_alarm(stack, "CrashLoop", threshold=3, evaluation_periods=1)
        (query,) = only(Template.from_stack(stack), ALARM)["Metrics"]
        assert query["Expression"] == (
            'SELECT SUM("Stack/Log/TaskFailures") FROM SCHEMA(EcsTaskEvents, Cluster, Service) '
            "GROUP BY Cluster, Service ORDER BY SUM() DESC"
        )
        assert query["Period"] == 900

    def test_central_logger_tells_accounts_apart(self, stack: cdk.Stack) -> None:
        bus = events.EventBus(stack, "Bus")
        accounts = ["111122223333", "444455556666"]
        log = EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=accounts)
        metric = log.metric_task_failures_by_service(cluster="shop")
        assert metric.expression == (
            'SELECT SUM("Stack/Log/TaskFailures") '
            "FROM SCHEMA(EcsTaskEvents, Account, Cluster, Service) WHERE Cluster = 'shop' "
            "GROUP BY Account, Cluster, Service ORDER BY SUM() DESC"
        )
        (properties,) = metric_filters(stack)
        (transformation,) = properties["MetricTransformations"]
        assert [each["Key"] for each in transformation["Dimensions"]] == [
            "Account",
            "Cluster",
            "Service",
        ]

    def test_calls_share_their_filter(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        log.metric_task_failures_by_service()
        log.metric_task_failures_by_service(cluster="shop")
        assert len(metric_filters(stack)) == 1

    def test_rejects_unknown_options(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        options: Any = {"service": "web", "statistic": "Sum"}
        with pytest.raises(
            TypeError,
            match=r"no option 'service'\. The options are cluster, color, label, period\.",
        ):
            log.metric_task_failures_by_service(**options)
        assert metric_filters(stack) == []

    def test_rejects_a_logger_without_failures(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, causes=["COMPLETED"])
        with pytest.raises(ValueError, match="The metric TaskFailures needs tasks that fail"):
            log.metric_task_failures_by_service()


class TestDisconnectedAgents:
    @pytest.fixture
    def log(self, stack: cdk.Stack, cluster: ecs.ICluster) -> EcsTaskEventLogger:
        types = [EventType.CONTAINER_INSTANCE_STATE_CHANGE]
        return EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=types)

    def test_value_is_whether_the_agent_is_away(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        log.metric_agent_disconnected()
        events = [
            instance("ACTIVE"),
            instance("ACTIVE", agentConnected=False),
            instance("DRAINING", agentConnected=False),
            instance("ACTIVE", agentConnected=False, ec2InstanceId="mi-0123"),
            instance("DRAINING"),
            instance("ACTIVE", agentConnected=False),
            # It leaves the cluster: that its agent is away is no news.
            instance("DEREGISTERING", agentConnected=False),
            instance("INACTIVE", agentConnected=False),
            task_event({"name": "app", "exitCode": 1}),
            # It has an instance, but says nothing of the agent.
            health("IMPAIRED"),
        ]
        values = metric_values(stack, [make_record(event) for event in events])
        assert values == {("shop", "i-0abc"): [0, 1, 0, 0, 1, 0, 0], ("shop", "mi-0123"): [1]}
        names = {each["MetricTransformations"][0]["MetricName"] for each in metric_filters(stack)}
        assert names == {"Stack/Log/AgentDisconnected"}

    def test_alarm_watches_each_instance(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        log.metric_agent_disconnected().create_alarm(
            stack, "Away", threshold=1, evaluation_periods=15
        )
        alarm = only(Template.from_stack(stack), ALARM)
        (query,) = alarm["Metrics"]
        assert query["Expression"] == (
            'SELECT MIN("Stack/Log/AgentDisconnected") FROM SCHEMA(EcsTaskEvents, Cluster, '
            "Instance) GROUP BY Cluster, Instance ORDER BY MIN() DESC"
        )
        assert query["Period"] == 60
        assert (alarm["EvaluationPeriods"], alarm["Threshold"]) == (15, 1)
        # An agent that stays away sends no more data, and its data counts as long as it is there.
        assert "TreatMissingData" not in alarm

    def test_cluster_limits_it_to_its_instances(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, cluster: ecs.ICluster
    ) -> None:
        metric = log.metric_agent_disconnected(cluster=cluster, period=Duration.minutes(5))
        assert "SCHEMA(EcsTaskEvents, Cluster, Instance) WHERE Cluster = 'shop' GROUP" in (
            metric.expression
        )
        assert metric.period.to_minutes() == 5
        log.metric_agent_disconnected(cluster="shop")
        assert len(metric_filters(stack)) == 2

    def test_rejects_a_cluster_with_a_wildcard(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        with pytest.raises(ValueError, match="cluster is 'shop-\\*', which is not the name of one"):
            log.metric_agent_disconnected(cluster="shop-*")
        assert metric_filters(stack) == []


class TestMatcher:
    """A check that accepts everything would check nothing."""

    @pytest.mark.parametrize(
        "pattern",
        [
            "",
            "ERROR",
            '$.level = "ERROR"',
            "{ $.level = ERROR }",
            '{ $.level == "ERROR" }',
            '{ level = "ERROR" }',
            "{ $.durations.start > 5 }",
            '{ ($.level = "ERROR") || ($.level = "WARN") && ($.level = "INFO") }',
            '{ ($.level = "ERROR") && $.cause = "*" }',
            '{ ($.level = "ERROR" }',
            '{ ($.level = "ERROR") ($.cause = "*") }',
            "{ () }",
            "{ $.cause EXISTS }",
            '{ $.level = "ERR*" }',
            '{ $.version = "5" }',
        ],
    )
    def test_rejects_unknown_syntax(self, pattern: str) -> None:
        with pytest.raises(filter_pattern.PatternError):
            filter_pattern.matches(pattern, {"level": "ERROR", "version": 5})

    @pytest.mark.parametrize(
        ("pattern", "is_match"),
        [
            ('{ $.a = "x" }', True),
            ('{ (($.a = "y") || ($.a = "x")) && ($.a = "*") }', True),
            ('{ ($.a = "y") || ($.missing = "*") }', False),
            ("{ $.yes IS TRUE }", True),
            ('{ $.a != "y" }', True),
            ('{ $.a != "x" }', False),
            ("{ $.yes IS FALSE }", False),
            ("{ $.missing IS FALSE }", False),
            ('{ $.a = "y" }', False),
            ('{ $.missing = "x" }', False),
            ('{ $.b.c = "*" }', True),
            ('{ $.b.missing = "*" }', False),
            ('{ $.a.c = "*" }', False),
            # "If a property selector points to an array or object", it does not match.
            ('{ $.b = "*" }', False),
            ('{ ($.a = "x") && ($.b.c = "*") }', True),
            ('{ ($.a = "x") && ($.b.missing = "*") }', False),
        ],
    )
    def test_evaluates_patterns(self, pattern: str, is_match: bool) -> None:
        assert filter_pattern.matches(pattern, {"a": "x", "b": {"c": 0}, "yes": True}) is is_match
