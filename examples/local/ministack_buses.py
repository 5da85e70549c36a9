"""Makes MiniStack's event buses of several accounts and regions behave as in AWS.

- A rule's target may be an event bus of another account or region, if the target's role and the
  bus's policy allow it.
- CloudFormation creates the policy of a bus.
- An account becomes a member of an organization when it is invited. It need not accept.

MiniStack reads the account and region of a request from its credentials: an access key ID with
twelve digits is the account.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.arn import Arn, parse_arn
from ministack.core.responses import (
    error_response_json,
    get_account_id,
    json_response,
    new_uuid,
    request_scope,
)
from ministack.services import eventbridge, iam, organizations
from ministack.services.cloudformation import provisioners

_bus_create = provisioners._eb_event_bus_create
_bus_update = provisioners._eb_event_bus_update
_principal_org_id = iam_evaluator._principal_org_id
_put_permission = eventbridge._put_permission
_rule_create = provisioners._eb_rule_create
_validate_target_arn = eventbridge._validate_target_arn


def is_bus(target: dict[str, Any]) -> bool:
    """Return whether a rule's target is an event bus."""
    return ":event-bus/" in target["Arn"]


def delivery_error(target: dict[str, Any], event: Any, rule: Any) -> tuple[str, str] | None:
    """Return the error code and message if an event cannot be sent to a bus, else None."""
    if event.get("_DispatchPath"):
        return (
            "THIRD_ACCOUNT_HOP_DETECTED",
            f"Event ingestion rejected for event {event['EventId']} because an event can be sent "
            "to an event bus target only once. "
            "This event was previously delivered to an event bus target.",
        )
    arn = target["Arn"]
    if not may_put(target.get("RoleArn", ""), parse_arn(arn), event, rule):
        return "NO_PERMISSIONS", f"Not authorized to perform events:PutEvents on {arn}."
    return None


def may_put(role_arn: str, bus: Arn, event: Any, rule: Any) -> bool:
    """Return whether a rule's role may put an event on a bus.

    In the bus's own account, the role's policies are enough. For other accounts, the bus's policy
    must allow it too.
    """
    account = get_account_id()
    role_name = role_arn.rpartition("/")[2]
    role = iam._roles.get_scoped(account, None, role_name)
    if not role or role["Arn"] != role_arn:
        return False
    putting = iam_evaluator.EvalContext(
        principal_arn=role_arn,
        principal_type="AssumedRole",
        principal_account=account,
        action="events:PutEvents",
        resource_arn=str(bus),
        region=bus.region,
        service_context={
            "events:source": event["Source"],
            "events:detail-type": event["DetailType"],
            "events:eventbusinvocation": "true",
        },
    )
    assuming = replace(
        putting,
        action="sts:AssumeRole",
        resource_arn=role_arn,
        service_context={"aws:sourcearn": rule["Arn"], "aws:sourceaccount": account},
    )
    trust = iam_evaluator.evaluate_resource_policy(
        role["AssumeRolePolicyDocument"], assuming, service="events.amazonaws.com"
    )
    role_policies = iam_evaluator._gather_role_policies(role_name, account)
    bus_policy = eventbridge._event_bus_policies.get_scoped(
        bus.account_id, bus.region, bus_name(str(bus))
    )
    result = iam_evaluator.combine_resource_policy(
        iam_evaluator.evaluate(putting, role_policies), putting, bus_policy, bus.account_id
    )
    return bool(trust.decision == result.decision == "Allow")


def forward(arn: str, event: dict[str, Any], rule: Any) -> None:
    """Put an event on the bus that is a rule's target. It keeps its account and region.

    An event gets a new ID and time on its way to another region, but not to another account.
    """
    bus = parse_arn(arn)
    forwarded = {**event, "EventBusName": bus_name(arn), "_DispatchPath": [rule["Arn"]]}
    if bus.region != rule["Arn"].split(":")[3]:
        forwarded |= {"EventId": new_uuid(), "Time": int(time.time())}
    with request_scope(bus.account_id, bus.region):
        eventbridge._dispatch_event(forwarded)


def bus_name(reference: str) -> str:
    """Return the name of an event bus, from its name or its ARN."""
    return reference.rpartition("/")[2]


def validate_target(target: dict[str, Any]) -> Any:
    """Return the error response for a target that EventBridge rejects."""
    message = None
    if is_bus(target) and target.keys() & {"Input", "InputPath", "InputTransformer"}:
        message = f"Modifying the input for target {target['Id']} is not supported."
    elif is_bus(target) and "RetryPolicy" in target:
        message = "Retry policy is not supported for Event bus targets."
    elif is_bus(target) and "RoleArn" not in target:
        message = f"RoleArn is required for target {target['Arn']}."
    if message:
        return error_response_json("ValidationException", message, 400)
    return _validate_target_arn(target)


def create_rule(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
    """Create a template's rule if its bus exists and EventBridge accepts its targets."""
    eventbridge._ensure_default_bus()
    require_bus(props)
    for target in props.get("Targets", []):
        if error := validate_target(target):
            raise ValueError(json.loads(error[2])["message"])
    return _rule_create(logical_id, props, stack_name)


def require_bus(props: dict[str, Any]) -> str:
    """Return the name of the bus that a template's resource belongs to.

    Raises:
        ValueError: If there is no bus with this name.
    """
    name = bus_name(props.get("EventBusName", "default"))
    if name not in eventbridge._event_buses:
        raise ValueError(f"Event bus {name} does not exist.")
    return name


def create_bus(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
    """Create a template's event bus with its policy, which MiniStack ignores."""
    name, attributes = _bus_create(logical_id, props, stack_name)
    set_bus_policy(name, props.get("Policy"))
    return name, attributes


def update_bus(name: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Any:
    """Update a template's event bus with its policy, which MiniStack ignores."""
    name, attributes = _bus_update(name, old, new, stack_name)
    if old.get("Policy") != new.get("Policy"):
        set_bus_policy(name, new.get("Policy"))
    return name, attributes


def set_bus_policy(name: str, policy: Any) -> None:
    """Set the policy of an event bus, and remove that of a former bus with the same name."""
    eventbridge._event_bus_policies.pop(name, None)
    if policy:
        eventbridge._event_bus_policies[name] = policy


def create_bus_policy(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
    """Add a template's statement to the policy of a bus, or replace it there."""
    eventbridge._ensure_default_bus()
    name, statement_id = require_bus(props), props["StatementId"]
    if "Statement" not in props:  # it has an action, a principal and a condition instead
        put_permission({**props, "EventBusName": name})
    else:
        policy = eventbridge._event_bus_policies.get(name, {"Version": "2012-10-17"})
        others = [each for each in policy.get("Statement", []) if each.get("Sid") != statement_id]
        statement = {**props["Statement"], "Sid": statement_id}
        set_bus_policy(name, {**policy, "Statement": [*others, statement]})
    return f"{name}|{statement_id}", {}


def delete_bus_policy(physical_id: str, props: dict[str, Any]) -> None:
    """Remove a template's statement from the policy of a bus."""
    name, statement_id = physical_id.split("|")
    eventbridge._remove_permission({"EventBusName": name, "StatementId": statement_id})


def put_permission(data: dict[str, Any]) -> Any:
    """Change a bus's policy. Write principal and condition as IAM policies do."""
    if data.get("Policy"):
        set_bus_policy(data.get("EventBusName", "default"), json.loads(data["Policy"]))
        return json_response({})
    statement = dict(data)
    if statement.get("Principal", "*") != "*":
        statement["Principal"] = {"AWS": f"arn:aws:iam::{data['Principal']}:root"}
    if condition := data.get("Condition"):
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return _put_permission(statement)


def invite_account(payload: dict[str, Any]) -> Any:
    """Make an account a member of the caller's organization."""
    organizations._ensure_org()
    organization = organizations._orgs["self"]
    account = payload["Target"]["Id"]
    arn = f"{organization['Arn'].replace(':organization/', ':account/')}/{account}"
    organizations._accounts[account] = {"Id": account, "Arn": arn, "Status": "ACTIVE"}
    return json_response({"Handshake": {"Id": f"h-{new_uuid()}", "State": "ACCEPTED"}})


def principal_org_id(account: str) -> Any:
    """Return the ID of the organization that an account is a member of, or manages."""
    for manager, member in list(organizations._accounts._data):
        if member == account != manager:
            return _principal_org_id(manager)
    return _principal_org_id(account)


def patch() -> None:
    """Replace MiniStack's functions with those of this module."""
    eventbridge._put_permission = put_permission
    eventbridge._validate_target_arn = validate_target
    iam_evaluator._principal_org_id = principal_org_id
    organizations._DISPATCH["InviteAccountToOrganization"] = invite_account
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::Events::EventBus"] |= {"create": create_bus, "update": update_bus}
    handlers["AWS::Events::Rule"]["create"] = create_rule
    handlers["AWS::Events::EventBusPolicy"] = {
        "create": create_bus_policy,
        "delete": delete_bus_policy,
    }
