"""The forwarder: what sends events to a central bus, from where they happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ._common.environment import is_here
from ._common.validation import check_removal_policy, refuse_without_use
from ._insights.metrics import MetricOptions
from ._pipeline.dead_letter_queue import provide_queue, queue_for_rules
from ._pipeline.encryption import check_key
from ._pipeline.execution_role import make_role
from ._rules.central_bus import check_bus
from ._rules.event_filter import EventFilter
from ._rules.rules import EventRules
from .enums import EventType, LaunchType, StopCode, TaskStatus

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch


class EcsTaskEventForwarder(Construct):
    """Sends the state changes of ECS tasks to the event bus of another account or region.

    A logger beside that bus keeps them, those of many accounts and regions in one place.

    ```python
    central = events.EventBus.from_event_bus_arn(
        self, "Central", "arn:aws:events:eu-west-1:999999999999:event-bus/ecs-events"
    )
    EcsTaskEventForwarder(self, "Forwarder", destination_bus=central)
    ```

    It makes a rule on the default event bus of its stack's account and region, a role that may put
    events on the one bus, and a dead-letter queue for what could not be delivered there. There is
    no function: the events go as ECS has sent them, with the environment and the commands of
    overrides in clear text, and what is to be masked, the logger masks.

    The central bus must be there and let the account in before this is deployed, as
    ``EcsTaskEventLogger`` with ``event_bus`` and ``accounts`` does; the logger also ignores events
    of accounts that it does not name, the bus's own included. From there EventBridge sends
    nothing on to a third account. In another region, events have a new ``id`` and ``time``. It
    charges for what is sent ($1 a million events, in US East in November 2026), and not for what
    the filters drop.

    Source: AWS documentation,
    <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html>.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        destination_bus: events.IEventBus,
        cluster: ecs.ICluster | None = None,
        statuses: Sequence[TaskStatus | str] | None = None,
        services: Sequence[str] | None = None,
        task_families: Sequence[str] | None = None,
        exclude_services: Sequence[str] | None = None,
        exclude_task_families: Sequence[str] | None = None,
        launch_types: Sequence[LaunchType | ecs.LaunchType | str] | None = None,
        stop_codes: Sequence[StopCode | str] | None = None,
        event_types: Sequence[EventType | str] | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
        encryption_key: kms.IKey | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        """Make the forwarder of one cluster, to which ``add_cluster`` adds others, or of all.

        The filters are those of ``EcsTaskEventLogger``, as far as EventBridge alone can decide
        them; the others are for the logger beside the bus.

        Args:
            scope: The construct that this one is part of, usually a stack.
            id: The construct's ID, unique within ``scope``.
            destination_bus: The bus to send to, in whatever account and region:
                ``events.EventBus.from_event_bus_arn``.
            cluster: The cluster whose events are sent. By default events of all clusters of the
                stack's account and region are sent, present and future.
            statuses: Send only events in which the task has one of these statuses. By default
                events of every status are sent.
            services: Send only events of tasks of the services with these names, in which ``*``
                stands for anything. By default of tasks of every service and of none.
            task_families: Send only events of tasks of these families of task definitions, in which
                ``*`` stands for anything; together with ``services``, of either. By default of
                every family.
            exclude_services: Do not send events of tasks of these services. By default none is
                excluded.
            exclude_task_families: Do not send events of tasks of these families. By default none is
                excluded.
            launch_types: Send only events of tasks of these launch types. By default of every
                launch type.
            stop_codes: Send only events of tasks that stop with one of these codes. By default
                with whatever stop code, and with none.
            event_types: Send events of these types. By default only of tasks. A second rule listens
                to the other types.
            dead_letter_queue: The caller's own queue for events that cannot be delivered: a
                standard queue, and one for each forwarder, as the policy of a queue is small. By
                default one is made, encrypted, which keeps them 14 days.
            encryption_key: The key that encrypts the queue that is made here; its policy is taken
                care of. By default a key of AWS's own encrypts it, which costs nothing.
            removal_policy: What becomes of the queue that is made here once it is no longer part of
                the stack. By default it stays, with all it holds.

        Raises:
            TypeError: If a prop is not what its type says.
            ValueError: If a list is empty or holds what is not accepted; if EventBridge has no
                words for what the filters ask for together; if the cluster or the queue is known to
                be in another account or region than the stack; if the bus is known to be the
                default bus there, from which the events come; or if props contradict each other.
        """
        super().__init__(scope, id)
        check_bus("destination_bus", destination_bus)
        self._refuse_own_bus(destination_bus)
        event_filter = EventFilter(
            event_types=event_types,
            statuses=statuses,
            services=services,
            task_families=task_families,
            exclude_services=exclude_services,
            exclude_task_families=exclude_task_families,
            launch_types=launch_types,
            stop_codes=stop_codes,
        )
        _refuse_decisions(event_filter)
        self._rules = EventRules(self, None if cluster is None else [cluster], event_filter)
        check_removal_policy(removal_policy)
        if dead_letter_queue is not None:
            refuse_without_use(
                "dead_letter_queue",
                {"encryption_key": encryption_key, "removal_policy": removal_policy},
            )
        if encryption_key is not None:
            check_key(self, encryption_key)
        self._queue = provide_queue(self, dead_letter_queue, removal_policy, encryption_key)
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            description="Where the rule may send events (ecs-task-event-logger)",
            statements=[
                iam.PolicyStatement(
                    actions=["events:PutEvents"], resources=[destination_bus.event_bus_arn]
                )
            ],
        )
        role = make_role(self, policy, "events.amazonaws.com")
        self._rules.make(
            targets.EventBus(
                destination_bus,
                # CDK would add an inline policy to it.
                role=role.without_policy_updates(),
                dead_letter_queue=queue_for_rules(self, self._queue, dead_letter_queue),
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

    def add_event_pattern(self, *, detail: Mapping[str, Any]) -> None:
        """Add a condition in EventBridge's own words, as ``EcsTaskEventLogger`` has it.

        Args:
            detail: The condition on an event's ``detail``: keys to lists of what may stand there.

        Raises:
            TypeError: If it is no mapping.
            ValueError: As ``EcsTaskEventLogger.add_event_pattern`` does.
        """
        self._rules.add_event_pattern(detail)

    @property
    def rule(self) -> events.Rule:
        """The rule that picks the events of tasks, or the other types if there are only those."""
        return self._rules.first

    @property
    def dead_letter_queue(self) -> sqs.IQueue:
        """The queue that holds what could not be sent: the one made here, or the caller's own.

        A message is a whole event as ECS sent it, not redacted. ``python -m
        ecs_task_event_logger.redrive FUNCTION --queue ARN`` brings them to the function of the
        logger beside the bus.
        """
        return self._queue

    def metric_undelivered_events(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return how many events wait in the dead-letter queue, as ``EcsTaskEventLogger`` has it.

        Args:
            **options: What ``cloudwatch.MetricOptions`` takes. By default the maximum over five
                minutes.
        """
        return self._queue.metric_approximate_number_of_messages_visible(**options)

    def _refuse_own_bus(self, bus: events.IEventBus) -> None:
        if bus.event_bus_name == "default" and is_here(self, bus):
            raise ValueError(
                f"destination_bus {bus.node.path} is the default bus of the stack, from which "
                "the events come. Send them to a bus of another account or region, or to one of "
                "your own; here an EcsTaskEventLogger needs no forwarder."
            )


def _refuse_decisions(event_filter: EventFilter) -> None:
    if decisions := " and ".join(map(str.lower, event_filter.environment())):
        raise ValueError(
            f"{decisions} is more than a rule can say beside the other filters and event_types, "
            "and a forwarder has no function to decide it. Leave it to the logger beside the bus."
        )
