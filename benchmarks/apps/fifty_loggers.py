"""An app with fifty loggers that share one function."""

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs

from ecs_task_event_logger import EcsTaskEventLogger

app = cdk.App()
stack = cdk.Stack(app, "Stack")
function = None
for number in range(50):
    cluster = ecs.Cluster.from_cluster_arn(
        stack, f"Cluster{number}", f"arn:aws:ecs:eu-west-1:111122223333:cluster/team-{number}"
    )
    log = EcsTaskEventLogger(
        stack, f"Log{number}", cluster=cluster, statuses=["STOPPED"], function=function
    )
    function = log.function
app.synth()
