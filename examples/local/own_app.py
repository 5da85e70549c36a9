"""Deploys a CDK app of your own, and finds the loggers in it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

from botocore.exceptions import ClientError

from deployment import DeploymentError
from emulator import EmbeddedAws
from playback import Player

_HANDLER = "task_events.main.handler"


class OwnAppError(RuntimeError):
    """The directory holds no synthesized app, or the app has no logger to send events to."""


@dataclass(frozen=True)
class OwnStack:
    """A synthesized stack.

    Attributes:
        id: Its ID in the manifest.
        name: Its name.
        template: The path of its template.
        environment: Its account and region, such as ``aws://unknown-account/eu-west-1``.
        dependencies: The IDs of what it depends on.
    """

    id: str
    name: str
    template: Path
    environment: str
    dependencies: tuple[str, ...]

    @property
    def has_logger(self) -> bool:
        """Whether its template, or that of a nested stack, has the function of a logger."""
        nested = self.template.parent.glob(f"{self.id}*.nested.template.json")
        return any(_HANDLER in file.read_text() for file in (self.template, *nested))


def read_app(directory: Path) -> list[OwnStack]:
    """Return the stacks that ``cdk synth`` wrote to a directory, each after its dependencies.

    Raises:
        OwnAppError: If there is no synthesized app.
    """
    if not (directory / "manifest.json").is_file():
        raise OwnAppError(
            f"{directory} has no manifest.json, so it is not the output of cdk synth. Run cdk "
            "synth in the folder of your app, and name the cdk.out that it writes."
        )
    stacks = {stack.id: stack for stack in _stacks(directory)}
    order = TopologicalSorter({each.id: each.dependencies for each in stacks.values()})
    return [stacks[id] for id in order.static_order() if id in stacks]


def _stacks(directory: Path) -> Iterator[OwnStack]:
    for id, artifact in json.loads((directory / "manifest.json").read_text())["artifacts"].items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "cdk:cloud-assembly":
            yield from _stacks(directory / properties["directoryName"])
        if artifact["type"] == "aws:cloudformation:stack":
            yield OwnStack(
                id=id,
                name=properties.get("stackName", id),
                template=directory / properties["templateFile"],
                environment=artifact["environment"],
                dependencies=tuple(artifact.get("dependencies", ())),
            )


def deploy_app(aws: EmbeddedAws, stacks: list[OwnStack]) -> Player:
    """Deploy the stacks that loggers need, and return the player for these loggers.

    Raises:
        OwnAppError: If there is no logger, or if there are some in several accounts or regions.
    """
    places = dict.fromkeys(_deploy(aws, stack) for stack in _needed(stacks))
    players = [
        Player(place, rules, has_filters=True) for place in places if (rules := _rules(place))
    ]
    if len(players) == 1:
        return players[0]
    where = ", ".join(f"{each.aws.account}/{each.aws.region}" for each in players)
    raise OwnAppError(
        f"the app has loggers in several accounts or regions: {where}. Synthesize one of them."
        if players
        else "no EcsTaskEventLogger in the stacks "
        f"{', '.join(stack.name for stack in stacks)} has a rule on the default event bus. Add one."
    )


def _needed(stacks: list[OwnStack]) -> list[OwnStack]:
    """Return the stacks with loggers and those that they depend on.

    The embedded AWS may lack types of resources that other stacks have.
    """
    needed = {stack.id for stack in stacks if stack.has_logger}
    for stack in reversed(stacks):
        if stack.id in needed:
            needed.update(stack.dependencies)
    return [stack for stack in stacks if stack.id in needed]


def _deploy(aws: EmbeddedAws, stack: OwnStack) -> EmbeddedAws:
    """Deploy a stack, and return the embedded AWS for its account and region."""
    account, region = stack.environment.removeprefix("aws://").split("/")
    place = aws.for_environment(
        aws.account if account == "unknown-account" else account,
        aws.region if region == "unknown-region" else region,
    )
    try:
        place.deploy(stack.template.parent, stack.name, stack.template.name)
    except (ClientError, DeploymentError) as error:
        raise OwnAppError(
            f"the embedded AWS cannot deploy the stack {stack.name}: {error}. Synthesize the "
            "logger in a stack without this resource."
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
