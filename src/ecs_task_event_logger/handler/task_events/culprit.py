"""Find the container that brought a task down, where only a text tells."""

import re
from operator import attrgetter

from .cause import Cause
from .fields import lowered
from .stop import Container

# Causes that end a running container.
_ENDS_A_RUN = (Cause.OUT_OF_MEMORY, Cause.SIGNAL)


def find_culprit(
    cause: Cause, text: str, owner: Container | None, containers: list[Container]
) -> Container | None:
    """Return the container that is responsible, or None if the event does not show it.

    The text shows the cause. It is ``owner``'s; without one, it is the task's own.
    """
    if cause is Cause.DEPENDENCY_FAILED:
        # The text belongs to the container that waited, and names the one it waited for.
        awaited = [c for c in containers if c is not owner and _is_named_in(text, c)]
        unhealthy = [c for c in awaited if c.is_unhealthy]
        return min(unhealthy or awaited, key=attrgetter("suspicion"), default=owner)
    if len(containers) == 1:
        return containers[0]
    if cause is Cause.CONTAINER_HEALTH_CHECK:
        named = [c for c in containers if c.is_unhealthy]
    else:
        named = [c for c in containers if _says(text, c)]
        named = named or [c for c in containers if _is_named_in(text, c)]
    if len(named) == 1:
        return named[0]
    first = min(containers, key=attrgetter("suspicion"), default=None)
    return first if cause in _ENDS_A_RUN and first and first.exit_code else None


def _says(text: str, container: Container) -> bool:
    # ECS may cut the text of a container.
    return bool(container.reason) and text.startswith(container.reason)


def _is_named_in(text: str, container: Container) -> bool:
    name, image = container.name, lowered(container.detail, "image")
    if image and image in text:
        return True
    # Whole words only: "application" and "my-app" do not name "app".
    return bool(name and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))
