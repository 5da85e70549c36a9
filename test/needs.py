"""What some tests need, and what to do if it is missing."""

import os

import pytest


def needs(what: str, command: str, is_there: bool, in_ci: bool = True) -> pytest.MarkDecorator:
    """Skip a test until what it needs is installed.

    Args:
        what: What the test needs.
        command: The command that installs it.
        is_there: Whether it is installed.
        in_ci: Whether CI installs it. There, the test then fails without it.
    """
    is_required = in_ci and "CI" in os.environ
    return pytest.mark.skipif(not is_there and not is_required, reason=f"needs {what}: {command}")
