"""The tasks that the checks run and stop."""

from .stack import Stack
from .waits import wait_until


class TaskError(RuntimeError):
    """A task did not start."""


class Tasks:
    """The tasks in the stack's cluster.

    Attributes:
        arns: The ARNs of the tasks that were started.
    """

    def __init__(self, stack: Stack) -> None:
        """Choose the stack, which need not be deployed yet."""
        self._stack = stack
        self._ecs = stack.session.client("ecs")
        self.arns: list[str] = []

    def start(self, count: int) -> None:
        """Start tasks on Fargate, and wait until they run.

        Raises:
            TaskError: If a task does not start.
        """
        outputs = self._stack.outputs
        network = {"subnets": outputs["SubnetIds"].split(","), "assignPublicIp": "ENABLED"}
        answer = self._ecs.run_task(
            cluster=self._cluster,
            taskDefinition=outputs["TaskDefinitionArn"],
            launchType="FARGATE",
            count=count,
            networkConfiguration={"awsvpcConfiguration": network},
        )
        if answer["failures"]:
            raise TaskError(f"RunTask failed: {answer['failures']}")
        self.arns = [task["taskArn"] for task in answer["tasks"]]
        self._wait(self.arns, "RUNNING")

    def stop(self, arn: str, reason: str) -> None:
        """Stop a task, and wait until it has stopped."""
        self._ecs.stop_task(cluster=self._cluster, task=arn, reason=reason)
        self._wait([arn], "STOPPED")

    def stop_all(self) -> None:
        """Stop all tasks, because ECS deletes no cluster with tasks that run."""
        running = self._list("RUNNING")
        for arn in running:
            self._ecs.stop_task(cluster=self._cluster, task=arn, reason="the checks have ended")
        if arns := sorted({*running, *self._list("STOPPED")}):
            self._wait(arns, "STOPPED")

    @property
    def _cluster(self) -> str:
        return self._stack.outputs["ClusterArn"]

    def _list(self, desired_status: str) -> list[str]:
        found = self._ecs.list_tasks(cluster=self._cluster, desiredStatus=desired_status)
        return list(found["taskArns"])

    def _wait(self, arns: list[str], status: str) -> None:
        """Wait until all these tasks have a status."""

        def have_status() -> bool | None:
            tasks = self._ecs.describe_tasks(cluster=self._cluster, tasks=arns)["tasks"]
            for task in tasks:
                if task["lastStatus"] == "STOPPED" and status != "STOPPED":
                    raise TaskError(f"a task did not start: {task.get('stoppedReason')}")
            return [task["lastStatus"] for task in tasks] == [status] * len(arns) or None

        wait_until(have_status, f"tasks to be {status}")
