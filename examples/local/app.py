"""A CDK app that logs the task events of one or more clusters."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs

from ecs_task_event_logger import EcsTaskEventLogger, TaskStatus


def synthesize(
    stack_name: str,
    cluster_arns: Sequence[str],
    statuses: Sequence[TaskStatus | str] | None,
    container_log_groups: Sequence[str] | None,
    outdir: str,
) -> None:
    """Synthesize the app.

    Args:
        stack_name: The name of its stack.
        cluster_arns: The clusters to log, at least one. All share a log group.
        statuses: The task statuses to log, or None for all.
        container_log_groups: The log groups of the containers, or None to read none.
        outdir: The directory for the assembly.
    """
    app = cdk.App(outdir=outdir, analytics_reporting=False)
    stack = cdk.Stack(app, stack_name)
    first, *others = (
        ecs.Cluster.from_cluster_arn(stack, f"Cluster{number}", arn)
        for number, arn in enumerate(cluster_arns, 1)
    )
    log = EcsTaskEventLogger(
        stack,
        "Log",
        cluster=first,
        statuses=statuses,
        container_log_groups=container_log_groups,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    for other in others:
        log.add_cluster(other)
    app.synth()
