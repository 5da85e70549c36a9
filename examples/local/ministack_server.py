"""Runs MiniStack, mended where it falls short of AWS for this library's sake.

- What AWS services themselves send to EventBridge can be sent: POST a whole event to the gateway
  with the header ``X-Amz-Target: AWSEvents.EmitServiceEvent``. (PutEvents refuses the sources of
  AWS, here as there, and has no say in an event's id, time, account and region.)
- EventBridge invokes functions asynchronously, with retries and with destinations, of which an
  event bus may be one for what a function returns.
- A rule's target may be an event bus of another account or region: see ``ministack_buses.py``.
- What EventBridge cannot deliver goes to the dead-letter queue of the rule's target, and what a
  function fails on to that of the function, each as AWS sends it.
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
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partialmethod
from typing import Any

from ministack import app
from ministack.core import lambda_runtime
from ministack.core.responses import json_response, new_uuid
from ministack.services import eventbridge, lambda_svc, sqs
from ministack.services.cloudformation import provisioners

import ministack_buses as buses

EMIT_SERVICE_EVENT = "AWSEvents.EmitServiceEvent"

# Whether a function is being invoked asynchronously: inherited by the threads that do so.
_is_asynchronous = ContextVar("is_asynchronous", default=False)

_execute_function = lambda_svc._execute_function
_handle_request = eventbridge.handle_request
_execute_function_warm = lambda_svc._execute_function_warm
_invoke_target = eventbridge._invoke_target
_lambda_create = provisioners._lambda_create
_route_async_failure = lambda_svc._route_async_failure


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> Any:
    """Answer a request to EventBridge, knowing one action more than AWS offers."""
    if headers.get("x-amz-target") != EMIT_SERVICE_EVENT:
        return await _handle_request(method, path, headers, body, query)
    record = eventbridge._event_from_test_payload(json.loads(body))
    eventbridge._dispatch_event({**record, "EventBusName": "default"})
    return json_response({})


def invoke_target(target: dict[str, Any], event: Any, rule: Any, view: Any = None) -> None:
    """Invoke a rule's target, or send the event to the target's dead-letter queue."""
    view = view or eventbridge._pattern_event_view(event)
    if error := delivery_error(target, event, rule):
        if queue := target.get("DeadLetterConfig", {}).get("Arn"):
            code, message = error
            attributes = {
                "RULE_ARN": rule["Arn"],
                "TARGET_ARN": target["Arn"],
                "ERROR_CODE": code,
                "ERROR_MESSAGE": message,
            }
            send_dead_letter(queue, view.event_with_detail(), attributes)
    elif buses.is_bus(target):
        buses.forward(target["Arn"], event, rule)
    else:
        _invoke_target(target, event, rule, view)


def delivery_error(target: dict[str, Any], event: Any, rule: Any) -> tuple[str, str] | None:
    """Return the code and the message of what AWS would not even try again, if there is any."""
    arn = target["Arn"]
    if ":lambda:" in arn and not lambda_svc._get_func_record_for_ref(arn)[0]:
        return "NO_RESOURCE", "The function does not exist."
    return buses.delivery_error(target, event, rule) if buses.is_bus(target) else None


def dispatch_to_lambda(arn: str, payload: str) -> None:
    """Invoke a rule's target as EventBridge does: through Lambda's asynchronous queue."""
    function, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not (function and config):
        raise LookupError(f"the rule's target does not exist: {name}")
    record = lambda_svc._execution_record_for_config(function, config)
    _is_asynchronous.set(True)
    lambda_svc.invoke_async_with_retry(record, json.loads(payload))
    _is_asynchronous.set(False)


def execute_function(func: dict[str, Any], event: Any) -> dict[str, Any]:
    """Run a function, and send what it returns to its destination on success, if it has one."""
    result: dict[str, Any] = _execute_function(func, event)
    if _is_asynchronous.get() and not result.get("error"):
        settings = func.get("event_invoke_configs", {}).get("$LATEST", {})
        destination = settings.get("DestinationConfig", {}).get("OnSuccess", {}).get("Destination")
        if destination and ":event-bus/" in destination:
            send_success(func["config"]["FunctionArn"], destination, event, result)
    return result


def send_success(function_arn: str, bus_arn: str, event: Any, result: dict[str, Any]) -> None:
    """Put what a function returned on an event bus, in Lambda's envelope."""
    now = datetime.now(UTC)
    qualified = f"{function_arn}:$LATEST"
    envelope = {
        "version": "0",
        "id": new_uuid(),
        "detail-type": "Lambda Function Invocation Result - Success",
        "source": "lambda",
        "account": function_arn.split(":")[4],
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": function_arn.split(":")[3],
        "resources": [bus_arn, qualified],
        "detail": {
            "version": "1.0",
            "timestamp": now.isoformat(timespec="milliseconds"),
            "requestContext": {
                "requestId": new_uuid(),
                "functionArn": qualified,
                "condition": "Success",
                "approximateInvokeCount": 1,
            },
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
            "responsePayload": result.get("body"),
        },
    }
    record = eventbridge._event_from_test_payload(envelope)
    name = bus_arn.rpartition("/")[2]
    eventbridge._dispatch_event({**record, "EventBusName": name})


def route_async_failure(arn: str, name: str, event: Any, result: dict[str, Any]) -> None:
    """Send what a function failed on to its dead-letter queue, or to its destination."""
    config = lambda_svc._functions[name]["config"]
    if arn != config.get("DeadLetterConfig", {}).get("TargetArn"):
        _route_async_failure(arn, name, event, result)
        return
    attributes = {
        "RequestID": new_uuid(),
        "ErrorCode": "429" if result.get("throttle") else "200",
        "ErrorMessage": str(result.get("body", {}).get("errorMessage", ""))[:1024],
    }
    send_dead_letter(arn, event, attributes)


def send_dead_letter(queue_arn: str, event: Any, attributes: dict[str, str]) -> None:
    """Put an event into a queue, as it is, with what went wrong as attributes."""
    message = {
        "id": new_uuid(),
        "body": json.dumps(event),
        "sent_at": time.time(),
        "visible_at": time.time(),
        "message_attributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    }
    sqs._ensure_msg_fields(message)
    sqs._queue_by_arn(queue_arn)["messages"].append(message)


def create_function(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
    """Make a function of a template, with what CloudFormation sets and MiniStack forgets."""
    name, attributes = _lambda_create(logical_id, props, stack_name)
    function = lambda_svc._functions[name]
    function["config"]["DeadLetterConfig"] = props.get("DeadLetterConfig", {})
    function["concurrency"] = props.get("ReservedConcurrentExecutions")
    return name, attributes


def execute_function_warm(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
    """Run a function, and log the error that it failed with, in the words of AWS."""
    result: dict[str, Any] = _execute_function_warm(func, event, request_id)
    if result.get("error"):
        error = "[ERROR] {errorType}: {errorMessage}".format_map(result["body"])
        result["log"] = "\n".join(filter(None, [result.get("log"), error]))
    return result


def create_query_definition(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
    """Make a saved query, which nobody can ask MiniStack for."""
    return new_uuid(), {}


def mend() -> None:
    """Put the functions of this module into MiniStack's place for them."""
    eventbridge.handle_request = handle_request
    eventbridge._dispatch_to_lambda = dispatch_to_lambda
    eventbridge._invoke_target = invoke_target
    lambda_svc._route_async_failure = route_async_failure
    provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]["create"] = create_function
    provisioners._RESOURCE_HANDLERS["AWS::Logs::QueryDefinition"] = {
        "create": create_query_definition,
        "delete": lambda physical_id, props: None,
    }
    buses.mend()
    lambda_svc._execute_function = execute_function
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
