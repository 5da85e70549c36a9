"""What to listen to: from the words of ECS to an EventBridge event pattern."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events

from .vocabulary import checked_members


class TaskStatus(StrEnum):
    """The statuses of an ECS task, in the order in which it passes through them.

    A task need not pass through all of them, and ECS may report one status several times, each
    time with a higher ``version``.

    Source: `Amazon ECS task lifecycle
    <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>`_.
    """

    PROVISIONING = "PROVISIONING"
    """ECS prepares what the task needs before its launch, such as a network interface."""

    PENDING = "PENDING"
    """ECS waits for the container agent to start the task's containers."""

    ACTIVATING = "ACTIVATING"
    """Containers run; ECS finishes what follows a launch, such as target group registration."""

    RUNNING = "RUNNING"
    """The task runs."""

    DEACTIVATING = "DEACTIVATING"
    """ECS undoes what must be undone before the stop, such as target group registration."""

    STOPPING = "STOPPING"
    """ECS waits for the container agent to stop the task's containers."""

    DEPROVISIONING = "DEPROVISIONING"
    """Containers have stopped; ECS releases what the task used, such as a network interface."""

    STOPPED = "STOPPED"
    """The task has stopped for good, and its event says why."""

    DELETED = "DELETED"
    """ECS's own transition after the stop, listed by AWS; no event with it has been seen."""


def task_pattern(
    cluster: ecs.ICluster, statuses: Sequence[TaskStatus | str] | None
) -> events.EventPattern:
    """Return the pattern of a cluster's task state changes, in these statuses or in any."""
    if not hasattr(cluster, "cluster_arn"):
        raise TypeError(
            f"cluster must be an ecs.ICluster, got {cluster!r}. For a cluster that exists already "
            "use ecs.Cluster.from_cluster_arn or ecs.Cluster.from_cluster_attributes."
        )
    detail: dict[str, Any] = {"clusterArn": [cluster.cluster_arn]}
    if statuses is not None:
        detail["lastStatus"] = checked_members("statuses", statuses, TaskStatus)
    return events.EventPattern(
        source=["aws.ecs"], detail_type=["ECS Task State Change"], detail=detail
    )
