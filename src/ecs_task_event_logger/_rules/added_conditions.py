"""Conditions that callers add to an event pattern."""

from collections.abc import Mapping
from typing import Any


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
