"""An HTTP server on 127.0.0.1 that answers calls to AWS, and records them."""

import json
import threading
from collections.abc import Callable
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Event = dict[str, Any]

# An answer to a request: the HTTP status, and the response.
Answer = Callable[[Event], tuple[int, Any]]


def error(code: str) -> Answer:
    """Return an answer that is an error of AWS."""
    return lambda request: (400, {"__type": code, "message": f"{code} of a test"})


class AwsApi:
    """The server, as a context manager.

    Attributes:
        calls: The operations that were called, with their requests.
        answers: The answers by operation. By default a call goes to ``upstream``.
    """

    def __init__(self, upstream: str = "") -> None:
        """Keep the address of an embedded AWS, such as ``127.0.0.1:4566``."""
        self.calls: list[tuple[str, Event]] = []
        self.answers: dict[str, Answer] = {}
        self._upstream = upstream
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False

    def __enter__(self) -> Self:
        """Start the server."""
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The URL for ``AWS_ENDPOINT_URL``."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def operations(self) -> list[str]:
        """The names of the operations that were called."""
        return [name for name, _ in self.calls]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                operation = self.headers["X-Amz-Target"].rpartition(".")[2]
                request = json.loads(body)
                api.calls.append((operation, request))
                if operation in api.answers:
                    status, response = api.answers[operation](request)
                    content = json.dumps(response).encode()
                else:
                    status, content = api._forward(body, dict(self.headers))
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        return Handler

    def _forward(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = HTTPConnection(self._upstream)
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        return response.status, response.read()
