"""The rules of a logger or forwarder: one for tasks, one for what else there is."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from constructs import Construct

from .._common.environment import place_of
from .central_bus import CentralBus
from .event_filter import EventFilter
from .pattern_validation import (
    PatternLength,
    check_cluster_here,
    checked_addition,
    checked_cluster_arn,
    merged,
)


class EventRules:
    """The rules, which go on growing after they were made."""

    def __init__(
        self,
        scope: Construct,
        clusters: Sequence[ecs.ICluster | None] | None,
        event_filter: EventFilter,
        central: CentralBus | None = None,
    ) -> None:
        """Check what to listen to.

        Args:
            scope: The logger or forwarder.
            clusters: The clusters to watch; None for all of them.
            event_filter: Which events to listen to.
            central: The central bus to listen on; None for the default bus.

        Raises:
            TypeError: If one of the clusters is no cluster.
            ValueError: If one of them is known to be where no events come from.
        """
        self._scope = scope
        self._types = event_filter.types
        self._central = central
        self._clusters: list[str] | None = None
        if clusters is not None:
            self._clusters = [self._checked_arn(cluster) for cluster in clusters]
        self._detail = event_filter.detail(
            self._definition_arn() if event_filter.is_of_families else ""
        )
        if self._clusters is not None:
            self._detail = {"clusterArn": list(self._clusters), **self._detail}
        self._of_tasks: events.Rule | None = None
        self._of_others: events.Rule | None = None
        self._lengths: dict[events.Rule, PatternLength] = {}

    def make(self, target: events.IRuleTarget) -> None:
        """Make the rules."""
        if self._types.has_tasks:
            pattern = self._types.pattern_of_tasks(self._accounts)
            if self._detail:  # EventBridge refuses an empty one
                pattern["detail"] = self._detail
            self._of_tasks = self._make("Rule", "ECS task events", pattern, target)
        if self._types.has_others:
            pattern = self._types.pattern_of_others(self._clusters, self._accounts)
            what = "other ECS events than of tasks"
            self._of_others = self._make("OtherRule", what, pattern, target)
            self._add_alternatives(pattern)

    @property
    def first(self) -> events.Rule:
        """The rule for tasks, or the only one there is."""
        return cast(events.Rule, self._of_tasks or self._of_others)

    def add_cluster(self, cluster: ecs.ICluster) -> None:
        """Watch another cluster too.

        Raises:
            TypeError: If it is not a cluster.
            ValueError: If it is watched already, or is known to be where no events come from.
        """
        arn = self._checked_arn(cluster)
        path = self._scope.node.path
        if self._clusters is None:
            raise ValueError(f"{path} watches all clusters, {cluster.node.path} included.")
        if arn in self._clusters:
            raise ValueError(f"{path} watches {cluster.node.path} already.")
        self._clusters.append(arn)
        if self._of_tasks is not None:
            self._of_tasks.add_event_pattern(detail={"clusterArn": [arn]})
            self._lengths[self._of_tasks].grow([arn])
        if self._of_others is not None:
            of_others = self._types.pattern_of_others(self._clusters, self._accounts)
            if "detail" in of_others:
                self._of_others.add_event_pattern(detail={"clusterArn": [arn]})
            self._add_alternatives(of_others)
            self._lengths[self._of_others].grow([arn, arn])  # an alternative may name it again

    def add_event_pattern(self, detail: Mapping[str, Any]) -> None:
        """Add a condition on events of tasks.

        Raises:
            TypeError: If it is no mapping.
            ValueError: If EventBridge would refuse it, or would not do with it what it says; or if
                no rule listens to tasks.
        """
        addition = checked_addition(self._scope, detail, self._detail)
        if "clusterArn" in addition and self._clusters is not None:
            raise ValueError("detail holds clusterArn. Use add_cluster for another cluster.")
        if self._of_tasks is None:
            raise ValueError(
                f"{self._scope.node.path} does not listen to tasks. Add TASK_STATE_CHANGE to "
                "event_types."
            )
        self._of_tasks.add_event_pattern(detail=dict(detail))
        self._detail = merged(self._detail, addition)
        self._lengths[self._of_tasks].grow(dict(detail))

    @property
    def _accounts(self) -> list[str] | None:
        return None if self._central is None else self._central.accounts

    def _checked_arn(self, cluster: ecs.ICluster | None) -> str:
        arn = checked_cluster_arn(cluster)
        if self._central is None:
            check_cluster_here(self._scope, cast(ecs.ICluster, cluster), arn)
        else:
            self._central.check_cluster(cast(ecs.ICluster, cluster))
        return arn

    def _definition_arn(self) -> str:
        """Return what the ARNs of task definitions begin with, up to the family."""
        if self._central is not None:
            return "*:task-definition/"  # of any account and region
        return place_of(self._scope).stack.format_arn(
            service="ecs", resource="task-definition", resource_name=""
        )

    def _make(
        self, id: str, what: str, pattern: dict[str, Any], target: events.IRuleTarget
    ) -> events.Rule:
        rule = events.Rule(
            self._scope,
            id,
            description=f"Catches {what} (ecs-task-event-logger)",
            event_bus=None if self._central is None else self._central.bus,
            event_pattern=events.EventPattern(
                source=pattern["source"],
                detail_type=pattern["detail-type"],
                account=pattern.get("account"),
                detail=pattern.get("detail"),
            ),
            targets=[target],
        )
        self._lengths[rule] = PatternLength(rule, pattern)
        return rule

    def _add_alternatives(self, pattern: dict[str, Any]) -> None:
        """Say what CDK has no words for: alternatives of more than the detail."""
        if "$or" in pattern:
            resource = cast(events.CfnRule, cast(events.Rule, self._of_others).node.default_child)
            resource.event_pattern = pattern
