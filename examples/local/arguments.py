"""The arguments of the command."""

import argparse
from pathlib import Path

from ecs_task_event_logger import TaskStatus

DEFAULT_EVENTS = Path(__file__).with_name("failing-task.jsonl")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options that the arguments set. Wrong ones end the command."""
    parser = argparse.ArgumentParser(
        prog="run.py",
        description="Play ECS events on an embedded AWS with a deployed EcsTaskEventLogger, and "
        "print the lines that it logs.",
    )
    parser.add_argument(
        "--events",
        metavar="FILE",
        default=str(DEFAULT_EVENTS),
        help="the events to play, or the output of aws ecs describe-tasks: one or more JSON "
        "objects or arrays, or - for standard input (default: the life of a failing task)",
    )
    parser.add_argument(
        "--app",
        metavar="DIR",
        help="a CDK app of yours to deploy instead of the example's: the directory cdk.out that "
        "cdk synth wrote",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the lines as they are, also in a terminal"
    )
    parser.add_argument(
        "--statuses",
        metavar="STATUS",
        nargs="+",
        type=_status,
        help="log only tasks in these statuses, such as RUNNING or STOPPED (default: all)",
    )
    options = parser.parse_args(arguments)
    if options.app and options.statuses:
        parser.error("--statuses is for the example's logger: set statuses in your own app instead")
    return options


def _status(text: str) -> str:
    if text not in list(TaskStatus):
        # Imported here, because it loads CDK.
        from ecs_task_event_logger._common.validation import suggestion

        raise argparse.ArgumentTypeError(
            f"{text!r} is not a task status: write one or more of {', '.join(TaskStatus)}, with "
            f"spaces between them.{suggestion(TaskStatus, text)}"
        )
    return text
