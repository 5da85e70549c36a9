"""Waiting for a condition, with a deadline, as everything in the cloud must be waited for."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_POLL_SECONDS = 0.01


def wait_for(probe: Callable[[], T | None], what: str, timeout: float) -> T:
    """Return what ``probe`` returns, as soon as that is anything but ``None``.

    Args:
        probe: Asked again and again, at short intervals.
        what: What is waited for, for the error's sake.
        timeout: The deadline in seconds.

    Raises:
        TimeoutError: If the deadline passes.
    """
    deadline = time.monotonic() + timeout
    while (answer := probe()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout:g} seconds in vain for {what}")
        time.sleep(_POLL_SECONDS)
    return answer
