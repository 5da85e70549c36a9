"""Brings back the events that sit in a logger's dead-letter queue.

```console
pip install "ecs-task-event-logger[redrive]"
python -m ecs_task_event_logger.redrive FUNCTION
```

Every event is handed to the function once more, and its message deleted once its line is in the
log, or once the function's own filters have dropped it. An event whose line is there already, or
that is in the queue twice, is not handed over again. What is no event for this function stays in
the queue, and so does what the function fails on again.

``--queue ARN`` takes the events from another queue: that of a forwarder, which may be of another
account and region (``--queue-profile``).
"""

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Event = dict[str, Any]
Message = dict[str, Any]

# How many messages are handled together: few enough for one query, and for the time below.
_CHUNK = 50
# Nobody else is to see a chunk meanwhile: 10 seconds for each at most, and the wait below.
_VISIBILITY_SECONDS = 900
# How long a line may take from the function to the queries of CloudWatch Logs.
_LOGGING_SECONDS = 180
# SQS counts what was deleted for up to a minute.
_COUNTING_SECONDS = 75
_POLL_SECONDS = 1.0
# A function that fails on so many events one after another is not mended yet.
_MAX_FAILURES = 10
# SQS keeps no message for longer.
_OLDEST = timedelta(days=14)
_QUEUE_ARN = re.compile(r"arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w-]+")
_EVENT_ID = re.compile(r"[0-9a-fA-F-]{36}")


class RedriveError(RuntimeError):
    """There is no queue to bring events back from, or no log to look into."""


@dataclass
class Redriven:
    """What became of the messages in the queue.

    Attributes:
        logged: How many events were brought back: their lines are in the log.
        known: How many messages held an event that was logged already.
        filtered: How many events the function's own filters dropped.
        left: Why messages were left in the queue, by their IDs.
        unseen: About how many messages are in the queue that this run has not seen: held by
            another run, or come meanwhile.
    """

    logged: int = 0
    known: int = 0
    filtered: int = 0
    left: dict[str, str] = field(default_factory=dict)
    unseen: int = 0

    @property
    def is_all_done(self) -> bool:
        """Whether nothing is left in the queue."""
        return not self.left and not self.unseen

    def __str__(self) -> str:
        """Return it as a sentence."""
        counts = {
            "brought back": self.logged,
            "filtered out": self.filtered,
            "logged already": self.known,
            "left in the queue": len(self.left),
            "not seen": self.unseen,
        }
        always = ("brought back", "logged already", "left in the queue")
        return ", ".join(
            f"{count} {what}" for what, count in counts.items() if count or what in always
        )


def redrive(
    session: Any,
    function_name: str,
    *,
    queue_arn: str | None = None,
    queue_session: Any = None,
) -> Redriven:
    """Hand all events in a function's dead-letter queue to the function once more.

    It takes these permissions:

    - ``lambda:GetFunctionConfiguration``, ``lambda:GetFunctionEventInvokeConfig`` and
      ``lambda:InvokeFunction`` on the function, and the first on functions that it succeeds;
    - ``sqs:ChangeMessageVisibility``, ``sqs:DeleteMessage``, ``sqs:GetQueueAttributes``,
      ``sqs:GetQueueUrl`` and ``sqs:ReceiveMessage`` on the queue, and ``kms:Decrypt`` on its key if
      it has one;
    - ``logs:StartQuery`` on the log group, and ``logs:GetQueryResults``;
    - with ``queue_arn``, ``events:ListRuleNamesByTarget``, ``events:DescribeRule`` and
      ``events:TestEventPattern`` where the function is: what its rules on the central bus would not
      have picked stays in the queue. Other functions that listen there are handed nothing.

    Whether an event is in the log already is asked of CloudWatch Logs Insights, which knows of a
    line some time after it was written. So do not run it twice at once, nor at once after a fault.
    For every 50 messages the log is read from the oldest of their events on, at the price of Logs
    Insights ($0.005 for a GB, in US East in November 2026).

    Args:
        session: A ``boto3.Session``.
        function_name: The function's name or ARN.
        queue_arn: The ARN of the queue to take the events from: that of a forwarder, whose events
            did not get as far as the function. By default the function's own dead-letter queue.
        queue_session: A ``boto3.Session`` of the account and region of that queue. By default
            ``session``.

    Raises:
        RedriveError: If the function has no dead-letter queue, or if its log cannot be queried.
        botocore.exceptions.ClientError: If AWS refuses.
    """
    return _Redrive(session, function_name, queue_arn, queue_session or session).run()


@dataclass(frozen=True)
class DeadLetter:
    """What a message in the queue holds.

    Attributes:
        event: The ECS event, or None if there is none.
        target: The ARN of the function that it was for, or None if the message does not say.
    """

    event: Event | None
    target: str | None


def read_dead_letter(message: Message) -> DeadLetter:
    """Read a message, whatever is in it.

    EventBridge sends the event as it is, and so does Lambda to a function's dead-letter queue; to a
    destination on failure, Lambda sends it in an envelope.
    """
    target = message.get("MessageAttributes", {}).get("TARGET_ARN", {}).get("StringValue")
    try:
        event = json.loads(message["Body"])
    except (ValueError, RecursionError):
        return DeadLetter(None, target)
    if isinstance(event, dict) and "requestPayload" in event:
        context = event.get("requestContext")
        target = context.get("functionArn") if isinstance(context, dict) else None
        event = event["requestPayload"]
    if not isinstance(event, dict) or event.get("source") != "aws.ecs":
        return DeadLetter(None, None)
    event_id = event.get("id")
    is_whole = isinstance(event_id, str) and _EVENT_ID.fullmatch(event_id)
    return DeadLetter(event if is_whole else None, _unqualified(target))


def _unqualified(target: Any) -> str | None:
    """Return a function's ARN without the version or alias behind it."""
    return ":".join(target.split(":")[:7]) if isinstance(target, str) else None


class _Redrive:
    """One run over a queue."""

    def __init__(
        self, session: Any, function_name: str, queue_arn: str | None, queue_session: Any
    ) -> None:
        self._lambda, self._logs = map(session.client, ("lambda", "logs"))
        self._sqs = queue_session.client("sqs")
        self._events = session.client("events")
        configuration = self._lambda.get_function_configuration(FunctionName=function_name)
        self._function_arn: str = _unqualified(configuration["FunctionArn"]) or function_name
        self._log_group: str = configuration["LoggingConfig"]["LogGroup"]
        self._is_of_forwarder = queue_arn is not None
        queue_arn = (
            queue_arn
            or configuration.get("DeadLetterConfig", {}).get("TargetArn")
            or self._destination_on_failure()
        )
        if ":sqs:" not in queue_arn:
            raise RedriveError(f"{function_name} has no queue for dead letters.")
        *_, account, name = queue_arn.split(":")
        self._queue_url: str = self._sqs.get_queue_url(
            QueueName=name, QueueOwnerAWSAccountId=account
        )["QueueUrl"]
        self._others: dict[str, str | None] = {}
        self._patterns: dict[str, list[str]] = {}
        self._held: dict[str, Message] = {}
        self._seen: set[str] = set()
        self._done: set[str] = set()
        self._failures = 0
        self._result = Redriven()

    def _destination_on_failure(self) -> str:
        try:
            configuration = self._lambda.get_function_event_invoke_config(
                FunctionName=self._function_arn
            )
        except self._lambda.exceptions.ResourceNotFoundException:
            return ""
        destinations = configuration.get("DestinationConfig", {})
        return str(destinations.get("OnFailure", {}).get("Destination", ""))

    def run(self) -> Redriven:
        """Work once through the queue; whatever happens, let go of what was not brought back."""
        try:
            while messages := self._receive():
                self._handle(messages)
                if len(messages) < _CHUNK or self._failures >= _MAX_FAILURES:
                    break
            self._result.unseen = self._count_unseen()
        finally:
            for message in list(self._held.values()):
                self._release(message)
        return self._result

    # -- the queue ------------------------------------------------------------------------

    def _receive(self) -> list[Message]:
        """Return the next messages that were not seen before; fewer at the end of the queue."""
        messages: list[Message] = []
        while len(messages) < _CHUNK:
            received = self._sqs.receive_message(
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                VisibilityTimeout=_VISIBILITY_SECONDS,
                WaitTimeSeconds=1,  # more than none: SQS then asks all of its servers
            ).get("Messages", [])
            self._held.update((each["MessageId"], each) for each in received)
            new = [each for each in received if each["MessageId"] not in self._seen]
            if not new:
                break
            self._seen.update(each["MessageId"] for each in new)
            messages += new
        return messages

    def _delete(self, message: Message) -> None:
        handle = self._held[message["MessageId"]]["ReceiptHandle"]
        # If others hold it by now, they find that it is logged already.
        with suppress(self._sqs.exceptions.ReceiptHandleIsInvalid):
            self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=handle)
        del self._held[message["MessageId"]]

    def _release(self, message: Message) -> None:
        """Let others see a message again at once; if that fails, they see it some time later."""
        with suppress(Exception):
            self._sqs.change_message_visibility(
                QueueUrl=self._queue_url,
                ReceiptHandle=message["ReceiptHandle"],
                VisibilityTimeout=0,
            )

    def _count_unseen(self) -> int:
        """Return how many messages this run has not seen, as SQS says once it has caught up."""
        deadline = time.monotonic() + _COUNTING_SECONDS
        while unseen := max(0, self._queue_length() - len(self._result.left)):
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL_SECONDS)
        return unseen

    def _queue_length(self) -> int:
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=self._queue_url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )["Attributes"]
        return sum(map(int, attributes.values()))

    # -- the function ---------------------------------------------------------------------

    def _handle(self, messages: Sequence[Message]) -> None:
        """Bring back what messages hold, and delete them."""
        letters = [read_dead_letter(message) for message in messages]
        events = [each.event for each in letters if each.event]
        self._done |= self._logged(events, min(map(_happened, events), default=datetime.now(UTC)))
        # Lines of what is sent now are newer than this; clocks may differ by some minutes.
        since = datetime.now(UTC) - timedelta(minutes=5)
        sent: dict[str, Message] = {}
        for message, letter in zip(messages, letters, strict=True):
            if problem := self._bring_back(message, letter, sent):
                self._result.left[message["MessageId"]] = problem
        self._confirm(sent, events, since)

    def _bring_back(
        self, message: Message, letter: DeadLetter, sent: dict[str, Message]
    ) -> str | None:
        """Bring back what a message holds; say why not if that is so."""
        if letter.event is None:
            return "it holds no ECS event"
        if self._is_of_forwarder and ":event-bus/" in (letter.target or ""):
            if other := self._not_asked_for(letter.event, str(letter.target)):
                return other
        elif other := self._other_function(letter.target):
            return other
        event_id = letter.event["id"]
        if event_id in self._done or event_id in sent:
            self._delete(message)
            self._result.known += 1
            return None
        if self._failures >= _MAX_FAILURES:
            return f"the function failed on {_MAX_FAILURES} events before it"
        return self._replay(message, letter.event, sent)

    def _replay(self, message: Message, event: Event, sent: dict[str, Message]) -> str | None:
        """Hand an event to the function; say what went wrong, if anything did."""
        try:
            answer = self._lambda.invoke(
                FunctionName=self._function_arn, Payload=json.dumps(event).encode()
            )
        except self._lambda.exceptions.ClientError as error:
            self._failures += 1
            return str(error)
        payload = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            self._failures += 1
            return f"the function fails on it: {payload}"
        self._failures = 0
        if payload == "null":
            self._delete(message)
            self._result.filtered += 1
        else:
            sent[event["id"]] = message
        return None

    def _other_function(self, target: str | None) -> str | None:
        """Say so, if an event is for another function, unless that is known to be gone."""
        if target is None or target == self._function_arn:
            return None
        if target not in self._others:
            self._others[target] = f"it is for {target}"
            try:
                self._lambda.get_function_configuration(FunctionName=target)
            except self._lambda.exceptions.ResourceNotFoundException:
                self._others[target] = None
            except self._lambda.exceptions.ClientError as error:
                self._others[target] = f"it is for {target}, of which nothing can be seen: {error}"
        return self._others[target]

    def _not_asked_for(self, event: Event, bus_arn: str) -> str | None:
        """Say so, if no rule on a bus would have invoked the function for an event."""
        if bus_arn not in self._patterns:
            self._patterns[bus_arn] = self._patterns_on(bus_arn)
        test, text = self._events.test_event_pattern, json.dumps(event)
        try:
            if any(
                test(EventPattern=each, Event=text)["Result"] for each in self._patterns[bus_arn]
            ):
                return None
        except self._events.exceptions.ClientError as error:
            return str(error)  # It is not a whole event, for example.
        return f"no rule on {bus_arn} picks it for the function"

    def _patterns_on(self, bus_arn: str) -> list[str]:
        """Return the patterns of the rules on a bus that invoke the function."""
        *_, region, account, name = bus_arn.split(":")
        if [region, account] != self._function_arn.split(":")[3:5]:
            return []
        where = {"EventBusName": name.removeprefix("event-bus/")}
        pages = self._events.get_paginator("list_rule_names_by_target").paginate(
            TargetArn=self._function_arn, **where
        )
        names = [name for page in pages for name in page["RuleNames"]]
        rules = [self._events.describe_rule(Name=name, **where) for name in names]
        return [rule["EventPattern"] for rule in rules if rule["State"] != "DISABLED"]

    # -- the log --------------------------------------------------------------------------

    def _confirm(self, sent: dict[str, Message], events: Sequence[Event], since: datetime) -> None:
        """Delete the messages of events whose lines have arrived in the log."""
        deadline = time.monotonic() + _LOGGING_SECONDS
        while sent:
            arrived = self._logged([event for event in events if event["id"] in sent], since)
            self._done |= arrived
            for event_id in arrived:
                self._delete(sent.pop(event_id))
                self._result.logged += 1
            if sent and time.monotonic() > deadline:
                break
            time.sleep(_POLL_SECONDS if sent else 0)
        for message in sent.values():
            self._result.left[message["MessageId"]] = (
                f"the function has logged it, but {self._log_group} does not have the line (yet)"
            )

    def _logged(self, events: Sequence[Event], since: datetime) -> set[str]:
        """Return the IDs of those events of which a line was written since then."""
        if not events:
            return set()
        ids = [event["id"] for event in events]
        query = f"fields @message | filter @message like /{'|'.join(ids)}/ | limit 10000"
        try:
            rows = self._query(query, since)
        except self._logs.exceptions.ResourceNotFoundException:
            return set()
        return set(_event_ids(rows)) & set(ids)

    def _query(self, query: str, since: datetime) -> list[list[dict[str, str]]]:
        """Return what a query finds, in log groups of either class."""
        query_id = self._logs.start_query(
            logGroupName=self._log_group,
            queryString=query,
            startTime=int(since.timestamp()),
            endTime=int(time.time()) + 1,
        )["queryId"]
        while True:
            answer = self._logs.get_query_results(queryId=query_id)
            if answer["status"] == "Complete":
                return list(answer["results"])
            if answer["status"] not in ("Scheduled", "Running", "Unknown"):
                raise RedriveError(f"The query of {self._log_group} ended: {answer['status']}.")
            time.sleep(_POLL_SECONDS)


def _event_ids(rows: Sequence[Sequence[dict[str, str]]]) -> Iterator[str]:
    for row in rows:
        for cell in row:
            try:
                yield json.loads(cell["value"])["eventId"]
            except (ValueError, KeyError, TypeError):
                continue  # It is no line of a logger.


def _happened(event: Event) -> datetime:
    """Return when an event happened, or the earliest that it may have if it does not say."""
    oldest = datetime.now(UTC) - _OLDEST
    try:
        happened = datetime.fromisoformat(event["time"])
    except (KeyError, TypeError, ValueError):
        return oldest
    return max(oldest, happened.replace(tzinfo=happened.tzinfo or UTC))


def _queue_arn(value: str) -> str:
    """Return the value of an option that must be the ARN of a queue."""
    if not _QUEUE_ARN.fullmatch(value):
        raise argparse.ArgumentTypeError(
            f"{value!r} is no ARN of a queue: arn:aws:sqs:REGION:ACCOUNT:NAME"
        )
    return value


def _region_of(function: str) -> str | None:
    """Return the region that the ARN of a function names; None of a mere name."""
    parts = function.split(":")
    return parts[3] if parts[0] == "arn" and len(parts) > 3 else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code.

    0 if all is done, 1 if anything is left in the queue, and 2 if AWS refuses.
    """
    parser = argparse.ArgumentParser(
        prog="python -m ecs_task_event_logger.redrive",
        description="Hand the events in a logger's dead-letter queue to its function once more.",
    )
    parser.add_argument("function", help="the name or ARN of the logger's function")
    parser.add_argument("--profile", help="the profile of the AWS CLI to use")
    parser.add_argument(
        "--region",
        help="the AWS region of the function, if neither its ARN nor your configuration says it",
    )
    parser.add_argument(
        "--queue",
        metavar="ARN",
        type=_queue_arn,
        help="the ARN of the queue to take the events from, if that is not the function's own but "
        "a forwarder's",
    )
    parser.add_argument(
        "--queue-profile", metavar="PROFILE", help="the profile for that queue, if it is another"
    )
    options = parser.parse_args(arguments)
    if options.queue_profile and not options.queue:
        parser.error("--queue-profile is for the queue that --queue names")
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError, NoRegionError
    except ImportError:
        parser.error('boto3 is missing: pip install "ecs-task-event-logger[redrive]"')
    region = options.region or _region_of(options.function) or os.environ.get("AWS_REGION")
    try:
        session = boto3.Session(profile_name=options.profile, region_name=region)
        queue_session = options.queue and boto3.Session(
            profile_name=options.queue_profile or options.profile,
            region_name=options.queue.split(":")[3],
        )
        result = redrive(
            session, options.function, queue_arn=options.queue, queue_session=queue_session
        )
    except NoRegionError:
        parser.error("--region is missing: name the AWS region of the function, or its ARN")
    except (BotoCoreError, ClientError, RedriveError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    print(result)
    for message, reason in result.left.items():
        print(f"left {message}: {reason}", file=sys.stderr)
    return 0 if result.is_all_done else 1
