"""Sends the events in a logger's dead-letter queue to its function again.

```console
pip install "ecs-task-event-logger[redrive]"
python -m ecs_task_event_logger.redrive FUNCTION
```

A message is deleted once the line of its event is in the log, or once the function's own filters
drop the event. An event that has a line already, or that is in the queue twice, is not sent again.
A message stays in the queue if it holds no event for this function, or if the function fails again.
It also stays if its event is older than 14 days, or than the log group's retention: CloudWatch Logs
would refuse the line. ``--discard`` shows and deletes the messages that hold no ECS event.

``--queue ARN`` takes the events from another queue, the one of a forwarder. It may be in another
account (``--queue-profile``) and region.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .function import LoggerFunction, ReplayError
from .log import LogGroup, RedriveError
from .queue import DeadLetter, DeadLetterQueue, Event, event_time

__all__ = ["RedriveError", "Redriven", "redrive"]

# Small enough for one query, and to be done before the messages become visible again.
_BATCH_SIZE = 50
# The clocks of this machine and of CloudWatch Logs may differ.
_CLOCK_SKEW = timedelta(minutes=5)
# SQS keeps a message for 14 days. AWS may have tried for another day to deliver its event.
_SEARCHED = timedelta(days=16)


@dataclass
class Redriven:
    """The outcome for the messages in the queue.

    Attributes:
        logged: How many events were brought back. Their lines are in the log.
        known: How many messages held an event that was logged already.
        filtered: How many events the function's own filters dropped.
        discarded: How many messages without an event were deleted.
        left: The reason why a message was left in the queue, by message ID.
        too_old: How many of these hold an event that is too old to be logged.
        unseen: About how many messages in the queue this run has not seen. Another run holds them,
            or they arrived during this one.
    """

    logged: int = 0
    known: int = 0
    filtered: int = 0
    discarded: int = 0
    left: dict[str, str] = field(default_factory=dict)
    too_old: int = 0
    unseen: int = 0

    @property
    def is_all_done(self) -> bool:
        """Whether the queue is empty now."""
        return not self.left and not self.unseen

    def __str__(self) -> str:
        """Return the counts in words."""
        counts = {
            "brought back": self.logged,
            "filtered out": self.filtered,
            "logged already": self.known,
            "discarded": self.discarded,
            "left in the queue": len(self.left),
            "of these too old to be logged": self.too_old,
            "not seen": self.unseen,
        }
        always = ("brought back", "logged already", "left in the queue")
        return ", ".join(
            f"{count} {outcome}" for outcome, count in counts.items() if count or outcome in always
        )


def redrive(
    session: Any,
    function_name: str,
    *,
    queue_arn: str | None = None,
    queue_session: Any = None,
    discard: Callable[[str], None] | None = None,
) -> Redriven:
    """Send all events in a function's dead-letter queue to the function again.

    It needs these permissions:

    - ``lambda:GetFunctionConfiguration``, ``lambda:GetFunctionEventInvokeConfig`` and
      ``lambda:InvokeFunction`` on the function, and the first of them on functions that it replaces
    - ``sqs:ChangeMessageVisibility``, ``sqs:DeleteMessage``, ``sqs:GetQueueAttributes``,
      ``sqs:GetQueueUrl`` and ``sqs:ReceiveMessage`` on the queue, and ``kms:Decrypt`` on its key if
      it has one
    - ``logs:StartQuery`` on the log group, ``logs:GetQueryResults`` and ``logs:DescribeLogGroups``
    - with ``queue_arn``, ``events:ListRuleNamesByTarget``, ``events:DescribeRule`` and
      ``events:TestEventPattern`` where the function is. An event that the function's rules on the
      central bus do not match stays in the queue. Other functions on that bus get no events.

    CloudWatch Logs Insights tells which events are logged already. It finds a line only some time
    after it was written. So do not start a second run at the same time, or right after a failure.
    For every 50 messages, it queries the log from the oldest of their events on, some two to ten
    times. Insights charges $0.005 for each GB that a query reads (US East, November 2026).

    Lambda may give the line the time of its event. So an event is not sent if CloudWatch Logs would
    refuse a line of that age: after 14 days, or after the log group's retention.

    Args:
        session: A ``boto3.Session``.
        function_name: The function's name or ARN.
        queue_arn: The ARN of a forwarder's dead-letter queue, with events that did not reach the
            central bus. By default, the function's own dead-letter queue.
        queue_session: A ``boto3.Session`` for the account and region of that queue. By default
            ``session``.
        discard: A function that is called with the text of each message that holds no ECS event.
            The message is deleted afterwards. By default these messages stay in the queue.

    Raises:
        RedriveError: If the function has no dead-letter queue, or its log group cannot be queried.
        botocore.exceptions.ClientError: If AWS refuses a request.
    """
    function = LoggerFunction(session, function_name)
    arn = queue_arn or function.dead_letter_queue_arn()
    if ":sqs:" not in arn:
        raise RedriveError(
            f"{function_name} has no dead-letter queue in SQS, so there are no events to send. "
            "Name the function of an EcsTaskEventLogger, or the queue of a forwarder."
        )
    queue = DeadLetterQueue((queue_session or session).client("sqs"), arn)
    log = LogGroup(session.client("logs"), function.log_group_name)
    return _Redrive(function, queue, log, queue_arn is not None, discard).run()


@dataclass
class _Redrive:
    """One run: receive messages, skip logged events, replay the others, confirm, and delete."""

    function: LoggerFunction
    queue: DeadLetterQueue
    log: LogGroup
    is_forwarder_queue: bool
    discard: Callable[[str], None] | None
    logged: set[str] = field(default_factory=set)
    unconfirmed: set[str] = field(default_factory=set)
    result: Redriven = field(default_factory=Redriven)

    def run(self) -> Redriven:
        """Handle each message once. Release what stays in the queue, also after an error."""
        try:
            while letters := self.queue.receive(_BATCH_SIZE):
                self._handle(letters)
                if len(letters) < _BATCH_SIZE or self.function.is_broken:
                    break
            self.result.unseen = self.queue.count_unseen(left=len(self.result.left))
        finally:
            self.queue.release()
        return self.result

    def _handle(self, letters: dict[str, DeadLetter]) -> None:
        """Bring back the events of a batch of messages."""
        event_ids = [letter.event_id for letter in letters.values() if letter.event_id]
        since = _oldest(letter.event for letter in letters.values())
        self.logged |= self.log.find(event_ids, since)
        replayed: dict[str, list[str]] = {}
        for message_id, letter in letters.items():
            if reason := self._bring_back(message_id, letter, replayed):
                self.result.left[message_id] = reason
        self._confirm(replayed, since)

    def _bring_back(
        self, message_id: str, letter: DeadLetter, replayed: dict[str, list[str]]
    ) -> str | None:
        """Skip or replay an event. Return why its message stays in the queue, or None.

        A replayed event is added to ``replayed``: the IDs of its messages by event ID.
        """
        if letter.event is None:
            return self._discard(message_id, letter)
        event_id = letter.event_id
        if event_id is None:
            return "its event has no ID, so its line could not be found"
        if reason := self._explain_mismatch(letter.event, letter.target):
            return reason
        if event_id in self.logged:
            self.queue.delete(message_id)
            self.result.known += 1
            return None
        if event_id in self.unconfirmed:
            return self._no_line
        if event_id in replayed:
            replayed[event_id].append(message_id)
            return None
        if self._is_too_old(letter.event):
            self.result.too_old += 1
            return (
                f"its event is from {letter.event['time']}, which is older than the "
                f"{self.log.max_age.days}-day limit of {self.log.name}"
            )
        try:
            is_logged = self.function.replay(letter.event)
        except ReplayError as error:
            return str(error)
        if is_logged:
            replayed[event_id] = [message_id]
        else:
            self.queue.delete(message_id)
            self.result.filtered += 1
        return None

    def _discard(self, message_id: str, letter: DeadLetter) -> str | None:
        """Delete a message without an event, if the caller wants that."""
        if self.discard is None:
            return "it holds no ECS event"
        self.discard(letter.body)
        self.queue.delete(message_id)
        self.result.discarded += 1
        return None

    def _is_too_old(self, event: Event) -> bool:
        happened = event_time(event)
        return happened is not None and happened < _now() - self.log.max_age + _CLOCK_SKEW

    def _explain_mismatch(self, event: Event, target: str | None) -> str | None:
        """Return why an event is not for the function, or None if it is."""
        if self.is_forwarder_queue and target and ":event-bus/" in target:
            return self.function.explain_no_match(event, target)
        return self.function.explain_other_target(target)

    def _confirm(self, replayed: dict[str, list[str]], since: datetime) -> None:
        """Delete the messages of replayed events once their lines are in the log."""
        for event_id in self.log.wait_for(list(replayed), since):
            self.logged.add(event_id)
            message_ids = replayed.pop(event_id)
            for message_id in message_ids:
                self.queue.delete(message_id)
            self.result.logged += 1
            self.result.known += len(message_ids) - 1
        self.unconfirmed.update(replayed)
        for message_ids in replayed.values():
            self.result.left |= dict.fromkeys(message_ids, self._no_line)

    @property
    def _no_line(self) -> str:
        return f"the function has run, but {self.log.name} does not have the line yet"


def _oldest(events: Iterable[Event | None]) -> datetime:
    """Return the time from which on the log may have lines of events."""
    earliest = _now() - _SEARCHED
    times = [event_time(event) or earliest for event in events if event is not None]
    return max(min([*times, _now()]), earliest) - _CLOCK_SKEW


def _now() -> datetime:
    return datetime.now(UTC)
