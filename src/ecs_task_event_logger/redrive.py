"""Brings back the events that sit in a logger's dead-letter queue.

```console
pip install "ecs-task-event-logger[redrive]"
python -m ecs_task_event_logger.redrive FUNCTION
```

Every event is handed to the function once more, and its message deleted once the function has
logged it. An event that was logged after all, or that is in the queue twice, is not logged again.
What is no event for this function stays in the queue, and so does what the function fails on again.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Event = dict[str, Any]
Message = dict[str, Any]

# A query has 10,000 characters at most, and an ID of an event 36.
_CHUNK = 200
# Long enough for a chunk, of which nobody else is to see anything meanwhile.
_VISIBILITY_SECONDS = 900
_POLL_SECONDS = 0.2
_EVENT_ID = re.compile(r"[0-9a-fA-F-]{36}")


class RedriveError(RuntimeError):
    """There is no queue to bring events back from."""


@dataclass
class Redriven:
    """What became of the messages in the queue.

    Attributes:
        logged: How many events the function has logged, or filtered out.
        known: How many messages held an event that was logged already.
        left: Why messages were left in the queue, by their IDs.
    """

    logged: int = 0
    known: int = 0
    left: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return it as a sentence."""
        return (
            f"{self.logged} brought back, {self.known} logged already, "
            f"{len(self.left)} left in the queue"
        )


def redrive(session: Any, function_name: str) -> Redriven:
    """Hand all events in a function's dead-letter queue to the function once more.

    It takes ``lambda:GetFunctionConfiguration``, ``lambda:GetFunctionEventInvokeConfig`` and
    ``lambda:InvokeFunction`` on the function;
    ``sqs:GetQueueUrl``, ``sqs:ReceiveMessage``, ``sqs:DeleteMessage`` and
    ``sqs:ChangeMessageVisibility`` on the queue, with ``kms:Decrypt`` on its key if it has one;
    and ``logs:StartQuery`` on the log group and ``logs:GetQueryResults``.

    Args:
        session: A ``boto3.Session``.
        function_name: The function's name or ARN.

    Raises:
        RedriveError: If the function has no dead-letter queue.
        botocore.exceptions.ClientError: If AWS refuses.
    """
    return _Redrive(session, function_name).run()


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
    is_whole = isinstance(event.get("id"), str)
    return DeadLetter(event if is_whole else None, _unqualified(target))


def _unqualified(target: Any) -> str | None:
    """Return a function's ARN without the version or alias behind it."""
    return ":".join(target.split(":")[:7]) if isinstance(target, str) else None


class _Redrive:
    """One run over a queue."""

    def __init__(self, session: Any, function_name: str) -> None:
        self._lambda, self._sqs, self._logs = map(session.client, ("lambda", "sqs", "logs"))
        configuration = self._lambda.get_function_configuration(FunctionName=function_name)
        self._function_arn: str = configuration["FunctionArn"]
        self._log_group: str = configuration["LoggingConfig"]["LogGroup"]
        queue_arn = (
            configuration.get("DeadLetterConfig", {}).get("TargetArn")
            or self._destination_on_failure()
        )
        if ":sqs:" not in queue_arn:
            raise RedriveError(f"{function_name} has no queue for dead letters.")
        *_, account, name = queue_arn.split(":")
        self._queue_url: str = self._sqs.get_queue_url(
            QueueName=name, QueueOwnerAWSAccountId=account
        )["QueueUrl"]
        self._others: dict[str, bool] = {}
        self._seen: set[str] = set()
        self._done: set[str] = set()
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
        """Work once through the queue."""
        kept: list[Message] = []
        is_end = False
        while not is_end:
            messages = self._receive()
            is_end = len(messages) < _CHUNK
            letters = [read_dead_letter(message) for message in messages]
            self._done |= self._logged([each.event for each in letters if each.event])
            for message, letter in zip(messages, letters, strict=True):
                if not self._handle(message, letter):
                    kept.append(message)
        for message in kept:
            self._sqs.change_message_visibility(
                QueueUrl=self._queue_url,
                ReceiptHandle=message["ReceiptHandle"],
                VisibilityTimeout=0,
            )
        return self._result

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
            if not received:
                break
            messages += [each for each in received if each["MessageId"] not in self._seen]
            self._seen.update(each["MessageId"] for each in received)
        return messages

    def _handle(self, message: Message, letter: DeadLetter) -> bool:
        """Bring a message's event back, and delete it; return whether that worked."""
        if letter.event is None:
            problem: str | None = "it holds no ECS event"
        elif self._is_for_another(letter.target):
            problem = f"it is for {letter.target}"
        else:
            problem = self._replay(letter.event)
        if problem:
            self._result.left[message["MessageId"]] = problem
            return False
        self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
        return True

    def _is_for_another(self, target: str | None) -> bool:
        """Return whether an event is for another function, which is still there."""
        if target is None or target == self._function_arn:
            return False
        if target not in self._others:
            try:
                self._lambda.get_function_configuration(FunctionName=target)
                self._others[target] = True
            except self._lambda.exceptions.ResourceNotFoundException:
                self._others[target] = False
        return self._others[target]

    def _replay(self, event: Event) -> str | None:
        """Hand an event to the function, unless it was logged already; say what went wrong."""
        if event["id"] in self._done:
            self._result.known += 1
            return None
        try:
            answer = self._lambda.invoke(
                FunctionName=self._function_arn, Payload=json.dumps(event).encode()
            )
        except self._lambda.exceptions.TooManyRequestsException as error:
            return str(error)
        if "FunctionError" in answer:
            return f"the function fails on it: {answer['Payload'].read().decode()}"
        self._done.add(event["id"])
        self._result.logged += 1
        return None

    def _logged(self, events: Sequence[Event]) -> set[str]:
        """Return the IDs of those events of which a line is in the log group."""
        ids = [event["id"] for event in events if _EVENT_ID.fullmatch(event["id"])]
        if not ids:
            return set()
        query = f"fields @message | filter @message like /{'|'.join(ids)}/ | limit 10000"
        try:
            rows = self._query(query, min(map(_seconds, events)))
        except self._logs.exceptions.ResourceNotFoundException:
            return set()
        return set(_event_ids(rows)) & set(ids)

    def _query(self, query: str, since: int) -> list[list[dict[str, str]]]:
        """Return what a query finds, in log groups of either class."""
        query_id = self._logs.start_query(
            logGroupName=self._log_group,
            queryString=query,
            startTime=since,
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


def _seconds(event: Event) -> int:
    """Return when an event happened, in seconds since 1970; 0 if it does not say."""
    try:
        happened = datetime.fromisoformat(event["time"])
    except (KeyError, TypeError, ValueError):
        return 0
    return max(0, int(happened.replace(tzinfo=happened.tzinfo or UTC).timestamp()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code: 0, or 1 if anything was left in the queue."""
    parser = argparse.ArgumentParser(
        prog="python -m ecs_task_event_logger.redrive",
        description="Hand the events in a logger's dead-letter queue to its function once more.",
    )
    parser.add_argument("function", help="the name or ARN of the logger's function")
    parser.add_argument("--profile", help="the profile of the AWS CLI to use")
    parser.add_argument("--region", help="the AWS region of the function")
    options = parser.parse_args(arguments)
    try:
        import boto3
    except ImportError:
        parser.error('boto3 is missing: pip install "ecs-task-event-logger[redrive]"')
    session = boto3.Session(profile_name=options.profile, region_name=options.region)
    try:
        result = redrive(session, options.function)
    except RedriveError as error:
        parser.error(str(error))
    print(result)
    for message, reason in result.left.items():
        print(f"left {message}: {reason}", file=sys.stderr)
    return 1 if result.left else 0


if __name__ == "__main__":
    sys.exit(main())
