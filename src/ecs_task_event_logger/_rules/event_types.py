"""Event types: tasks, other ECS events, and calls of RunTask that failed."""

from collections.abc import Mapping, Sequence
from typing import Any

from .._common.validation import given_names, refuse_tokens, validate_members
from ..enums import EventType
from ..handler.task_events.filters import CALLS
from .clusters import WatchedCluster

_TASK = EventType.TASK_STATE_CHANGE
_RUN_TASK = EventType.RUN_TASK_FAILURE
_WITH_A_SERVICE = {
    _TASK,
    EventType.SERVICE_ACTION,
    EventType.DEPLOYMENT_STATE_CHANGE,
    EventType.HOOK_STATE_CHANGE,
}
# Filters by the types of events that have the field: only tasks, those with a cause, those with a
# service.
_TASK_FILTERS = ("statuses", "launch_types", "capacity_providers", "stop_codes")
_CAUSE_FILTERS = ("task_families", "exclude_task_families", "causes")
_SERVICE_FILTERS = ("services", "exclude_services")


class EventTypes:
    """The types of events that a logger listens to."""

    def __init__(self, event_types: Sequence[EventType | str] | None) -> None:
        """Validate the types. The default is tasks alone."""
        names = [_TASK] if event_types is None else event_types
        members = validate_members("event_types", names, EventType)
        refuse_tokens("event_types", members, EventType)
        self._types = [EventType(each) for each in members]
        self._others = [each for each in self._types if each not in (_TASK, _RUN_TASK)]

    def __contains__(self, event_type: EventType) -> bool:
        """Return whether events of a type are among them."""
        return event_type in self._types

    @property
    def has_tasks(self) -> bool:
        """Whether task events are among them."""
        return _TASK in self._types

    @property
    def has_others(self) -> bool:
        """Whether events that are not about tasks are among them."""
        return bool(self._others)

    @property
    def has_calls(self) -> bool:
        """Whether calls of RunTask that failed are among them."""
        return _RUN_TASK in self._types

    def refuse_unsupported_filters(self, filters: Mapping[str, Any]) -> None:
        """Refuse filters on fields that events of these types do not have."""
        calls = [each for each in self._types if each is _RUN_TASK]
        for group, types in (
            ((*_TASK_FILTERS, *_CAUSE_FILTERS), lack_cause(self._types)),
            (_TASK_FILTERS, calls),
            (_SERVICE_FILTERS, lack_service(self._types)),
        ):
            names = given_names({name: filters.get(name) for name in group})
            if names and types:
                raise ValueError(
                    f"{names} cannot be used with event_types {', '.join(types)}: events of "
                    f"these types lack the field. Leave out {names}, or create a second logger "
                    "for these types."
                )

    @staticmethod
    def task_pattern(source_accounts: Sequence[str] | None) -> dict[str, Any]:
        """Return the pattern for task events, without conditions on their detail."""
        return _pattern([_TASK], source_accounts)

    def other_pattern(
        self, clusters: Sequence[WatchedCluster] | None, source_accounts: Sequence[str] | None
    ) -> dict[str, Any]:
        """Return the pattern for events that are not about tasks."""
        pattern = _pattern(self._others, source_accounts)
        if clusters is None:
            return pattern
        matchers = [matcher for each in clusters for matcher in each.matchers()]
        by_arn = {"detail": {"clusterArn": matchers}}
        if EventType.DEPLOYMENT_STATE_CHANGE not in self._others:
            return pattern | by_arn
        # Deployment events had no clusterArn in 2024. Their resources name the cluster.
        by_resource = {
            "detail": {"clusterArn": [{"exists": False}]},
            "resources": [each for cluster in clusters for each in cluster.service_matchers()],
        }
        return pattern | {"$or": [by_arn, by_resource]}

    @staticmethod
    def call_pattern(
        clusters: Sequence[WatchedCluster] | None, source_accounts: Sequence[str] | None
    ) -> dict[str, Any]:
        """Return the pattern for calls of RunTask and StartTask that failed, whole or in part."""
        pattern = _pattern([_RUN_TASK], source_accounts)
        detail: dict[str, Any] = {
            "eventSource": ["ecs.amazonaws.com"],
            "eventName": [*CALLS],
            "$or": [
                {"errorCode": [{"exists": True}]},
                {"responseElements": {"failures": {"reason": [{"exists": True}]}}},
            ],
        }
        if clusters is not None:
            # CloudTrail leaves out the parameters of some calls that were denied.
            unknown = {key: [{"exists": False}] for key in ("cluster", "taskDefinition")}
            named = {"cluster": [each for one in clusters for each in one.call_matchers()]}
            detail["requestParameters"] = {"$or": [named, unknown]}
        return pattern | {"detail": detail}


def lack_cause(types: Sequence[EventType]) -> list[EventType]:
    """Return those of the types whose events have no cause and no task definition."""
    return [each for each in types if each not in (_TASK, _RUN_TASK)]


def lack_service(types: Sequence[EventType]) -> list[EventType]:
    """Return those of the types whose events name no service."""
    return [each for each in types if each not in _WITH_A_SERVICE]


def _pattern(types: Sequence[EventType], accounts: Sequence[str] | None) -> dict[str, Any]:
    pattern = {"source": ["aws.ecs"], "detail-type": [each.detail_type for each in types]}
    return pattern if accounts is None else pattern | {"account": list(accounts)}
