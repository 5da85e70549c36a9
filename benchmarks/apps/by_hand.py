"""The app with one logger, written by hand: the same resources with the same properties.

A number as argument is the number of rules that share the function, as with ``EcsTaskEventRule``.
"""

import sys
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

rules = int(sys.argv[1]) if len(sys.argv) > 1 else 1
app = cdk.App()
stack = cdk.Stack(app, "Stack0")
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
target = targets.LambdaFunction(function, dead_letter_queue=queue)
if rules > 1:
    # CDK adds a statement for each rule, which is too much for the policies of a function and a
    # queue. So one statement allows all rules, which use function and queue as imported ones.
    all_rules = stack.format_arn(service="events", resource="rule", resource_name="*")
    eventbridge = iam.ServicePrincipal("events.amazonaws.com")
    function.add_permission("Rules", principal=eventbridge, source_arn=all_rules)
    queue.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[eventbridge],
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            conditions={"ArnLike": {"aws:SourceArn": all_rules}},
        )
    )
    shared = lambda_.Function.from_function_attributes(
        stack, "Shared", function_arn=function.function_arn, skip_permissions=True
    )
    undelivered = sqs.Queue.from_queue_arn(stack, "Undelivered", queue.queue_arn)
    target = targets.LambdaFunction(shared, dead_letter_queue=undelivered)
for number in range(rules):
    cluster = ecs.Cluster.from_cluster_arn(
        stack, f"Cluster{number}", f"arn:aws:ecs:eu-west-1:111122223333:cluster/shop{number}"
    )
    events.Rule(
        stack,
        f"Rule{number}",
        description="Catches ECS task events (ecs-task-event-logger)",
        event_pattern=events.EventPattern(
            source=["aws.ecs"],
            detail_type=["ECS Task State Change"],
            detail={"clusterArn": [cluster.cluster_arn]},
        ),
        targets=[target],
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
        name=f"Stack0/Log0/{name}",
        query_string=text,
        log_group_names=log_group_names,
    )
app.synth()
