"""A CDK app with a cluster, a small task, and the logger of the quick start.

``python app.py NAME OUTDIR`` synthesizes it, for an account that need not be bootstrapped.
"""

import sys

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs

from ecs_task_event_logger import EcsTaskEventLogger

_IMAGE = "public.ecr.aws/docker/library/busybox:stable"


def synthesize(name: str, outdir: str) -> None:
    """Synthesize the app.

    Args:
        name: The name of the stack, and of the bucket for its assets.
        outdir: The directory for the assembly.
    """
    app = cdk.App(outdir=outdir, analytics_reporting=False)
    # The default synthesizer needs the roles and the bucket of a bootstrapped account.
    synthesizer = cdk.CliCredentialsStackSynthesizer(file_assets_bucket_name=name)
    stack = cdk.Stack(app, name, synthesizer=synthesizer)
    vpc = _create_vpc(stack)
    cluster = ecs.Cluster(
        stack,
        "Cluster",
        vpc=vpc,
        # Otherwise its log group would stay.
        container_insights_v2=ecs.ContainerInsights.DISABLED,
    )
    log = EcsTaskEventLogger(
        stack, "Log", cluster=cluster, removal_policy=cdk.RemovalPolicy.DESTROY
    )
    notified = sqs.Queue(stack, "Notified")
    log.on_task_stopped("Notify", target=targets.SqsQueue(notified))
    outputs = {
        "ClusterArn": cluster.cluster_arn,
        "TaskDefinitionArn": _create_task_definition(stack, name).task_definition_arn,
        "SubnetIds": cdk.Fn.join(",", [subnet.subnet_id for subnet in vpc.public_subnets]),
        "FunctionName": log.function.function_name,
        "LogGroupName": log.log_group.log_group_name,
        "DeadLetterQueueUrl": log.dead_letter_queue.queue_url,
        "NotifiedQueueUrl": notified.queue_url,
    }
    for key, value in outputs.items():
        cdk.CfnOutput(stack, key, value=value)
    app.synth()


def _create_vpc(stack: cdk.Stack) -> ec2.Vpc:
    """Create a VPC with public subnets only, because NAT gateways cost money by the hour."""
    public = ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC)
    return ec2.Vpc(
        stack,
        "Vpc",
        max_azs=2,
        nat_gateways=0,
        subnet_configuration=[public],
        # CDK restricts it with a function of its own, whose log group would stay.
        restrict_default_security_group=False,
    )


def _create_task_definition(stack: cdk.Stack, family: str) -> ecs.FargateTaskDefinition:
    definition = ecs.FargateTaskDefinition(stack, "Task", family=family)
    definition.add_container(
        "sleeper",
        image=ecs.ContainerImage.from_registry(_IMAGE),
        command=["sleep", "3600"],
        stop_timeout=cdk.Duration.seconds(2),  # sleep ignores SIGTERM
    )
    return definition


if __name__ == "__main__":
    synthesize(*sys.argv[1:])
