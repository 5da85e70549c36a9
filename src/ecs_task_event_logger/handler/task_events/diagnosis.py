"""Diagnose why a task stopped: cause, culprit and remedy, from its event alone.

Evidence in order of strength:

1. Who stopped the task, according to its ``stoppedReason`` and ``stopCode``. If the scheduler
   stopped it, that explains every exit code.
2. What went wrong, according to ``stoppedReason``, and then to the ``reason`` of the container
   that ended the task: see ``evidence.py``.
3. The exit codes of the containers, and health checks that failed: see ``exits.py``. A helper's
   exit code counts less than a main container's.
4. Attachments that failed, and wrappers around errors: see ``weak_evidence.py``.

``reason_patterns.py`` lists the patterns that texts are searched for. Add new ones there.
"""

from .cause import Cause
from .errors import add_parts
from .fields import copy_fields
from .matching import find_cause
from .modules import load
from .reason_patterns import ECS_ERRORS, PLAIN_REASONS, STOPPED_BY, STOPPED_FOR_USER
from .stop import Stop

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Part, Record
    from .stop import Finding

_STOP_CODES = {
    "SpotInterruption": Cause.SPOT_INTERRUPTION,
    "ServiceSchedulerInitiated": Cause.SCHEDULER_STOPPED,
    "InfrastructureHealth": Cause.HOST_FAILURE,
}
_PLAIN_REASONS = [(beginning.lower(), Cause[name]) for beginning, name in PLAIN_REASONS.items()]

# Causes that a container is responsible for, even if it is the task's reason that shows them.
_CAUSED_BY_A_CONTAINER = {
    *(Cause.APPLICATION_ERROR, Cause.SIGNAL, Cause.OUT_OF_MEMORY, Cause.OUT_OF_DISK),
    *(Cause.IMAGE_PULL, Cause.LOG_DRIVER, Cause.CONTAINER_START, Cause.DEPENDENCY_FAILED),
    *(Cause.CONTAINER_HEALTH_CHECK, Cause.TIMEOUT),
}
_CAUSED_BY_THE_PLATFORM = (Cause.SPOT_INTERRUPTION, Cause.HOST_FAILURE, Cause.MAINTENANCE)


class Diagnosis:
    """The verdict on a task that has stopped or is being stopped, and its evidence.

    Attributes:
        stop: The task.
        cause: Why it stopped.
        text: The text that shows the cause, in lower case.
        culprit: The container that brought it down, or None if the event does not show it.
    """

    def __init__(self, stop: Stop, finding: "Finding") -> None:
        """Keep the verdict. The culprit so far is the container whose text shows the cause."""
        self.stop = stop
        self.cause, self.text, self.culprit = finding

    def add_verdict(self, detail: "Record", record: "Record") -> None:
        """Add the cause, and whether the task failed. The level is ERROR once for each failure."""
        by_platform = self.cause in _CAUSED_BY_THE_PLATFORM
        is_over = detail.get("lastStatus") == "STOPPED"
        failed: bool | None = self.cause.failed
        if by_platform:
            # The scheduler replaces a service's task. The work of others may stay undone.
            failed = not (self.stop.is_of_service or self.stop.is_done) if is_over else None
        # A service's task should not end by itself.
        is_unexpected = self.cause is Cause.COMPLETED and self.stop.is_of_service
        record["cause"] = self.cause.value
        record["level"] = "WARN" if failed or by_platform or is_unexpected else "INFO"
        if failed and is_over:
            record["level"] = "ERROR"
        if failed is not None:
            record["failed"] = failed
        record["message"] = self.cause.phrase

    def add_culprit(self, detail: "Record", record: "Record") -> bool:
        """Add the container that brought the task down, if the event shows which."""
        is_known = self.culprit and self.cause is not Cause.DEPENDENCY_FAILED
        if self.cause in _CAUSED_BY_A_CONTAINER and not is_known:
            from .culprit import find_culprit

            self.culprit = find_culprit(self.cause, self.text, self.culprit, self.stop.containers)
        if not self.culprit:
            return True
        found = self.culprit.detail
        culprit = {"culprit": found.get("name"), "exitCode": found.get("exitCode")}
        return copy_fields(culprit, culprit, record)

    def add_message(self, detail: "Record", record: "Record") -> None:
        """Add why the task stopped, in words that help without the event."""
        if self.cause is Cause.SCHEDULER_STOPPED and _by_plain_reason(self.stop.reason):
            return  # The reason says no more than the cause.
        explain = load("explanation").explain
        record["message"] = explain(self.cause, self.stop, self.culprit, record)

    def add_remedy(self, detail: "Record", record: "Record") -> None:
        """Add what to check first, if the task failed; and its limits, if those were too low."""
        if record.get("failed"):
            record["remedy"] = load("remedies").find_remedy(self.cause, self.text)
        if self.cause is Cause.OUT_OF_MEMORY:
            own = self.culprit.detail if self.culprit else detail
            copy_fields(own if "memory" in own else detail, ("cpu", "memory"), record)


def add_diagnosis(detail: "Record", record: "Record") -> bool:
    """Add why a task stopped: first the verdict, so that an error in the rest cannot cost it."""
    stop = Stop(detail)
    finding = _find_cause(stop)
    if not finding:
        return True
    diagnosis = Diagnosis(stop, finding)
    diagnosis.add_verdict(detail, record)
    rest: dict[str, Part] = {
        "culprit": diagnosis.add_culprit,
        "message": diagnosis.add_message,
        "remedy": diagnosis.add_remedy,
    }
    return add_parts(rest, detail, record)


def _find_cause(stop: Stop) -> "Finding | None":
    """Return what the strongest evidence shows, or None as long as the event has none."""
    cause = _by_plain_reason(stop.reason) or _by_whom(stop)
    if cause is Cause.SCHEDULER_STOPPED and not stop.reason:
        for each in stop.containers:
            if each.is_unhealthy:
                return Cause.CONTAINER_HEALTH_CHECK, "", each
    if cause:
        return cause, stop.reason, None
    found: Finding | None = load("evidence").find_evidence(stop)
    return found


def _by_plain_reason(reason: str) -> Cause | None:
    for beginning, cause in _PLAIN_REASONS:
        if reason.startswith(beginning):
            return cause
    return None


def _by_whom(stop: Stop) -> Cause | None:
    """Return the cause if something outside the task stopped it, else None."""
    if stop.code == "UserInitiated":
        # Users write what they like, so only whole sentences of ECS and Batch count.
        return find_cause(STOPPED_FOR_USER, stop.reason) or Cause.USER_STOPPED
    if stop.is_by_itself:
        return None
    # Errors quote names, so other words in them are no evidence.
    is_error = stop.reason.startswith(ECS_ERRORS)
    return (not is_error and find_cause(STOPPED_BY, stop.reason)) or _by_stop_code(stop)


def _by_stop_code(stop: Stop) -> Cause | None:
    if stop.code == "TerminationNotice":
        # On Fargate, only Spot tasks get one. Elsewhere the instance gets it, Spot or not.
        provider = stop.detail.get("capacityProviderName")
        on_fargate = stop.detail.get("launchType") == "FARGATE" or provider == "FARGATE_SPOT"
        return Cause.SPOT_INTERRUPTION if on_fargate else Cause.HOST_FAILURE
    return _STOP_CODES.get(stop.code) if type(stop.code) is str else None
