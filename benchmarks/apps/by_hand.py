"""The app with one logger, written by hand: the same resources with the same properties."""

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

FUNCTION = Path(__file__).resolve().parents[2] / "src" / "ecs_task_event_logger" / "handler"

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
    removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
)
queue = sqs.Queue(
    stack,
    "DeadLetterQueue",
    retention_period=cdk.Duration.days(14),
    max_message_size_bytes=1024 * 1024,
    encryption=sqs.QueueEncryption.SQS_MANAGED,
    enforce_ssl=True,
    removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
)
policy = iam.ManagedPolicy(
    stack,
    "Policy",
    description="What the function may do (ecs-task-event-logger)",
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
        "lambda.amazonaws.com",
        conditions={"StringEqualsIfExists": {"aws:SourceAccount": stack.account}},
    ),
    managed_policies=[policy],
)
function = lambda_.Function(
    stack,
    "Function",
    description="Logs ECS task events (ecs-task-event-logger)",
    runtime=lambda_.Runtime.PYTHON_3_14,
    architecture=lambda_.Architecture.ARM_64,
    code=lambda_.Code.from_asset(
        str(FUNCTION),
        exclude=["*", "!task_events", "!task_events/*.py"],
        ignore_mode=cdk.IgnoreMode.GIT,
    ),
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
    description="Catches ECS task events (ecs-task-event-logger)",
    event_pattern=events.EventPattern(
        source=["aws.ecs"],
        detail_type=["ECS Task State Change"],
        detail={"clusterArn": [cluster.cluster_arn]},
    ),
    targets=[targets.LambdaFunction(function, dead_letter_queue=queue)],
)
log_group_names = [log_group.log_group_name]
for name, text in {
    "Recent failures": """\
fields timestamp, cluster, coalesce(service, group, taskDefinition) as workload, message, remedy, \
taskId
| filter level = "ERROR"
| sort timestamp desc
| limit 100""",
    "Life of one task": """\
# Put the task's ID between the quotes.
fields timestamp, lastStatus, message, stoppedReason, version
| filter taskId = ""
| sort version asc
| limit 100""",
    "Failures by service and cause": """\
fields coalesce(service, group, taskDefinition) as workload
| filter level = "ERROR" and lastStatus = "STOPPED"
| stats count_distinct(taskId) as tasks, latest(message) as latestMessage
  by workload, cause
| sort tasks desc""",
    "Slowest starts and image pulls": """\
fields timestamp, cluster, coalesce(service, group, taskDefinition) as workload,
  durations.start, durations.pull, launchType, taskId
| filter lastStatus = "RUNNING" and not ispresent(desiredStatus) and ispresent(durations.start)
| sort durations.start desc
| dedup taskId
| limit 50""",
    "Restarts by service": """\
# Tasks should only stop when the service is scaled or deployed. These stopped for other reasons.
filter lastStatus = "STOPPED" and ispresent(service) and cause != "SCHEDULER_STOPPED"
| stats count_distinct(taskId) as restarts, latest(message) as latestMessage
  by cluster, service, bin(1h)
| sort restarts desc""",
    "Unparsed events and errors": """\
# Events that could not be parsed, and lines that Lambda or an exception wrote.
fields @timestamp, level, message, eventId, @message
| filter ispresent(unparsed.source) or not ispresent(detailType)
| sort @timestamp desc
| limit 100""",
}.items():
    logs.CfnQueryDefinition(
        stack,
        name.title().replace(" ", ""),
        name=f"Stack/Log/{name}",
        query_string=text,
        log_group_names=log_group_names,
    )
app.synth()
