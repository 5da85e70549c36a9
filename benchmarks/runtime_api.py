"""Runs a function in a process with Lambda's own runtime client, but without Lambda.

The runtime client polls an HTTP API for events:
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. This module serves the part of the
API that one invocation at a time needs. It needs Linux, because the runtime client does.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, NoReturn, Self
from uuid import uuid4

FUNCTION = Path(__file__).parents[1] / "src" / "ecs_task_event_logger" / "handler"
HANDLER = "task_events.main.handler"

_PATH = "/2018-06-01/runtime/"
_NAME = "ecs-task-event-logger"
# Those of Lambda's own environment variables that a function or the runtime client may read.
_ENVIRONMENT = {
    # Fixed, because the runtime client writes responses differently before Python 3.12.
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.14",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_FUNCTION_NAME": _NAME,
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "AWS_REGION": "eu-west-1",
    "LANG": "C.UTF-8",  # Lambda has en_US.UTF-8, which not every machine has
    "PYTHONDONTWRITEBYTECODE": "1",  # in Lambda, the function's directory is read-only
    "TZ": ":UTC",
}


class FunctionError(Exception):
    """The error of a function, in the words of Lambda or of its runtime client."""

    def __init__(self, error_type: str, error_message: str, stack_trace: str = "") -> None:
        """Keep the error's type, its message, and the stack trace if there is one."""
        super().__init__(f"{error_type}: {error_message}\n{stack_trace}".rstrip())
        self.error_type = error_type
        self.error_message = error_message


class RuntimeProcess:
    """A context manager that runs one process of a function.

    ``started`` is the ``time.perf_counter()`` at the start of the process. A cold start lasts until
    ``wait_until_ready()`` or the first ``invoke()`` returns.

    Args:
        handler: The handler in Lambda's format: module and function.
        environment: The function's own environment variables.
        function: The directory with the function's code. The process runs a copy of its sources,
            without bytecode, as in Lambda.
        timeout: The timeout of the initialization and of each invocation in seconds.
    """

    started: float

    def __init__(
        self,
        handler: str = HANDLER,
        environment: dict[str, str] | None = None,
        function: Path = FUNCTION,
        timeout: float = 10,
    ) -> None:
        """Keep the options. Nothing runs yet."""
        self._handler = handler
        self._environment = environment or {}
        self._function = function
        self._timeout = timeout
        self._idle: _Connection | None = None

    def __enter__(self) -> Self:
        """Start the process, and return without waiting for it."""
        with ExitStack() as stack:
            directory = Path(stack.enter_context(TemporaryDirectory()))
            self._output = directory / "output"
            self._listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            self._selector = stack.enter_context(DefaultSelector())
            stack.callback(self._close_connections)
            self._process = stack.enter_context(self._start(directory / "task"))
            stack.callback(self._process.kill)  # Lambda kills its processes too
            exit_fd = os.pidfd_open(self._process.pid)
            stack.callback(os.close, exit_fd)
            self._selector.register(self._listener, EVENT_READ)
            self._selector.register(exit_fd, EVENT_READ)
            self._resources = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        """End the process."""
        self._resources.close()

    def wait_until_ready(self) -> None:
        """Wait until the process is initialized and asks for an event.

        Raises:
            FunctionError: If the initialization fails.
        """
        while self._idle is None:
            self._receive()

    def invoke(self, event: Any) -> Any:
        """Return what the handler returns for an event.

        Raises:
            FunctionError: If the invocation fails, or the process ends.
        """
        body = json.dumps(event, separators=(",", ":")).encode()
        self.wait_until_ready()
        assert self._idle
        idle, self._idle = self._idle, None
        request_id = str(uuid4())
        idle.answer(
            "200 OK",
            body,
            f"Lambda-Runtime-Aws-Request-Id: {request_id}",
            f"Lambda-Runtime-Deadline-Ms: {(time.time() + self._timeout) * 1000:.0f}",
            "Lambda-Runtime-Invoked-Function-Arn: "
            f"arn:aws:lambda:eu-west-1:111122223333:function:{_NAME}",
        )
        request = self._receive()
        if request.path != f"{_PATH}invocation/{request_id}/response":
            raise FunctionError("Runtime.InvalidRequest", f"{request.path} instead of a response")
        return json.loads(request.body)

    def lines(self) -> list[str]:
        """Return the lines that the process has printed so far, without their line feeds."""
        lines = self._output.read_bytes().decode().split("\n")
        return lines if lines[-1] else lines[:-1]

    def rss(self) -> int:
        """Return the memory of the process in bytes."""
        return self._memory("VmRSS")

    def peak_rss(self) -> int:
        """Return the peak memory of the process in bytes."""
        return self._memory("VmHWM")

    def cpu(self) -> float:
        """Return the CPU time of the process in seconds."""
        # The clock ID is that of clock_getcpuclockid(3), which Python has no function for.
        return time.clock_gettime(~self._process.pid << 3 | 2)

    def _memory(self, key: str) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith(f"{key}:"))
        return int(line.split()[1]) * 1024

    def _start(self, task_root: Path) -> subprocess.Popen[bytes]:
        shutil.copytree(
            self._function, task_root, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
        environment = {
            **_ENVIRONMENT,
            **self._environment,
            "AWS_LAMBDA_RUNTIME_API": "{}:{}".format(*self._listener.getsockname()),
            "LAMBDA_TASK_ROOT": str(task_root),
            "_HANDLER": self._handler,
        }
        # A file, because a full pipe would make the process wait for its reader.
        with self._output.open("wb") as output:
            self.started = time.perf_counter()
            return subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", self._handler],
                cwd=task_root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _receive(self) -> "_Request":
        """Return the next request, and answer it unless it asks for the next event."""
        while ready := [key for key, _ in self._selector.select(self._timeout)]:
            for key in ready:
                if key.fileobj is self._listener:
                    connection = _Connection(self._listener.accept()[0], self._timeout)
                    self._selector.register(connection.socket, EVENT_READ, connection)
                elif key.data:
                    request = key.data.read()
                    if request:
                        return self._take(request, key.data)
                    self._selector.unregister(key.fileobj)
                    key.data.close()
                elif len(ready) == 1:  # read all requests before the exit
                    self._raise_exit()
        self._process.kill()
        raise FunctionError("Sandbox.Timedout", f"Task timed out after {self._timeout:.2f} seconds")

    def _take(self, request: "_Request", connection: "_Connection") -> "_Request":
        if request.path == f"{_PATH}invocation/next":
            self._idle = connection
            return request
        connection.answer("202 Accepted", b"{}")
        if request.path.endswith("/error"):
            error = json.loads(request.body)
            trace = "".join(error["stackTrace"])
            raise FunctionError(error["errorType"], error["errorMessage"], trace)
        return request

    def _raise_exit(self) -> NoReturn:
        status = self._process.wait()
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        last = "\n".join(self.lines()[-20:])
        raise FunctionError("Runtime.ExitError", f"Runtime exited with error: {how}", last)

    def _close_connections(self) -> None:
        for key in self._selector.get_map().values():
            if key.data:
                key.data.close()


class _Request(NamedTuple):
    path: str
    body: bytes


class _Connection:
    """A persistent connection of the runtime client."""

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        connection.settimeout(timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = connection
        self._reader = connection.makefile("rb")

    def read(self) -> _Request | None:
        """Return the next request, or None if the connection has ended."""
        with suppress(OSError):
            first, length = self._reader.readline(), 0
            while (header := self._reader.readline()) not in (b"\r\n", b""):
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            body = self._reader.read(length)
            if header and len(body) == length:  # the request is complete
                return _Request(first.split()[1].decode(), body)
        return None

    def answer(self, status: str, body: bytes, *headers: str) -> None:
        """Answer a request. If the connection has ended, the next read notices."""
        head = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
        text = "\r\n".join([*head, f"Content-Length: {len(body)}", "\r\n"])
        with suppress(OSError):
            self.socket.sendall(text.encode() + body)

    def close(self) -> None:
        self._reader.close()
        self.socket.close()
