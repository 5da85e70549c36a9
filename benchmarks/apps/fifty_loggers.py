"""An app with one logger and 49 further rules that feed it."""

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs

from ecs_task_event_logger import EcsTaskEventLogger, EcsTaskEventRule

app = cdk.App()
stack = cdk.Stack(app, "Stack")
clusters = [
    ecs.Cluster.from_cluster_arn(
        stack, f"Cluster{number}", f"arn:aws:ecs:eu-west-1:111122223333:cluster/team-{number}"
    )
    for number in range(50)
]
log = EcsTaskEventLogger(stack, "Log", cluster=clusters[0], statuses=["STOPPED"])
for number, cluster in enumerate(clusters[1:], 1):
    EcsTaskEventRule(stack, f"Rule{number}", logger=log, cluster=cluster, statuses=["STOPPED"])
app.synth()
