"""The values that props accept, in ECS's own terms. ``Cause`` comes from the handler."""

from enum import StrEnum


class TaskStatus(StrEnum):
    """The statuses of an ECS task, in the order in which it passes through them.

    A task need not pass through all of them, and ECS may report one status several times, each
    time with a higher ``version``.

    Source: Amazon ECS task lifecycle,
    <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>.
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


class LaunchType(StrEnum):
    """What a task runs on (``launchType``).

    Source: Amazon ECS launch types and capacity providers,
    <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/capacity-launch-type-comparison.html>.
    """

    EC2 = "EC2"
    """EC2 instances that are registered with the cluster."""

    FARGATE = "FARGATE"
    """AWS Fargate."""

    EXTERNAL = "EXTERNAL"
    """Machines outside AWS that are registered with the cluster (ECS Anywhere)."""

    MANAGED_INSTANCES = "MANAGED_INSTANCES"
    """EC2 instances that ECS manages."""


class StopCode(StrEnum):
    """Who or what stopped a task, as ECS itself says (``stopCode``).

    It is coarser than ``Cause``, and may be missing.

    Source: Task in the Amazon ECS API Reference,
    <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html>.
    """

    TASK_FAILED_TO_START = "TaskFailedToStart"
    """The task failed to start."""

    ESSENTIAL_CONTAINER_EXITED = "EssentialContainerExited"
    """An essential container exited, with whatever exit code."""

    USER_INITIATED = "UserInitiated"
    """Somebody or some tool called StopTask."""

    SERVICE_SCHEDULER_INITIATED = "ServiceSchedulerInitiated"
    """The service scheduler stopped it, be it to scale in or for a failed health check."""

    SPOT_INTERRUPTION = "SpotInterruption"
    """Spot capacity was reclaimed."""

    TERMINATION_NOTICE = "TerminationNotice"
    """The task got notice that what it runs on is going to be terminated."""


class EventType(StrEnum):
    """The types of events that ECS sends, named as records name them (``eventType``).

    Source: Amazon ECS events,
    <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html>.
    """

    TASK_STATE_CHANGE = "TASK_STATE_CHANGE"
    """A task has another status, or something else about it has changed."""

    SERVICE_ACTION = "SERVICE_ACTION"
    """A service has reached a steady state, or cannot place, configure or start its tasks."""

    DEPLOYMENT_STATE_CHANGE = "DEPLOYMENT_STATE_CHANGE"
    """A service's deployment or rollback has begun, is complete or has failed."""

    HOOK_STATE_CHANGE = "HOOK_STATE_CHANGE"
    """A lifecycle hook of a service's deployment runs, waits, has succeeded or failed."""

    CONTAINER_INSTANCE_STATE_CHANGE = "CONTAINER_INSTANCE_STATE_CHANGE"
    """A container instance has another status, or its agent was connected or disconnected."""

    CONTAINER_INSTANCE_HEALTH_CHANGE = "CONTAINER_INSTANCE_HEALTH_CHANGE"
    """A container instance is impaired, or is well again."""

    DAEMON_DEPLOYMENT_STATE_CHANGE = "DAEMON_DEPLOYMENT_STATE_CHANGE"
    """A managed daemon's deployment or rollback has begun, is complete or has failed."""

    DAEMON_SERVICE_ACTION = "DAEMON_SERVICE_ACTION"
    """A managed daemon cannot start a task on a container instance."""

    @property
    def detail_type(self) -> str:
        """What EventBridge knows it by."""
        return f"ECS {self.replace('_', ' ').title()}"


class RecordFormat(StrEnum):
    """How much of an event is logged."""

    COMPACT = "COMPACT"
    """What is needed to understand the event: about a quarter of its bytes."""

    FULL = "FULL"
    """The same, and under ``detail`` the whole detail of the event, redacted."""
