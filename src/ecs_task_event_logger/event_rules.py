"""The rules of a logger on the default event bus: one for tasks, one for what else there is."""

from collections.abc import Mapping
from typing import Any, cast

from aws_cdk import Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from constructs import Construct

from .event_filter import EventFilter
from .event_types import EventType, EventTypes
from .rule_checks import PatternLength, check_addition, checked_cluster_arn


class EventRules:
    """The rules, which go on growing after they were made."""

    def __init__(
        self,
        scope: Construct,
        clusters: list[ecs.ICluster] | None,
        types: EventTypes,
        event_filter: EventFilter,
    ) -> None:
        """Check what to listen to.

        Args:
            scope: The logger.
            clusters: The clusters to watch; None for all of them.
            types: The types of events.
            event_filter: Which events of tasks.

        Raises:
            TypeError: If one of the clusters is no cluster.
            ValueError: If one of them is known to be in another account or region than the stack.
        """
        self._scope = scope
        self._types = types
        self._clusters: list[str] | None = None
        if clusters is not None:
            self._clusters = [checked_cluster_arn(scope, cluster) for cluster in clusters]
        self._detail = event_filter.detail(
            _definition_arn(scope) if event_filter.is_of_families else ""
        )
        if self._clusters is not None:
            self._detail = {"clusterArn": list(self._clusters), **self._detail}
        self._of_tasks: events.Rule | None = None
        self._of_others: events.Rule | None = None

    def make(self, target: events.IRuleTarget) -> None:
        """Make the rules."""
        if self._types.has_tasks:
            pattern = events.EventPattern(
                source=["aws.ecs"],
                detail_type=[EventType.TASK_STATE_CHANGE.detail_type],
                detail=self._detail or None,  # EventBridge refuses an empty one
            )
            self._of_tasks = self._make("Rule", "ECS task events", pattern, target)
        if self._types.has_others:
            of_others = self._types.pattern_of_others(self._clusters)
            pattern = events.EventPattern(
                source=of_others["source"],
                detail_type=of_others["detail-type"],
                detail=of_others.get("detail"),
            )
            what = "other ECS events than of tasks"
            self._of_others = self._make("OtherRule", what, pattern, target)
            self._add_alternatives(of_others)

    @property
    def first(self) -> events.Rule:
        """The rule for tasks, or the only one there is."""
        return cast(events.Rule, self._of_tasks or self._of_others)

    def add_cluster(self, cluster: ecs.ICluster) -> None:
        """Watch another cluster too.

        Raises:
            TypeError: If it is not a cluster.
            ValueError: If it is watched already, or is known to be in another account or region.
        """
        arn = checked_cluster_arn(self._scope, cluster)
        path = self._scope.node.path
        if self._clusters is None:
            raise ValueError(f"{path} watches all clusters, {cluster.node.path} included.")
        if arn in self._clusters:
            raise ValueError(f"{path} watches {cluster.node.path} already.")
        self._clusters.append(arn)
        if self._of_tasks is not None:
            self._of_tasks.add_event_pattern(detail={"clusterArn": [arn]})
        if self._of_others is not None:
            of_others = self._types.pattern_of_others(self._clusters)
            if "detail" in of_others:
                self._of_others.add_event_pattern(detail={"clusterArn": [arn]})
            self._add_alternatives(of_others)

    def add_event_pattern(self, detail: Mapping[str, Any]) -> None:
        """Add a condition on events of tasks.

        Raises:
            TypeError: If it is no mapping.
            ValueError: If EventBridge would refuse it, or would not do with it what it says; or if
                no rule listens to tasks.
        """
        check_addition(detail, self._detail)
        if self._of_tasks is None:
            raise ValueError(
                f"{self._scope.node.path} does not listen to tasks. Add TASK_STATE_CHANGE to "
                "event_types."
            )
        self._of_tasks.add_event_pattern(detail=dict(detail))

    def _make(
        self, id: str, what: str, pattern: events.EventPattern, target: events.IRuleTarget
    ) -> events.Rule:
        rule = events.Rule(
            self._scope,
            id,
            description=f"Catches {what} (ecs-task-event-logger)",
            event_pattern=pattern,
            targets=[target],
        )
        self._scope.node.add_validation(PatternLength(rule))
        return rule

    def _add_alternatives(self, pattern: dict[str, Any]) -> None:
        """Say what CDK has no words for: alternatives of more than the detail."""
        if "$or" in pattern:
            resource = cast(events.CfnRule, cast(events.Rule, self._of_others).node.default_child)
            resource.event_pattern = pattern


def _definition_arn(scope: Construct) -> str:
    """Return what the ARNs of the stack's task definitions begin with, up to the family."""
    return Stack.of(scope).format_arn(service="ecs", resource="task-definition", resource_name="")
