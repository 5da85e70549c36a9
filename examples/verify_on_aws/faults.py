"""Faults of the function. Each is repaired at the end of its context."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .stack import Stack


@contextmanager
def broken_function(stack: Stack) -> Iterator[None]:
    """Let the function fail on every event. Lambda no longer retries it, which saves minutes."""
    client, name = _function(stack)
    handler = client.get_function_configuration(FunctionName=name)["Handler"]
    _disable_retries(client, name)
    try:
        _set_handler(client, name, f"{handler}_is_missing")
        yield
    finally:
        _set_handler(client, name, handler)


@contextmanager
def missing_permissions(stack: Stack) -> Iterator[None]:
    """Take from EventBridge the permission to invoke the function."""
    client, name = _function(stack)
    statements = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"]
    for statement in statements:
        client.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    try:
        yield
    finally:
        for statement in statements:
            client.add_permission(
                FunctionName=name,
                StatementId=statement["Sid"],
                Action=statement["Action"],
                Principal=statement["Principal"]["Service"],
                SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
            )


def _function(stack: Stack) -> tuple[Any, str]:
    return stack.session.client("lambda"), stack.outputs["FunctionName"]


def _disable_retries(client: Any, name: str) -> None:
    function = {"FunctionName": name, "Qualifier": "$LATEST"}
    destinations = client.get_function_event_invoke_config(**function)["DestinationConfig"]
    client.put_function_event_invoke_config(
        **function,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnSuccess": destinations["OnSuccess"]},
    )


def _set_handler(client: Any, name: str, handler: str) -> None:
    client.update_function_configuration(FunctionName=name, Handler=handler)
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
