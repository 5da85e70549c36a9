"""The stack of a shop."""

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from ecs_task_event_logger import EcsTaskEventLogger


class ShopStack(cdk.Stack):
    """A cluster and its logger."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Make them."""
        super().__init__(scope, id)
        EcsTaskEventLogger(self, "Log", cluster=ecs.Cluster(self, "Cluster"))
