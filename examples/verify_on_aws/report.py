"""Runs the checks, and reports their results in a table."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import WaiterError

from deployment import DeploymentError
from ecs_task_event_logger.redrive import RedriveError

from .checks import CHECKS, LAST, Check, DoesNotHoldError
from .stack import Stack
from .tasks import TaskError, Tasks

_COLUMNS = 100
_DOES_NOT_HOLD = (
    DeploymentError,
    DoesNotHoldError,
    RedriveError,
    TaskError,
    TimeoutError,
    WaiterError,
)


class Outcome(StrEnum):
    """What became of a check."""

    HELD = "held"
    DID_NOT_HOLD = "DID NOT HOLD"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Result:
    """A check, its outcome, and what it saw."""

    check: Check
    outcome: Outcome
    detail: str

    def __str__(self) -> str:
        """Return the line in the table."""
        detail = self.detail.replace("\n", " ")
        line = f"{self.outcome:<14}{self.check.assumption:<42}{detail}"
        return line if len(line) <= _COLUMNS else f"{line[: _COLUMNS - 2]} …"


def run_checks(stack: Stack, tasks: Tasks) -> list[Result]:
    """Run the checks. At the end, delete everything, also after an error or Ctrl-C."""
    results: list[Result] = []
    try:
        for check in CHECKS:
            held = {result.check.run for result in results if result.outcome is Outcome.HELD}
            if check.needs is None or check.needs in held:
                results.append(_run(check, stack, tasks))
            else:
                results.append(
                    Result(check, Outcome.NOT_CHECKED, "needs a check that did not hold")
                )
    finally:
        results.append(_run(LAST, stack, tasks))
    return results


def _run(check: Check, stack: Stack, tasks: Tasks) -> Result:
    print(f"{check.assumption} …", file=sys.stderr)
    try:
        result = Result(check, Outcome.HELD, check.run(stack, tasks))
    except _DOES_NOT_HOLD as error:
        result = Result(check, Outcome.DID_NOT_HOLD, str(error))
    except Exception as error:  # AWS refused a request, or the check itself is wrong
        result = Result(check, Outcome.NOT_CHECKED, f"{type(error).__name__}: {error}")
    print(f"    {result.outcome}: {result.detail}", file=sys.stderr)
    return result


def print_table(results: Sequence[Result]) -> None:
    """Print a line for each result, and then what to report."""
    print("", *results, "", sep="\n")
    if exit_code(results) == 0:
        print("Everything held.")
        return
    print("Please report this table. The details that do not fit into it:")
    for result in results:
        if result.outcome is not Outcome.HELD and result.detail not in str(result):
            print(f"\n{result.check.assumption}: {result.detail}")


def exit_code(results: Sequence[Result]) -> int:
    """Return 0 if everything held, 1 if something did not, or else 2."""
    outcomes = {result.outcome for result in results}
    if Outcome.DID_NOT_HOLD in outcomes:
        return 1
    return 2 if Outcome.NOT_CHECKED in outcomes else 0
