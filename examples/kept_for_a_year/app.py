"""Keep lines for a year, encrypted with your own key and protected from deletion."""

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs

from ecs_task_event_logger import EcsTaskEventLogger, EventType

app = cdk.App()
stack = cdk.Stack(app, "KeptForAYear")
cluster = ecs.Cluster.from_cluster_arn(
    stack, "Cluster", f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:cluster/shop"
)
log = EcsTaskEventLogger(
    stack,
    "Log",
    cluster=cluster,
    event_types=[
        EventType.TASK_STATE_CHANGE,
        EventType.SERVICE_ACTION,
        EventType.DEPLOYMENT_STATE_CHANGE,
    ],
    log_retention=logs.RetentionDays.ONE_YEAR,
    # Log ingestion at half the price. Queries work, but metrics do not.
    log_group_class=logs.LogGroupClass.INFREQUENT_ACCESS,
    deletion_protection=True,
    encryption_key=kms.Key(stack, "Key", enable_key_rotation=True),
)
log.create_dashboard()

app.synth()
