"""The EventBridge rules: one each for tasks, other ECS events, and calls that failed."""

from collections.abc import Mapping
from typing import Any, cast

from aws_cdk import Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from constructs import Construct

from .._common.validation import shown
from .added_conditions import add_conditions
from .central_bus import CentralBus
from .clusters import WatchedCluster, check_cluster_environment, validate_cluster, watched_cluster
from .event_filter import EventFilter
from .pattern_limits import add_limit_validation, check_wildcards

# The value of ``cluster`` for every cluster. None would hide a forgotten cluster.
ALL_CLUSTERS: Any = object()


class EventRules:
    """The rules of a logger or forwarder."""

    def __init__(
        self,
        scope: Construct,
        cluster: ecs.ICluster | None,
        event_filter: EventFilter,
        central_bus: CentralBus | None = None,
    ) -> None:
        """Compose the event patterns."""
        self._scope = scope
        self._types = event_filter.types
        self._central_bus = central_bus
        self._clusters: list[WatchedCluster] | None = None
        if cluster is not ALL_CLUSTERS:
            self._clusters = [self._validate_cluster(cluster)]
        prefix = self._family_arn_prefix() if event_filter.has_task_families else ""
        self._task_detail = event_filter.task_detail(prefix)
        if self._clusters is not None:
            (first,) = self._clusters
            self._task_detail = {"clusterArn": first.matchers(), **self._task_detail}
        self._task_rule: events.Rule | None = None
        self._other_rule: events.Rule | None = None
        self._call_rule: events.Rule | None = None

    def create(self, target: events.IRuleTarget) -> None:
        """Create the rules."""
        if self._types.has_tasks:
            pattern = self._types.task_pattern(self._source_accounts)
            if self._task_detail:  # EventBridge refuses an empty detail.
                pattern["detail"] = self._task_detail
            self._task_rule = self._create_rule("Rule", "ECS task events", pattern, target)
        if self._types.has_others:
            pattern = self._types.other_pattern(self._clusters, self._source_accounts)
            what = "ECS events that are not about tasks"
            self._other_rule = self._create_rule("OtherRule", what, pattern, target)
            self._override_alternatives(pattern)
        if self._types.has_calls:
            pattern = self._types.call_pattern(self._clusters, self._source_accounts)
            what = "calls of RunTask that failed"
            self._call_rule = self._create_rule("CallRule", what, pattern, target)

    @property
    def first(self) -> events.Rule:
        """The rule for task events, or else the rule for the other types."""
        return cast(events.Rule, self._task_rule or self._other_rule or self._call_rule)

    def add_cluster(self, cluster: ecs.ICluster) -> None:
        """Watch another cluster too."""
        watched = self._validate_cluster(cluster)
        path = self._scope.node.path
        if self._clusters is None:
            raise ValueError(f"{path} already watches every cluster. Remove this add_cluster call.")
        if watched.arn in [each.arn for each in self._clusters]:
            raise ValueError(
                f"{path} already watches {cluster.node.path}. Remove this add_cluster call."
            )
        self._clusters.append(watched)
        by_arn = {"clusterArn": watched.matchers()}
        if self._task_rule is not None:
            self._task_rule.add_event_pattern(detail=by_arn)
        if self._other_rule is not None:
            pattern = self._types.other_pattern(self._clusters, self._source_accounts)
            if "detail" in pattern:
                self._other_rule.add_event_pattern(detail=by_arn)
            self._override_alternatives(pattern)
        if self._call_rule is not None:
            named = {"$or": [{"cluster": watched.call_matchers()}]}
            self._call_rule.add_event_pattern(detail={"requestParameters": named})

    def add_event_pattern(self, detail: Mapping[str, Any]) -> None:
        """Add conditions for task events."""
        if self._task_rule is None:
            raise ValueError(
                f"{self._scope.node.path} does not listen to tasks, and the conditions are for "
                "task events. Add TASK_STATE_CHANGE to event_types."
            )
        if not isinstance(detail, Mapping):
            raise TypeError(
                f"detail must be a dictionary, got {shown(detail)}. Write "
                'detail={"availabilityZone": [{"prefix": "eu-west-1"}]}, for example.'
            )
        task_detail = add_conditions(self._task_detail, detail)
        self._task_rule.add_event_pattern(detail=dict(detail))
        self._task_detail = task_detail

    @property
    def _source_accounts(self) -> list[str] | None:
        return None if self._central_bus is None else self._central_bus.source_accounts

    def _validate_cluster(self, cluster: ecs.ICluster | None) -> WatchedCluster:
        arn = validate_cluster(cluster)
        if self._central_bus is None:
            check_cluster_environment(self._scope, cast(ecs.ICluster, cluster), arn)
        else:
            self._central_bus.check_cluster(cast(ecs.ICluster, cluster))
        return watched_cluster(self._scope, cast(ecs.ICluster, cluster), arn)

    def _family_arn_prefix(self) -> str:
        if self._central_bus is not None:
            return "*:task-definition/"  # any account and region
        return Stack.of(self._scope).format_arn(
            service="ecs", resource="task-definition", resource_name=""
        )

    def _create_rule(
        self, id: str, what: str, pattern: dict[str, Any], target: events.IRuleTarget
    ) -> events.Rule:
        check_wildcards(pattern)
        rule = events.Rule(
            self._scope,
            id,
            description=f"Catches {what} (ecs-task-event-logger)",
            event_bus=None if self._central_bus is None else self._central_bus.bus,
            event_pattern=events.EventPattern(
                source=pattern["source"],
                detail_type=pattern["detail-type"],
                account=pattern.get("account"),
                detail=pattern.get("detail"),
            ),
            targets=[target],
        )
        add_limit_validation(rule)
        return rule

    def _override_alternatives(self, pattern: dict[str, Any]) -> None:
        """Set a pattern with top-level alternatives, which ``events.EventPattern`` lacks."""
        if "$or" in pattern:
            resource = cast(events.CfnRule, cast(events.Rule, self._other_rule).node.default_child)
            resource.event_pattern = pattern
