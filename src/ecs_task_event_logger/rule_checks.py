"""Checks of what a rule is going to listen to: in the caller's words, before it is deployed."""

import json
from typing import Any, cast

import jsii
from aws_cdk import Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from constructs import Construct, IValidation

from .vocabulary import known_elsewhere

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_MAX_PATTERN = 2048


def checked_cluster_arn(scope: Construct, cluster: ecs.ICluster) -> str:
    """Return the ARN of a cluster, unless the default bus of the stack hears nothing of it.

    Raises:
        TypeError: If it is not a cluster.
        ValueError: If it is known to be in another account or region than the stack.
    """
    if isinstance(cluster, type) or not hasattr(cluster, "cluster_arn"):
        raise TypeError(
            f"cluster must be an ecs.ICluster, got {cluster!r}. For a cluster that exists already "
            "use ecs.Cluster.from_cluster_arn or ecs.Cluster.from_cluster_attributes."
        )
    elsewhere = known_elsewhere(scope, cluster)
    if elsewhere:
        raise ValueError(
            f"cluster {cluster.cluster_arn} is in {elsewhere}, where its events are sent. Put the "
            "logger into a stack there."
        )
    return cluster.cluster_arn


@jsii.implements(IValidation)
class PatternLength:
    """Whether a rule's pattern, when all has been added to it, is one that EventBridge takes."""

    def __init__(self, rule: events.Rule) -> None:
        """Hold the rule until it is synthesized."""
        self._rule = rule

    def validate(self) -> list[str]:
        """Return what is wrong with the pattern, if anything is."""
        resource = cast(events.CfnRule, self._rule.node.default_child)
        pattern = Stack.of(self._rule).resolve(resource.event_pattern)
        length = _known_length(pattern)
        if length <= _MAX_PATTERN:
            return []
        lists = _lists(pattern["detail"])
        longest = max(lists, key=lambda key: len(json.dumps(lists[key])))
        return [
            f"The event pattern has {length} characters, and EventBridge takes {_MAX_PATTERN}. "
            f"Longest is the list for {longest}: shorten it, with * in names for example, or make "
            "two loggers; for many clusters use EcsTaskEventLogger.for_all_clusters."
        ]


def _known_length(pattern: Any) -> int:
    """Return how long a pattern is at least: what a token will be is known at deployment only."""

    def without_tokens(value: Any) -> Any:
        if isinstance(value, dict):
            if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
                return ""
            return {key: without_tokens(item) for key, item in value.items()}
        return [without_tokens(item) for item in value] if isinstance(value, list) else value

    return len(json.dumps(without_tokens(pattern), separators=(",", ":")))


def _lists(detail: dict[str, Any]) -> dict[str, Any]:
    """Return the conditions on each key, those of alternatives included."""
    lists = {key: value for key, value in detail.items() if key != "$or"}
    for alternative in detail.get("$or", ()):
        lists |= alternative
    return lists
