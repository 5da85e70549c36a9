"""An app with as many loggers as its argument says. Ten fit into a stack of 500 resources."""

import sys

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs

from ecs_task_event_logger import EcsTaskEventLogger

app = cdk.App()
for number in range(int(sys.argv[1])):
    if number % 10 == 0:
        stack = cdk.Stack(app, f"Stack{number // 10}")
    cluster = ecs.Cluster.from_cluster_arn(
        stack, f"Cluster{number}", f"arn:aws:ecs:eu-west-1:111122223333:cluster/shop-{number}"
    )
    EcsTaskEventLogger(stack, f"Log{number}", cluster=cluster)
app.synth()
