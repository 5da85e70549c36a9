"""Runs MiniStack, patched where this library needs it to behave as AWS does.

``patched_ministack.py`` applies the fixes, which are meant for MiniStack too. This module adds what
is of use here only:

- Clients can send events of AWS services: POST a complete event to the gateway with the header
  ``X-Amz-Target: AWSEvents.EmitServiceEvent``. As in AWS, PutEvents rejects their sources. It also
  cannot set an event's id, time, account and region.
- Rules need the permissions of their targets, although MiniStack checks no other permission.
- PutTargets rejects what AWS rejects for event buses.
- An account becomes a member of an organization when it is invited. It need not accept.
- CloudFormation accepts saved queries.
- The server ends when its standard input closes, which happens when its parent ends.

MiniStack reads the account and region of a request from its credentials: an access key ID with
twelve digits is the account.

``emulator_process.py`` starts it as the leader of a new process group. Its argument is a directory
for temporary files, which it removes at its end.
"""

import json
import os
import shutil
import signal
import sys
import threading
from functools import partialmethod
from typing import Any

import bytecode
import patched_ministack

# The process that started this one does not need the emulator before it has imported CDK.
bytecode.compile_cdk()
patched_ministack.install()

from ministack import app  # noqa: E402
from ministack.core import lambda_runtime  # noqa: E402
from ministack.core.responses import error_response_json, json_response, new_uuid  # noqa: E402
from ministack.services import eventbridge, organizations  # noqa: E402
from ministack.services.cloudformation import provisioners  # noqa: E402

EMIT_SERVICE_EVENT = "AWSEvents.EmitServiceEvent"

_handle_request = eventbridge.handle_request
_validate_target_arn = eventbridge._validate_target_arn


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> Any:
    """Answer a request to EventBridge, or to the additional action."""
    if headers.get("x-amz-target") != EMIT_SERVICE_EVENT:
        return await _handle_request(method, path, headers, body, query)
    record = eventbridge._event_from_test_payload(json.loads(body))
    eventbridge._dispatch_event({**record, "EventBusName": "default"})
    return json_response({})


def validate_target(target: dict[str, Any]) -> Any:
    """Return the error response for a target that EventBridge rejects, else None."""
    message = None
    if ":event-bus/" in target["Arn"]:
        if target.keys() & {"Input", "InputPath", "InputTransformer"}:
            message = f"Modifying the input for target {target['Id']} is not supported."
        elif "RetryPolicy" in target:
            message = "Retry policy is not supported for Event bus targets."
        elif "RoleArn" not in target:
            message = f"RoleArn is required for target {target['Arn']}."
    if message:
        return error_response_json("ValidationException", message, 400)
    return _validate_target_arn(target)


def invite_account(payload: dict[str, Any]) -> Any:
    """Make an account a member of the caller's organization."""
    organizations._ensure_org()
    organization = organizations._orgs["self"]
    account = payload["Target"]["Id"]
    arn = f"{organization['Arn'].replace(':organization/', ':account/')}/{account}"
    organizations._accounts[account] = {"Id": account, "Arn": arn, "Status": "ACTIVE"}
    return json_response({"Handshake": {"Id": f"h-{new_uuid()}", "State": "ACCEPTED"}})


def create_query_definition(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
    """Create nothing. MiniStack has no saved queries, but CloudFormation needs an ID."""
    return new_uuid(), {}


def add_to_ministack() -> None:
    """Replace MiniStack's functions with those of this module."""
    eventbridge.handle_request = handle_request
    eventbridge._policies_are_enforced = lambda: True
    eventbridge._validate_target_arn = validate_target
    organizations._DISPATCH["InviteAccountToOrganization"] = invite_account
    provisioners._RESOURCE_HANDLERS["AWS::Logs::QueryDefinition"] = {
        "create": create_query_definition,
        "delete": lambda physical_id, props: None,
    }
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
            "Start it with emulator_process.py."
        )
    scratch = sys.argv.pop()
    threading.Thread(target=end_with_parent, args=[scratch], daemon=True).start()
    add_to_ministack()
    app.main()


if __name__ == "__main__":
    main()
