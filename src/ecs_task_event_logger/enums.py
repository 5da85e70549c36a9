"""The values that props accept, in ECS's own terms. ``Cause`` comes from the handler."""

from enum import StrEnum


class TaskStatus(StrEnum):
    """The statuses of an ECS task, in order.

    A task may skip some of them. ECS may report one status several times, each time with a higher
    ``version``.

    Source: Amazon ECS task lifecycle,
    <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>.
    """

    PROVISIONING = "PROVISIONING"
    """ECS prepares the task's resources before its launch, such as a network interface."""

    PENDING = "PENDING"
    """ECS waits for the container agent to start the task's containers."""

    ACTIVATING = "ACTIVATING"
    """Containers run; ECS takes the last launch steps, such as target group registration."""

    RUNNING = "RUNNING"
    """The task runs."""

    DEACTIVATING = "DEACTIVATING"
    """ECS undoes its launch steps before the stop, such as target group registration."""

    STOPPING = "STOPPING"
    """ECS waits for the container agent to stop the task's containers."""

    DEPROVISIONING = "DEPROVISIONING"
    """Containers have stopped; ECS releases the task's resources, such as a network interface."""

    STOPPED = "STOPPED"
    """The task has stopped, and its event says why."""

    DELETED = "DELETED"
    """A transition after the stop, in AWS's list. No event with it is known."""


class LaunchType(StrEnum):
    """The infrastructure of a task (``launchType``).

    Source: Amazon ECS launch types and capacity providers,
    <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/capacity-launch-type-comparison.html>.
    """

    EC2 = "EC2"
    """EC2 instances, registered with the cluster."""

    FARGATE = "FARGATE"
    """AWS Fargate."""

    EXTERNAL = "EXTERNAL"
    """Machines outside AWS, registered with the cluster (ECS Anywhere)."""

    MANAGED_INSTANCES = "MANAGED_INSTANCES"
    """EC2 instances that ECS manages."""


class StopCode(StrEnum):
    """ECS's own code for the stop of a task (``stopCode``).

    It says less than ``Cause``, and may be missing.

    Source: Task in the Amazon ECS API Reference,
    <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html>.
    """

    TASK_FAILED_TO_START = "TaskFailedToStart"
    """The task failed to start."""

    ESSENTIAL_CONTAINER_EXITED = "EssentialContainerExited"
    """An essential container exited, with any exit code."""

    USER_INITIATED = "UserInitiated"
    """A person or a tool called StopTask."""

    SERVICE_SCHEDULER_INITIATED = "ServiceSchedulerInitiated"
    """The service scheduler stopped it, for example to scale in or for a failed health check."""

    SPOT_INTERRUPTION = "SpotInterruption"
    """Spot capacity was reclaimed."""

    INFRASTRUCTURE_HEALTH = "InfrastructureHealth"
    """ECS found the task's managed instance impaired, and replaces it."""

    TERMINATION_NOTICE = "TerminationNotice"
    """ECS announced that the task's infrastructure will be terminated."""


class EventType(StrEnum):
    """The types of ECS events, by the names that props take.

    Source: Amazon ECS events,
    <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html>.
    """

    TASK_STATE_CHANGE = "TASK_STATE_CHANGE"
    """A task's status or another property of it changed."""

    SERVICE_ACTION = "SERVICE_ACTION"
    """A service reached a steady state, or cannot place, configure or start its tasks."""

    DEPLOYMENT_STATE_CHANGE = "DEPLOYMENT_STATE_CHANGE"
    """A service's deployment or rollback began, completed or failed."""

    HOOK_STATE_CHANGE = "HOOK_STATE_CHANGE"
    """A lifecycle hook of a service's deployment runs, waits, succeeded or failed."""

    CONTAINER_INSTANCE_STATE_CHANGE = "CONTAINER_INSTANCE_STATE_CHANGE"
    """A container instance's status changed, or its agent connected or disconnected."""

    CONTAINER_INSTANCE_HEALTH_CHANGE = "CONTAINER_INSTANCE_HEALTH_CHANGE"
    """A container instance became impaired or healthy."""

    DAEMON_DEPLOYMENT_STATE_CHANGE = "DAEMON_DEPLOYMENT_STATE_CHANGE"
    """A managed daemon's deployment or rollback began, completed or failed."""

    DAEMON_SERVICE_ACTION = "DAEMON_SERVICE_ACTION"
    """A managed daemon cannot start a task on a container instance."""

    RUN_TASK_FAILURE = "RUN_TASK_FAILURE"
    """A call of RunTask or StartTask made no task, or fewer than it asked for.

    ECS sends no event about these. CloudTrail does, if a trail logs management events in the
    cluster's account and region: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>.
    """

    @property
    def detail_type(self) -> str:
        """EventBridge's own name of the type (``detail-type``)."""
        if self is EventType.RUN_TASK_FAILURE:
            return "AWS API Call via CloudTrail"
        return f"ECS {self.replace('_', ' ').title()}"


class RecordFormat(StrEnum):
    """How much of an event is logged."""

    COMPACT = "COMPACT"
    """Everything that is needed to understand the event, in about a quarter of its bytes."""

    FULL = "FULL"
    """The same, and the whole detail of the event under ``detail``, redacted."""
