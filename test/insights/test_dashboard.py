"""The dashboard: where it is made, and what is on it."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Template

import insights
from ecs_task_event_logger import EcsTaskEventLogger
from ecs_task_event_logger._insights.dashboard import last_failures, log_widgets
from picture import read_lines, read_widgets, render
from templates import only

DASHBOARD = "AWS::CloudWatch::Dashboard"
EXAMPLE = Path(__file__).parent.parent / "examples" / "local" / "failing-task.jsonl"


def body_of(stack: cdk.Stack) -> dict[str, Any]:
    """Return the body of the only dashboard, with the names of what it refers to."""
    joined = only(Template.from_stack(stack), DASHBOARD)["DashboardBody"]["Fn::Join"][1]
    parts = [part if isinstance(part, str) else next(iter(part.values())) for part in joined]
    body: dict[str, Any] = json.loads("".join(p if isinstance(p, str) else p[0] for p in parts))
    return body


def test_nothing_is_made_before_it_is_asked_for(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    Template.from_stack(stack).resource_count_is(DASHBOARD, 0)


def test_widgets_go_into_a_dashboard_of_ones_own(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
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


def test_a_dashboard_is_one_resource_more(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    log.create_dashboard()
    template = Template.from_stack(stack).to_json()["Resources"]
    bare = cdk.Stack(cdk.App(), "Stack")
    arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
    EcsTaskEventLogger(bare, "Log", cluster=ecs.Cluster.from_cluster_arn(bare, "Cluster", arn))
    before = Template.from_stack(bare).to_json()["Resources"]
    (added,) = template.keys() - before.keys()
    assert template.pop(added)["Type"] == DASHBOARD
    assert template == before


def test_widgets_ask_what_is_tested(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    log.create_dashboard()
    (log_group,) = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup")
    widgets = [widget for widget in body_of(stack)["widgets"] if widget["type"] == "log"]
    assert [(each["properties"]["title"], each["properties"]["query"]) for each in widgets] == [
        (widget.title, f"SOURCE '{log_group}' | {widget.query}")
        for widget in [*log_widgets(), last_failures()]
    ]


@pytest.mark.parametrize(
    "widget", [*log_widgets(), last_failures()], ids=lambda widget: widget.title
)
def test_a_query_does_not_begin_with_a_comment(widget: Any) -> None:
    # CDK puts SOURCE and a pipe before it, on the same line.
    assert not widget.query.lstrip().startswith("#")
    assert insights.fields_of(widget.query)


def test_undelivered_events_are_those_in_the_queue(
    stack: cdk.Stack, log: EcsTaskEventLogger
) -> None:
    log.create_dashboard()
    (widget,) = [each for each in body_of(stack)["widgets"] if each["type"] == "metric"]
    (queue,) = Template.from_stack(stack).find_resources("AWS::SQS::Queue")
    ((namespace, metric, dimension, value, *_),) = widget["properties"]["metrics"]
    assert (namespace, metric) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert (dimension, value) == ("QueueName", queue)


def test_the_callers_own_log_group_is_asked(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    own = logs.LogGroup.from_log_group_name(stack, "Own", "/ecs/events")
    EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=own).create_dashboard()
    widgets = [widget for widget in body_of(stack)["widgets"] if widget["type"] == "log"]
    assert all(w["properties"]["query"].startswith("SOURCE '/ecs/events' | ") for w in widgets)


def test_each_widget_has_a_title_of_its_own(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    log.create_dashboard()
    titles = [widget["properties"]["title"] for widget in body_of(stack)["widgets"]]
    assert all(titles)
    assert len(set(titles)) == 7


def test_rows_are_as_wide_as_a_dashboard(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    log.create_dashboard()
    rows: dict[int, int] = {}
    for widget in body_of(stack)["widgets"]:
        assert widget["x"] == rows.get(widget["y"], 0)
        rows[widget["y"]] = widget["x"] + widget["width"]
    assert set(rows.values()) == {24}


def test_it_looks_back_a_day_unless_told_otherwise(
    stack: cdk.Stack, log: EcsTaskEventLogger
) -> None:
    log.create_dashboard()
    assert body_of(stack)["start"] == "-P1D"


def test_what_it_is_called_and_how_far_it_looks_back_can_be_told(
    stack: cdk.Stack, log: EcsTaskEventLogger
) -> None:
    log.create_dashboard("Tasks", dashboard_name="tasks", default_interval=Duration.days(7))
    assert only(Template.from_stack(stack), DASHBOARD)["DashboardName"] == "tasks"
    assert body_of(stack)["start"] == "-P7D"


class TestPicture:
    def test_it_shows_the_widgets_where_the_dashboard_has_them(
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

    def test_it_is_drawn(self, tmp_path: Path) -> None:
        pytest.importorskip("matplotlib")
        render(read_lines([EXAMPLE]), tmp_path / "dashboard.png")
        assert (tmp_path / "dashboard.png").read_bytes().startswith(b"\x89PNG")
