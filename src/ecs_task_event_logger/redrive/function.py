"""The logger's function: invokes it again, and tells which events are meant for it."""

import json
from functools import cache
from typing import Any

from .queue import Event, unqualified

# A function that fails on this many events in a row is not fixed yet.
_MAX_FAILURES = 10


# The variables of the filters that the function applies.
_FILTERS = {
    "CAUSES",
    "EXCLUDE_SERVICES",
    "EXCLUDE_TASK_FAMILIES",
    "ONLY_FAILURES",
    "SERVICES",
}
# The seconds that a request may take in addition to the function itself.
_REQUEST_SECONDS = 30


class ReplayError(Exception):
    """The function did not handle an event."""


class LoggerFunction:
    """The function of a logger, its configuration, and the events that are meant for it."""

    def __init__(self, session: Any, name: str) -> None:
        """Read the configuration of the function with this name or ARN."""
        self._lambda, self._events = map(session.client, ("lambda", "events"))
        self._configuration = self._lambda.get_function_configuration(FunctionName=name)
        self._invoker = _create_invoker(session, self._configuration["Timeout"])
        self.arn: str = unqualified(self._configuration["FunctionArn"]) or name
        self.log_group_name: str = self._configuration["LoggingConfig"]["LogGroup"]
        self._explain_other = cache(self._describe_other)
        self._patterns_on = cache(self._read_patterns)
        self._failures = 0

    def dead_letter_queue_arn(self) -> str:
        """Return the ARN of its dead-letter queue or destination on failure, or an empty string."""
        if queue_arn := self._configuration.get("DeadLetterConfig", {}).get("TargetArn"):
            return str(queue_arn)
        try:
            configuration = self._lambda.get_function_event_invoke_config(FunctionName=self.arn)
        except self._lambda.exceptions.ResourceNotFoundException:
            return ""
        destinations = configuration.get("DestinationConfig", {})
        return str(destinations.get("OnFailure", {}).get("Destination", ""))

    @property
    def is_broken(self) -> bool:
        """Whether the function failed on too many events in a row to try another."""
        return self._failures >= _MAX_FAILURES

    def replay(self, event: Event) -> bool:
        """Invoke the function with an event, and return False if its filters dropped the event.

        Raises:
            ReplayError: If the function fails, or is broken.
        """
        if self.is_broken:
            raise ReplayError(f"the function failed on {_MAX_FAILURES} events before it")
        self._failures += 1
        try:
            answer = self._invoker.invoke(FunctionName=self.arn, Payload=json.dumps(event).encode())
        except _aws_errors() as error:
            raise ReplayError(str(error)) from error
        payload = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            raise ReplayError(f"the function fails on it: {payload}")
        is_logged = bool(payload != "null")
        if not is_logged and not self._has_filters:
            raise ReplayError("the function returns nothing for it, although it has no filters")
        self._failures = 0
        return is_logged

    @property
    def _has_filters(self) -> bool:
        variables = self._configuration.get("Environment", {}).get("Variables", {})
        return not _FILTERS.isdisjoint(variables)

    def explain_other_target(self, target: str | None) -> str | None:
        """Return why an event with this target is not for the function, or None if it is.

        Events for a function that no longer exists are for this one.
        """
        return None if target is None or target == self.arn else self._explain_other(target)

    def _describe_other(self, function_arn: str) -> str | None:
        try:
            self._lambda.get_function_configuration(FunctionName=function_arn)
        except self._lambda.exceptions.ResourceNotFoundException:
            return None
        except _aws_errors() as error:
            return f"it is for {function_arn!r}, which cannot be read: {error}"
        return f"it is for {function_arn}"

    def explain_no_match(self, event: Event, bus_arn: str) -> str | None:
        """Return why no rule on a bus sends an event to the function, or None if one does."""
        test, text = self._events.test_event_pattern, json.dumps(event)
        patterns = self._patterns_on(bus_arn)
        try:
            if any(test(EventPattern=pattern, Event=text)["Result"] for pattern in patterns):
                return None
        except self._events.exceptions.ClientError as error:
            return str(error)  # for example, if the event lacks a key that all events have
        return f"no rule on {bus_arn} sends it to the function"

    def _read_patterns(self, bus_arn: str) -> list[str]:
        """Return the patterns of the enabled rules on a bus that invoke the function."""
        *_, region, account, name = bus_arn.split(":")
        if [region, account] != self.arn.split(":")[3:5]:
            return []
        bus = {"EventBusName": name.removeprefix("event-bus/")}
        paginator = self._events.get_paginator("list_rule_names_by_target")
        pages = paginator.paginate(TargetArn=self.arn, **bus)
        names = [name for page in pages for name in page["RuleNames"]]
        rules = [self._events.describe_rule(Name=name, **bus) for name in names]
        return [rule["EventPattern"] for rule in rules if rule["State"] != "DISABLED"]


def _create_invoker(session: Any, timeout: int) -> Any:
    """Return a client that waits for the function, and invokes it once only."""
    from botocore.config import Config

    retries = {"total_max_attempts": 1}
    return session.client(
        "lambda", config=Config(read_timeout=timeout + _REQUEST_SECONDS, retries=retries)
    )


def _aws_errors() -> tuple[type[Exception], ...]:
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError
