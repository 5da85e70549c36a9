"""One log for several accounts and regions: a central stack, and a small stack in each account."""

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
# The members refer to the bus by name, so it needs a physical name.
BUS_NAME = "ecs-events"
# Events of tasks. A service reports why there is no task.
EVENT_TYPES = [EventType.TASK_STATE_CHANGE, EventType.SERVICE_ACTION]


class CentralStack(cdk.Stack):
    """The bus that the members send to, and a logger for the events that arrive there."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        """Create the bus and the logger."""
        super().__init__(scope, id, **kwargs)
        log = EcsTaskEventLogger(
            self,
            "Log",
            event_bus=events.EventBus(self, "Bus", event_bus_name=BUS_NAME),
            source_accounts=[str(member.account) for member in MEMBERS.values()],
            event_types=EVENT_TYPES,
        )
        cdk.CfnOutput(self, "Function", value=log.function.function_name)


class MemberStack(cdk.Stack):
    """The forwarder of one account and region."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        """Create the forwarder."""
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
    # The bus must exist, and allow the member to send, before the forwarder sends to it.
    MemberStack(app, name, env=environment).node.add_dependency(central)
app.synth()
