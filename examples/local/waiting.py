"""Waits for a condition, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_POLL_SECONDS = 0.01


def wait_for(
    probe: Callable[[], T | None], what: str, timeout: float, poll: float = _POLL_SECONDS
) -> T:
    """Call ``probe`` until it returns something other than None, and return that.

    Args:
        probe: The function to call at short intervals.
        what: The name of the condition, for the error message.
        timeout: The deadline in seconds.
        poll: The seconds between two calls.

    Raises:
        TimeoutError: If the deadline passes.
    """
    deadline = time.monotonic() + timeout
    while (answer := probe()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout:g} seconds for {what}, without success")
        time.sleep(poll)
    return answer
