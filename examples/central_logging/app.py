"""One log for several accounts and regions: a central stack, and a small one in each of them."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events as events
from constructs import Construct

from ecs_task_event_logger import EcsTaskEventForwarder, EcsTaskEventLogger, EventType

CENTRAL = cdk.Environment(account="999999999999", region="eu-west-1")
MEMBERS = {
    "Shop": cdk.Environment(account="111111111111", region="eu-west-1"),
    "Warehouse": cdk.Environment(account="222222222222", region="us-east-1"),
}
# Members know the bus by its name, so it is given one.
BUS_NAME = "ecs-events"
# What a task tells, and what its service tells where there is no task.
EVENT_TYPES = [EventType.TASK_STATE_CHANGE, EventType.SERVICE_ACTION]


class CentralStack(cdk.Stack):
    """The bus that the members send to, and the logger of what arrives there."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        """Make them."""
        super().__init__(scope, id, **kwargs)
        log = EcsTaskEventLogger(
            self,
            "Log",
            event_bus=events.EventBus(self, "Bus", event_bus_name=BUS_NAME),
            accounts=[str(member.account) for member in MEMBERS.values()],
            event_types=EVENT_TYPES,
        )
        cdk.CfnOutput(self, "Function", value=log.function.function_name)


class MemberStack(cdk.Stack):
    """The forwarder of one account and region."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        """Make it."""
        super().__init__(scope, id, **kwargs)
        bus = events.EventBus.from_event_bus_arn(
            self,
            "CentralBus",
            f"arn:{self.partition}:events:{CENTRAL.region}:{CENTRAL.account}:event-bus/{BUS_NAME}",
        )
        forwarder = EcsTaskEventForwarder(
            self, "Forwarder", destination_bus=bus, event_types=EVENT_TYPES
        )
        cdk.CfnOutput(self, "Undelivered", value=forwarder.dead_letter_queue.queue_arn)


app = cdk.App()
central = CentralStack(app, "Central", env=CENTRAL)
for name, environment in MEMBERS.items():
    # The bus must be there, and let the member in, before anything is sent to it.
    MemberStack(app, name, env=environment).node.add_dependency(central)
app.synth()
