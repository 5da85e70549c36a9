"""An example app, deployed to the embedded AWS with the real CDK CLI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emulator import EmbeddedAws
from example_apps import EXAMPLES

CLI = Path(__file__).with_name("cdk_cli") / "node_modules" / ".bin" / "cdk"

pytestmark = pytest.mark.skipif(
    not CLI.exists() and "CI" not in os.environ, reason="npm ci --prefix test/e2e/cdk_cli"
)


class Cli:
    """The CDK CLI in the folder of an example, with the embedded AWS as its AWS."""

    def __init__(self, aws: EmbeddedAws, folder: Path, scratch: Path) -> None:
        self._folder = folder
        self._output = scratch / "cdk.out"
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(scratch),
            "AWS_ENDPOINT_URL": aws.endpoint_url,
            "AWS_ENDPOINT_URL_S3": aws.endpoint_url,
            "AWS_ACCESS_KEY_ID": aws.account,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": aws.region,
            "CI": "true",
        }

    def run(self, *arguments: str) -> str:
        """Run a command, and return its output."""
        app = ["--app", f"{sys.executable} app.py", "--output", str(self._output)]
        finished = subprocess.run(
            [CLI, *arguments, *app, "--no-notices", "--no-version-reporting"],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert finished.returncode == 0, finished.stdout
        return finished.stdout


def test_bootstraps_deploys_and_destroys_without_differences(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    cli = Cli(aws, EXAMPLES / "many_teams", tmp_path)
    cli.run("bootstrap", f"aws://{aws.account}/{aws.region}")
    cli.run("deploy", "--require-approval", "never")
    (function,) = aws.physical_ids("ManyTeams", "AWS::Lambda::Function")
    configuration = aws.client("lambda").get_function_configuration(FunctionName=function)
    assert configuration["Runtime"] == "python3.14"
    assert "There were no differences" in cli.run("diff", "--fail")
    cli.run("destroy", "--force")
    stacks = aws.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE"])
    assert [stack["StackName"] for stack in stacks["StackSummaries"]] == ["CDKToolkit"]
    # The log group outlives the stack.
    assert aws.client("logs").describe_log_groups()["logGroups"]
