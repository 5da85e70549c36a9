"""The vocabulary: why a task stopped."""

from enum import StrEnum


class Cause(StrEnum):
    """Why a task stopped, according to the evidence in its event alone."""

    failed: bool
    """Whether a task that stops for this cause has failed.

    A task that stops for SPOT_INTERRUPTION, HOST_FAILURE or MAINTENANCE has not if it belongs to a
    service, which replaces it, or if its work was done.
    """

    phrase: str
    """The cause in plain words."""

    def __new__(cls, value: str, failed: bool, phrase: str) -> "Cause":
        """Make a member that is equal to its name."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.failed = failed
        member.phrase = phrase
        return member

    # Enum's own method is written in Python, and slow.
    __hash__ = str.__hash__

    IMAGE_PULL = "IMAGE_PULL", True, "image pull failed"
    """The image or its manifest could not be pulled."""

    SECRETS = "SECRETS", True, "secrets could not be fetched"
    """A secret, a parameter or an environment file could not be fetched."""

    LOG_DRIVER = "LOG_DRIVER", True, "log driver could not be set up"
    """The log driver, its log group or its configuration could not be set up."""

    STORAGE = "STORAGE", True, "volume could not be mounted"
    """A volume (EFS, EBS, bind mount, …) could not be mounted or attached."""

    NETWORK = "NETWORK", True, "network could not be set up"
    """The network interface or networking could not be set up, or an endpoint not be reached."""

    RESOURCE_INITIALIZATION = "RESOURCE_INITIALIZATION", True, "initialization failed"
    """Something else that the task needs could not be initialized."""

    CONTAINER_START = "CONTAINER_START", True, "start failed"
    """A container could not be created or started: command, format, permission, configuration."""

    OUT_OF_MEMORY = "OUT_OF_MEMORY", True, "out of memory"
    """Killed for its use of memory, also while starting."""

    OUT_OF_DISK = "OUT_OF_DISK", True, "out of disk space"
    """No space was left."""

    CONTAINER_HEALTH_CHECK = "CONTAINER_HEALTH_CHECK", True, "health check failed"
    """The container's own health check failed."""

    LOAD_BALANCER_HEALTH_CHECK = (
        "LOAD_BALANCER_HEALTH_CHECK",
        True,
        "load balancer health check failed",
    )
    """A target group's health check failed."""

    APPLICATION_ERROR = "APPLICATION_ERROR", True, "application error"
    """An essential container exited by itself, and not with 0."""

    SIGNAL = "SIGNAL", True, "killed by a signal"
    """A signal or a Windows exception ended an essential container. The event does not say why."""

    DEPENDENCY_FAILED = "DEPENDENCY_FAILED", True, "dependency failed"
    """A container that another depends on did not reach its condition."""

    TIMEOUT = "TIMEOUT", True, "timed out"
    """The container runtime, the agent or the time limit of a job ran out."""

    INTERNAL_ERROR = "INTERNAL_ERROR", True, "internal error of ECS"
    """ECS or Fargate reports an error of its own."""

    CAPACITY = "CAPACITY", True, "no capacity"
    """There was no capacity to place or start it."""

    REQUEST_REFUSED = "REQUEST_REFUSED", True, "request was refused"
    """ECS refused the call that should have started it: permissions, parameters, request rate."""

    COMPLETED = "COMPLETED", False, "completed"
    """The containers that do the task's work exited with 0."""

    SCHEDULER_STOPPED = "SCHEDULER_STOPPED", False, "stopped by the service scheduler"
    """The service scheduler stopped it: scaled in, deployed, rolled back or rebalanced."""

    USER_STOPPED = "USER_STOPPED", False, "stopped on request"
    """A user or a tool called StopTask."""

    SPOT_INTERRUPTION = "SPOT_INTERRUPTION", True, "Spot capacity was reclaimed"
    """Fargate Spot or EC2 Spot capacity was reclaimed."""

    HOST_FAILURE = "HOST_FAILURE", True, "host was lost"
    """The EC2 or external instance was terminated, drained, deregistered, impaired or lost."""

    MAINTENANCE = "MAINTENANCE", True, "platform maintenance"
    """Fargate retired or patched the platform under the task."""

    UNKNOWN = "UNKNOWN", True, "cause unknown"
    """The event does not show the cause."""
