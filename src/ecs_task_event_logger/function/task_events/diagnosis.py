"""Why a task stopped: from the evidence in its event to a cause, a culprit and a remedy.

The evidence is weighed in order of strength:

1. who stopped the task, as its own ``stoppedReason`` and ``stopCode`` say: a scheduler's stop
   explains every exit code that follows it;
2. what went wrong, as ``stoppedReason`` says, and after it the ``reason`` of the container that
   ended the task. What stands inside a wrapper such as ``CannotStartContainerError`` beats it;
3. how the containers exited.

Texts are searched for what ``wordings.py`` lists: whoever meets a new wording adds it there.
"""

import re

from .cause import Cause
from .tables import find_cause, find_remedy
from .wordings import ON_REQUEST, PLAIN_REASONS, SIDECARS, STOPPED_BY, WENT_WRONG, WRAPPERS

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

# How much of a text is searched: what went wrong is said early, and nobody can make this slow.
_LONG_ENOUGH = 4000

# Stands before whatever went wrong while credentials were fetched, whichever they were.
_FETCH_WRAPPER = "unable to pull secrets or registry auth"

# How a container exits that was told to stop (SIGTERM), and did not in time (SIGKILL).
_TERMINATED = 143
_KILLED = 137

# The seconds that a container has between the two (``stopTimeout``): by default, and at least.
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
# Causes that end a container which was running.
_OF_AN_EXIT = frozenset((Cause.OUT_OF_MEMORY, Cause.SIGNAL))
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
        culprit = _find_culprit(cause, text, culprit, containers)
    failed = _has_failed(cause, detail)
    return Diagnosis(cause, failed, culprit, find_remedy(cause, text) if failed else None)


# -- the cause --------------------------------------------------------------------------------


def _find_cause(detail: "dict[str, Any]", containers: "list[Container]") -> "Finding":
    reason = _text(detail, "stoppedReason")
    who = _by_plain_reason(reason) or _by_whom(detail, reason)
    if who:
        return who, reason, None
    suspects = _suspects(reason, containers)
    if len(suspects) > 1:
        suspects = sorted(suspects, key=_blame)
    own: list[tuple[str, Container | None]] = [(reason, None)]
    texts = own + [(_text(each, "reason"), each) for each in suspects if each.get("reason")]
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
    return [c for c in containers if _exit_code(c) is not None or not _text(c, "reason")]


def _exited_by_itself(container: "Container") -> bool:
    code = _exit_code(container)
    return code not in (None, _KILLED, _TERMINATED) and not _is_sidecar(container)


def _by_exit_code(detail: "dict[str, Any]", suspects: "list[Container]") -> "Finding | None":
    exited = [suspect for suspect in suspects if type(suspect.get("exitCode")) is int]
    if not exited:
        return None
    culprit = min(exited, key=_blame_by_exit_code) if len(exited) > 1 else exited[0]
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
    reason = _text(detail, "stoppedReason")
    if detail.get("lastStatus") != "STOPPED":
        return None, "", None
    if code == "TaskFailedToStart":
        return Cause.RESOURCE_INITIALIZATION, reason, None
    nobody_knows = all(_exit_code(suspect) is None for suspect in suspects)
    if nobody_knows and (code == "EssentialContainerExited" or _CONTAINER_EXITED in reason):
        return Cause.APPLICATION_ERROR, reason, None
    return Cause.UNKNOWN, reason, None


def _was_told_to_stop(container: "Container", detail: "dict[str, Any]") -> bool:
    """Return whether a container's exit is the consequence of another's."""
    if container["exitCode"] != _KILLED:
        return bool(container["exitCode"] == _TERMINATED)
    from .times import seconds_between

    took = seconds_between(detail.get("stoppingAt"), detail.get("executionStoppedAt"))
    if _is_sidecar(container):
        return took is None or took >= _LEAST_STOP_TIMEOUT
    return took is not None and took >= _STOP_TIMEOUT


def _has_failed(cause: Cause, detail: "dict[str, Any]") -> bool:
    if cause in _BY_PLATFORM:
        # The scheduler replaces a service's task; nobody takes up the work of any other.
        return not (
            _text(detail, "group").startswith("service:")
            or _text(detail, "startedBy").startswith("ecs-svc/")
        )
    return cause.failed


# -- the culprit ------------------------------------------------------------------------------


def _find_culprit(
    cause: Cause, text: str, culprit: "Container | None", containers: "list[Container]"
) -> "Container | None":
    if cause is Cause.DEPENDENCY_FAILED:
        # The text is that of the container that waited; it names the one that it waited for.
        awaited = [c for c in containers if c is not culprit and _is_named_in(text, c)]
        unhealthy = [c for c in awaited if _is_unhealthy(c)]
        return min(unhealthy or awaited, key=_blame_by_exit_code, default=culprit)
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
        first = min(containers, key=_blame_by_exit_code)
        return first if _exit_code(first) else None
    return None


def _is_unhealthy(container: "Container") -> bool:
    return container.get("healthStatus") == "UNHEALTHY"


def _blame(container: "Container") -> tuple[bool, tuple[int, bool]]:
    """Return a key that sorts containers by how much speaks against them, most first."""
    return not _text(container, "reason"), _blame_by_exit_code(container)


def _blame_by_exit_code(container: "Container") -> tuple[int, bool]:
    code = _exit_code(container)
    if code is None:
        rank = 4
    elif code == 0:
        rank = 3
    else:
        rank = {_KILLED: 1, _TERMINATED: 2}.get(code, 0)
    return rank, _is_sidecar(container)


def _is_sidecar(container: "Container") -> bool:
    return any(map(_text(container, "name").__contains__, SIDECARS))


def _is_named_in(text: str, container: "Container") -> bool:
    name, image = _text(container, "name"), _text(container, "image")
    if image and image in text:
        return True
    # A whole word: "app" is not named by "application" or "my-app".
    return bool(name and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))


# -- reading ----------------------------------------------------------------------------------


def _text(holder: "dict[str, Any]", key: str) -> str:
    value = holder.get(key)
    return value[:_LONG_ENOUGH].lower() if type(value) is str else ""


def _exit_code(container: "Container") -> int | None:
    code = container.get("exitCode")
    return code if type(code) is int else None


def _is_signal(code: int) -> bool:
    return 128 < code <= 128 + 64
