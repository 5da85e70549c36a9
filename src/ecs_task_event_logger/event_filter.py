"""What to listen to: from the words of ECS to an EventBridge pattern, and what it cannot say.

The pattern drops what it can, free of charge. What EventBridge has no words for (why a task
stopped, two conditions on one field) the function decides; the pattern then lets through at least
all that the function logs.
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import product
from typing import Any

from aws_cdk import Token

from .function.task_events.cause import Cause
from .function.task_events.wordings import PLAIN_REASONS
from .vocabulary import checked_list, checked_members

# Keys of an event's detail, and what EventBridge is to find there: all of it must hold.
Condition = dict[str, list[Any]]


class TaskStatus(StrEnum):
    """The statuses of an ECS task, in the order in which it passes through them.

    A task need not pass through all of them, and ECS may report one status several times, each
    time with a higher ``version``.

    Source: `Amazon ECS task lifecycle
    <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>`_.
    """

    PROVISIONING = "PROVISIONING"
    """ECS prepares what the task needs before its launch, such as a network interface."""

    PENDING = "PENDING"
    """ECS waits for the container agent to start the task's containers."""

    ACTIVATING = "ACTIVATING"
    """Containers run; ECS finishes what follows a launch, such as target group registration."""

    RUNNING = "RUNNING"
    """The task runs."""

    DEACTIVATING = "DEACTIVATING"
    """ECS undoes what must be undone before the stop, such as target group registration."""

    STOPPING = "STOPPING"
    """ECS waits for the container agent to stop the task's containers."""

    DEPROVISIONING = "DEPROVISIONING"
    """Containers have stopped; ECS releases what the task used, such as a network interface."""

    STOPPED = "STOPPED"
    """The task has stopped for good, and its event says why."""

    DELETED = "DELETED"
    """ECS's own transition after the stop, listed by AWS; no event with it has been seen."""


class LaunchType(StrEnum):
    """What a task runs on (``launchType``).

    Source: `Amazon ECS launch types and capacity providers
    <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/capacity-launch-type-comparison.html>`_.
    """

    EC2 = "EC2"
    """EC2 instances that are registered with the cluster."""

    FARGATE = "FARGATE"
    """AWS Fargate."""

    EXTERNAL = "EXTERNAL"
    """Machines outside AWS that are registered with the cluster (ECS Anywhere)."""

    MANAGED_INSTANCES = "MANAGED_INSTANCES"
    """EC2 instances that ECS manages."""


class StopCode(StrEnum):
    """Who or what stopped a task, as ECS itself says (``stopCode``).

    It is coarser than ``Cause``, and may be missing.

    Source: `Task in the Amazon ECS API Reference
    <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html>`_.
    """

    TASK_FAILED_TO_START = "TaskFailedToStart"
    """The task failed to start."""

    ESSENTIAL_CONTAINER_EXITED = "EssentialContainerExited"
    """An essential container exited, with whatever exit code."""

    USER_INITIATED = "UserInitiated"
    """Somebody or some tool called StopTask."""

    SERVICE_SCHEDULER_INITIATED = "ServiceSchedulerInitiated"
    """The service scheduler stopped it, be it to scale in or for a failed health check."""

    SPOT_INTERRUPTION = "SpotInterruption"
    """Spot capacity was reclaimed."""

    TERMINATION_NOTICE = "TerminationNotice"
    """The task got notice that what it runs on is going to be terminated."""


# Before a task is asked to stop, its events say nothing of why.
_STARTING = (TaskStatus.PROVISIONING, TaskStatus.PENDING, TaskStatus.ACTIVATING, TaskStatus.RUNNING)
# But these give notice while it still runs.
_WITH_NOTICE = {
    Cause.SPOT_INTERRUPTION,
    Cause.HOST_FAILURE,
    Cause.MAINTENANCE,
    StopCode.SPOT_INTERRUPTION,
    StopCode.TERMINATION_NOTICE,
}

_NAME = re.compile(r"[\w*-]+", re.ASCII)


class EventFilter:
    """Which task events are logged: all conditions must hold, and of each list any one."""

    def __init__(
        self,
        *,
        statuses: Sequence[TaskStatus | str] | None = None,
        services: Sequence[str] | None = None,
        task_families: Sequence[str] | None = None,
        exclude_services: Sequence[str] | None = None,
        exclude_task_families: Sequence[str] | None = None,
        launch_types: Sequence[LaunchType | str] | None = None,
        stop_codes: Sequence[StopCode | str] | None = None,
        causes: Sequence[Cause | str] | None = None,
        only_failures: bool = False,
    ) -> None:
        """Check it all; see ``EcsTaskEventLogger`` for what it means."""
        self._statuses = _members("statuses", statuses, TaskStatus)
        self._services = _names("services", services)
        self._families = _names("task_families", task_families)
        self._excluded_services = _names("exclude_services", exclude_services)
        self._excluded_families = _names("exclude_task_families", exclude_task_families)
        self._launch_types = _members("launch_types", launch_types, LaunchType)
        self._stop_codes = _members("stop_codes", stop_codes, StopCode)
        self._causes = _members("causes", causes, Cause)
        if not isinstance(only_failures, bool):
            raise TypeError(f"only_failures must be True or False, got {only_failures!r}.")
        self._only_failures = only_failures
        self._check_statuses()
        self._check_causes()
        _check_excluded("services", self._services, self._excluded_services)
        _check_excluded("task_families", self._families, self._excluded_families)

    def detail(self) -> dict[str, Any]:
        """Return the pattern for an event's detail, its cluster aside."""
        required: Condition = {}
        for key, values in (
            ("lastStatus", self._statuses),
            ("launchType", self._launch_types),
            ("stopCode", self._stop_codes),
            ("stoppedReason", self._reasons()),
            ("group", _none_of(_service_groups(self._excluded_services), self._services)),
            (
                "taskDefinitionArn",
                _none_of(_definition_arns(self._excluded_families), self._families),
            ),
        ):
            if values:
                required[key] = values
        alternatives = [
            {key: value for condition in combination for key, value in condition.items()}
            for combination in product(self._of_whom(), self._once_stopping())
        ]
        if len(alternatives) == 1:
            return {**required, **alternatives[0]}
        return {**required, "$or": alternatives}

    def environment(self) -> dict[str, str]:
        """Return what the function must decide, as its environment variables."""
        environment = {}
        if self._only_failures:
            environment["ONLY_FAILURES"] = "true"
        if self._causes:
            environment["CAUSES"] = ",".join(self._causes)
        # EventBridge can ask a field for what it must be or for what it must not, not for both.
        if self._services and self._excluded_services:
            environment["EXCLUDE_SERVICES"] = ",".join(self._excluded_services)
        if self._families and self._excluded_families:
            environment["EXCLUDE_TASK_FAMILIES"] = ",".join(self._excluded_families)
        return environment

    # -- conditions ---------------------------------------------------------------------------

    def _of_whom(self) -> list[Condition]:
        """Return the alternatives of whose task it is."""
        alternatives: list[Condition] = []
        if self._services:
            alternatives.append({"group": _any_of(_service_groups(self._services))})
        if self._families:
            alternatives.append({"taskDefinitionArn": _any_of(_definition_arns(self._families))})
        return alternatives or [{}]

    def _once_stopping(self) -> list[Condition]:
        """Return the alternatives of how an event says that its task stops, if it must."""
        if self._statuses or not (self._only_failures or self._causes):
            return [{}]
        return [{"lastStatus": ["STOPPED"]}, {"desiredStatus": ["STOPPED"]}]

    def _reasons(self) -> list[Any] | None:
        """Return which reasons are let through: not those that are known to be of no interest."""
        if not (self._only_failures or self._causes):
            return None
        unwanted = [text for text, cause in PLAIN_REASONS.items() if not self._wants(cause)]
        return [{"anything-but": {"prefix": unwanted}}, {"exists": False}] if unwanted else None

    def _wants(self, cause: str) -> bool:
        if self._causes and cause not in self._causes:
            return any(Token.is_unresolved(wanted) for wanted in self._causes)
        return Cause[cause].failed or not self._only_failures

    # -- contradictions -----------------------------------------------------------------------

    def _check_statuses(self) -> None:
        needing = {
            "stop_codes": self._stop_codes,
            "causes": self._causes,
            "only_failures": self._only_failures,
        }
        props = [prop for prop, value in needing.items() if value]
        gives_notice = not _WITH_NOTICE.isdisjoint((self._causes or []) + (self._stop_codes or []))
        never = [
            status
            for status in self._statuses or ()
            if status in _STARTING and not (status == TaskStatus.RUNNING and gives_notice)
        ]
        if props and never:
            raise ValueError(
                f"statuses holds {', '.join(never)}, but no event of a task that is yet to stop "
                f"carries what {' and '.join(props)} look for. Leave them out of statuses, or log "
                "them with a logger of their own."
            )

    def _check_causes(self) -> None:
        if self._only_failures and self._causes:
            never = [c for c in self._causes if c in Cause.__members__ and not Cause[c].failed]
            if never:
                raise ValueError(
                    f"causes holds {', '.join(never)}, which are no failures, but only_failures "
                    "is True. Leave out the one or the other."
                )


def _members(prop: str, values: Any, enum: type[StrEnum]) -> list[str] | None:
    return None if values is None else checked_members(prop, values, enum)


def _names(prop: str, values: Any) -> list[str] | None:
    """Return names of services or task families, in which ``*`` stands for anything."""
    if values is None:
        return None
    names = checked_list(prop, values, "names, in which * stands for anything")
    if Token.is_unresolved(names):
        raise ValueError(
            f"{prop} is a token for a whole list, of which no pattern can be made. "
            f"Write {prop}=[…] with names, each of which may be a token."
        )
    for name in names:
        if not isinstance(name, str) or not (Token.is_unresolved(name) or _NAME.fullmatch(name)):
            raise ValueError(
                f"{prop} holds {name!r}, which is no name: letters, digits, hyphens, underscores, "
                "and * for anything. Not an ARN, and no revision."
            )
    # EventBridge refuses one wildcard after another.
    return [re.sub(r"\*+", "*", name) for name in names]


def _check_excluded(prop: str, names: list[str] | None, excluded: list[str] | None) -> None:
    both = [name for name in names or () if name in (excluded or ())]
    if both:
        raise ValueError(
            f"{prop} and exclude_{prop} both hold {', '.join(both)}. Leave one of them out."
        )


def _service_groups(services: Iterable[str] | None) -> list[str]:
    return [f"service:{service}" for service in services or ()]


def _definition_arns(families: Iterable[str] | None) -> list[str]:
    return [f"*:task-definition/{family}:*" for family in families or ()]


def _any_of(texts: list[str]) -> list[Any]:
    return [{"wildcard": text} if "*" in text else text for text in texts]


def _none_of(texts: list[str], included: list[str] | None) -> list[Any] | None:
    """Return what a field must not be, unless it is already asked for what it must be."""
    if not texts or included:
        return None
    wildcards = any("*" in text for text in texts)
    return [{"anything-but": {"wildcard": texts} if wildcards else texts}, {"exists": False}]
