"""Log the state changes of tasks in an existing cluster."""

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs

from ecs_task_event_logger import EcsTaskEventLogger

app = cdk.App()
stack = cdk.Stack(app, "QuickStart")
cluster = ecs.Cluster.from_cluster_arn(
    stack, "Cluster", f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:cluster/shop"
)

log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
cdk.CfnOutput(stack, "LogGroup", value=log.log_group.log_group_name)
cdk.CfnOutput(stack, "Function", value=log.function.function_name)

app.synth()
