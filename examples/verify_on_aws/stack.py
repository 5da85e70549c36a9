"""The stack of the app, and the bucket for its assets."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from botocore.exceptions import WaiterError

import deployment

from .waits import wait_until, wait_with

_APP = Path(__file__).with_name("app.py")
_MINUTES = 15


class Stack:
    """The stack. Its bucket has the same name, and the names of its resources begin with it.

    Attributes:
        session: A ``boto3.Session``.
        name: The name.
        outputs: The outputs of the stack. Empty until it is deployed.
    """

    def __init__(self, session: Any, name: str) -> None:
        """Choose the account, the region and the name."""
        self.session = session
        self.name = name
        self.outputs: dict[str, str] = {}
        self._cloudformation = session.client("cloudformation")
        self._s3 = session.client("s3")

    def deploy(self) -> None:
        """Create the bucket and the stack.

        Raises:
            DeploymentError: If the app cannot be synthesized, or a resource fails.
        """
        with tempfile.TemporaryDirectory(prefix="cdk.out-") as outdir:
            _synthesize(self.name, outdir)
            template = Path(outdir, f"{self.name}.template.json")
            deployment.publish_assets(self._s3, {}, template)
            body = template.read_text()
        self._cloudformation.create_stack(
            StackName=self.name,
            TemplateBody=body,
            Capabilities=["CAPABILITY_IAM"],
            OnFailure="DO_NOTHING",
        )
        self._wait("stack_create_complete")
        (stack,) = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        self.outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def delete(self) -> None:
        """Delete the stack, if there is one.

        Raises:
            DeploymentError: If a resource cannot be deleted.
        """
        self._cloudformation.delete_stack(StackName=self.name)
        self._wait("stack_delete_complete")

    def delete_bucket(self) -> None:
        """Delete the bucket with its objects, if there is one."""
        try:
            found = self._s3.list_objects_v2(Bucket=self.name)
        except self._s3.exceptions.NoSuchBucket:
            return
        for each in found.get("Contents", []):
            self._s3.delete_object(Bucket=self.name, Key=each["Key"])
        self._s3.delete_bucket(Bucket=self.name)

    def wait_until_nothing_is_left(self) -> None:
        """Wait until AWS finds no bucket, log group or queue of the stack.

        Raises:
            TimeoutError: If something is left.
            botocore.exceptions.WaiterError: If the bucket is left.
        """
        logs, sqs = map(self.session.client, ("logs", "sqs"))

        def is_nothing_left() -> bool | None:
            groups = logs.describe_log_groups(logGroupNamePrefix=self.name)["logGroups"]
            queues = sqs.list_queues(QueueNamePrefix=self.name).get("QueueUrls")
            return not (groups or queues) or None

        wait_with(self._s3, "bucket_not_exists", Bucket=self.name)
        wait_until(is_nothing_left, f"no log groups and queues {self.name}*")

    def _wait(self, waiter: str) -> None:
        try:
            wait_with(self._cloudformation, waiter, _MINUTES, StackName=self.name)
        except WaiterError as error:
            reason = deployment.failure_reason(self._cloudformation, self.name)
            raise deployment.DeploymentError(f"{reason} ({error})") from error


def _synthesize(name: str, outdir: str) -> None:
    finished = subprocess.run(
        [sys.executable, str(_APP), name, outdir],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C does not reach Node.js, which would print an error
    )
    if finished.returncode != 0:
        raise deployment.DeploymentError(f"the app cannot be synthesized:\n{finished.stdout}")
