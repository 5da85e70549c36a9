"""The dashboard: its resource, its widgets and its picture."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Template

import logs_insights
from draw_dashboard import read_widgets
from ecs_events import ROOT, deployment, service_action, task_event
from ecs_task_event_logger import EcsTaskEventLogger, EventType
from ecs_task_event_logger._insights.dashboard import failures_table, log_widgets, other_failures
from ecs_task_event_logger.handler.task_events.record import make_record
from templates import only

DASHBOARD = "AWS::CloudWatch::Dashboard"
EXAMPLE = ROOT / "examples" / "local" / "failing-task.jsonl"


def body_of(stack: cdk.Stack) -> dict[str, Any]:
    """Return the body of the only dashboard. The names of resources stand for references."""
    joined = only(Template.from_stack(stack), DASHBOARD)["DashboardBody"]["Fn::Join"][1]
    parts = [part if isinstance(part, str) else next(iter(part.values())) for part in joined]
    body: dict[str, Any] = json.loads("".join(p if isinstance(p, str) else p[0] for p in parts))
    return body


def test_default_creates_no_dashboard(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    Template.from_stack(stack).resource_count_is(DASHBOARD, 0)


def test_widgets_fit_into_an_own_dashboard(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    own = cloudwatch.Dashboard(stack, "Own")
    own.add_widgets(cloudwatch.TextWidget(markdown="# Shop", width=24))
    own.add_widgets(*log.dashboard_widgets())
    titles = [widget["properties"].get("title") for widget in body_of(stack)["widgets"]]
    assert titles[:2] == [None, "Failed tasks an hour, by cause"]
    assert len(titles) == 8


def test_widgets_add_no_resource(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    before = Template.from_stack(stack).to_json()
    log.dashboard_widgets()
    assert Template.from_stack(stack).to_json() == before


def test_dashboard_adds_one_resource(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    log.create_dashboard()
    template = Template.from_stack(stack).to_json()["Resources"]
    bare = cdk.Stack(cdk.App(), "Stack")
    arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
    EcsTaskEventLogger(bare, "Log", cluster=ecs.Cluster.from_cluster_arn(bare, "Cluster", arn))
    before = Template.from_stack(bare).to_json()["Resources"]
    (added,) = template.keys() - before.keys()
    assert template.pop(added)["Type"] == DASHBOARD
    assert template == before


def test_widgets_run_the_tested_queries(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    log.create_dashboard()
    (log_group,) = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup")
    widgets = [widget for widget in body_of(stack)["widgets"] if widget["type"] == "log"]
    assert [(each["properties"]["title"], each["properties"]["query"]) for each in widgets] == [
        (widget.title, f"SOURCE '{log_group}' | {widget.query}")
        for widget in [*log_widgets(), failures_table()]
    ]


@pytest.mark.parametrize(
    "widget", [*log_widgets(), failures_table()], ids=lambda widget: widget.title
)
def test_query_does_not_begin_with_a_comment(widget: Any) -> None:
    # CDK writes SOURCE and a pipe before it, on the same line.
    assert not widget.query.lstrip().startswith("#")
    assert logs_insights.fields_of(widget.query)


def test_other_types_get_a_graph_of_their_failures(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    types = [EventType.TASK_STATE_CHANGE, "DEPLOYMENT_STATE_CHANGE", "SERVICE_ACTION"]
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=types)
    log.create_dashboard()
    titles = [widget["properties"]["title"] for widget in body_of(stack)["widgets"]]
    assert titles[-2] == "Failures an hour of services, deployments and instances"
    assert len(titles) == 8


def test_graph_of_other_failures_counts_each_type() -> None:
    events = [
        deployment("SERVICE_DEPLOYMENT_FAILED", "x", "ERROR"),
        deployment("SERVICE_DEPLOYMENT_COMPLETED", "x"),
        service_action("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR"),
        service_action("SERVICE_TASK_START_IMPAIRED", "WARN"),
        task_event({"name": "app", "exitCode": 1}),
    ]
    query = other_failures([EventType.SERVICE_ACTION, EventType.DEPLOYMENT_STATE_CHANGE]).query
    (row,) = logs_insights.run(query, [make_record(event) for event in events])
    assert (row["SERVICE_ACTION"], row["DEPLOYMENT_STATE_CHANGE"]) == (2, 1)


def test_widget_counts_the_messages_in_the_queue(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    log.create_dashboard()
    (widget,) = [each for each in body_of(stack)["widgets"] if each["type"] == "metric"]
    (queue,) = Template.from_stack(stack).find_resources("AWS::SQS::Queue")
    ((namespace, metric, dimension, value, *_),) = widget["properties"]["metrics"]
    assert (namespace, metric) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert (dimension, value) == ("QueueName", queue)


def test_widgets_query_an_own_log_group(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    own = logs.LogGroup.from_log_group_name(stack, "Own", "/ecs/events")
    EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=own).create_dashboard()
    widgets = [widget for widget in body_of(stack)["widgets"] if widget["type"] == "log"]
    assert all(w["properties"]["query"].startswith("SOURCE '/ecs/events' | ") for w in widgets)


def test_each_widget_has_its_own_title(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    log.create_dashboard()
    titles = [widget["properties"]["title"] for widget in body_of(stack)["widgets"]]
    assert all(titles)
    assert len(set(titles)) == 7


def test_rows_fill_the_width_of_the_dashboard(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    log.create_dashboard()
    rows: dict[int, int] = {}
    for widget in body_of(stack)["widgets"]:
        assert widget["x"] == rows.get(widget["y"], 0)
        rows[widget["y"]] = widget["x"] + widget["width"]
    assert set(rows.values()) == {24}


def test_default_interval_is_one_day(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    log.create_dashboard()
    assert body_of(stack)["start"] == "-P1D"


def test_accepts_a_name_and_an_interval(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    log.create_dashboard("Tasks", dashboard_name="tasks", default_interval=Duration.days(7))
    assert only(Template.from_stack(stack), DASHBOARD)["DashboardName"] == "tasks"
    assert body_of(stack)["start"] == "-P7D"


class TestPicture:
    def test_picture_has_the_layout_of_the_dashboard(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        log.create_dashboard()
        pictured = [
            (widget.title, widget.view, widget.x, widget.y, widget.width, widget.height)
            for widget in read_widgets()
        ]
        assert pictured == [
            (
                widget["properties"]["title"],
                widget["properties"]["view"],
                *(widget[key] for key in ("x", "y", "width", "height")),
            )
            for widget in body_of(stack)["widgets"]
        ]
