"""The stack of a shop."""

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from ecs_task_event_logger import EcsTaskEventLogger


class ShopStack(cdk.Stack):
    """A stack with a logger for an existing cluster."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Create the logger."""
        super().__init__(scope, id)
        arn = f"arn:{self.partition}:ecs:{self.region}:{self.account}:cluster/shop"
        cluster = ecs.Cluster.from_cluster_arn(self, "Cluster", arn)
        EcsTaskEventLogger(self, "Log", cluster=cluster)
