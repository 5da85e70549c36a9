"""Runs MiniStack, mended where it falls short of AWS for this library's sake.

- What AWS services themselves send to EventBridge can be sent: POST a whole event to the gateway
  with the header ``X-Amz-Target: AWSEvents.EmitServiceEvent``. (PutEvents refuses the sources of
  AWS, here as there, and has no say in an event's id, time, account and region.)
- EventBridge invokes functions asynchronously, with retries and on-failure destinations.
- A failed invocation's error stands in its log group, that of a failed import included.
- It ends when its standard input does, so when its parent is gone, however that died.

It is started by ``emulator.py``, as the leader of a process group of its own, with one argument:
a directory for its temporary files, which it removes in the end.
"""

import json
import os
import shutil
import signal
import sys
import threading
from functools import partialmethod
from typing import Any

from ministack import app
from ministack.core import lambda_runtime
from ministack.core.responses import json_response
from ministack.services import eventbridge, lambda_svc

EMIT_SERVICE_EVENT = "AWSEvents.EmitServiceEvent"

_handle_request = eventbridge.handle_request
_execute_function_warm = lambda_svc._execute_function_warm


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> Any:
    """Answer a request to EventBridge, knowing one action more than AWS offers."""
    if headers.get("x-amz-target") != EMIT_SERVICE_EVENT:
        return await _handle_request(method, path, headers, body, query)
    record = eventbridge._event_from_test_payload(json.loads(body))
    eventbridge._dispatch_event({**record, "EventBusName": "default"})
    return json_response({})


def dispatch_to_lambda(arn: str, payload: str) -> None:
    """Invoke a rule's target as EventBridge does: through Lambda's asynchronous queue."""
    function, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not (function and config):
        raise LookupError(f"the rule's target does not exist: {name}")
    record = lambda_svc._execution_record_for_config(function, config)
    lambda_svc.invoke_async_with_retry(record, json.loads(payload))


def execute_function_warm(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
    """Run a function, and log the error that it failed with, in the words of AWS."""
    result: dict[str, Any] = _execute_function_warm(func, event, request_id)
    if result.get("error"):
        error = "[ERROR] {errorType}: {errorMessage}".format_map(result["body"])
        result["log"] = "\n".join(filter(None, [result.get("log"), error]))
    return result


def mend() -> None:
    """Put the functions of this module into MiniStack's place for them."""
    eventbridge.handle_request = handle_request
    eventbridge._dispatch_to_lambda = dispatch_to_lambda
    lambda_svc._execute_function_warm = execute_function_warm
    # A line that a busy machine reads later than this would count as the next invocation's.
    lambda_runtime.Worker._drain_stderr_bounded = partialmethod(
        lambda_runtime.Worker._drain_stderr_bounded, first_line_wait=0.5, hard_cap=1.0
    )


def end_with_parent(scratch: str) -> None:
    """Wait for the end of standard input, then end this process and all that it started."""
    os.read(sys.stdin.fileno(), 1)  # nothing ever comes; unbuffered, so as to hold no lock
    shutil.rmtree(scratch, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Serve until standard input ends."""
    if os.getpgrp() != os.getpid():
        sys.exit("ministack_server.py ends its whole process group, so let emulator.py start it")
    scratch = sys.argv.pop()
    threading.Thread(target=end_with_parent, args=[scratch], daemon=True).start()
    mend()
    app.main()


if __name__ == "__main__":
    main()
