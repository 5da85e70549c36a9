"""The examples in Markdown files and docstrings, run in a stack."""

import ast
import inspect
import re
from typing import Any
from unittest.mock import ANY

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_sns as sns

import ecs_task_event_logger


def blocks(text: str) -> list[str]:
    """Return the blocks of Python in a Markdown text, which may be indented as a whole."""
    return re.findall(r"^```python\n(.*?)^```", inspect.cleandoc(text), re.MULTILINE | re.DOTALL)


def imports(text: str) -> str:
    """Return the imports that a page asks its readers to write above its examples."""
    return "".join(block for block in blocks(text) if _only_imports(block))


def _only_imports(block: str) -> bool:
    return all(isinstance(each, ast.Import | ast.ImportFrom) for each in ast.parse(block).body)


# What the examples in docstrings use: they show no imports.
ALL_IMPORTS = """
import aws_cdk as cdk
import jsii
from aws_cdk import Duration, SecretValue
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from ecs_task_event_logger import *
"""


class Example(cdk.Stack):
    """A stack in which an example runs, with the names that the pages explain."""

    def __init__(self, block: str, imports: str = ALL_IMPORTS) -> None:
        super().__init__(cdk.App(), "Example")
        cluster, batch = (
            ecs.Cluster.from_cluster_arn(
                self, name, f"arn:aws:ecs:eu-west-1:111122223333:cluster/{name}"
            )
            for name in ("shop", "batch")
        )
        names: dict[str, Any] = {
            "self": self,
            "cluster": cluster,
            "batch": batch,
            "topic": sns.Topic(self, "Topic"),
            "dashboard": cloudwatch.Dashboard(self, "OwnDashboard"),
        }
        exec(imports, names)
        # Some examples create their own logger.
        if not re.search(r"(Logger|Forwarder)[.(]", block):
            # Some are about other events than those of tasks.
            is_about_others = "event_type" in block or "agent" in block
            names["log"] = ecs_task_event_logger.EcsTaskEventLogger(
                self,
                "Log",
                cluster=cluster,
                event_types=list(ecs_task_event_logger.EventType) if is_about_others else None,
            )
        if "service" in block:
            names["service"] = self._service()
        exec(block, names)
        self.names = names
        for name, each in list(names.items()):
            if name.startswith("test_"):
                each(snapshot=ANY)

    def _service(self) -> ecs.FargateService:
        vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=["eu-west-1a"],
            private_subnet_ids=["subnet-1"],
        )
        cluster = ecs.Cluster.from_cluster_attributes(self, "Of", cluster_name="shop", vpc=vpc)
        task = ecs.FargateTaskDefinition(self, "Task")
        task.add_container("app", image=ecs.ContainerImage.from_registry("shop/web"))
        return ecs.FargateService(self, "Web", cluster=cluster, task_definition=task)
