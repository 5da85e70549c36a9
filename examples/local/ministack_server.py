"""Runs MiniStack, patched where this library needs it to behave as AWS does.

- Clients can send events of AWS services: POST a complete event to the gateway with the header
  ``X-Amz-Target: AWSEvents.EmitServiceEvent``. As in AWS, PutEvents rejects their sources. It also
  cannot set an event's id, time, account and region.
- EventBridge invokes functions asynchronously, with retries and destinations. The destination for a
  function's result may be an event bus.
- A rule's target may be an event bus of another account or region: see ``ministack_buses.py``. It
  may be a log group: see ``ministack_log_groups.py``.
- Events that EventBridge cannot deliver go to the dead-letter queue of the rule's target. Events
  that a function fails on go to the function's dead-letter queue. Both look as in AWS.
- The log group has the error of a failed invocation, also that of a failed import.
- The server ends when its standard input closes, which happens when its parent ends.

``emulator.py`` starts it as the leader of a new process group. Its argument is a directory for
temporary files, which it removes at its end.
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
from fnmatch import fnmatchcase
from functools import partialmethod
from typing import Any

from ministack import app
from ministack.core import lambda_runtime
from ministack.core.responses import json_response, new_uuid
from ministack.services import eventbridge, lambda_svc, sqs
from ministack.services.cloudformation import provisioners

import ministack_buses as buses
import ministack_log_groups as log_groups

EMIT_SERVICE_EVENT = "AWSEvents.EmitServiceEvent"

# Whether the current invocation is asynchronous. Threads of an invocation inherit it.
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
    """Answer a request to EventBridge, or to the additional action."""
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
    elif log_groups.is_log_group(target):
        log_groups.write(target, view.event_with_detail())
    else:
        _invoke_target(target, event, rule, view)


def delivery_error(target: dict[str, Any], event: Any, rule: Any) -> tuple[str, str] | None:
    """Return code and message of an error that AWS does not retry, or None."""
    arn = target["Arn"]
    if ":lambda:" in arn:
        function = lambda_svc._get_func_record_for_ref(arn)[0]
        if not function:
            return "NO_RESOURCE", "The function does not exist."
        if not may_invoke(function, rule):
            return "NO_PERMISSIONS", "The function's policy does not allow the rule to invoke it."
    if log_groups.is_log_group(target):
        return log_groups.delivery_error(target)
    return buses.delivery_error(target, event, rule) if buses.is_bus(target) else None


def may_invoke(function: dict[str, Any], rule: Any) -> bool:
    """Return whether a function's policy allows a rule to invoke it."""
    sources = [
        statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", "*")
        for statement in function["policy"]["Statement"]
        if statement["Principal"] == {"Service": "events.amazonaws.com"}
    ]
    return any(fnmatchcase(rule["Arn"], source) for source in sources)


def dispatch_to_lambda(arn: str, payload: str) -> None:
    """Invoke a rule's target through Lambda's asynchronous queue, as EventBridge does."""
    function, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not (function and config):
        raise LookupError(f"function {name} does not exist, so the rule cannot invoke it")
    record = lambda_svc._execution_record_for_config(function, config)
    _is_asynchronous.set(True)
    lambda_svc.invoke_async_with_retry(record, json.loads(payload))
    _is_asynchronous.set(False)


def execute_function(func: dict[str, Any], event: Any) -> dict[str, Any]:
    """Run a function, and send its result to its destination on success, if it has one."""
    result: dict[str, Any] = _execute_function(func, event)
    if _is_asynchronous.get() and not result.get("error"):
        settings = func.get("event_invoke_configs", {}).get("$LATEST", {})
        destination = settings.get("DestinationConfig", {}).get("OnSuccess", {}).get("Destination")
        if destination and ":event-bus/" in destination:
            send_success(func["config"]["FunctionArn"], destination, event, result)
    return result


def send_success(function_arn: str, bus_arn: str, event: Any, result: dict[str, Any]) -> None:
    """Put a function's result on an event bus, in Lambda's envelope."""
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
    """Send an event that a function failed on to its dead-letter queue or destination."""
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
    """Send an event to a queue, with the error in the message attributes."""
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
    """Create a template's function with the properties that MiniStack ignores."""
    name, attributes = _lambda_create(logical_id, props, stack_name)
    function = lambda_svc._functions[name]
    function["config"]["DeadLetterConfig"] = props.get("DeadLetterConfig", {})
    function["concurrency"] = props.get("ReservedConcurrentExecutions")
    return name, attributes


def execute_function_warm(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
    """Run a function, and log its error in the format of AWS."""
    result: dict[str, Any] = _execute_function_warm(func, event, request_id)
    if result.get("error"):
        error = "[ERROR] {errorType}: {errorMessage}".format_map(result["body"])
        result["log"] = "\n".join(filter(None, [result.get("log"), error]))
    return result


def create_query_definition(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
    """Create nothing. MiniStack has no saved queries, but CloudFormation needs an ID."""
    return new_uuid(), {}


def patch() -> None:
    """Replace MiniStack's functions with those of this module."""
    eventbridge.handle_request = handle_request
    eventbridge._dispatch_to_lambda = dispatch_to_lambda
    eventbridge._invoke_target = invoke_target
    lambda_svc._route_async_failure = route_async_failure
    provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]["create"] = create_function
    provisioners._RESOURCE_HANDLERS["AWS::Logs::QueryDefinition"] = {
        "create": create_query_definition,
        "delete": lambda physical_id, props: None,
    }
    buses.patch()
    lambda_svc._execute_function = execute_function
    lambda_svc._execute_function_warm = execute_function_warm
    # Wait longer for a function's lines. On a busy machine, late lines would count as those of the
    # next invocation.
    lambda_runtime.Worker._drain_stderr_bounded = partialmethod(
        lambda_runtime.Worker._drain_stderr_bounded, first_line_wait=0.5, hard_cap=1.0
    )


def end_with_parent(scratch: str) -> None:
    """Wait until standard input closes, then end this process and its children."""
    os.read(sys.stdin.fileno(), 1)  # blocks until the end; unbuffered, so that it holds no lock
    shutil.rmtree(scratch, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Serve until standard input closes."""
    if os.getpgrp() != os.getpid():
        sys.exit(
            "ministack_server.py does not lead its process group, but ends the whole group. "
            "Start it with emulator.py."
        )
    scratch = sys.argv.pop()
    threading.Thread(target=end_with_parent, args=[scratch], daemon=True).start()
    patch()
    app.main()


if __name__ == "__main__":
    main()
