"""Deploys a CDK app of your own, and finds the loggers in it."""

from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from deployment import DeploymentError
from emulator import EmbeddedAws
from playback import Player

_HANDLER = "task_events.main.handler"


class OwnAppError(RuntimeError):
    """The directory holds no synthesized app, or the app has no logger to send events to."""


def read_app(directory: str) -> Any:
    """Return the cloud assembly in a directory.

    Raises:
        OwnAppError: If there is none.
    """
    if not (Path(directory) / "manifest.json").is_file():
        raise OwnAppError(
            f"{directory} has no manifest.json, so it is not the output of cdk synth. Run cdk "
            "synth in the folder of your app, and name the cdk.out that it writes."
        )
    # Imported here, because it takes a second. Meanwhile the emulator starts. jsii looks for the
    # types of arguments in the first module.
    from aws_cdk import cx_api

    try:
        return cx_api.CloudAssembly(str(Path(directory).absolute()))
    except RuntimeError as error:  # from jsii
        raise OwnAppError(f"{directory} cannot be read: {error}") from error


def deploy_app(aws: EmbeddedAws, assembly: Any) -> Player:
    """Deploy the stacks that loggers need, and return the player for these loggers.

    Raises:
        OwnAppError: If there is no logger, or if there are some in several accounts or regions.
    """
    places = dict.fromkeys(_deploy_stack(aws, stack) for stack in _stacks(assembly))
    players = [
        Player(place, rules, has_filters=True) for place in places if (rules := _rules(place))
    ]
    if len(players) == 1:
        return players[0]
    where = ", ".join(f"{each.aws.account}/{each.aws.region}" for each in players)
    raise OwnAppError(
        f"the app has loggers in several accounts or regions: {where}. Synthesize one of them."
        if players
        else "the app has no EcsTaskEventLogger with a rule on the default event bus"
    )


def _stacks(assembly: Any) -> list[Any]:
    """Return the stacks with loggers and those that they depend on, these first.

    The embedded AWS may lack types of resources that other stacks have.
    """
    stacks = list(assembly.stacks_recursively)
    needed = {
        stack.id for stack in stacks if _HANDLER in Path(stack.template_full_path).read_text()
    }
    for stack in reversed(stacks):
        if stack.id in needed:
            needed |= {each.id for each in stack.dependencies}
    return [stack for stack in stacks if stack.id in needed]


def _deploy_stack(aws: EmbeddedAws, stack: Any) -> EmbeddedAws:
    """Deploy a stack, and return the embedded AWS for its account and region."""
    environment = stack.environment
    place = aws.for_environment(
        aws.account if environment.account == "unknown-account" else environment.account,
        aws.region if environment.region == "unknown-region" else environment.region,
    )
    template = Path(stack.template_full_path)
    try:
        place.deploy(template.parent, stack.stack_name, template.name)
    except (ClientError, DeploymentError) as error:
        raise OwnAppError(
            f"the embedded AWS cannot deploy the stack {stack.stack_name}: {error}. Synthesize the "
            "logger in a stack that needs no such resource."
        ) from error
    return place


def _rules(aws: EmbeddedAws) -> dict[str, list[str]]:
    """Return the rules on the default bus that lead to loggers, by log group."""
    events = aws.client("events")
    rules = {
        each["LoggingConfig"]["LogGroup"]: events.list_rule_names_by_target(
            TargetArn=each["FunctionArn"]
        )["RuleNames"]
        for each in aws.client("lambda").list_functions()["Functions"]
        if each["Handler"] == _HANDLER
    }
    return {log_group: names for log_group, names in rules.items() if names}
