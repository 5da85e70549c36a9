"""The same app with the same resources, written by hand."""

from pathlib import Path
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

FUNCTION = Path(__file__).parents[2] / "src" / "ecs_task_event_logger" / "function"

app = cdk.App()
stack = cdk.Stack(app, "Stack")
cluster = ecs.Cluster.from_cluster_arn(
    stack, "Cluster", "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
)
log_group = logs.LogGroup(
    stack,
    "LogGroup",
    retention=logs.RetentionDays.ONE_MONTH,
    field_index_policies=[logs.FieldIndexPolicy(fields=["taskId", "service", "cause", "cluster"])],
)
queue = sqs.Queue(
    stack,
    "DeadLetterQueue",
    retention_period=cdk.Duration.days(14),
    encryption=sqs.QueueEncryption.SQS_MANAGED,
    enforce_ssl=True,
)
policy = iam.ManagedPolicy(
    stack,
    "Policy",
    statements=[
        iam.PolicyStatement(
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[log_group.log_group_arn],
        ),
        iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn]),
    ],
)
role = iam.Role(
    stack,
    "Role",
    assumed_by=iam.ServicePrincipal(
        "lambda.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
    ),
    managed_policies=[policy],
)
function = lambda_.Function(
    stack,
    "Function",
    description="Logs ECS task events",
    runtime=lambda_.Runtime.PYTHON_3_14,
    architecture=lambda_.Architecture.ARM_64,
    code=lambda_.Code.from_asset(str(FUNCTION), exclude=["**/__pycache__"]),
    handler="task_events.main.handler",
    memory_size=128,
    timeout=cdk.Duration.seconds(10),
    role=role,
    log_group=log_group,
    logging_format=lambda_.LoggingFormat.JSON,
    system_log_level_v2=lambda_.SystemLogLevel.WARN,
)
cast(
    lambda_.CfnFunction, function.node.default_child
).dead_letter_config = lambda_.CfnFunction.DeadLetterConfigProperty(target_arn=queue.queue_arn)
events.Rule(
    stack,
    "Rule",
    description="Catches ECS task events",
    event_pattern=events.EventPattern(
        source=["aws.ecs"],
        detail_type=["ECS Task State Change"],
        detail={"clusterArn": [cluster.cluster_arn]},
    ),
    targets=[targets.LambdaFunction(function, dead_letter_queue=queue)],
)
for name, text in {
    "RecentFailures": 'filter level = "ERROR" and lastStatus = "STOPPED" | limit 100',
    "LifeOfOneTask": 'filter taskId = "" | sort version asc | limit 100',
    "FailuresByServiceAndCause": "stats count_distinct(taskId) by service, cause",
    "SlowestStartsAndImagePulls": "sort durations.start desc | limit 50",
    "RestartsByService": "stats count_distinct(taskId) by cluster, service, bin(1h)",
    "UnparsedEventsAndErrors": "filter not ispresent(eventId) | limit 100",
}.items():
    logs.CfnQueryDefinition(
        stack,
        name,
        name=f"Stack/{name}",
        query_string=text,
        log_group_names=[log_group.log_group_name],
    )
app.synth()
