"""A further rule for an existing logger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self, Unpack

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from constructs import Construct

from ._common.rejection import leaves_nothing_behind
from ._common.signature import InitSignature
from ._common.validation import shown
from ._rules.central_bus import central_bus_or_none
from ._rules.event_filter import EventFilter, EventFilterProps
from ._rules.rules import ALL_CLUSTERS, EventRules
from .enums import EventType, LaunchType, StopCode, TaskStatus
from .event_logger import EcsTaskEventLogger
from .handler.task_events.cause import Cause


class EcsTaskEventRule(Construct):
    """One more rule that feeds an existing logger, with filters of its own.

    ```python
    log = EcsTaskEventLogger(self, "Log", cluster=cluster)
    EcsTaskEventRule(self, "Batch", logger=log, cluster=batch, task_families=["nightly-*"])
    ```

    It creates a rule (``AWS::Events::Rule``), or up to three with ``event_types``. Its stack is the
    logger's, or one that may depend on it, in the same account and region. The first one also lets
    every rule of that account and region invoke the logger's function and send to its dead-letter
    queue. The lines are in the logger's log group. Its queries, metrics, dashboard and
    notifications include them.
    """

    __signature__ = InitSignature()

    @leaves_nothing_behind
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        logger: EcsTaskEventLogger,
        cluster: ecs.ICluster | None = None,
        statuses: Sequence[TaskStatus | str] | None = None,
        services: Sequence[str | ecs.IService] | None = None,
        task_families: Sequence[str | ecs.ITaskDefinition] | None = None,
        exclude_services: Sequence[str | ecs.IService] | None = None,
        exclude_task_families: Sequence[str | ecs.ITaskDefinition] | None = None,
        launch_types: Sequence[LaunchType | ecs.LaunchType | str] | None = None,
        capacity_providers: Sequence[str | ecs.AsgCapacityProvider] | None = None,
        stop_codes: Sequence[StopCode | str] | None = None,
        causes: Sequence[Cause | str] | None = None,
        only_failures: bool = False,
        event_types: Sequence[EventType | str] | None = None,
        event_bus: events.IEventBus | None = None,
        source_accounts: Sequence[str] | None = None,
        organization_id: str | None = None,
    ) -> None:
        """Create the rule for one cluster. ``add_cluster`` adds others.

        The filters and the props of a central bus mean what they mean for ``EcsTaskEventLogger``.
        The logger's function applies some filters to all of its events. Set them as the logger
        does: ``only_failures``, ``causes``, exclusions next to inclusions, filters on services if
        ``event_types`` has other types than tasks, and filters on families with
        ``RUN_TASK_FAILURE``.

        Args:
            scope: The parent construct, usually a stack.
            id: The construct's ID, unique within ``scope``.
            logger: The logger to feed. An event that matches both its rule and this one is logged
                twice.
            cluster: The cluster to watch. Required, unless there is an ``event_bus``. By default a
                rule with ``event_bus`` catches the events of every cluster that arrive there.
            statuses: Catch only events of tasks in one of these statuses. By default in any.
            services: Catch only tasks of these services. By default with any service and with none.
            task_families: Catch only tasks of these families. By default every family.
            exclude_services: Do not catch tasks of these services. By default none.
            exclude_task_families: Do not catch tasks of these families. By default none.
            launch_types: Catch only tasks with these launch types. By default every launch type.
            capacity_providers: Catch only tasks of these capacity providers. By default all tasks.
            stop_codes: Catch only tasks that stop with one of these codes. By default all tasks.
            causes: Log only tasks that stop for one of these causes. By default any cause.
            only_failures: Log only failures. By default all tasks.
            event_types: Catch events of these types. By default only task events.
            event_bus: The central bus to listen on. By default the default bus. The logger must
                listen on a central bus too, and may listen on another one.
            source_accounts: The accounts that may send events to ``event_bus``.
            organization_id: The organization whose accounts may send events to ``event_bus``.

        Raises:
            TypeError: If a prop has the wrong type.
            ValueError: If a list is empty, or a value is not accepted or contradicts another. If a
                filter that the function applies differs from the logger's. If the logger or the
                cluster is known to be in another account or region than the stack.
        """
        super().__init__(scope, id)
        if not isinstance(logger, EcsTaskEventLogger):
            raise TypeError(
                f"logger must be an EcsTaskEventLogger, got {shown(logger)}. Pass the logger "
                "itself, not its function."
            )
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
            causes=causes,
            only_failures=only_failures,
            event_types=event_types,
        )
        central_bus = central_bus_or_none(self, event_bus, source_accounts, organization_id)
        is_central = central_bus is not None
        watched = ALL_CLUSTERS if cluster is None and is_central else cluster
        self._rules = EventRules(self, watched, event_filter, central_bus)
        self._rules.create(logger._pipeline.further_rule_target(self, event_filter, is_central))
        if central_bus is not None:
            central_bus.allow_senders(self)

    @classmethod
    def for_all_clusters(
        cls,
        scope: Construct,
        id: str,
        *,
        logger: EcsTaskEventLogger,
        **filters: Unpack[EventFilterProps],
    ) -> Self:
        """Create the rule for every cluster in the stack's account and region, also future ones.

        Args:
            scope: The parent construct, usually a stack.
            id: The construct's ID, unique within ``scope``.
            logger: The logger to feed.
            **filters: The filter props of ``EcsTaskEventRule``.

        Raises:
            TypeError, ValueError: As ``EcsTaskEventRule`` does.
        """
        return cls(scope, id, logger=logger, cluster=ALL_CLUSTERS, **filters)

    def add_cluster(self, cluster: ecs.ICluster) -> None:
        """Catch the events of another cluster too, as ``EcsTaskEventLogger.add_cluster`` does."""
        self._rules.add_cluster(cluster)

    def add_event_pattern(self, *, detail: Mapping[str, object]) -> None:
        """Add conditions for task events, as ``EcsTaskEventLogger.add_event_pattern`` does."""
        self._rules.add_event_pattern(detail)

    @property
    def rule(self) -> events.Rule:
        """The rule that catches task events, or else the rule for the other types."""
        return self._rules.first
