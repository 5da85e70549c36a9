"""The same fifty rules and one function, written by hand as one would at first.

Lambda and SQS would refuse it: CDK adds a statement for each rule to the policies of the function
and of the queue, more than fit in.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

FUNCTION = Path(__file__).parents[2] / "src" / "ecs_task_event_logger" / "function"

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
        targets=[targets.LambdaFunction(function, dead_letter_queue=queue)],
    )
app.synth()
