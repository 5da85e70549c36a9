"""An app with one logger."""

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs

from ecs_task_event_logger import EcsTaskEventLogger

app = cdk.App()
stack = cdk.Stack(app, "Stack")
cluster = ecs.Cluster.from_cluster_arn(
    stack, "Cluster", "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
)
EcsTaskEventLogger(stack, "Log", cluster=cluster)
app.synth()
