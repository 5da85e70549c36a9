"""Find what ended a task that nothing outside it stopped: what its texts say counts most."""

from .matching import find_cause
from .modules import load
from .reason_patterns import ECS_ERRORS, ECS_PHRASES, ON_REQUEST, TROUBLE, WENT_WRONG, WRAPPERS
from .stop import KILLED, TERMINATED, Container, Stop

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .stop import Finding, Text

# How texts begin that ECS, its agent or Docker wrote.
_BY_ECS = ECS_ERRORS + ECS_PHRASES

# ECS puts this before any error while it fetches credentials, whichever they are.
_FETCH_WRAPPER = "unable to pull secrets or registry auth"


def find_evidence(stop: Stop) -> "Finding | None":
    """Return the cause that the strongest evidence shows, or None if there is none yet."""
    suspects = _suspects(stop)
    texts = _texts(stop, suspects)
    found: Finding | None = _by_text(WENT_WRONG, texts) or _by_request(stop)
    if found:
        return found
    exits = load("exits")
    found = exits.by_exit(stop, suspects) or exits.by_health(suspects)
    if found:
        return found
    from .weak_evidence import by_attachment, without_evidence

    return by_attachment(stop) or _by_text(WRAPPERS, texts) or without_evidence(stop, suspects)


def _suspects(stop: Stop) -> list[Container]:
    """Return the containers that may have ended the task, the most suspicious first."""
    suspects = stop.main if stop.is_done and not stop.is_of_service else stop.containers
    unstarted = [each for each in suspects if each.exit_code is None and each.reason]
    told = (None, KILLED, *TERMINATED)
    if unstarted and stop.has_exited and any(c.exit_code not in told for c in stop.main):
        # If a container's exit ended the task, a container that could not start was not essential.
        suspects = [each for each in suspects if each not in unstarted]
    return sorted(suspects, key=lambda c: (not c.reason, c.suspicion))


def _texts(stop: Stop, suspects: list[Container]) -> "list[Text]":
    """Return the texts that are evidence: the task's own, then those of the containers.

    A container that has exited may have a text of its application. That is no evidence, unless it
    begins with the name of an error of ECS.
    """
    texts: list[Text] = []
    failed_to_start = stop.code == "TaskFailedToStart"
    ended_by_itself = any(each.suspicion == 0 for each in suspects)
    if failed_to_start or stop.reason.startswith(ECS_ERRORS) or not ended_by_itself:
        ran = any(each.exit_code is not None for each in suspects)
        is_trouble = any(word in stop.reason for word in TROUBLE)
        by_ecs = failed_to_start or (is_trouble and not ran) or stop.reason.startswith(_BY_ECS)
        texts.append((stop.reason, None, by_ecs))
    for each in suspects:
        text = each.reason
        if text.startswith(ECS_ERRORS) or (text and each.exit_code is None):
            texts.append((text, each, text.startswith(_BY_ECS)))
    return texts


def _by_text(table: str, texts: "list[Text]") -> "Finding | None":
    for text, container, by_ecs in texts:
        cause = find_cause(table, text.replace(_FETCH_WRAPPER, "initialization"), by_ecs)
        if cause:
            return cause, text, container
    return None


def _by_request(stop: Stop) -> "Finding | None":
    """Return the cause if a person or a tool says that they stopped the task."""
    cause = None if stop.is_by_itself else find_cause(ON_REQUEST, stop.reason)
    return (cause, stop.reason, None) if cause else None
