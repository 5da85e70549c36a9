"""Runs a function in a process with Lambda's own runtime client, but without Lambda.

The runtime client polls an HTTP API for events:
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. It needs Linux.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from tempfile import NamedTemporaryFile
from threading import Thread
from typing import Any, NamedTuple
from uuid import uuid4

from functions import OURS, Function

_ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "LANG": "C.UTF-8",  # Lambda has en_US.UTF-8, which not every machine has
    "PYTHONDONTWRITEBYTECODE": "1",  # in Lambda, the function's directory is read-only
}


class _Api(BaseHTTPRequestHandler):
    """The Runtime API for one process, and the answers to its calls to AWS, by operation."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    events: SimpleQueue[bytes | None]
    results: SimpleQueue[tuple[str, bytes]]
    aws: Mapping[str, Any]

    def handle(self) -> None:
        """Serve until the process is killed, which resets its connections."""
        with suppress(ConnectionResetError):
            super().handle()

    def do_GET(self) -> None:
        """Send the next event as soon as there is one."""
        if event := self.events.get():
            headers = {
                "Aws-Request-Id": str(uuid4()),
                "Deadline-Ms": f"{(time.time() + 10) * 1000:.0f}",
                "Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:111122223333:function:log",
            }
            self._answer(200, event, headers)

    def do_POST(self) -> None:
        """Take a result, or answer a call to AWS."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if operation := self.headers["X-Amz-Target"]:
            self._answer(200, json.dumps(self.aws[operation.rpartition(".")[2]]).encode(), {})
        else:
            self._answer(202, b"{}", {})
            self.results.put((self.path, body))

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(f"Lambda-Runtime-{name}", value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


class RuntimeProcess(NamedTuple):
    """The process of a function, its API, and the file of its output."""

    pid: int
    api: type[_Api]
    output: Path

    def invoke(self, event: Any) -> None:
        """Send an event, and wait for the result. Raise a RuntimeError if the function fails."""
        self.api.events.put(json.dumps(event, separators=(",", ":")).encode())
        path, body = self.api.results.get(timeout=10)
        if not path.endswith("/response"):
            raise RuntimeError(body.decode())

    def lines(self) -> list[str]:
        """Return the lines that the process has printed so far, without their line feeds."""
        return self.output.read_bytes().decode().removesuffix("\n").split("\n")

    def cpu(self) -> float:
        """Return the CPU time of the process in seconds."""
        # The clock ID is that of clock_getcpuclockid(3), which Python has no function for.
        return time.clock_gettime(~self.pid << 3 | 2)

    def memory(self, key: str = "VmHWM") -> int:
        """Return the peak memory of the process in bytes, or with ``VmRSS`` that in use."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition(f"\n{key}:")[2].split()[0]) * 1024


@contextmanager
def running(
    function: Function, aws: Mapping[str, Any] | None = None, **environment: str
) -> Iterator[RuntimeProcess]:
    """Yield a process of a function, with AWS's responses to its calls, by operation."""
    attributes = {"events": SimpleQueue(), "results": SimpleQueue(), "aws": aws or {}}
    api: type[_Api] = type("Api", (_Api,), attributes)
    # A file, because a full pipe would make the process wait for its reader.
    with ThreadingHTTPServer(("127.0.0.1", 0), api) as server, NamedTemporaryFile() as output:
        Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        address = f"127.0.0.1:{server.server_port}"
        variables = {
            "AWS_ENDPOINT_URL": f"http://{address}",
            "AWS_LAMBDA_LOG_FORMAT": "JSON" if function.name == OURS else "Text",
            "AWS_LAMBDA_RUNTIME_API": address,
            "LAMBDA_TASK_ROOT": str(function.directory),
        }
        with subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", f"{function.module}.handler"],
            cwd=function.directory,
            env={**_ENVIRONMENT, **variables, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process:
            try:
                yield RuntimeProcess(process.pid, api, Path(output.name))
            finally:
                process.kill()
                api.events.put(None)  # ends the thread that waits for the next event
                server.shutdown()
