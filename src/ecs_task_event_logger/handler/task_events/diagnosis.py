"""Why a task stopped: from the evidence in its event to a cause, a culprit and a remedy.

The evidence is weighed in order of strength:

1. who stopped the task, as its own ``stoppedReason`` and ``stopCode`` say: a scheduler's stop
   explains every exit code that follows it;
2. what went wrong, as ``stoppedReason`` says, and after it the ``reason`` of the container that
   ended the task. What stands inside a wrapper such as ``CannotStartContainerError`` beats it;
3. how the containers exited.

Texts are searched for what ``reason_patterns.py`` lists: whoever meets a new wording adds it there.
"""

import re

from .cause import Cause
from .culprit import (
    KILLED,
    TERMINATED,
    blame,
    blame_by_exit_code,
    exit_code,
    find_culprit,
    is_sidecar,
    lowered,
)
from .matching import find_cause, find_remedy
from .reason_patterns import ON_REQUEST, PLAIN_REASONS, STOPPED_BY, WENT_WRONG, WRAPPERS

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from typing import Any

    Container = dict[str, Any]
    # A cause, the text that tells it, and the container whose text that is.
    Finding = tuple[Cause | None, str, Container | None]

_STOP_CODES = {
    "SpotInterruption": Cause.SPOT_INTERRUPTION,
    "ServiceSchedulerInitiated": Cause.SCHEDULER_STOPPED,
    "UserInitiated": Cause.USER_STOPPED,
}

_PLAIN_REASONS = [(beginning.lower(), Cause[name]) for beginning, name in PLAIN_REASONS.items()]

# Stop codes of tasks that nobody stopped.
_BY_ITSELF = ("TaskFailedToStart", "EssentialContainerExited")

# How a reason begins that is the text of an error.
_ERROR = re.compile(r"\w*error\b")

# The task's own reason where it leaves it to the containers to say why.
_CONTAINER_EXITED = "essential container"

# Stands before whatever went wrong while credentials were fetched, whichever they were.
_FETCH_WRAPPER = "unable to pull secrets or registry auth"

# The seconds that a container has from being told to stop to being killed (``stopTimeout``): by
# default, and at least.
_STOP_TIMEOUT = 30
_LEAST_STOP_TIMEOUT = 2

# Causes that lie with one container, even where it is the task's reason that tells.
_OF_A_CONTAINER = frozenset(
    (
        Cause.APPLICATION_ERROR,
        Cause.CONTAINER_HEALTH_CHECK,
        Cause.CONTAINER_START,
        Cause.DEPENDENCY_FAILED,
        Cause.IMAGE_PULL,
        Cause.LOG_DRIVER,
        Cause.OUT_OF_DISK,
        Cause.OUT_OF_MEMORY,
        Cause.SIGNAL,
        Cause.TIMEOUT,
    )
)
_BY_PLATFORM = frozenset((Cause.SPOT_INTERRUPTION, Cause.HOST_FAILURE, Cause.MAINTENANCE))


class Diagnosis:
    """The verdict on a stopped or stopping task."""

    __slots__ = ("cause", "culprit", "failed", "remedy")

    def __init__(
        self, cause: Cause, failed: bool, culprit: "Container | None", remedy: str | None
    ) -> None:
        """Hold the verdict: the cause, whether the task failed, who is to blame, what to check."""
        self.cause = cause
        self.failed = failed
        self.culprit = culprit
        self.remedy = remedy

    @property
    def level(self) -> str:
        """How much this matters to whoever reads the log."""
        if self.failed:
            return "ERROR"
        return "WARN" if self.cause in _BY_PLATFORM else "INFO"


def diagnose(detail: "dict[str, Any]") -> Diagnosis | None:
    """Return why a task stopped, or None as long as its event does not tell.

    Args:
        detail: The detail of an ``ECS Task State Change`` event. Whatever is missing in it, or is
            not of the type that ECS documents, is no evidence.
    """
    containers = detail.get("containers")
    containers = [c for c in containers if type(c) is dict] if type(containers) is list else []
    cause, text, culprit = _find_cause(detail, containers)
    if cause is None:
        return None
    if cause in _OF_A_CONTAINER:
        culprit = find_culprit(cause, text, culprit, containers)
    failed = _has_failed(cause, detail)
    return Diagnosis(cause, failed, culprit, find_remedy(cause, text) if failed else None)


def _find_cause(detail: "dict[str, Any]", containers: "list[Container]") -> "Finding":
    reason = lowered(detail, "stoppedReason")
    who = _by_plain_reason(reason) or _by_whom(detail, reason)
    if who:
        return who, reason, None
    suspects = _suspects(reason, containers)
    if len(suspects) > 1:
        suspects = sorted(suspects, key=blame)
    own: list[tuple[str, Container | None]] = [(reason, None)]
    texts = own + [(lowered(each, "reason"), each) for each in suspects if each.get("reason")]
    return (
        _by_text(WENT_WRONG, texts)
        or (detail.get("stopCode") not in _BY_ITSELF and _by_text(ON_REQUEST, own))
        or _by_exit_code(detail, suspects)
        or _by_text(WRAPPERS, texts)
        or _by_silence(detail, suspects)
    )


def _by_plain_reason(reason: str) -> Cause | None:
    for beginning, cause in _PLAIN_REASONS:
        if reason.startswith(beginning):
            return cause
    return None


def _by_text(table: str, texts: "list[tuple[str, Container | None]]") -> "Finding | None":
    for text, container in texts:
        cause = find_cause(table, text.replace(_FETCH_WRAPPER, "initialization"))
        if cause:
            return cause, text, container
    return None


def _by_whom(detail: "dict[str, Any]", reason: str) -> Cause | None:
    """Return who stopped the task, if anybody did."""
    code = detail.get("stopCode")
    if code in _BY_ITSELF:
        return None
    # People write what they like, and errors quote names: neither must be taken for ECS's words.
    in_ecs_words = code != "UserInitiated" and not _ERROR.match(reason)
    return (find_cause(STOPPED_BY, reason) if in_ecs_words else None) or _by_stop_code(detail)


def _by_stop_code(detail: "dict[str, Any]") -> Cause | None:
    code = detail.get("stopCode")
    if code == "TerminationNotice":
        # On Fargate only Spot tasks get one; elsewhere the instance does, Spot or not.
        provider = detail.get("capacityProviderName")
        on_fargate = detail.get("launchType") == "FARGATE" or provider == "FARGATE_SPOT"
        return Cause.SPOT_INTERRUPTION if on_fargate else Cause.HOST_FAILURE
    return _STOP_CODES.get(code) if type(code) is str else None


def _suspects(reason: str, containers: "list[Container]") -> "list[Container]":
    """Return the containers that may have ended the task."""
    if _CONTAINER_EXITED not in reason:
        return containers
    if not any(_exited_by_itself(container) for container in containers):
        return containers
    # If its exit ended the task, then what could not even start was not essential.
    return [c for c in containers if exit_code(c) is not None or not lowered(c, "reason")]


def _exited_by_itself(container: "Container") -> bool:
    code = exit_code(container)
    return code not in (None, KILLED, TERMINATED) and not is_sidecar(container)


def _by_exit_code(detail: "dict[str, Any]", suspects: "list[Container]") -> "Finding | None":
    exited = [suspect for suspect in suspects if type(suspect.get("exitCode")) is int]
    if not exited:
        return None
    culprit = min(exited, key=blame_by_exit_code) if len(exited) > 1 else exited[0]
    code = culprit["exitCode"]
    completed = any(container["exitCode"] == 0 for container in exited)
    if code == 0 or (completed and _was_told_to_stop(culprit, detail)):
        # Of those whose exit code is missing, one may have failed, or may yet.
        return (Cause.COMPLETED, "", None) if len(exited) == len(suspects) else None
    cause = Cause.SIGNAL if _is_signal(code) else Cause.APPLICATION_ERROR
    return cause, f"exit code {code}", culprit


def _by_silence(detail: "dict[str, Any]", suspects: "list[Container]") -> "Finding":
    """Return what is left to say when nothing in the event says it."""
    code = detail.get("stopCode")
    reason = lowered(detail, "stoppedReason")
    if detail.get("lastStatus") != "STOPPED":
        return None, "", None
    if code == "TaskFailedToStart":
        return Cause.RESOURCE_INITIALIZATION, reason, None
    nobody_knows = all(exit_code(suspect) is None for suspect in suspects)
    if nobody_knows and (code == "EssentialContainerExited" or _CONTAINER_EXITED in reason):
        return Cause.APPLICATION_ERROR, reason, None
    return Cause.UNKNOWN, reason, None


def _was_told_to_stop(container: "Container", detail: "dict[str, Any]") -> bool:
    """Return whether a container's exit is the consequence of another's."""
    if container["exitCode"] != KILLED:
        return bool(container["exitCode"] == TERMINATED)
    from .durations import seconds_between

    took = seconds_between(detail.get("stoppingAt"), detail.get("executionStoppedAt"))
    if is_sidecar(container):
        return took is None or took >= _LEAST_STOP_TIMEOUT
    return took is not None and took >= _STOP_TIMEOUT


def _has_failed(cause: Cause, detail: "dict[str, Any]") -> bool:
    if cause in _BY_PLATFORM:
        # The scheduler replaces a service's task; nobody takes up the work of any other.
        return not (
            lowered(detail, "group").startswith("service:")
            or lowered(detail, "startedBy").startswith("ecs-svc/")
        )
    return cause.failed


def _is_signal(code: int) -> bool:
    return 128 < code <= 128 + 64
