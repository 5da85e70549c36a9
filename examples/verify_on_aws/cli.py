"""The command line: says what it will do, asks, runs the checks, and prints the table."""

import argparse
import secrets
import sys
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from .report import exit_code, print_table, run_checks
from .stack import Stack
from .tasks import Tasks

_PLAN = """\
This command works in account {Account}, region {region}, as {Arn}.

It creates a stack and a bucket with the name {name}.
The stack has a VPC without NAT gateways, an ECS cluster, a logger and a queue for notifications.
Three of the smallest tasks run on Fargate for some minutes.

It needs room for one more VPC. It takes about 15 minutes, and costs less than 10 cents. At the end
it deletes everything. ECS keeps the task definition {name} as inactive, which is free. If you kill
the command, or if its last check does not hold, delete the stack and the bucket yourself:

    aws cloudformation delete-stack --stack-name {name}
    aws s3 rb --force s3://{name}
"""


def main(arguments: list[str], session: Any = None, tasks_class: type[Tasks] = Tasks) -> int:
    """Run the checks, and return the exit code.

    Args:
        arguments: The arguments of the command.
        session: A ``boto3.Session``. By default, the one that the arguments describe.
        tasks_class: The class that runs the tasks.
    """
    options = _parse(arguments)
    name = f"verify-task-events-{secrets.token_hex(4)}"
    try:
        session = session or boto3.Session(profile_name=options.profile, region_name=options.region)
        stack = Stack(session, name)
        tasks = tasks_class(stack)
        _print_plan(session, name)
    except (BotoCoreError, ClientError) as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 2
    if not (options.yes or _agrees()):
        print("Nothing was created.")
        return 2
    results = run_checks(stack, tasks)
    print_table(results)
    return exit_code(results)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="run.py",
        description="Verify the logger in your AWS account: deploy it, stop tasks, check what "
        "arrives where, print a table, and delete everything again. "
        "You need permission to create all of this, such as AdministratorAccess.",
        epilog="The exit code is 0 if everything held, 1 if something did not, and 2 if something "
        "could not be checked, for example because AWS refused a request.",
    )
    parser.add_argument("--profile", help="the AWS CLI profile to use")
    parser.add_argument("--region", help="the AWS region (default: the one of your configuration)")
    parser.add_argument("--yes", action="store_true", help="do not ask before creating anything")
    return parser.parse_args(arguments)


def _print_plan(session: Any, name: str) -> None:
    identity = session.client("sts").get_caller_identity()
    region = session.client("ecs").meta.region_name
    print(_PLAN.format(**identity, region=region, name=name))


def _agrees() -> bool:
    try:
        return input("Continue? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
