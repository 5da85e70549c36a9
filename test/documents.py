"""The examples in Markdown files and docstrings, run in a stack."""

import inspect
import re
from unittest.mock import ANY

import aws_cdk as cdk
import jsii
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns

import ecs_task_event_logger


def blocks(text: str) -> list[str]:
    """Return the blocks of Python in a Markdown text, which may be indented as a whole."""
    return re.findall(r"^```python\n(.*?)^```", inspect.cleandoc(text), re.MULTILINE | re.DOTALL)


class Example(cdk.Stack):
    """A stack with the names that examples use."""

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
            "cdk": cdk,
            "Duration": cdk.Duration,
            "SecretValue": cdk.SecretValue,
            "cloudwatch": cloudwatch,
            "iam": iam,
            "ecs": ecs,
            "jsii": jsii,
            "lambda_": lambda_,
            "events": events,
            "actions": actions,
            "logs": logs,
            "targets": targets,
            "self": self,
            "cluster": cluster,
            "batch": batch,
            "topic": sns.Topic(self, "Topic"),
            "dashboard": cloudwatch.Dashboard(self, "OwnDashboard"),
        }
        # Some examples create their own logger.
        if "Logger(" not in block and "Forwarder(" not in block:
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
