"""Checks of event patterns: added conditions, and their length."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import jsii
from aws_cdk import Stack
from aws_cdk import aws_events as events
from constructs import IValidation

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_MAX_LENGTH = 2048


def add_conditions(
    detail: Mapping[str, Any], addition: Mapping[str, Any], path: str = "detail"
) -> dict[str, Any]:
    """Return a pattern's detail with further conditions.

    CDK would merge two conditions on one key into alternatives, so that neither holds any more.
    """
    result = dict(detail)
    for key, value in addition.items():
        existing, taken = result.get(key, {}), _keys(result)
        is_nested = isinstance(value, Mapping) and isinstance(existing, Mapping)
        if is_nested and (existing or key not in taken):
            result[key] = add_conditions(existing, value, f"{path}.{key}")
            continue
        if repeated := sorted(_keys({key: value}) & taken):
            raise ValueError(
                f"{path}.{repeated[0]} has a condition already, from a prop or an earlier call. "
                "EventBridge would match if either holds. Write one condition for the key, use the "
                "props and add_cluster, or create a second logger."
            )
        result[key] = value
    return result


def _keys(detail: Any) -> set[str]:
    """Return the keys of a pattern, and those inside its alternatives."""
    if not isinstance(detail, Mapping):
        return set()
    return {*detail, *(key for each in detail.get("$or") or () for key in _keys(each))}


def add_length_validation(rule: events.Rule) -> None:
    """Check a rule's pattern at synthesis, when all conditions have been added."""
    rule.node.add_validation(_PatternLength(rule))


@jsii.implements(IValidation)
class _PatternLength:
    """Reports a pattern that is longer than EventBridge accepts."""

    def __init__(self, rule: events.Rule) -> None:
        """Keep the rule for synthesis."""
        self._rule = rule

    def validate(self) -> list[str]:
        """Return the problem, if there is one."""
        resource = cast(events.CfnRule, self._rule.node.default_child)
        pattern = Stack.of(self._rule).resolve(resource.event_pattern)
        length = minimum_length(pattern)
        if length <= _MAX_LENGTH:
            return []
        longest, _ = max(_conditions(pattern), key=lambda condition: minimum_length(condition[1]))
        return [
            f"The event pattern has at least {length} characters, but EventBridge accepts "
            f"at most {_MAX_LENGTH}. Its longest condition is on {longest}. "
            f"{_SHORTER.get(longest, 'Shorten it, or create two loggers.')}"
        ]


_FEWER_CLUSTERS = (
    "Watch fewer clusters, or all of them: with for_all_clusters, or a forwarder without cluster."
)
_SHORTER = {
    "account": "Pass organization_id instead of source_accounts.",
    "resources": _FEWER_CLUSTERS,
    "responsePayload": "Shorten services or causes, for example with * in names.",
    "clusterArn": _FEWER_CLUSTERS,
    "group": "Shorten services or exclude_services, for example with * in names.",
    "taskDefinitionArn": (
        "Shorten task_families or exclude_task_families, for example with * in names."
    ),
}

# The shortest values that these tokens can have at deployment.
_PSEUDO_PARAMETERS = {"AWS::Partition": "aws", "AWS::Region": "x" * 9, "AWS::AccountId": "x" * 12}


def minimum_length(pattern: Any) -> int:
    """Return the smallest number of characters that a pattern can have."""
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


def _conditions(pattern: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the conditions of a pattern with their keys, also those in alternatives."""
    for key, value in pattern.items():
        if key in ("$or", "detail"):
            for each in value if key == "$or" else [value]:
                yield from _conditions(each)
        else:
            yield key, value
