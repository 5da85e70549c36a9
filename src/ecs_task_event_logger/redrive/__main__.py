"""The command line: ``python -m ecs_task_event_logger.redrive``."""

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence

from . import RedriveError, redrive

_QUEUE_ARN = re.compile(r"arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w-]+")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code.

    Returns:
        0 if the queue is empty, 1 if messages are left in it, 2 if it cannot run or finish, 3 if
        events are left that are too old to be logged.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.queue_profile and not options.queue:
        parser.error("--queue-profile is for the queue that --queue names: add --queue ARN")
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError, NoRegionError
    except ImportError:
        parser.error("boto3 is not installed: pip install boto3")
    region = options.region or _region_of(options.function) or os.environ.get("AWS_REGION")
    try:
        session = boto3.Session(profile_name=options.profile, region_name=region)
        queue_session = options.queue and boto3.Session(
            profile_name=options.queue_profile or options.profile,
            region_name=_region_of(options.queue),
        )
        result = redrive(
            session,
            options.function,
            queue_arn=options.queue,
            queue_session=queue_session,
            discard=_show_discarded if options.discard else None,
        )
    except NoRegionError:
        parser.error("--region is missing: name the AWS region of the function, or give its ARN")
    except (BotoCoreError, ClientError, OSError, RedriveError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    print(result)
    for message_id, reason in result.left.items():
        print(f"left {message_id}: {reason}", file=sys.stderr)
    if result.too_old:
        return 3
    return 0 if result.is_all_done else 1


def _show_discarded(body: str) -> None:
    """Show a message before it is deleted, in one line and without control characters."""
    print(f"discarded {json.dumps(body)}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ecs_task_event_logger.redrive",
        description="Send the events in a logger's dead-letter queue to its function again.",
        epilog="Exit codes: 0 the queue is empty, 1 messages are left in it, 2 the command cannot "
        "run or finish, 3 events are left that are too old to be logged.",
    )
    parser.add_argument("function", help="the name or ARN of the logger's function")
    parser.add_argument("--profile", help="the AWS CLI profile to use")
    parser.add_argument(
        "--region",
        help="the AWS region of the function, if neither its ARN nor your configuration names it",
    )
    parser.add_argument(
        "--queue",
        metavar="ARN",
        type=_queue_arn,
        help="take the events from this queue of a forwarder, not from the function's own",
    )
    parser.add_argument(
        "--queue-profile", metavar="PROFILE", help="the profile for that queue (default: --profile)"
    )
    parser.add_argument(
        "--discard",
        action="store_true",
        help="show and delete the messages that hold no ECS event; by default they stay",
    )
    return parser


def _queue_arn(value: str) -> str:
    """Return the value of an option if it is the ARN of a queue."""
    if not _QUEUE_ARN.fullmatch(value):
        raise argparse.ArgumentTypeError(
            f"{value!r} is not the ARN of a queue: write arn:aws:sqs:REGION:ACCOUNT:NAME"
        )
    return value


def _region_of(resource: str) -> str | None:
    """Return the region in an ARN, or None for a name."""
    parts = resource.split(":")
    return parts[3] if parts[0] == "arn" and len(parts) > 3 else None


if __name__ == "__main__":
    sys.exit(main())
