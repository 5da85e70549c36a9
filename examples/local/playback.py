"""Plays events against a deployed stack, and records the outcome of each."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from emulator import EmbeddedAws, Invocation

Event = dict[str, Any]

_CLUSTER_ARN = re.compile(r"arn:[\w-]+:ecs:[\w-]*:\w*:cluster/[\w-]+", re.ASCII)
# ARNs of resources in a cluster name it: …:service/CLUSTER/SERVICE, …:task/CLUSTER/ID.
_RESOURCE_ARN = re.compile(r"(arn:[\w-]+:ecs:[\w-]*:\w*):[a-z-]+/([\w-]+)/.+", re.ASCII)


_DROPPED = "the function's own filters drop it, such as causes or task_families of failed calls"


class PlaybackError(RuntimeError):
    """An event that a rule accepts was not logged."""


@dataclass
class Playback:
    """The outcome of the played events.

    Attributes:
        lines: The logged lines, in the order of the events.
        logged: The number of logged events.
        filtered: The positions of the events that were filtered out, by reason.
        lines_of: The number of lines, by log group.
    """

    lines: list[str] = field(default_factory=list)
    logged: int = 0
    filtered: dict[str, list[int]] = field(default_factory=dict)
    lines_of: Counter[str] = field(default_factory=Counter)

    @property
    def accounted_for(self) -> int:
        """The number of events that were logged or filtered out."""
        return self.logged + sum(map(len, self.filtered.values()))


def cluster_arns(events: list[Event]) -> list[str]:
    """Return the ARNs of the clusters that events name, in order of appearance."""
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
    """Sends events one by one, each after the previous one was logged.

    So the lines are in the order of the events, which AWS does not guarantee. This takes about 25
    milliseconds per event. Batches of ten would be faster only from the fiftieth event on, because
    the emulator starts a process for each event of a batch.

    Attributes:
        aws: The embedded AWS with the loggers.
        rules: The names of the rules, by the log group that their function writes to.
        has_filters: Whether the function may drop events.
    """

    aws: EmbeddedAws
    rules: dict[str, list[str]]
    has_filters: bool = False

    def play(self, events: list[Event], playback: Playback, advance: Callable[[], None]) -> None:
        """Play events, add the outcome of each to ``playback``, and then call ``advance``.

        Raises:
            PlaybackError: If an event that a rule accepts is not logged.
        """
        for position, event in enumerate(events, 1):
            rejections = {
                log_group: [self.aws.rejections(rule, event) for rule in rules]
                for log_group, rules in self.rules.items()
            }
            accepted = {group: each.count([]) for group, each in rejections.items() if [] in each}
            lines = self._deliver(position, event, accepted) if accepted else {}
            if any(lines.values()):
                playback.lines += chain(*lines.values())
                playback.lines_of.update({group: len(each) for group, each in lines.items()})
                playback.logged += 1
            else:
                # The rule with the fewest unmet conditions gives the most useful reason.
                reasons = min(chain(*rejections.values()), key=len) or [_DROPPED]
                playback.filtered.setdefault(reasons[0], []).append(position)
            advance()

    def adopt(self, events: list[Event]) -> list[Event]:
        """Return events of one cluster as events of a cluster that the rules watch."""
        patterns = [self.aws.pattern(name) for names in self.rules.values() for name in names]
        watched = [arn for each in patterns for arn in each.get("detail", {}).get("clusterArn", [])]
        if not watched:  # every cluster
            return events
        (theirs,) = cluster_arns(events)
        # CloudFormation makes the end of a name.
        ours = watched[0] if isinstance(watched[0], str) else watched[0]["prefix"] + "EXAMPLE"
        adopted: list[Event] = json.loads(json.dumps(events).replace(theirs, ours))
        return adopted

    def _deliver(
        self, position: int, event: Event, accepted: dict[str, int]
    ) -> dict[str, list[str]]:
        """Send an event, and return its lines, by log group.

        Args:
            position: The position of the event.
            event: The event.
            accepted: The number of rules that accept the event, by log group.
        """
        before = {log_group: len(self.aws.invocations(log_group)) for log_group in accepted}
        self.aws.emit(event)
        lines: dict[str, list[str]] = {}
        for log_group, count in accepted.items():
            try:
                ended = self.aws.wait_for_invocations(log_group, before[log_group] + count)
            except TimeoutError as error:
                raise PlaybackError(f"{_name(position, event)} was not logged: {error}") from error
            for invocation in ended[before[log_group] :]:
                self._check(position, event, invocation)
            lines[log_group] = [line for each in ended[before[log_group] :] for line in each.lines]
        return lines

    def _check(self, position: int, event: Event, invocation: Invocation) -> None:
        if invocation.failed:
            error = "\n".join(invocation.lines)
            raise PlaybackError(f"the function failed on {_name(position, event)}:\n{error}")
        if not (invocation.lines or self.has_filters):
            raise PlaybackError(
                f"{_name(position, event)} was not logged: the function printed no line"
            )


def _name(position: int, event: Event) -> str:
    return f"event {position} (id {event.get('id')})"
