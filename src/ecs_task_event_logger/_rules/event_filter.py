"""What to listen to: from the words of ECS to an EventBridge pattern, and what it cannot say.

The pattern drops what it can, free of charge. What EventBridge has no words for (why a task
stopped, two conditions on one field) the function decides; the pattern then lets through at least
all that the function logs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aws_cdk import Fn, Token
from aws_cdk import aws_ecs as ecs

from .._common.validation import checked_members, given
from ..enums import EventType, LaunchType, StopCode, TaskStatus
from ..handler.task_events.cause import Cause
from ..handler.task_events.filters import fits_any
from ..handler.task_events.reason_patterns import PLAIN_REASONS, STOPPED_BY, WENT_WRONG, WRAPPERS
from .event_pattern import Condition, any_of, check_few, checked_patterns, combined, none_of
from .event_types import EventTypes

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


@dataclass(frozen=True)
class NeededLines:
    """Of which tasks somebody needs lines: all must hold, and of each list any one.

    Attributes:
        status: In which status they are; of RUNNING, those that are not about to stop.
        causes: For which causes they stopped; None for whatever cause.
        services: Of which services they are; None for all of them and none.
        only_failures: Whether they failed.
    """

    status: str
    causes: list[str] | None = None
    services: list[str] | None = None
    only_failures: bool = False


class EventFilter:
    """Which events are logged: all conditions must hold, and of each list any one.

    Attributes:
        types: The types of events.
    """

    def __init__(
        self,
        *,
        event_types: Sequence[EventType | str] | None = None,
        statuses: Sequence[TaskStatus | str] | None = None,
        services: Sequence[str] | None = None,
        task_families: Sequence[str] | None = None,
        exclude_services: Sequence[str] | None = None,
        exclude_task_families: Sequence[str] | None = None,
        launch_types: Sequence[LaunchType | ecs.LaunchType | str] | None = None,
        stop_codes: Sequence[StopCode | str] | None = None,
        causes: Sequence[Cause | str] | None = None,
        only_failures: bool = False,
    ) -> None:
        """Check it all; see ``EcsTaskEventLogger`` for what it means."""
        self.types = EventTypes(event_types)
        self.types.refuse(
            {
                "statuses": statuses,
                "task_families": task_families,
                "exclude_task_families": exclude_task_families,
                "launch_types": launch_types,
                "stop_codes": stop_codes,
                "causes": causes,
            },
            {"services": services, "exclude_services": exclude_services},
        )
        self._statuses = _members("statuses", statuses, TaskStatus)
        self._services = checked_patterns("services", services)
        self._families = checked_patterns("task_families", task_families)
        self._excluded_services = checked_patterns("exclude_services", exclude_services)
        self._excluded_families = checked_patterns("exclude_task_families", exclude_task_families)
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

    @property
    def is_of_families(self) -> bool:
        """Whether it asks for families of task definitions."""
        return bool(self._families or self._excluded_families)

    def detail(self, definition_arn: str) -> dict[str, Any]:
        """Return the pattern for an event's detail, its cluster aside.

        Args:
            definition_arn: What the ARNs of the task definitions begin with, up to the family, in
                which ``*`` stands for anything.

        Raises:
            ValueError: If EventBridge would find it too complex.
        """
        if "*" in definition_arn:
            check_few("task_families", self._families)
            check_few("exclude_task_families", self._excluded_families)
        required: dict[str, Any] = {}
        for key, values in (
            ("launchType", self._launch_types),
            ("stopCode", self._stop_codes or self._wanted_codes()),
            ("stoppedReason", self._wanted_reasons()),
            ("group", none_of("service:", self._excluded_services, self._services)),
            (
                "taskDefinitionArn",
                none_of(definition_arn, self._excluded_families, self._families, ":"),
            ),
        ):
            if values:
                required[key] = values
        return {**required, **combined(self._of_whom(definition_arn), self._when())}

    def environment(self) -> dict[str, str]:
        """Return what the function must decide, as its environment variables."""
        # What the pattern of the rule for tasks says, that for other events does not.
        of_tasks_alone = not self.types.has_others
        environment = {}
        if self._only_failures:
            environment["ONLY_FAILURES"] = "true"
        if self._causes:
            environment["CAUSES"] = _joined(self._causes)
        if self._services and not of_tasks_alone:
            environment["SERVICES"] = _joined(self._services)
        # EventBridge can ask a field for what it must be or for what it must not, not for both.
        if self._excluded_services and (self._services or not of_tasks_alone):
            environment["EXCLUDE_SERVICES"] = _joined(self._excluded_services)
        if self._families and self._excluded_families:
            environment["EXCLUDE_TASK_FAMILIES"] = _joined(self._excluded_families)
        return environment

    def left_out(self, needed: NeededLines) -> str | None:
        """Return what leaves out all of the lines that are needed, or None if nothing does.

        Tokens may stand for whatever is needed.
        """
        if not self.types.has_tasks:
            return "lines of tasks, which event_types leaves out. Add TASK_STATE_CHANGE to it."
        return (
            self._left_out_by_status(needed.status)
            or self._left_out_unless_stopping(needed.status)
            or self._left_out_by_cause(needed)
            or self._left_out_by_service(needed.services or ())
        )

    def _left_out_by_status(self, status: str) -> str | None:
        statuses = self._statuses
        if statuses is None or status in statuses or _holds_tokens(statuses):
            return None
        return (
            f"events of status {status}, which statuses leaves out: {', '.join(statuses)}. "
            f"Add {status} to statuses."
        )

    def _left_out_unless_stopping(self, status: str) -> str | None:
        props = given(
            {
                "causes": self._causes,
                "only_failures": self._only_failures or None,
                "stop_codes": self._stop_codes,
            }
        )
        if status != TaskStatus.RUNNING or not props:
            return None
        return f"tasks that start: with {props} only those pass that stop. Leave out {props}."

    def _left_out_by_cause(self, needed: NeededLines) -> str | None:
        causes = needed.causes
        if needed.only_failures and causes is None:
            causes = [cause for cause in Cause if cause.failed]
        if not causes or any(map(self._may_find, causes)):
            return None
        what = "tasks that fail"
        if needed.causes:
            what = f"tasks that stop for {' or '.join(causes)}"
        if self._only_failures and not any(Cause[cause].failed for cause in causes):
            return f"{what}, and only_failures leaves out what does not fail. Leave it out."
        if self._causes and not any(cause in self._causes for cause in causes):
            return f"{what}, which causes leaves out: {', '.join(self._causes)}. Add to them."
        codes = ", ".join(self._stop_codes or ())
        return f"{what}, with which no task stops that has one of the stop_codes: {codes}."

    def _may_find(self, cause: str) -> bool:
        if cause not in Cause.__members__:
            return True
        codes = self._stop_codes
        return self._wants(cause) and (
            codes is None
            or _holds_tokens(codes)
            or any(cause in POSSIBLE_CAUSES[code] for code in codes)
        )

    def _left_out_by_service(self, services: Sequence[str]) -> str | None:
        if not services or any("*" in name or Token.is_unresolved(name) for name in services):
            return None
        what = f"tasks of the service {' or '.join(services)}"
        wanted, excluded = self._services, self._excluded_services
        may_be_others = wanted is None or self._families or _holds_tokens(wanted)
        included = [name for name in services if may_be_others or fits_any(name, wanted or [])]
        if not included:
            return f"{what}, which services leaves out: {', '.join(wanted or [])}. Add to them."
        if excluded and all(fits_any(name, excluded) for name in included):
            return f"{what}, which exclude_services excludes: {', '.join(excluded)}."
        return None

    # -- conditions ---------------------------------------------------------------------------

    def _of_whom(self, definition_arn: str) -> list[Condition]:
        """Return the alternatives of whose task it is."""
        alternatives: list[Condition] = []
        if self._services:
            alternatives.append({"group": any_of("service:", self._services)})
        if self._families:
            arns = any_of(definition_arn, self._families, ":")
            alternatives.append({"taskDefinitionArn": arns})
        return alternatives or [{}]

    def _when(self) -> list[Condition]:
        """Return the alternatives of what status it is in, and of how it says that it stops."""
        if not self._needs_diagnosis:
            return [{"lastStatus": self._statuses}] if self._statuses else [{}]
        if self._statuses is None:
            return [{"lastStatus": ["STOPPED"]}, {"desiredStatus": ["STOPPED"]}]
        if _holds_tokens(self._statuses):
            return [{"lastStatus": self._statuses}]
        before = [status for status in self._statuses if status != "STOPPED"]
        alternatives: list[Condition] = []
        if "STOPPED" in self._statuses:
            alternatives.append({"lastStatus": ["STOPPED"]})
        if before:
            alternatives.append({"lastStatus": before, "desiredStatus": ["STOPPED"]})
        return alternatives

    @property
    def _needs_diagnosis(self) -> bool:
        return bool(self._only_failures or self._causes)

    def _wanted_codes(self) -> list[Any] | None:
        """Return the condition that drops the stop codes of which nothing is wanted, if any."""
        unwanted = [code for code in POSSIBLE_CAUSES if not self._may_carry(code)]
        return [{"anything-but": unwanted}, {"exists": False}] if unwanted else None

    def _wanted_reasons(self) -> list[Any] | None:
        """Return the condition that drops the plain reasons of which nothing is wanted, if any."""
        unwanted = [text for text, cause in PLAIN_REASONS.items() if not self._wants(cause)]
        return [{"anything-but": {"prefix": unwanted}}, {"exists": False}] if unwanted else None

    def _may_carry(self, stop_code: str) -> bool:
        return any(map(self._wants, POSSIBLE_CAUSES[stop_code]))

    def _wants(self, cause: str) -> bool:
        if self._causes and cause not in self._causes and not _holds_tokens(self._causes):
            return False
        return Cause[cause].failed or not self._only_failures

    # -- contradictions -----------------------------------------------------------------------

    def _check_statuses(self) -> None:
        needing = {
            "stop_codes": self._stop_codes,
            "causes": self._causes,
            "only_failures": self._only_failures,
        }
        props = [prop for prop, value in needing.items() if value]
        looked_for = (self._causes or []) + (self._stop_codes or [])
        gives_notice = not _WITH_NOTICE.isdisjoint(looked_for) or _holds_tokens(looked_for)
        never = [
            status
            for status in self._statuses or ()
            if status in _STARTING and not (status == TaskStatus.RUNNING and gives_notice)
        ]
        if props and never:
            raise ValueError(
                f"statuses holds {', '.join(never)}, but tasks that are yet to stop do not carry "
                f"what is asked for by {' and '.join(props)}. Leave them out of statuses, or log "
                "them with a logger of their own."
            )

    def _check_causes(self) -> None:
        if self._only_failures:
            refuse_never_failed("causes", self._causes or (), "only_failures is True")
        if self._needs_diagnosis and self._stop_codes and not _holds_tokens(self._stop_codes):
            codes = [code for code in self._stop_codes if not self._may_carry(code)]
            if codes:
                asked = "causes" if self._causes else "only_failures"
                raise ValueError(
                    f"stop_codes holds {', '.join(codes)}, with which no task stops that {asked} "
                    "looks for. Leave out the one or the other."
                )


def _table_causes(*tables: str) -> frozenset[str]:
    """Return the causes of which tables of wordings tell."""
    lines = "\n".join(tables).splitlines()
    return frozenset(line for line in lines if line and not line.startswith(" "))


_PLAIN = frozenset(PLAIN_REASONS.values())
_STOPPED_BY_SOMEBODY = _PLAIN | _table_causes(STOPPED_BY) | {Cause.SCHEDULER_STOPPED}
_STOPPED_BY_ITSELF = (
    _PLAIN
    | _table_causes(WENT_WRONG, WRAPPERS)
    | {Cause.APPLICATION_ERROR, Cause.SIGNAL, Cause.COMPLETED, Cause.UNKNOWN}
)
# What the diagnosis may find of a task that ECS gives a stop code.
POSSIBLE_CAUSES: dict[str, frozenset[str]] = {
    "TaskFailedToStart": _STOPPED_BY_ITSELF,
    "EssentialContainerExited": _STOPPED_BY_ITSELF,
    "UserInitiated": _PLAIN | {Cause.USER_STOPPED},
    "ServiceSchedulerInitiated": _STOPPED_BY_SOMEBODY,
    "SpotInterruption": _STOPPED_BY_SOMEBODY,
    "TerminationNotice": _STOPPED_BY_SOMEBODY,
}


# -- lists ------------------------------------------------------------------------------------


def _members(prop: str, values: Any, enum: type[StrEnum]) -> list[str] | None:
    return None if values is None else checked_members(prop, values, enum)


def refuse_never_failed(prop: str, causes: Sequence[str], asked: str) -> None:
    """Refuse causes of which a task never failed, where failures are asked for.

    Raises:
        ValueError: If there is one among them.
    """
    never = [cause for cause in causes if cause in Cause.__members__ and not Cause[cause].failed]
    if never:
        raise ValueError(
            f"{prop} holds {', '.join(never)}, with which no task fails, but {asked}. "
            "Leave out the one or the other."
        )


def _check_excluded(prop: str, names: list[str] | None, excluded: list[str] | None) -> None:
    both = [
        name
        for name in names or ()
        if not Token.is_unresolved(name) and fits_any(name, excluded or [])
    ]
    if both:
        raise ValueError(
            f"{prop} holds {', '.join(both)}, which exclude_{prop} excludes. "
            "Leave out the one or the other."
        )


def _holds_tokens(values: list[str]) -> bool:
    return bool(values) and (Token.is_unresolved(values) or any(map(Token.is_unresolved, values)))


def _joined(values: list[str]) -> str:
    return Fn.join(",", values) if Token.is_unresolved(values) else ",".join(values)
