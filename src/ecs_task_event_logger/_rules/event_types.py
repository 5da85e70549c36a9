"""What ECS tells of beside tasks: the types of its events, and the pattern for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Fn

from .._common.validation import checked_members, given
from ..enums import EventType

_TASK = EventType.TASK_STATE_CHANGE
_OF_SERVICES = {
    _TASK,
    EventType.SERVICE_ACTION,
    EventType.DEPLOYMENT_STATE_CHANGE,
    EventType.HOOK_STATE_CHANGE,
}


class EventTypes:
    """The types of events that a logger listens to."""

    def __init__(self, event_types: Sequence[EventType | str] | None) -> None:
        """Check them; by default they are those of tasks.

        Raises:
            TypeError: If they are no list.
            ValueError: If the list is empty, or holds what is not accepted.
        """
        names = [_TASK] if event_types is None else event_types
        members = checked_members("event_types", names, EventType)
        if not set(EventType).issuperset(members):
            raise ValueError(
                "event_types holds a token. What to listen to must be known at synthesis: use any "
                f"of: {', '.join(EventType)}."
            )
        self._types = [EventType(each) for each in members]
        self._others = [each for each in self._types if each is not _TASK]

    @property
    def has_tasks(self) -> bool:
        """Whether events of tasks are among them."""
        return _TASK in self._types

    @property
    def has_others(self) -> bool:
        """Whether events of anything else are among them."""
        return bool(self._others)

    def refuse(self, of_tasks: Mapping[str, Any], of_services: Mapping[str, Any]) -> None:
        """Refuse filters of which events of these types say nothing.

        Args:
            of_tasks: The filters by what only tasks have, by the names of the props.
            of_services: The filters by the service.

        Raises:
            ValueError: If there is a filter that makes no sense for a type.
        """
        without_services = [each for each in self._types if each not in _OF_SERVICES]
        for filters, types in ((of_tasks, self._others), (of_services, without_services)):
            names = given(filters)
            if names and types:
                raise ValueError(
                    f"{names} given together with event_types {', '.join(types)}, events of which "
                    f"say nothing of that. Leave out {names}, or make a logger of its own for "
                    "these types."
                )

    @staticmethod
    def pattern_of_tasks(accounts: Sequence[str] | None) -> dict[str, Any]:
        """Return the pattern for tasks, but for what is asked of them.

        Args:
            accounts: Of which accounts; None for whatever arrives at the bus.
        """
        return _pattern([_TASK], accounts)

    def pattern_of_others(
        self, cluster_arns: Sequence[str] | None, accounts: Sequence[str] | None
    ) -> dict[str, Any]:
        """Return the pattern for all but tasks.

        Args:
            cluster_arns: Of which clusters; None for all of them.
            accounts: Of which accounts; None for whatever arrives at the bus.
        """
        pattern = _pattern(self._others, accounts)
        if cluster_arns is None:
            return pattern
        by_arn = {"detail": {"clusterArn": list(cluster_arns)}}
        if EventType.DEPLOYMENT_STATE_CHANGE not in self._others:
            return pattern | by_arn
        # Deployments of old, and those of AWS's documentation, name their cluster nowhere else.
        by_resource = {
            "detail": {"clusterArn": [{"exists": False}]},
            "resources": [{"prefix": _services_of(arn)} for arn in cluster_arns],
        }
        return pattern | {"$or": [by_arn, by_resource]}


def _pattern(types: Sequence[EventType], accounts: Sequence[str] | None) -> dict[str, Any]:
    pattern = {"source": ["aws.ecs"], "detail-type": [each.detail_type for each in types]}
    return pattern if accounts is None else pattern | {"account": list(accounts)}


def _services_of(cluster_arn: str) -> str:
    """Return what the ARNs of a cluster's services begin with."""
    parts = Fn.split(":cluster/", cluster_arn, 2)
    return f"{parts[0]}:service/{parts[1]}/"
