"""Explains in words why an event pattern does not match an event."""

import json
from collections.abc import Callable, Iterator
from typing import Any

Path = tuple[str, ...]


def reasons(
    pattern: dict[str, Any], event: dict[str, Any], matches: Callable[[str, str], bool]
) -> list[str]:
    """Return one sentence for each condition of a pattern that an event does not meet.

    The conditions on an event's envelope come before those on its detail.

    Args:
        pattern: An EventBridge event pattern.
        event: The complete event.
        matches: Returns whether a pattern matches an event, both as JSON. It decides about each
            condition and the part of the event that the condition is about. So cache its results.
    """
    if matches(json.dumps(pattern), json.dumps(event)):
        return []
    unmet = []
    for path, condition in sorted(_conditions(pattern), key=lambda leaf: len(leaf[0])):
        single = json.dumps(_nest(path, condition))
        if not matches(single, json.dumps(_only(event, path))):
            unmet.append(_reason(path, condition, event))
    return unmet or ["each condition is met, but not all by the same item of a list"]


def _conditions(pattern: dict[str, Any], parents: Path = ()) -> Iterator[tuple[Path, list[Any]]]:
    """Yield the leaves of a pattern: a path into the event, and the values accepted there."""
    for key, value in pattern.items():
        path = (*parents, key)
        if isinstance(value, dict):
            yield from _conditions(value, path)
        else:
            yield path, value


def _nest(path: Path, condition: list[Any]) -> dict[str, Any]:
    """Return a pattern with only this condition at this path."""
    pattern: Any = condition
    for key in reversed(path):
        pattern = {key: pattern}
    return dict(pattern)


def _only(node: Any, path: Path) -> Any:
    """Return the part of an event at a path, in its place and without its siblings."""
    if isinstance(node, list):
        return [_only(item, path) for item in node]
    if path and path[0] != "$or" and isinstance(node, dict):
        return {path[0]: _only(node[path[0]], path[1:])} if path[0] in node else {}
    return node


def _reason(path: Path, condition: list[Any], event: dict[str, Any]) -> str:
    if path[-1] == "$or":
        return f"the event matches none of the rule's alternatives: {_enumerate(condition)}"
    found = list(_values(event, path))
    is_found = f"is {_enumerate(found)}" if found else "is missing"
    return f"{'.'.join(path)} {is_found}; the rule listens to {_enumerate(condition)}"


def _values(node: Any, path: Path) -> Iterator[Any]:
    """Yield the values at a path. As in EventBridge, a list gives the values of all its items."""
    if isinstance(node, list):
        for item in node:
            yield from _values(item, path)
    elif not path:
        yield node
    elif isinstance(node, dict) and path[0] in node:
        yield from _values(node[path[0]], path[1:])


def _enumerate(values: list[Any]) -> str:
    return " or ".join(json.dumps(value, ensure_ascii=False) for value in values)
