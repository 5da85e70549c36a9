"""A cluster, and a logger of what its tasks do."""

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs

from ecs_task_event_logger import EcsTaskEventLogger

app = cdk.App()
stack = cdk.Stack(app, "QuickStart")
cluster = ecs.Cluster(stack, "Cluster")

EcsTaskEventLogger(stack, "Log", cluster=cluster)

app.synth()
