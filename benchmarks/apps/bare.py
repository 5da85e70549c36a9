"""An app without a logger, for the cost of CDK itself. A stack needs at least one resource."""

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs

app = cdk.App()
stack = cdk.Stack(app, "Stack")
cluster = ecs.Cluster.from_cluster_arn(
    stack, "Cluster", "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
)
cdk.CfnWaitConditionHandle(stack, "Resource")
app.synth()
