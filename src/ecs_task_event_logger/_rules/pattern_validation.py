"""Checks of what a rule is going to listen to: in the caller's words, before it is deployed."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn, cast

import jsii
from aws_cdk import Stack, Token
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from constructs import Construct, IValidation

from .._common.environment import known_elsewhere, place_of
from .._common.validation import checked_resource

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_MAX_PATTERN = 2048
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
_MATCHERS = (
    *("prefix", "suffix", "wildcard", "equals-ignore-case", "anything-but"),
    *("numeric", "exists", "cidr"),
)


def checked_cluster_arn(cluster: Any) -> str:
    """Return the ARN of a cluster.

    Raises:
        TypeError: If it is not a cluster.
        ValueError: If it is one by its type, but its ARN is that of something else.
    """
    arn: str = checked_resource(
        "cluster",
        cluster,
        "cluster_arn",
        "an ecs.ICluster",
        "For a cluster that exists already use ecs.Cluster.from_cluster_arn or "
        "ecs.Cluster.from_cluster_attributes, for several add_cluster, and to log all there are "
        "EcsTaskEventLogger.for_all_clusters.",
    )
    _, is_cluster, name = arn.partition(":cluster/")
    if ":" in name or "/" in name or not (is_cluster or Token.is_unresolved(arn)):
        raise ValueError(
            f"cluster has the ARN {arn}, which is no cluster's. Those are like "
            "arn:aws:ecs:eu-west-1:111122223333:cluster/shop."
        )
    return arn


def check_cluster_here(scope: Construct, cluster: ecs.ICluster, arn: str) -> None:
    """Check that the default bus of the stack hears of a cluster.

    Raises:
        ValueError: If it is known to be in another account or region than the stack.
    """
    if elsewhere := known_elsewhere(scope, cluster, arn):
        raise ValueError(
            f"cluster {arn} is in {elsewhere}, where its events are sent. Catch them in a stack "
            "there: with a logger, or with an EcsTaskEventForwarder that sends them to a bus here."
        )


def checked_addition(scope: Construct, addition: Any, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a caller adds to the detail of a pattern, tokens for conditions resolved.

    Args:
        scope: The logger.
        addition: What is added.
        detail: What is there, of props and of earlier additions.

    Raises:
        TypeError: If it is no mapping.
        ValueError: If EventBridge would refuse it, or would not do with it what it says.
    """
    example = 'Write detail={"availabilityZone": ["eu-west-1a"]}, for example.'
    if not isinstance(addition, Mapping):
        raise TypeError(f"detail must be a mapping, got {addition!r}. {example}")
    if not addition:
        raise ValueError(f"detail is empty. {example}")
    _refuse_null(addition, "detail")
    # events.Match has tokens for what it finds.
    resolved: dict[str, Any] = place_of(scope).stack.resolve(dict(addition))
    _check_conditions(resolved, detail, "detail")
    return resolved


def _refuse_null(value: Any, path: str) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            _refuse_null(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            _refuse_null(item, path)
    elif value is None:
        raise ValueError(f"{path} holds None, which CDK drops. Write events.Match.null_value().")


def _check_conditions(addition: Mapping[str, Any], detail: Mapping[str, Any], path: str) -> None:
    for key, value in addition.items():
        where, there = f"{path}.{key}", detail.get(key)
        if key == "$or":
            _check_alternatives(value, where)
        elif isinstance(value, Mapping) and value:
            if isinstance(there, list):
                _refuse(where)
            _check_conditions(value, there or {}, where)
            continue
        else:
            _check_list(value, where)
        # Of a list any one must hold: with some things in it, nearly everything does.
        if isinstance(there, Mapping) or (
            there and (key == "$or" or any(map(_is_wide, [*there, *value])))
        ):
            _refuse(where)
    # EventBridge does not know a key both in alternatives and beside them.
    for ours, theirs in ((addition, detail), (detail, addition), (addition, addition)):
        for key in sorted(set(ours) & _keys_of_alternatives(theirs)):
            _refuse(f"{path}.{key}")


def _check_alternatives(value: Any, path: str) -> None:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{path} is {value!r}. EventBridge wants a list of alternatives.")
    for alternative in value:
        if not isinstance(alternative, Mapping) or not alternative:
            raise ValueError(f"{path} holds {alternative!r}, which is no mapping with conditions.")
        _check_conditions(alternative, {}, path)


def _check_list(value: Any, path: str) -> None:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{path} is {value!r}. EventBridge wants a list that is not empty.")
    for condition in value:
        if not _is_condition(condition):
            raise ValueError(
                f"{path} holds {condition!r}, which EventBridge does not know: a value, or one of "
                f"{', '.join(_MATCHERS)} with what it takes."
            )


def _is_condition(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return not isinstance(value, list)
    (key,) = value if len(value) == 1 else ("",)
    # What CloudFormation is yet to resolve may stand for a value.
    return key in _MATCHERS or key == "Ref" or key.startswith("Fn::")


def _is_wide(condition: Any) -> bool:
    return isinstance(condition, Mapping) and (
        "anything-but" in condition or condition.get("exists") is True
    )


def _keys_of_alternatives(detail: Mapping[str, Any]) -> set[str]:
    return {key for alternative in detail.get("$or", ()) for key in alternative}


def _refuse(path: str) -> NoReturn:
    raise ValueError(
        f"{path} has a condition already, set by the logger's props or added before, which would "
        "not hold any more beside another. Say all of it in one, use the props, or make a logger "
        "of its own."
    )


def merged(detail: Mapping[str, Any], addition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the detail of a pattern with an addition, as ``events.Rule`` merges them."""
    result = dict(detail)
    for key, value in addition.items():
        if isinstance(value, Mapping):
            result[key] = merged(result.get(key, {}), value)
        else:
            result[key] = [*result.get(key, ()), *value]
    return result


@jsii.implements(IValidation)
class PatternLength:
    """Whether a rule's pattern, when all has been added to it, is one that EventBridge takes."""

    def __init__(self, rule: events.Rule, pattern: Any) -> None:
        """Hold the rule until it is synthesized."""
        self._rule = rule
        self._estimate = 0
        self._is_looked_at = False
        self.grow(pattern)

    def grow(self, part: Any) -> None:
        """Note what has come to the pattern; what is known and short is not worth another look."""
        text = json.dumps(part, default=str)
        self._estimate += len(text)
        # What tokens stand for, only CDK knows.
        is_worth_it = self._estimate > _MAX_PATTERN / 2 or "{Token[" in text
        if is_worth_it and not self._is_looked_at:
            self._is_looked_at = True
            self._rule.node.add_validation(self)

    def validate(self) -> list[str]:
        """Return what is wrong with the pattern, if anything is."""
        resource = cast(events.CfnRule, self._rule.node.default_child)
        pattern = Stack.of(self._rule).resolve(resource.event_pattern)
        length = _length(pattern)
        if length <= _MAX_PATTERN:
            return []
        lengths = _lengths(pattern)
        longest = max(lengths, key=lambda key: lengths[key])
        return [
            f"The event pattern has at least {length} characters, and EventBridge takes "
            f"{_MAX_PATTERN}. Longest is what it says of {longest}. "
            f"{_SHORTER.get(longest, 'Shorten it, or make two loggers.')}"
        ]


_FEWER_CLUSTERS = (
    "Watch fewer clusters, or all: EcsTaskEventLogger.for_all_clusters, or a forwarder without "
    "cluster."
)
_SHORTER = {
    "account": "Name the organization instead of accounts.",
    "resources": _FEWER_CLUSTERS,
    "responsePayload": "Shorten services or causes, with * in names for example.",
    "clusterArn": _FEWER_CLUSTERS,
    "group": "Shorten services or exclude_services, with * in names for example.",
    "taskDefinitionArn": (
        "Shorten task_families or exclude_task_families, with * in names for example."
    ),
}

# How short at the least what is known at deployment only will be.
_PSEUDO_PARAMETERS = {"AWS::Partition": "aws", "AWS::Region": "x" * 9, "AWS::AccountId": "x" * 12}


def _length(pattern: Any) -> int:
    """Return how many characters a pattern has at least."""
    return len(json.dumps(_without_tokens(pattern), separators=(",", ":"), ensure_ascii=False))


def _without_tokens(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_tokens(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        known = [_without_tokens(part) for part in parts] if isinstance(parts, list) else []
        return str(separator).join(part for part in known if isinstance(part, str))
    if "Ref" in value:
        return _PSEUDO_PARAMETERS.get(value["Ref"], "")
    if any(key.startswith("Fn::") for key in value):
        return ""
    return {key: _without_tokens(item) for key, item in value.items()}


def _lengths(detail: Mapping[str, Any]) -> dict[str, int]:
    """Return how long the conditions on each key are, those of alternatives included."""
    lengths: dict[str, int] = {}
    for key, value in detail.items():
        inner = [_lengths(alternative) for alternative in value] if key == "$or" else []
        if key == "detail":
            inner = [_lengths(value)]
        for each in inner or [{key: _length(value)}]:
            for name, length in each.items():
                lengths[name] = lengths.get(name, 0) + length
    return lengths
