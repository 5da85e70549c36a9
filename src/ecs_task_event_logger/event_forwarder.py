"""The forwarder: it sends events to a central bus in another account or region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Unpack

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ._common.encryption import validate_key
from ._common.environment import is_in_same_environment, needs_reference, refuse_missing_env
from ._common.rejection import leaves_nothing_behind
from ._common.roles import allow, create_policy, create_role
from ._common.signature import InitSignature
from ._common.validation import refuse_unused
from ._insights.metrics import MetricOptions
from ._pipeline.dead_letter_queue import QueueSettings, queue_or_default, target_queue
from ._rules.central_bus import validate_bus
from ._rules.event_filter import EventFilter
from ._rules.rules import ALL_CLUSTERS, EventRules
from .enums import EventType, LaunchType, StopCode, TaskStatus

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch


class EcsTaskEventForwarder(Construct):
    """Sends the state changes of ECS tasks to an event bus in another account or region.

    A logger next to that bus keeps the events of many accounts and regions in one log.

    ```python
    central = events.EventBus.from_event_bus_arn(
        self, "Central", "arn:aws:events:eu-west-1:999999999999:event-bus/ecs-events"
    )
    EcsTaskEventForwarder(self, "Forwarder", destination_bus=central)
    ```

    It creates a rule on the default event bus of its stack's account and region. A role lets the
    rule put events on the one bus. A dead-letter queue keeps events that could not be delivered.
    There is no function: events arrive as ECS sent them, with the environment and the commands of
    overrides in clear text. The logger redacts them.

    Deploy the central bus first. It must let the account send, as ``EcsTaskEventLogger`` with
    ``event_bus`` and ``source_accounts`` does. That logger drops events of accounts that it does
    not name, also of the bus's own account. EventBridge does not send events on to a third account.
    Events that cross a region get a new ``id`` and ``time``. EventBridge charges for events that
    are sent ($1 a million, in US East in November 2026), and not for those that the filters drop.

    Source: AWS documentation,
    <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html>.
    """

    __signature__ = InitSignature()

    @leaves_nothing_behind
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        destination_bus: events.IEventBus,
        cluster: ecs.ICluster | None = None,
        statuses: Sequence[TaskStatus | str] | None = None,
        services: Sequence[str | ecs.IService] | None = None,
        task_families: Sequence[str | ecs.ITaskDefinition] | None = None,
        exclude_services: Sequence[str | ecs.IService] | None = None,
        exclude_task_families: Sequence[str | ecs.ITaskDefinition] | None = None,
        launch_types: Sequence[LaunchType | ecs.LaunchType | str] | None = None,
        capacity_providers: Sequence[str | ecs.AsgCapacityProvider] | None = None,
        stop_codes: Sequence[StopCode | str] | None = None,
        event_types: Sequence[EventType | str] | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
        encryption_key: kms.IKey | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        """Create the forwarder of one cluster, or of all. ``add_cluster`` adds others.

        The filters mean what they mean for ``EcsTaskEventLogger``. EventBridge alone applies them,
        so filters that need a function are left to the logger.

        Args:
            scope: The parent construct, usually a stack.
            id: The construct's ID, unique within ``scope``.
            destination_bus: The bus to send to, in any account and region:
                ``events.EventBus.from_event_bus_arn``. EventBridge drops the events without a sign
                if the bus is in the stack's own account and region and does not exist.
            cluster: The cluster whose events are sent. By default the events of every cluster in
                the stack's account and region are sent, also of future ones.
            statuses: Send only events of tasks in one of these statuses. By default in any.
            services: Send only events of tasks of these services. Pass a service or its name; ``*``
                in a name matches any text. By default tasks with any service and with none.
            task_families: Send only events of tasks of these families. Pass a task definition or
                the name of its family; ``*`` in a name matches any text. Together with
                ``services``, tasks that match either. By default every family.
            exclude_services: Do not send events of tasks of these services. By default none.
            exclude_task_families: Do not send events of tasks of these families. By default none.
            launch_types: Send only events of tasks with these launch types. By default of any.
            capacity_providers: Send only events of tasks of these capacity providers. By default
                of all tasks.
            stop_codes: Send only events of tasks that stop with one of these codes. By default of
                all tasks.
            event_types: Send events of these types. By default only task events. Two more rules
                catch the other types: of ECS events, and calls of RunTask that failed.
            dead_letter_queue: Your own standard queue for events that cannot be delivered, for one
                forwarder: the policy of a queue is small. By default a new encrypted queue keeps
                them 14 days.
            encryption_key: The key for the new queue. The statements that it needs are added to its
                policy. By default AWS's own key encrypts it, at no cost.
            removal_policy: The removal policy of the new queue. By default it stays when it leaves
                the stack, with all it holds; only a first deployment that fails deletes it.

        Raises:
            TypeError: If a prop has the wrong type.
            ValueError: If a list is empty, or a value is not accepted or contradicts another. If
                EventBridge cannot apply the filters together. If the cluster or the queue is known
                to be in another account or region than the stack. If the bus is known to be the
                default bus that the events come from.
        """
        super().__init__(scope, id)
        validate_bus("destination_bus", destination_bus)
        self._refuse_source_bus(destination_bus)
        self._refuse_unreachable_bus(destination_bus)
        if dead_letter_queue is not None:
            own = {"encryption_key": encryption_key, "removal_policy": removal_policy}
            refuse_unused("forwarder", "dead_letter_queue", own)
        if encryption_key is not None:
            validate_key(self, encryption_key)
        event_filter = EventFilter(
            self,
            statuses=statuses,
            services=services,
            task_families=task_families,
            exclude_services=exclude_services,
            exclude_task_families=exclude_task_families,
            launch_types=launch_types,
            capacity_providers=capacity_providers,
            stop_codes=stop_codes,
            event_types=event_types,
        )
        _refuse_function_filters(event_filter)
        self._rules = EventRules(self, ALL_CLUSTERS if cluster is None else cluster, event_filter)
        queue_settings = QueueSettings(dead_letter_queue, removal_policy, encryption_key)
        self._queue = queue_or_default(self, queue_settings)
        policy = create_policy(
            self,
            "Where the rule may send events",
            [allow(["events:PutEvents"], [destination_bus.event_bus_arn])],
        )
        role = create_role(self, policy, "events.amazonaws.com")
        self._rules.create(
            targets.EventBus(
                destination_bus,
                # CDK would add an inline policy to the role.
                role=role.without_policy_updates(),
                dead_letter_queue=target_queue(self, self._queue, queue_settings),
            )
        )

    def add_cluster(self, cluster: ecs.ICluster) -> None:
        """Send the events of another cluster too.

        Args:
            cluster: The cluster, in the stack's own account and region.

        Raises:
            TypeError: If it is not a cluster.
            ValueError: If its events are sent already, or if it is known to be in another account
                or region.
        """
        self._rules.add_cluster(cluster)

    def add_event_pattern(self, *, detail: Mapping[str, object]) -> None:
        """Add conditions for task events, as ``EcsTaskEventLogger.add_event_pattern`` does.

        Args:
            detail: The conditions on the event's ``detail``: each key with a list of matchers.

        Raises:
            ValueError: As ``EcsTaskEventLogger.add_event_pattern`` does.
        """
        self._rules.add_event_pattern(detail)

    @property
    def rule(self) -> events.Rule:
        """The rule that catches task events, or else the rule for the other types."""
        return self._rules.first

    @property
    def dead_letter_queue(self) -> sqs.IQueue:
        """The queue with the events that could not be sent: the new one, or your own.

        A message is a whole ECS event, not redacted. ``python -m ecs_task_event_logger.redrive
        FUNCTION --queue ARN`` hands them to the function of the logger next to the bus.
        """
        return self._queue

    def metric_undelivered_events(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of events in the queue, as ``EcsTaskEventLogger`` does.

        Args:
            **options: The keywords of ``cloudwatch.MetricOptions``. By default the maximum over
                five minutes.
        """
        return self._queue.metric_approximate_number_of_messages_visible(**options)

    def _refuse_source_bus(self, bus: events.IEventBus) -> None:
        if bus.event_bus_name == "default" and is_in_same_environment(self, bus):
            raise ValueError(
                f"destination_bus {bus.node.path} is the stack's default bus, where the events are "
                "already. Use a bus in another account or region, or a bus of your own. A logger "
                "in this account and region needs no forwarder."
            )

    def _refuse_unreachable_bus(self, bus: events.IEventBus) -> None:
        refuse_missing_env(self, "destination_bus", bus, bus.event_bus_arn)
        if not is_in_same_environment(self, bus) and needs_reference(self, bus.event_bus_arn):
            raise ValueError(
                f"destination_bus {bus.node.path} has no event_bus_name, so a stack in another "
                "account or region cannot refer to it. Give it an event_bus_name."
            )


def _refuse_function_filters(event_filter: EventFilter) -> None:
    if names := " and ".join(map(str.lower, event_filter.function_environment())):
        raise ValueError(
            f"{names} cannot be used with these filters and event_types: EventBridge cannot "
            f"combine them, and a forwarder has no function. Set {names} on the logger instead."
        )
