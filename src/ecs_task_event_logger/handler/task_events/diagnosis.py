"""Diagnose why a task stopped: cause, culprit and remedy, from its event alone.

Evidence in order of strength:

1. Who stopped the task, according to its ``stoppedReason`` and ``stopCode``. If the scheduler
   stopped it, that explains every exit code.
2. What went wrong, according to ``stoppedReason``, and then to the ``reason`` of the container
   that ended the task. The text inside a wrapper such as ``CannotStartContainerError`` counts more
   than the wrapper.
3. The exit codes of the containers.

``reason_patterns.py`` lists the patterns that texts are searched for. Add new ones there.
"""

import re

from .cause import Cause
from .culprit import (
    KILLED,
    TERMINATED,
    exit_code,
    find_culprit,
    is_sidecar,
    lowered,
    suspicion,
    suspicion_by_exit_code,
)
from .errors import add_error
from .fields import copy_fields
from .matching import find_cause, find_remedy
from .reason_patterns import ON_REQUEST, PLAIN_REASONS, STOPPED_BY, WENT_WRONG, WRAPPERS

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Evidence, Finding, Record

_STOP_CODES = {
    "SpotInterruption": Cause.SPOT_INTERRUPTION,
    "ServiceSchedulerInitiated": Cause.SCHEDULER_STOPPED,
    "UserInitiated": Cause.USER_STOPPED,
}

_PLAIN_REASONS = [(beginning.lower(), Cause[name]) for beginning, name in PLAIN_REASONS.items()]

# The stop codes of tasks that nothing outside the task stopped.
_SELF_STOPPED = ("TaskFailedToStart", "EssentialContainerExited")

# The task's own reason if only its containers say more.
_CONTAINER_EXITED = "essential container"

# ECS puts this before any error while it fetches credentials, whichever they are.
_FETCH_WRAPPER = "unable to pull secrets or registry auth"

# The default and the minimum of ``stopTimeout``: the seconds from SIGTERM to SIGKILL.
_STOP_TIMEOUT = 30
_MIN_STOP_TIMEOUT = 2

# Causes that a container is responsible for, even if it is the task's reason that shows them.
_CAUSED_BY_A_CONTAINER = frozenset(
    (
        *(Cause.APPLICATION_ERROR, Cause.SIGNAL, Cause.OUT_OF_MEMORY, Cause.OUT_OF_DISK),
        *(Cause.IMAGE_PULL, Cause.LOG_DRIVER, Cause.CONTAINER_START, Cause.DEPENDENCY_FAILED),
        *(Cause.CONTAINER_HEALTH_CHECK, Cause.TIMEOUT),
    )
)
_CAUSED_BY_THE_PLATFORM = (Cause.SPOT_INTERRUPTION, Cause.HOST_FAILURE, Cause.MAINTENANCE)

# The most characters of ECS's own reason that a message quotes.
_EXCERPT = 200

# Signals 1 to 15, in order.
_SIGNALS = (
    *("HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE"),
    *("KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM"),
)


class Diagnosis:
    """The verdict on a stopped or stopping task. Culprit and remedy are found on demand."""

    __slots__ = ("_evidence", "cause", "failed")

    def __init__(self, cause: Cause, failed: bool, evidence: "Evidence") -> None:
        """Keep the verdict and its evidence."""
        self.cause = cause
        self.failed = failed
        self._evidence = evidence

    @property
    def level(self) -> str:
        """The level of the task's line."""
        if self.failed:
            return "ERROR"
        return "WARN" if self.cause in _CAUSED_BY_THE_PLATFORM else "INFO"

    @property
    def culprit(self) -> "Record | None":
        """The container that brought the task down, if the event shows which."""
        if self.cause in _CAUSED_BY_A_CONTAINER:
            return find_culprit(self.cause, *self._evidence)
        return self._evidence[1]

    @property
    def remedy(self) -> str | None:
        """What to check first, if the task failed."""
        return find_remedy(self.cause, self._evidence[0]) if self.failed else None


def add_diagnosis(detail: "Record", record: "Record") -> bool:
    """Add why a task stopped: first the verdict, so that an error in the rest cannot cost it."""
    diagnosis = diagnose(detail)
    if diagnosis is None:
        return True
    record["cause"] = diagnosis.cause.value
    record["level"] = diagnosis.level
    record["failed"] = diagnosis.failed
    record["message"] = diagnosis.cause.phrase
    understood = True
    try:
        culprit = diagnosis.culprit or {}
        fields = {"culprit": culprit.get("name"), "exitCode": culprit.get("exitCode")}
        copy_fields(fields, fields, record)
    except Exception as error:
        understood = add_error("culprit", error, record)
    try:
        record["message"] = _why(record)
    except Exception as error:
        understood = add_error("message", error, record)
    if diagnosis.failed:
        try:
            record["remedy"] = diagnosis.remedy
        except Exception as error:
            understood = add_error("remedy", error, record)
    return understood


def _why(record: "Record") -> str:
    why: str = record["message"]
    cause = record["cause"]
    if cause == "UNKNOWN" and "stoppedReason" in record:
        why = f"{why}: {record['stoppedReason'][:_EXCERPT]}"
    if cause == "APPLICATION_ERROR" and "exitCode" not in record:
        why = "an essential container exited, its exit code is unknown"
    if "culprit" in record:
        why += f" in container {record['culprit']}"
    if "exitCode" in record:
        why += f" (exit code {_exit_code(record['exitCode'])})"
    return why


def _exit_code(code: int) -> str:
    signal = code - 128
    return f"{code}, SIG{_SIGNALS[signal - 1]}" if 0 < signal <= len(_SIGNALS) else str(code)


def diagnose(detail: "Record") -> Diagnosis | None:
    """Return why a task stopped, or None as long as its event does not show it."""
    containers = detail.get("containers")
    containers = [c for c in containers if type(c) is dict] if type(containers) is list else []
    cause, text, container = _find_cause(detail, containers)
    if cause is None:
        return None
    failed = cause.failed
    if cause in _CAUSED_BY_THE_PLATFORM:
        # The scheduler replaces a service's task. The work of any other task stays undone.
        failed = not (
            lowered(detail, "group").startswith("service:")
            or lowered(detail, "startedBy").startswith("ecs-svc/")
        )
    return Diagnosis(cause, failed, (text, container, containers))


def _find_cause(detail: "Record", containers: "list[Record]") -> "Finding":
    reason = lowered(detail, "stoppedReason")
    stopped_by = _by_plain_reason(reason) or _by_whom(detail, reason)
    if stopped_by:
        return stopped_by, reason, None
    suspects = _suspects(reason, containers)
    if len(suspects) > 1:
        suspects = sorted(suspects, key=suspicion)
    own: list[tuple[str, Record | None]] = [(reason, None)]
    texts = own + [(lowered(each, "reason"), each) for each in suspects if each.get("reason")]
    return (
        _by_text(WENT_WRONG, texts)
        or (detail.get("stopCode") not in _SELF_STOPPED and _by_text(ON_REQUEST, own))
        or _by_exit_code(detail, suspects)
        or _by_text(WRAPPERS, texts)
        or _without_evidence(detail, suspects, reason)
    )


def _by_plain_reason(reason: str) -> Cause | None:
    for beginning, cause in _PLAIN_REASONS:
        if reason.startswith(beginning):
            return cause
    return None


def _by_text(table: str, texts: "list[tuple[str, Record | None]]") -> "Finding | None":
    for text, container in texts:
        cause = find_cause(table, text.replace(_FETCH_WRAPPER, "initialization"))
        if cause:
            return cause, text, container
    return None


def _by_whom(detail: "Record", reason: str) -> Cause | None:
    """Return the cause if something outside the task stopped it, else None."""
    code = detail.get("stopCode")
    if code in _SELF_STOPPED:
        return None
    # Users write what they like, and errors quote names. Neither are ECS's own words.
    in_ecs_words = code != "UserInitiated" and not re.match(r"\w*error\b", reason)
    return (find_cause(STOPPED_BY, reason) if in_ecs_words else None) or _by_stop_code(detail)


def _by_stop_code(detail: "Record") -> Cause | None:
    code = detail.get("stopCode")
    if code == "TerminationNotice":
        # On Fargate, only Spot tasks get one. Elsewhere the instance gets it, Spot or not.
        provider = detail.get("capacityProviderName")
        on_fargate = detail.get("launchType") == "FARGATE" or provider == "FARGATE_SPOT"
        return Cause.SPOT_INTERRUPTION if on_fargate else Cause.HOST_FAILURE
    return _STOP_CODES.get(code) if type(code) is str else None


def _suspects(reason: str, containers: "list[Record]") -> "list[Record]":
    """Return the containers that may have ended the task."""
    if _CONTAINER_EXITED not in reason or not any(map(_exited_by_itself, containers)):
        return containers
    # If a container's exit ended the task, a container that could not start was not essential.
    return [c for c in containers if exit_code(c) is not None or not lowered(c, "reason")]


def _exited_by_itself(container: "Record") -> bool:
    code = exit_code(container)
    return code not in (None, KILLED, TERMINATED) and not is_sidecar(container)


def _by_exit_code(detail: "Record", suspects: "list[Record]") -> "Finding | None":
    exited = [suspect for suspect in suspects if type(suspect.get("exitCode")) is int]
    if not exited:
        return None
    culprit = min(exited, key=suspicion_by_exit_code) if len(exited) > 1 else exited[0]
    code = culprit["exitCode"]
    completed = any(container["exitCode"] == 0 for container in exited)
    if code == 0 or (completed and _was_told_to_stop(culprit, detail)):
        # A container without an exit code may have failed, or may still fail.
        return (Cause.COMPLETED, "", None) if len(exited) == len(suspects) else None
    cause = Cause.SIGNAL if 128 < code <= 128 + 64 else Cause.APPLICATION_ERROR
    return cause, f"exit code {code}", culprit


def _was_told_to_stop(container: "Record", detail: "Record") -> bool:
    """Return whether a container exited only because another container had ended the task."""
    if container["exitCode"] != KILLED:
        return bool(container["exitCode"] == TERMINATED)
    from .durations import seconds_between

    seconds = seconds_between(detail.get("stoppingAt"), detail.get("executionStoppedAt"))
    if is_sidecar(container):
        return seconds is None or seconds >= _MIN_STOP_TIMEOUT
    return seconds is not None and seconds >= _STOP_TIMEOUT


def _without_evidence(detail: "Record", suspects: "list[Record]", reason: str) -> "Finding":
    """Return the cause if no text and no exit code shows it: None before STOPPED."""
    code = detail.get("stopCode")
    if detail.get("lastStatus") != "STOPPED":
        return None, "", None
    if code == "TaskFailedToStart":
        return Cause.RESOURCE_INITIALIZATION, reason, None
    no_exit_codes = all(exit_code(suspect) is None for suspect in suspects)
    if no_exit_codes and (code == "EssentialContainerExited" or _CONTAINER_EXITED in reason):
        return Cause.APPLICATION_ERROR, reason, None
    return Cause.UNKNOWN, reason, None
