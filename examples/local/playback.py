"""Plays events against a deployed stack, and keeps account of what becomes of each."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from emulator import EmbeddedAws, Invocation

Event = dict[str, Any]

_CLUSTER_ARN = re.compile(r"arn:[\w-]+:ecs:[\w-]*:\w*:cluster/[\w-]+", re.ASCII)
# What is in a cluster names it: …:service/CLUSTER/SERVICE, …:task/CLUSTER/ID.
_RESOURCE_ARN = re.compile(r"(arn:[\w-]+:ecs:[\w-]*:\w*):[a-z-]+/([\w-]+)/.+", re.ASCII)


class PlaybackError(RuntimeError):
    """An event that was due in the log did not get there."""


@dataclass
class Playback:
    """What became of the events that were played.

    Attributes:
        lines: What was logged, in the order of the events.
        logged: How many events were logged.
        filtered: The positions of the events that were filtered out, by the reason why.
    """

    lines: list[str] = field(default_factory=list)
    logged: int = 0
    filtered: dict[str, list[int]] = field(default_factory=dict)

    @property
    def accounted_for(self) -> int:
        """How many events were either logged or filtered out."""
        return self.logged + sum(map(len, self.filtered.values()))


def cluster_arns(events: list[Event]) -> list[str]:
    """Return the clusters that events name, in order of appearance."""
    return list(dict.fromkeys(arn for event in events if (arn := _cluster_arn(event))))


def _cluster_arn(event: Event) -> str | None:
    detail = event.get("detail")
    arn = detail.get("clusterArn") if isinstance(detail, dict) else None
    if isinstance(arn, str) and _CLUSTER_ARN.fullmatch(arn):
        return arn
    resources = event.get("resources")
    for resource in resources if isinstance(resources, list) else []:
        if isinstance(resource, str) and (match := _RESOURCE_ARN.fullmatch(resource)):
            return f"{match[1]}:cluster/{match[2]}"
    return None


@dataclass(frozen=True)
class Player:
    """Sends events one by one, each when the one before has been logged.

    So the lines come out in the order of the events, which AWS does not promise. It costs some 25
    milliseconds an event; batches of ten, for which the emulator starts ten processes, pay only
    from the fiftieth event on.

    Attributes:
        aws: Where the stack is deployed.
        rules: The names of the stack's rules.
        log_group: The name of the log group that all of them lead to.
    """

    aws: EmbeddedAws
    rules: list[str]
    log_group: str

    def play(self, events: list[Event], playback: Playback, advance: Callable[[], None]) -> None:
        """Play ``events``, enter into ``playback`` what becomes of each, then call ``advance``.

        Raises:
            PlaybackError: If an event that a rule accepts does not end up in the log.
        """
        for position, event in enumerate(events, 1):
            rejections = [self.aws.rejections(rule, event) for rule in self.rules]
            if accepted := rejections.count([]):
                playback.lines += self._deliver(position, event, accepted)
                playback.logged += 1
            else:
                # The rule that comes closest tells most.
                reason = min(rejections, key=len)[0]
                playback.filtered.setdefault(reason, []).append(position)
            advance()

    def _deliver(self, position: int, event: Event, count: int) -> list[str]:
        """Send an event that so many rules accept, and return the lines that it leaves."""
        before = len(self.aws.invocations(self.log_group))
        self.aws.emit(event)
        try:
            ended = self.aws.wait_for_invocations(self.log_group, before + count)
        except TimeoutError as error:
            raise PlaybackError(f"{_name(position, event)} was not logged: {error}") from error
        for invocation in ended[before:]:
            self._check(position, event, invocation)
        return [line for invocation in ended[before:] for line in invocation.lines]

    def _check(self, position: int, event: Event, invocation: Invocation) -> None:
        if invocation.failed:
            error = "\n".join(invocation.lines)
            raise PlaybackError(f"the function failed on {_name(position, event)}:\n{error}")
        if not invocation.lines:
            raise PlaybackError(f"{_name(position, event)} was not logged: the function is silent")


def _name(position: int, event: Event) -> str:
    return f"event {position} (id {event.get('id')})"
