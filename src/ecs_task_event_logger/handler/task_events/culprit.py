"""Which container is to blame, and what is read of containers to tell."""

import re

from .cause import Cause
from .reason_patterns import SIDECARS

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from typing import Any

    Container = dict[str, Any]

# How a container exits that was told to stop (SIGTERM), and did not in time (SIGKILL).
TERMINATED = 143
KILLED = 137

# How much of a text is searched: what went wrong is said early, and nobody can make this slow.
_LONG_ENOUGH = 4000

# Causes that end a container which was running.
_OF_AN_EXIT = frozenset((Cause.OUT_OF_MEMORY, Cause.SIGNAL))


def find_culprit(
    cause: Cause, text: str, culprit: "Container | None", containers: "list[Container]"
) -> "Container | None":
    """Return the container to blame for a cause that lies with one, unless that cannot be told.

    Args:
        cause: Why the task stopped.
        text: What tells the cause.
        culprit: The container whose text that is; None if it is the task's own.
        containers: The task's containers.
    """
    if cause is Cause.DEPENDENCY_FAILED:
        # The text is that of the container that waited; it names the one that it waited for.
        awaited = [c for c in containers if c is not culprit and _is_named_in(text, c)]
        unhealthy = [c for c in awaited if _is_unhealthy(c)]
        return min(unhealthy or awaited, key=blame_by_exit_code, default=culprit)
    if culprit:
        return culprit
    if len(containers) == 1:
        return containers[0]
    if cause is Cause.CONTAINER_HEALTH_CHECK:
        named = [c for c in containers if _is_unhealthy(c)]
    else:
        named = [c for c in containers if _is_named_in(text, c)]
    if len(named) == 1:
        return named[0]
    if cause in _OF_AN_EXIT and containers:
        first = min(containers, key=blame_by_exit_code)
        return first if exit_code(first) else None
    return None


def _is_unhealthy(container: "Container") -> bool:
    return container.get("healthStatus") == "UNHEALTHY"


def blame(container: "Container") -> tuple[bool, tuple[int, bool]]:
    """Return a key that sorts containers by how much speaks against them, most first."""
    return not lowered(container, "reason"), blame_by_exit_code(container)


def blame_by_exit_code(container: "Container") -> tuple[int, bool]:
    """Return the same key by exit codes alone."""
    code = exit_code(container)
    if code is None:
        rank = 4
    elif code == 0:
        rank = 3
    else:
        rank = {KILLED: 1, TERMINATED: 2}.get(code, 0)
    return rank, is_sidecar(container)


def is_sidecar(container: "Container") -> bool:
    """Return whether a container is called as those are that only help another."""
    return any(map(lowered(container, "name").__contains__, SIDECARS))


def _is_named_in(text: str, container: "Container") -> bool:
    name, image = lowered(container, "name"), lowered(container, "image")
    if image and image in text:
        return True
    # A whole word: "app" is not named by "application" or "my-app".
    return bool(name and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))


def lowered(holder: "dict[str, Any]", key: str) -> str:
    """Return a text of a task or container in lower case, as far as it is searched."""
    value = holder.get(key)
    return value[:_LONG_ENOUGH].lower() if type(value) is str else ""


def exit_code(container: "Container") -> int | None:
    """Return a container's exit code, if it says one."""
    code = container.get("exitCode")
    return code if type(code) is int else None
