"""The event filter: from filter props to the event pattern and the function's environment.

The event pattern drops events free of charge. The function applies what EventBridge cannot: the
cause of a stop, and two conditions on one field. The pattern then matches at least every event that
the function logs.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypedDict, Unpack

from aws_cdk import Fn, Stack, Token
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from .._common.validation import shown, suggestion, validate_bool, validate_members
from ..enums import EventType, LaunchType, StopCode, TaskStatus
from ..handler.task_events.cause import Cause
from ..handler.task_events.filters import fits_any
from ..handler.task_events.reason_patterns import PLAIN_REASONS
from .event_pattern import (
    Condition,
    any_of,
    combine,
    none_of,
    validate_name_patterns,
)
from .event_types import EventTypes
from .stop_codes import POSSIBLE_CAUSES

# Until a task is asked to stop, its events have no stop code and no reason.
_BEFORE_THE_STOP = {
    TaskStatus.PROVISIONING,
    TaskStatus.PENDING,
    TaskStatus.ACTIVATING,
    TaskStatus.RUNNING,
}
# These announce the stop while the task is still RUNNING.
_ANNOUNCED = {
    Cause.SPOT_INTERRUPTION,
    Cause.HOST_FAILURE,
    Cause.MAINTENANCE,
    StopCode.SPOT_INTERRUPTION,
    StopCode.TERMINATION_NOTICE,
}
# All other names of capacity providers are chosen by their owners.
_FARGATE_PROVIDERS = ("FARGATE", "FARGATE_SPOT")


class EventFilterProps(TypedDict, total=False):
    """The filter props of a logger and of its further rules."""

    statuses: Sequence[TaskStatus | str] | None
    services: Sequence[str | ecs.IService] | None
    task_families: Sequence[str | ecs.ITaskDefinition] | None
    exclude_services: Sequence[str | ecs.IService] | None
    exclude_task_families: Sequence[str | ecs.ITaskDefinition] | None
    launch_types: Sequence[LaunchType | ecs.LaunchType | str] | None
    capacity_providers: Sequence[str | ecs.AsgCapacityProvider] | None
    stop_codes: Sequence[StopCode | str] | None
    causes: Sequence[Cause | str] | None
    only_failures: bool
    event_types: Sequence[EventType | str] | None


class EventFilter:
    """The events to log. An event must match every filter; a list matches if any value does.

    Attributes:
        types: The types of events.
        statuses: The task statuses, or None for all.
        stop_codes: The stop codes, or None for all.
        causes: The causes, or None for all.
        only_failures: Whether only failures are logged.
    """

    def __init__(self, scope: Construct, **props: Unpack[EventFilterProps]) -> None:
        """Validate the props of ``scope``. ``EcsTaskEventLogger`` describes each of them."""
        self.types = EventTypes(props.get("event_types"))
        self.types.refuse_unsupported_filters(props)
        self.statuses = _members("statuses", props.get("statuses"), TaskStatus)
        self.stop_codes = _members("stop_codes", props.get("stop_codes"), StopCode)
        self.causes = _members("causes", props.get("causes"), Cause)
        self.only_failures = props.get("only_failures", False)
        validate_bool("only_failures", self.only_failures)
        self._launch_types = _launch_types(props.get("launch_types"))
        providers = props.get("capacity_providers")
        _check_capacity_providers(providers)
        self._capacity_providers = validate_name_patterns(
            scope, "capacity_providers", providers, "capacity provider"
        )
        self._services, self._excluded_services = (
            validate_name_patterns(scope, name, props.get(name), "service")
            for name in ("services", "exclude_services")
        )
        self._families, self._excluded_families = (
            validate_name_patterns(scope, name, props.get(name), "task definition")
            for name in ("task_families", "exclude_task_families")
        )
        self._check_statuses()
        self._check_causes()
        _check_exclusions(scope, "services", self._services, self._excluded_services)
        _check_exclusions(scope, "task_families", self._families, self._excluded_families)

    @property
    def has_task_families(self) -> bool:
        """Whether it includes or excludes task families."""
        return bool(self._families or self._excluded_families)

    @property
    def stop_filters(self) -> str:
        """The names of the filters that only tasks that stop can match, such as ``causes``."""
        names = ("causes", "only_failures", "stop_codes")
        return " and ".join(name for name in names if getattr(self, name))

    @property
    def needs_diagnosis(self) -> bool:
        """Whether only the diagnosis of a stopped task can decide."""
        return bool(self.only_failures or self.causes)

    def task_detail(self, family_arn_prefix: str) -> dict[str, Any]:
        """Return the pattern for the detail of task events, without the cluster.

        Args:
            family_arn_prefix: The beginning of task definition ARNs, up to the family. ``*``
                matches any text.
        """
        conditions = {
            "launchType": self._launch_types,
            "capacityProviderName": any_of("", self._capacity_providers or []),
            "stopCode": self.stop_codes or self._possible_stop_codes(),
            "stoppedReason": self._possible_reasons(),
            "group": none_of("service:", self._excluded_services, self._services),
            "taskDefinitionArn": none_of(
                family_arn_prefix, self._excluded_families, self._families, ":"
            ),
        }
        required = {key: values for key, values in conditions.items() if values}
        return {**required, **combine(self._owners(family_arn_prefix), self._states())}

    def function_values(self) -> dict[str, list[str]]:
        """Return the values of the filters that the function may have to apply."""
        return {
            "ONLY_FAILURES": ["true"] if self.only_failures else [],
            "CAUSES": self.causes or [],
            "SERVICES": self._services or [],
            "EXCLUDE_SERVICES": self._excluded_services or [],
            "TASK_FAMILIES": self._families or [],
            "EXCLUDE_TASK_FAMILIES": self._excluded_families or [],
        }

    def function_environment(self) -> dict[str, str]:
        """Return the environment variables for the filters that the function applies."""
        values = self.function_values()
        # EventBridge takes either included or excluded values for one key. The rule for other
        # events has no conditions on services.
        if not self.types.has_others:
            del values["SERVICES"]
            if not self._services:
                del values["EXCLUDE_SERVICES"]
        # Nor has the rule for calls of RunTask any on families: failed calls are few.
        if not self.types.has_calls:
            del values["TASK_FAMILIES"]
            if not self._families:
                del values["EXCLUDE_TASK_FAMILIES"]
        return {name: _join(each) for name, each in values.items() if each}

    def logs_cause(self, cause: str) -> bool:
        """Return whether the filter lets a cause through."""
        if self.causes and cause not in self.causes and not holds_tokens(self.causes):
            return False
        return not self.only_failures or cause not in Cause.__members__ or Cause[cause].failed

    # -- conditions ---------------------------------------------------------------------------

    def _owners(self, family_arn_prefix: str) -> list[Condition]:
        """Return a condition for the services, and one for the families, as alternatives."""
        alternatives: list[Condition] = []
        if self._services:
            alternatives.append({"group": any_of("service:", self._services)})
        if self._families:
            arns = any_of(family_arn_prefix, self._families, ":")
            alternatives.append({"taskDefinitionArn": arns})
        return alternatives or [{}]

    def _states(self) -> list[Condition]:
        """Return conditions for the statuses, and for a pending stop, as alternatives."""
        if not self.needs_diagnosis:
            return [{"lastStatus": self.statuses}] if self.statuses else [{}]
        if self.only_failures:
            return [{"lastStatus": ["STOPPED"]}]  # the line of level ERROR
        if self.statuses is None:
            return [{"lastStatus": ["STOPPED"]}, {"desiredStatus": ["STOPPED"]}]
        if holds_tokens(self.statuses):
            return [{"lastStatus": self.statuses}]
        earlier = [status for status in self.statuses if status != "STOPPED"]
        alternatives: list[Condition] = []
        if "STOPPED" in self.statuses:
            alternatives.append({"lastStatus": ["STOPPED"]})
        if earlier:
            alternatives.append({"lastStatus": earlier, "desiredStatus": ["STOPPED"]})
        return alternatives

    def _possible_stop_codes(self) -> list[Any] | None:
        """Return the condition that drops stop codes which no logged cause has, if any."""
        dropped = [code.value for code in StopCode if not self._can_match(code)]
        return [{"anything-but": dropped}, {"exists": False}] if dropped else None

    def _possible_reasons(self) -> list[Any] | None:
        """Return the condition that drops plain reasons whose cause is not logged, if any."""
        dropped = [text for text, cause in PLAIN_REASONS.items() if not self.logs_cause(cause)]
        return [{"anything-but": {"prefix": dropped}}, {"exists": False}] if dropped else None

    def _can_match(self, stop_code: str) -> bool:
        return any(map(self.logs_cause, POSSIBLE_CAUSES[StopCode(stop_code)]))

    # -- contradictions -----------------------------------------------------------------------

    def _check_statuses(self) -> None:
        wanted = (self.causes or []) + (self.stop_codes or [])
        may_be_running = not _ANNOUNCED.isdisjoint(wanted) or holds_tokens(wanted)
        too_early = set(_BEFORE_THE_STOP)
        if may_be_running:
            too_early.remove(TaskStatus.RUNNING)
        if self.only_failures:  # ERROR is the level of the STOPPED line only.
            too_early = set(TaskStatus) - {TaskStatus.STOPPED}
        never = [status for status in self.statuses or () if status in too_early]
        if self.stop_filters and never:
            raise ValueError(
                f"statuses holds {', '.join(never)}, but nothing can match {self.stop_filters} "
                "at that time. Leave these statuses out, or create a second logger for them."
            )

    def _check_causes(self) -> None:
        if Cause.REQUEST_REFUSED in (self.causes or ()) and not self.types.has_calls:
            raise ValueError(
                "causes holds REQUEST_REFUSED, which only calls of RunTask have. Add "
                "RUN_TASK_FAILURE to event_types, or leave out this cause."
            )
        if self.only_failures:
            refuse_successes(
                "causes", self.causes or (), "only_failures is True", "Leave out these causes."
            )
        if self.needs_diagnosis and self.stop_codes and not holds_tokens(self.stop_codes):
            never = [code for code in self.stop_codes if not self._can_match(code)]
            if never:
                other = "causes" if self.causes else "only_failures"
                raise ValueError(
                    f"stop_codes holds {', '.join(never)}, but no task with that stop code can "
                    f"match {other}. Leave out one of the two."
                )


def refuse_successes(prop: str, causes: Sequence[str], reason: str, advice: str) -> None:
    """Refuse causes that are not failures, where only failures are wanted."""
    never = [cause for cause in causes if cause in Cause.__members__ and not Cause[cause].failed]
    if never:
        raise ValueError(
            f"{prop} holds {', '.join(never)}, never a failure, but {reason}. {advice}"
        )


def holds_tokens(values: Sequence[str]) -> bool:
    """Return whether the values are, or one of them is, a token."""
    return bool(values) and (
        Token.is_unresolved(values) or any(Token.is_unresolved(each) for each in values)
    )


def _members(prop: str, values: Any, enum: type[StrEnum]) -> list[str] | None:
    return None if values is None else validate_members(prop, values, enum)


def _check_capacity_providers(values: Any) -> None:
    """Refuse what is no capacity provider: names of your own must not begin with "fargate".

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html
    """
    for value in values if isinstance(values, list | tuple) else []:
        if isinstance(value, LaunchType | ecs.LaunchType) and value.value != "FARGATE":
            raise ValueError(
                f"capacity_providers holds {shown(value)}. Write launch_types=['{value.value}']."
            )
        is_fargate = isinstance(value, str) and value.lower().startswith("fargate")
        if is_fargate and "*" not in value and value not in _FARGATE_PROVIDERS:
            raise ValueError(
                f"capacity_providers holds {shown(value)}, which is none of ECS's own: "
                f"{', '.join(_FARGATE_PROVIDERS)}.{suggestion(_FARGATE_PROVIDERS, value)}"
            )


def _launch_types(values: Any) -> list[str] | None:
    if isinstance(values, list | tuple) and "FARGATE_SPOT" in values:
        raise ValueError(
            "launch_types holds 'FARGATE_SPOT', which is a capacity provider. Write "
            "capacity_providers=['FARGATE_SPOT']."
        )
    return _members("launch_types", values, LaunchType)


def _check_exclusions(
    scope: Construct, prop: str, names: list[str] | None, excluded: list[str] | None
) -> None:
    if not (names and excluded):
        return
    included, without = Stack.of(scope).resolve([names, excluded])
    known = [each for each in without if isinstance(each, str)]
    both = [each for each in included if isinstance(each, str) and fits_any(each, known)]
    if both:
        raise ValueError(
            f"{prop} holds {', '.join(both)}, which exclude_{prop} excludes. "
            "Change one of the two lists."
        )


def _join(values: list[str]) -> str:
    return Fn.join(",", values) if Token.is_unresolved(values) else ",".join(values)
