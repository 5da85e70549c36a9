"""Find the container that brought a task down."""

import re

from .cause import Cause
from .reason_patterns import SIDECARS

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Record

# The exit codes of a container that stopped at SIGTERM, and of one that SIGKILL had to stop.
TERMINATED = 143
KILLED = 137

# The most characters of a text that are searched. Errors start with what went wrong, and no text
# may take long to search.
_LONG_ENOUGH = 4000

# Causes that end a running container.
_ENDS_A_RUN = (Cause.OUT_OF_MEMORY, Cause.SIGNAL)


def find_culprit(
    cause: Cause, text: str, culprit: "Record | None", containers: "list[Record]"
) -> "Record | None":
    """Return the container that is responsible, or None if the event does not show it."""
    if cause is Cause.DEPENDENCY_FAILED:
        # The text belongs to the container that waited, and names the one it waited for.
        awaited = [c for c in containers if c is not culprit and _is_named_in(text, c)]
        unhealthy = [c for c in awaited if c.get("healthStatus") == "UNHEALTHY"]
        return min(unhealthy or awaited, key=suspicion_by_exit_code, default=culprit)
    if culprit:
        return culprit
    if len(containers) == 1:
        return containers[0]
    if cause is Cause.CONTAINER_HEALTH_CHECK:
        named = [c for c in containers if c.get("healthStatus") == "UNHEALTHY"]
    else:
        named = [c for c in containers if _is_named_in(text, c)]
    if len(named) == 1:
        return named[0]
    if cause in _ENDS_A_RUN and containers:
        first = min(containers, key=suspicion_by_exit_code)
        return first if exit_code(first) else None
    return None


def suspicion(container: "Record") -> tuple[bool, tuple[int, bool]]:
    """Return a sort key that puts the container with the most evidence against it first."""
    return not lowered(container, "reason"), suspicion_by_exit_code(container)


def suspicion_by_exit_code(container: "Record") -> tuple[int, bool]:
    """Return the same sort key, from the exit code alone."""
    code = exit_code(container)
    if code is None:
        rank = 4
    elif code == 0:
        rank = 3
    else:
        rank = {KILLED: 1, TERMINATED: 2}.get(code, 0)
    return rank, is_sidecar(container)


def is_sidecar(container: "Record") -> bool:
    """Return whether the container's name is that of a known sidecar."""
    return any(map(lowered(container, "name").__contains__, SIDECARS))


def _is_named_in(text: str, container: "Record") -> bool:
    name, image = lowered(container, "name"), lowered(container, "image")
    if image and image in text:
        return True
    # Whole words only: "application" and "my-app" do not name "app".
    return bool(name and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))


def lowered(source: "Record", key: str) -> str:
    """Return a text of a task or container in lower case, up to the length that is searched."""
    value = source.get(key)
    return value[:_LONG_ENOUGH].lower() if type(value) is str else ""


def exit_code(container: "Record") -> int | None:
    """Return a container's exit code, or None if it has none."""
    code = container.get("exitCode")
    return code if type(code) is int else None
