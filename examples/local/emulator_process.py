"""The process of the embedded AWS, the emulator MiniStack.

It listens on 127.0.0.1 only. This module imports little, so that the emulator can start before
everything else.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self

from waiting import wait_for

_HOST = "127.0.0.1"
_SERVER = Path(__file__).with_name("ministack_server.py")
_START_SECONDS = 60
_PROBE_SECONDS = 1
_ANSWER_SECONDS = 30
_STOP_SECONDS = 10
_OUTPUT_BYTES = 2000

# The environment variables that the emulator and its functions inherit from the caller.
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class EmulatorError(RuntimeError):
    """The emulator does not start, does not answer, or has ended."""


class EmulatorProcess:
    """The process, as a context manager that ends it."""

    def __init__(self, account: str = "123456789012", region: str = "us-east-1") -> None:
        """Choose a free port, and the account and region of requests that name none."""
        self._account = account
        self._region = region
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch = tempfile.TemporaryDirectory(prefix="ministack-", ignore_cleanup_errors=True)
        self._output = tempfile.TemporaryFile(dir=self._scratch.name)  # noqa: SIM115
        self._is_ready = False

    def __enter__(self) -> Self:
        """Start the emulator, without waiting for it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the emulator."""
        self.stop()

    @property
    def url(self) -> str:
        """The URL for ``AWS_ENDPOINT_URL``."""
        return f"http://{_HOST}:{self._port}"

    def start(self) -> None:
        """Start the emulator if it has not been started, and return without waiting for it."""
        if self._process is not None:
            return
        self._process = subprocess.Popen(
            [sys.executable, str(_SERVER), self._scratch.name],
            env=self._environment(),
            stdin=subprocess.PIPE,  # the emulator ends when this pipe closes
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal does not reach it
        )

    def ready(self) -> None:
        """Wait until the emulator answers.

        Raises:
            EmulatorError: If the emulator has ended.
            TimeoutError: If the emulator does not answer in time.
        """
        if not self._is_ready:
            wait_for(self._probe, "the emulator to start", _START_SECONDS)
            self._is_ready = True

    def stop(self) -> None:
        """Stop the emulator and its child processes, and remove its files."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        if not self._is_ready and process.poll() is None:  # it still imports its modules
            os.killpg(process.pid, signal.SIGKILL)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._output.close()
        self._scratch.cleanup()

    def output(self) -> str:
        """Return the end of the emulator's own output, which holds its warnings and errors."""
        # Not with seek(), because the emulator writes at the same file position.
        size = os.fstat(self._output.fileno()).st_size
        start = max(0, size - _OUTPUT_BYTES)
        return os.pread(self._output.fileno(), _OUTPUT_BYTES, start).decode(errors="replace")

    def _environment(self) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in _INHERITED if name in os.environ},
            "TMPDIR": self._scratch.name,
            "BIND_HOST": _HOST,
            "GATEWAY_PORT": str(self._port),
            "MINISTACK_ACCOUNT_ID": self._account,
            "MINISTACK_REGION": self._region,
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1",
            "LOG_LEVEL": "WARNING",
            "PYTHONUTF8": "1",
            # Nothing here uses these listeners.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }

    def _probe(self) -> bool | None:
        assert self._process is not None, "not started"
        if self._process.poll() is not None:
            raise self._error(f"the emulator ended with exit code {self._process.returncode}")
        with suppress(OSError, HTTPException):
            return self._request("GET", "/_ministack/health", timeout=_PROBE_SECONDS) == 200 or None
        return None

    def post(self, path: str, body: object = None, **headers: str) -> None:
        """Send a request of the emulator's own API.

        Raises:
            EmulatorError: If the emulator does not answer, or refuses it.
        """
        self.ready()
        try:
            status = self._request("POST", path, body, timeout=_ANSWER_SECONDS, **headers)
        except (OSError, HTTPException) as error:
            raise self._error("the emulator does not answer") from error
        if status != 200:
            raise self._error(f"the emulator answered {status}")

    def _error(self, problem: str) -> EmulatorError:
        return EmulatorError(f"{problem}. The end of its output:\n{self.output()}")

    def _request(
        self, method: str, path: str, body: object = None, *, timeout: float, **headers: str
    ) -> int:
        with closing(HTTPConnection(_HOST, self._port, timeout=timeout)) as connection:
            connection.request(method, path, json.dumps(body), headers)
            response = connection.getresponse()
            response.read()
            return response.status


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
