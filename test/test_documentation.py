"""What the documentation shows: it runs."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

import ecs_task_event_logger
from ecs_events import ROOT

DOCUMENTS = ["README.md", *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*.md"))]


def blocks(text: str) -> list[str]:
    """Return the blocks of Python in a Markdown text, which may be indented as a whole."""
    return re.findall(r"^```python\n(.*?)^```", inspect.cleandoc(text), re.MULTILINE | re.DOTALL)


def examples() -> Iterator[Any]:
    for name in DOCUMENTS:
        for number, block in enumerate(blocks((ROOT / name).read_text()), 1):
            yield pytest.param(block, id=f"{name} {number}")
    for name, text in docstrings().items():
        for number, block in enumerate(blocks(text), 1):
            yield pytest.param(block, id=f"{name} {number}")


def docstrings() -> dict[str, str]:
    """Return the docstrings of the public classes and their methods, by their names."""
    public = [getattr(ecs_task_event_logger, name) for name in ecs_task_event_logger.__all__]
    return {
        getattr(each, "__qualname__", ""): inspect.getdoc(each) or ""
        for one in public
        for each in (one, *(each for each in vars(one).values() if inspect.isfunction(each)))
    }


class Example(cdk.Stack):
    """A stack with what examples take for granted."""

    def __init__(self, block: str) -> None:
        super().__init__(cdk.App(), "Example")
        cluster, batch = (
            ecs.Cluster.from_cluster_arn(
                self, name, f"arn:aws:ecs:eu-west-1:111122223333:cluster/{name}"
            )
            for name in ("shop", "batch")
        )
        names = {
            **{
                name: getattr(ecs_task_event_logger, name) for name in ecs_task_event_logger.__all__
            },
            "cloudwatch": cloudwatch,
            "events": events,
            "targets": targets,
            "self": self,
            "cluster": cluster,
            "batch": batch,
            "topic": sns.Topic(self, "Topic"),
            "dashboard": cloudwatch.Dashboard(self, "OwnDashboard"),
            "webhook": self._webhook(),
        }
        # Where an example makes its logger itself, that takes the place of this one.
        if "Logger(" not in block and "Forwarder(" not in block:
            names["log"] = ecs_task_event_logger.EcsTaskEventLogger(self, "Log", cluster=cluster)
        exec(block, names)

    def _webhook(self) -> events.ApiDestination:
        connection = events.Connection(
            self,
            "Connection",
            authorization=events.Authorization.api_key(
                "key", cdk.SecretValue.unsafe_plain_text("none")
            ),
        )
        return events.ApiDestination(
            self, "Webhook", connection=connection, endpoint="https://example.com/hook"
        )


@pytest.mark.parametrize("block", list(examples()))
def test_every_example_in_python_runs_as_it_stands(block: str) -> None:
    Template.from_stack(Example(block))


def test_there_are_examples() -> None:
    ids = [parameters.id for parameters in examples()]
    assert sum(name.startswith("README.md") for name in ids) > 8
    assert "EcsTaskEventLogger 1" in ids
    assert "EcsTaskEventLogger.metric_failures 1" in ids
