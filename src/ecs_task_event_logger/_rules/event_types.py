"""Event types: tasks, and the other ECS events that a logger may listen to."""

from collections.abc import Mapping, Sequence
from typing import Any

from .._common.validation import given_names, refuse_tokens, validate_members
from ..enums import EventType
from .clusters import WatchedCluster

_TASK = EventType.TASK_STATE_CHANGE
_WITH_A_SERVICE = {
    _TASK,
    EventType.SERVICE_ACTION,
    EventType.DEPLOYMENT_STATE_CHANGE,
    EventType.HOOK_STATE_CHANGE,
}


class EventTypes:
    """The types of events that a logger listens to."""

    def __init__(self, event_types: Sequence[EventType | str] | None) -> None:
        """Validate the types. The default is tasks alone."""
        names = [_TASK] if event_types is None else event_types
        members = validate_members("event_types", names, EventType)
        refuse_tokens("event_types", members, EventType)
        self._types = [EventType(each) for each in members]
        self._others = [each for each in self._types if each is not _TASK]

    def __contains__(self, event_type: EventType) -> bool:
        """Return whether events of a type are among them."""
        return event_type in self._types

    @property
    def has_tasks(self) -> bool:
        """Whether task events are among them."""
        return _TASK in self._types

    @property
    def has_others(self) -> bool:
        """Whether other events than task events are among them."""
        return bool(self._others)

    def refuse_unsupported_filters(
        self, task_filters: Mapping[str, Any], service_filters: Mapping[str, Any]
    ) -> None:
        """Refuse filters on fields that events of these types do not have."""
        without_service = lack_service(self._types)
        for filters, types in ((task_filters, self._others), (service_filters, without_service)):
            names = given_names(filters)
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
        """Return the pattern for all other events."""
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


def lack_service(types: Sequence[EventType]) -> list[EventType]:
    """Return those of the types whose events name no service."""
    return [each for each in types if each not in _WITH_A_SERVICE]


def _pattern(types: Sequence[EventType], accounts: Sequence[str] | None) -> dict[str, Any]:
    pattern = {"source": ["aws.ecs"], "detail-type": [each.detail_type for each in types]}
    return pattern if accounts is None else pattern | {"account": list(accounts)}
