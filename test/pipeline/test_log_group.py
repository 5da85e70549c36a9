"""The log group: a new one, or the caller's own."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Match, Template

from ecs_task_event_logger import EcsTaskEventLogger
from templates import only, only_id

IA = logs.LogGroupClass.INFREQUENT_ACCESS


def test_default_keeps_lines_a_month_and_outlives_the_stack(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    Template.from_stack(stack).has_resource(
        "AWS::Logs::LogGroup",
        {"Properties": {"RetentionInDays": 30}, "DeletionPolicy": "RetainExceptOnCreate"},
    )


def test_another_class_makes_another_log_group() -> None:
    """CloudFormation then keeps the old one: it cannot change the class of a log group."""
    ids = {}
    for log_class in (None, logs.LogGroupClass.STANDARD, IA):
        stack = cdk.Stack(cdk.App(), "Stack")
        EcsTaskEventLogger.for_all_clusters(stack, "Log", log_group_class=log_class)
        ids[log_class] = only_id(Template.from_stack(stack), "AWS::Logs::LogGroup")
    assert ids[None] == ids[logs.LogGroupClass.STANDARD] != ids[IA]


@pytest.mark.parametrize("is_imported", [True, False])
def test_rejects_a_reserved_name(
    stack: cdk.Stack, cluster: ecs.ICluster, is_imported: bool
) -> None:
    if is_imported:
        own: Any = logs.LogGroup.from_log_group_name(stack, "Own", "aws/ecs")
    else:
        own = logs.LogGroup(stack, "Own", log_group_name="aws/ecs")
    with pytest.raises(ValueError, match="log_group Stack/Own has the name aws/ecs, but Cloud"):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=own)


def test_uses_the_callers_own_log_group(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    own = logs.LogGroup.from_log_group_name(stack, "Own", "/shop/ecs")
    logger = EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=own)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Logs::LogGroup", 0)
    assert only(template, "AWS::Lambda::Function")["LoggingConfig"]["LogGroup"] == "/shop/ecs"
    assert logger.log_group is own


def test_rejects_settings_for_an_own_log_group(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    own = logs.LogGroup.from_log_group_name(stack, "Own", "/shop/ecs")
    with pytest.raises(
        ValueError,
        match=r"^log_retention and deletion_protection cannot be used with log_group: the l",
    ):
        EcsTaskEventLogger(
            stack,
            "Log",
            cluster=cluster,
            log_group=own,
            log_retention=logs.RetentionDays.ONE_DAY,
            deletion_protection=True,
        )


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"log_group": "/shop/ecs"}, "got '/shop/ecs'.*from_log_group_name"),
        ({"log_group": logs.LogGroup}, "log_group must be a logs.ILogGroup"),
        ({"removal_policy": "destroy"}, "removal_policy must be a cdk.RemovalPolicy"),
        ({"deletion_protection": "on"}, "deletion_protection must be True or False, got 'on'"),
        ({"log_retention": 30}, "log_retention must be a logs.RetentionDays, got 30"),
    ],
)
def test_rejects_values_of_the_wrong_type(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)


def test_rejects_a_cfn_log_group(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    resource: Any = logs.CfnLogGroup(stack, "Own")
    with pytest.raises(TypeError, match="log_group must be a logs"):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=resource)


def test_rejects_a_log_group_in_another_region() -> None:
    environment = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(cdk.App(), "Placed", env=environment)
    arn = "arn:aws:logs:us-east-1:111122223333:log-group:/shop/ecs"
    own = logs.LogGroup.from_log_group_arn(stack, "Own", arn)
    with pytest.raises(
        ValueError, match="is in region us-east-1, but the stack Placed is in eu-west-1"
    ):
        EcsTaskEventLogger(stack, "Log", cluster=ecs.Cluster(stack, "Cluster"), log_group=own)


def test_sets_class_and_deletion_protection(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group_class=IA, deletion_protection=True)
    log_group = only(Template.from_stack(stack), "AWS::Logs::LogGroup")
    assert log_group["LogGroupClass"] == "INFREQUENT_ACCESS"
    assert log_group["DeletionProtectionEnabled"] is True


def test_default_sets_neither_class_nor_protection(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    absent = {"LogGroupClass": Match.absent(), "DeletionProtectionEnabled": Match.absent()}
    Template.from_stack(stack).has_resource_properties("AWS::Logs::LogGroup", absent)


@pytest.mark.parametrize(
    ("props", "message"),
    [
        *(
            (
                {"log_group_class": each},
                "is DELIVERY, whose lines CloudWatch Logs cannot query. Use",
            )
            for each in logs.LogGroupClass
            if each.value == "DELIVERY"  # The oldest CDK lacks it.
        ),
        (
            {"removal_policy": cdk.RemovalPolicy.SNAPSHOT},
            "is SNAPSHOT, which log groups and queues do not support. Use",
        ),
        (
            {"deletion_protection": True, "removal_policy": cdk.RemovalPolicy.DESTROY},
            "deletion_protection and removal_policy DESTROY contradict each other",
        ),
    ],
)
def test_rejects_unusable_settings(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)


@pytest.mark.parametrize("is_own", [False, True])
@pytest.mark.parametrize("where", ["Stack", "Other"])
def test_rejects_a_metric_filter_on_infrequent_access(
    stack: cdk.Stack, cluster: ecs.ICluster, is_own: bool, where: str
) -> None:
    props: dict[str, Any] = {"log_group_class": IA}
    if is_own:
        props = {"log_group": logs.LogGroup(stack, "Own", **props)}
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
    other: Any = cdk.Stack(stack.node.root, "Other")  # type: ignore[arg-type]
    logs.MetricFilter(
        stack if where == "Stack" else other,
        "Failures",
        log_group=log.log_group,
        filter_pattern=logs.FilterPattern.string_value("$.level", "=", "ERROR"),
        metric_namespace="Shop",
        metric_name="Failures",
    )
    with pytest.raises(RuntimeError, match=f"{where}/Failures/Resource is a metric filter, which"):
        Template.from_stack(stack)


def test_accepts_metric_filters_on_other_log_groups(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group_class=IA)
    logs.LogGroup(stack, "Other").add_metric_filter(
        "Failures",
        filter_pattern=logs.FilterPattern.all_events(),
        metric_namespace="Shop",
        metric_name="Failures",
    )
    Template.from_stack(stack).resource_count_is("AWS::Logs::MetricFilter", 1)


def test_accepts_a_filter_on_a_namesake_in_another_stack() -> None:
    app = cdk.App()
    dev, prod = cdk.Stack(app, "Dev"), cdk.Stack(app, "Prod")
    EcsTaskEventLogger(dev, "Log", cluster=ecs.Cluster(dev, "Cluster"), log_group_class=IA)
    EcsTaskEventLogger(prod, "Log", cluster=ecs.Cluster(prod, "Cluster")).metric_failures()
    app.synth()


if "DELIVERY" in logs.LogGroupClass.__members__:  # the oldest CDK lacks it

    def test_rejects_an_own_log_group_without_queries(
        stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        own = logs.LogGroup(stack, "Own", log_group_class=logs.LogGroupClass.DELIVERY)
        with pytest.raises(
            ValueError, match="log_group Stack/Own is of class DELIVERY, whose lines"
        ):
            EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=own)
