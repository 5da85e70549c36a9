"""Why an event pattern does not match an event, in words."""

import json
from collections.abc import Callable, Iterator
from typing import Any

Path = tuple[str, ...]


def reasons(
    pattern: dict[str, Any], event: dict[str, Any], matches: Callable[[str, str], bool]
) -> list[str]:
    """Return one sentence for each condition of ``pattern`` that ``event`` does not meet.

    The conditions on an event's envelope come before those on its detail.

    Args:
        pattern: An EventBridge event pattern.
        event: The whole event.
        matches: Says whether a pattern matches an event, both as JSON: what EventBridge makes of a
            condition need not be known here. It is asked about each condition, and about what the
            event has for it, apart from the rest: so answers are well worth remembering.
    """
    if matches(json.dumps(pattern), json.dumps(event)):
        return []
    unmet = []
    for path, condition in sorted(_conditions(pattern), key=lambda leaf: len(leaf[0])):
        question = json.dumps(_nest(path, condition))
        if not matches(question, json.dumps(_only(event, path))):
            unmet.append(_reason(path, condition, event))
    return unmet or ["each condition is met, but not all by the same item of a list"]


def _conditions(pattern: dict[str, Any], parents: Path = ()) -> Iterator[tuple[Path, list[Any]]]:
    """Yield the leaves of a pattern: each a path into the event, and what may stand there."""
    for key, value in pattern.items():
        path = (*parents, key)
        if isinstance(value, dict):
            yield from _conditions(value, path)
        else:
            yield path, value


def _nest(path: Path, condition: list[Any]) -> dict[str, Any]:
    """Return the pattern that asks for nothing but ``condition`` at ``path``."""
    pattern: Any = condition
    for key in reversed(path):
        pattern = {key: pattern}
    return dict(pattern)


def _only(node: Any, path: Path) -> Any:
    """Return what stands at ``path``, in its place, with all left out that stands beside it."""
    if isinstance(node, list):
        return [_only(item, path) for item in node]
    if path and path[0] != "$or" and isinstance(node, dict):
        return {path[0]: _only(node[path[0]], path[1:])} if path[0] in node else {}
    return node


def _reason(path: Path, condition: list[Any], event: dict[str, Any]) -> str:
    if path[-1] == "$or":
        return f"it is none of what the rule listens to: {_enumerate(condition)}"
    found = list(_values(event, path))
    is_found = f"is {_enumerate(found)}" if found else "is missing"
    return f"{'.'.join(path)} {is_found}; the rule listens to {_enumerate(condition)}"


def _values(node: Any, path: Path) -> Iterator[Any]:
    """Yield what stands at ``path``, looking as EventBridge does into every item of a list."""
    if isinstance(node, list):
        for item in node:
            yield from _values(item, path)
    elif not path:
        yield node
    elif isinstance(node, dict) and path[0] in node:
        yield from _values(node[path[0]], path[1:])


def _enumerate(values: list[Any]) -> str:
    return " or ".join(json.dumps(value, ensure_ascii=False) for value in values)
