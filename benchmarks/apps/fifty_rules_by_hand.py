"""The app with fifty loggers, written by hand: fifty rules and one function.

CDK adds a statement for each rule, which is too much for the policies of a function and a queue. So
one statement allows all rules, and the rules use function and queue as imported ones.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

FUNCTION = Path(__file__).parents[2] / "src" / "ecs_task_event_logger" / "handler"

app = cdk.App()
stack = cdk.Stack(app, "Stack")
queue = sqs.Queue(stack, "DeadLetterQueue")
function = lambda_.Function(
    stack,
    "Function",
    runtime=lambda_.Runtime.PYTHON_3_14,
    code=lambda_.Code.from_asset(str(FUNCTION), exclude=["**/__pycache__"]),
    handler="task_events.main.handler",
    log_group=logs.LogGroup(stack, "LogGroup"),
)
rules = stack.format_arn(service="events", resource="rule", resource_name="*")
eventbridge = iam.ServicePrincipal("events.amazonaws.com")
function.add_permission("Rules", principal=eventbridge, source_arn=rules)
queue.add_to_resource_policy(
    iam.PolicyStatement(
        principals=[eventbridge],
        actions=["sqs:SendMessage"],
        resources=[queue.queue_arn],
        conditions={"ArnLike": {"aws:SourceArn": rules}},
    )
)
target = targets.LambdaFunction(
    lambda_.Function.from_function_attributes(
        stack, "Shared", function_arn=function.function_arn, skip_permissions=True
    ),
    dead_letter_queue=sqs.Queue.from_queue_arn(stack, "Undelivered", queue.queue_arn),
)
for number in range(50):
    cluster = ecs.Cluster.from_cluster_arn(
        stack, f"Cluster{number}", f"arn:aws:ecs:eu-west-1:111122223333:cluster/team-{number}"
    )
    events.Rule(
        stack,
        f"Rule{number}",
        event_pattern=events.EventPattern(
            source=["aws.ecs"],
            detail_type=["ECS Task State Change"],
            detail={"clusterArn": [cluster.cluster_arn], "lastStatus": ["STOPPED"]},
        ),
        targets=[target],
    )
app.synth()
