"""The limits of EventBridge for an event pattern: its length and its wildcards."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import jsii
from aws_cdk import Stack
from aws_cdk import aws_events as events
from constructs import IValidation

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_MAX_LENGTH = 2048
# EventBridge rejects patterns that are too complex, and publishes no limit. Patterns that it is
# known to reject have a complexity of 11 and more, as its open-source engine measures it. Patterns
# that it accepts have up to 9. With this many wildcards and realistic names, it is at most 10.
# https://github.com/aws/event-ruler
_MAX_WILDCARDS = 4


def check_wildcards(pattern: Mapping[str, Any]) -> None:
    """Check the number of wildcards in a pattern."""
    if problem := _explain_wildcards(pattern):
        raise ValueError(problem)


def add_limit_validation(rule: events.Rule) -> None:
    """Check a rule's pattern at synthesis, when all conditions have been added."""
    rule.node.add_validation(_PatternLimits(rule))


@jsii.implements(IValidation)
class _PatternLimits:
    """Reports a pattern that EventBridge rejects."""

    def __init__(self, rule: events.Rule) -> None:
        """Keep the rule for synthesis."""
        self._rule = rule

    def validate(self) -> list[str]:
        """Return the problems."""
        resource = cast(events.CfnRule, self._rule.node.default_child)
        pattern = Stack.of(self._rule).resolve(resource.event_pattern)
        problems = (_explain_length(pattern), _explain_wildcards(_without_tokens(pattern)))
        return [problem for problem in problems if problem]


def _explain_length(pattern: Mapping[str, Any]) -> str | None:
    length = minimum_length(pattern)
    if length <= _MAX_LENGTH:
        return None
    longest, _ = max(_conditions(pattern), key=lambda condition: minimum_length(condition[1]))
    return (
        f"The event pattern has at least {length} characters, but EventBridge accepts "
        f"at most {_MAX_LENGTH}. Its longest condition is on {longest}. "
        f"{_SHORTER.get(longest, 'Shorten it, or create two loggers.')}"
    )


def _explain_wildcards(pattern: Mapping[str, Any]) -> str | None:
    counts = _count_wildcards(pattern)
    total = sum(counts.values())
    if total <= _MAX_WILDCARDS:
        return None
    keys = " and ".join(key for key, count in counts.items() if count)
    advice = "Use * only at the end of names, name fewer of them, or create two loggers."
    if "*:task-definition/" in str(pattern):
        advice += (
            " On a central bus, each task family takes two wildcards: filter by family in the "
            "forwarders instead."
        )
    return (
        f"The event pattern has {total} wildcards (*), on {keys}. EventBridge may reject more than "
        f"{_MAX_WILDCARDS} as too complex. {advice}"
    )


def _count_wildcards(pattern: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of wildcards in the conditions on each key.

    EventBridge reads the keys in the order of the alphabet. So it matches a condition once for each
    of the pattern's alternatives if the condition's key comes before all of theirs.
    """
    times, first = _count_alternatives(pattern), min(_keys_of_alternatives(pattern), default="")
    counts: dict[str, int] = {}
    for key, value in _conditions(pattern):
        count = _wildcards_in(value) * (times if key < first else 1)
        counts[key] = counts.get(key, 0) + count
    return counts


def _keys_of_alternatives(pattern: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys of the conditions inside ``$or``."""
    for key, value in pattern.items():
        if key == "$or":
            yield from (name for each in value for name, _ in _conditions(each))
        elif isinstance(value, Mapping):
            yield from _keys_of_alternatives(value)


def _wildcards_in(value: Any) -> int:
    if isinstance(value, list):
        return sum(map(_wildcards_in, value))
    if not isinstance(value, Mapping):
        return 0
    if "wildcard" in value:
        text = str(value["wildcard"])
        # After a family that ends with *, the revision's * adds nothing.
        return text.count("*") - text.endswith("*:*")
    excluded = value.get("anything-but")
    if isinstance(excluded, Mapping) and "wildcard" in excluded:
        # EventBridge matches all excluded names at once, so * at their end adds nothing.
        texts = excluded["wildcard"]
        texts = [texts] if isinstance(texts, str) else texts
        return sum(str(text)[:-1].count("*") for text in texts)
    return sum(map(_wildcards_in, value.values()))


def _count_alternatives(pattern: Mapping[str, Any]) -> int:
    """Return the number of patterns without ``$or`` that match the same events."""
    count = 1
    for key, value in pattern.items():
        if key == "$or":
            count *= sum(map(_count_alternatives, value))
        elif isinstance(value, Mapping):
            count *= _count_alternatives(value)
    return count


_FEWER_CLUSTERS = (
    "Watch fewer clusters, or all of them: with for_all_clusters, or a forwarder without cluster."
)
_SHORTER = {
    "account": "Pass organization_id instead of source_accounts.",
    "resources": _FEWER_CLUSTERS,
    "responsePayload": "Shorten services or causes, for example with * in names.",
    "clusterArn": _FEWER_CLUSTERS,
    "requestParameters": _FEWER_CLUSTERS,
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
