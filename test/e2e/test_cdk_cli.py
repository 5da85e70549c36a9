"""Apps deployed to the embedded AWS with the real CDK CLI."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from emulator import EmbeddedAws
from example_apps import CDK_CLI, EXAMPLES, needs_cdk_cli

pytestmark = needs_cdk_cli


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
        """Run a command, and return its output. The first one synthesizes the app for all."""
        is_synthesized = (self._output / "manifest.json").exists()
        command = self._output if is_synthesized else f"{sys.executable} app.py"
        app = ["--app", str(command), "--output", str(self._output)]
        finished = subprocess.run(
            [CDK_CLI, *arguments, *app, "--no-notices", "--no-version-reporting"],
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


WITHOUT_BOOTSTRAP = """
import aws_cdk as cdk
from ecs_task_event_logger import EcsTaskEventLogger

app = cdk.App()
synthesizer = cdk.CliCredentialsStackSynthesizer(file_assets_bucket_name="shop-deployments")
EcsTaskEventLogger.for_all_clusters(cdk.Stack(app, "Shop", synthesizer=synthesizer), "Log")
app.synth()
"""


class ForwardProxy(BaseHTTPRequestHandler):
    """Forwards requests, as the proxy of a company does, and counts them."""

    forwarded = 0

    def _forward(self) -> None:
        target = urlsplit(self.path)
        assert target.hostname == "127.0.0.1"
        connection = HTTPConnection(target.hostname, target.port)
        length = int(self.headers.get("Content-Length", 0))
        path = target._replace(scheme="", netloc="").geturl()
        connection.request(self.command, path, self.rfile.read(length), dict(self.headers))
        response = connection.getresponse()
        body = response.read()
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        ForwardProxy.forwarded += 1

    do_GET = do_HEAD = do_POST = do_PUT = _forward  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def proxy() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), ForwardProxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_deploys_without_bootstrap_through_a_proxy(
    aws: EmbeddedAws, tmp_path: Path, proxy: str
) -> None:
    (tmp_path / "app.py").write_text(WITHOUT_BOOTSTRAP)
    location = {"LocationConstraint": aws.region}
    aws.client("s3").create_bucket(Bucket="shop-deployments", CreateBucketConfiguration=location)
    cli = Cli(aws, tmp_path, tmp_path)
    cli.run("deploy", "--require-approval", "never", "--proxy", proxy)
    assert ForwardProxy.forwarded > 3
    (function,) = aws.physical_ids("Shop", "AWS::Lambda::Function")
    aws.client("lambda").get_function_configuration(FunctionName=function)
