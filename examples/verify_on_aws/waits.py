"""Waits for AWS: with a message, a deadline, and intervals that do not lead to throttling."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from waiting import wait_for

T = TypeVar("T")

_POLL_SECONDS = 3.0


def wait_until(probe: Callable[[], T | None], what: str, minutes: int = 5) -> T:
    """Call ``probe`` until it returns something other than None, and return that.

    Raises:
        TimeoutError: If the deadline passes.
    """
    _announce(what, minutes)
    return wait_for(probe, what, minutes * 60, _POLL_SECONDS)


def wait_with(client: Any, waiter: str, minutes: int = 5, **request: Any) -> None:
    """Wait with a waiter of botocore, such as ``tasks_stopped``.

    Raises:
        botocore.exceptions.WaiterError: If the wait fails, or the deadline passes.
    """
    _announce(waiter, minutes)
    attempts = int(minutes * 60 / _POLL_SECONDS)
    limits = {"Delay": _POLL_SECONDS, "MaxAttempts": attempts}
    client.get_waiter(waiter).wait(**request, WaiterConfig=limits)


def _announce(what: str, minutes: int) -> None:
    print(f"    waiting for {what}, at most {minutes} minutes", file=sys.stderr)
