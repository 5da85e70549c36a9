"""The central bus: forwarders in other accounts and regions send their events to it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Names, Stack, Token
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._common.environment import ACCOUNT, refuse_other_environment
from .._common.usage import add_user
from .._common.validation import (
    given_names,
    import_line,
    is_known,
    shown,
    validate_items,
    validate_resource,
)

# https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")


@dataclass(frozen=True)
class CentralBus:
    """A central bus and its senders.

    Attributes:
        bus: The bus.
        source_accounts: The accounts that may send, or None if an organization may.
        organization_id: The organization whose accounts may send, or None.
    """

    bus: events.IEventBus
    source_accounts: list[str] | None
    organization_id: str | None

    def check_cluster(self, cluster: ecs.ICluster) -> None:
        """Check that the account of a cluster may send."""
        account, accounts = cluster.env.account, self.source_accounts
        if accounts is None or any(map(Token.is_unresolved, [account, *accounts])):
            return
        if account not in accounts:
            raise ValueError(
                f"cluster {cluster.node.path} is in account {account}, which is not in "
                f"source_accounts: {', '.join(accounts)}. Add the account to source_accounts."
            )

    def allow_senders(self, scope: Construct) -> None:
        """Allow the senders to put ECS events on the bus.

        Each stack adds one statement for each set of senders: the size of a bus policy is limited.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
        """
        senders = self.organization_id or ",".join(sorted(self.source_accounts or ()))
        statement_key = f"{Stack.of(scope).node.path} {senders}"
        if statement_key in add_user(self.bus, "senders", statement_key):
            return
        sid = Names.unique_resource_name(scope, max_length=64)
        statement = iam.PolicyStatement(
            sid=sid,
            principals=self._principals(),
            actions=["events:PutEvents"],
            resources=[self.bus.event_bus_arn],
            # Only ECS itself can send events with this source.
            conditions={
                "ForAllValues:StringEquals": {"events:source": "aws.ecs"},
                "Null": {"events:source": "false"},
            },
        )
        events.CfnEventBusPolicy(
            scope,
            "EventBusPolicy",
            event_bus_name=self.bus.event_bus_name,
            statement_id=sid,
            statement=statement.to_statement_json(),
        )

    def _principals(self) -> list[iam.IPrincipal]:
        if self.source_accounts is None:
            return [iam.OrganizationPrincipal(str(self.organization_id))]
        return [iam.AccountPrincipal(account) for account in self.source_accounts]


def central_bus_or_none(
    scope: Construct,
    event_bus: events.IEventBus | None,
    source_accounts: Sequence[str] | None,
    organization_id: str | None,
) -> CentralBus | None:
    """Return the central bus, or None if there is no ``event_bus``."""
    senders = given_names({"source_accounts": source_accounts, "organization_id": organization_id})
    if event_bus is None:
        if senders:
            raise ValueError(
                f"Without event_bus, {senders} cannot be used. Pass event_bus, the bus that these "
                f"accounts send to, or leave out {senders}: the default bus has the events of the "
                "stack's own account and region."
            )
        return None
    validate_bus("event_bus", event_bus)
    refuse_other_environment(
        scope,
        "event_bus",
        event_bus,
        event_bus.event_bus_arn,
        "Create the logger in a stack next to the bus, and an EcsTaskEventForwarder where the "
        "events come from.",
    )
    if not senders:
        raise ValueError(
            "event_bus needs source_accounts or organization_id, which say who may send to it. "
            'Write source_accounts=["111122223333"], for example, or organization_id="o-…".'
        )
    if source_accounts is not None and organization_id is not None:
        raise ValueError(
            "source_accounts cannot be used with organization_id: only one of them can decide who "
            "may send. Leave out one of the two."
        )
    return CentralBus(
        event_bus,
        validate_accounts("source_accounts", source_accounts),
        _validate_organization(organization_id),
    )


def validate_bus(prop: str, bus: Any) -> None:
    """Check that the value of a prop is an event bus."""
    validate_resource(
        prop,
        bus,
        "event_bus_name",
        "an events.IEventBus",
        import_line(
            "events.EventBus.from_event_bus_arn",
            bus,
            "events:{self.region}:{self.account}:event-bus/",
        ),
    )


def validate_accounts(prop: str, accounts: Any) -> list[str] | None:
    """Return the values of a prop as a list of account IDs, or None."""
    if accounts is None:
        return None
    items = validate_items(prop, accounts, "account IDs, as strings of 12 digits")
    return list(dict.fromkeys(validate_account(f"{prop} holds", item) for item in items))


def validate_account(problem: str, account: Any) -> str:
    """Return an account ID or a token. An error begins with ``problem``, such as ``prop holds``."""
    is_text = isinstance(account, str)
    if not is_text or (is_known(account) and not ACCOUNT.fullmatch(account)):
        raise ValueError(
            f"{problem} {shown(account)}, which is not an account ID. Write it as a string of "
            "12 digits."
        )
    return str(account)


def _validate_organization(organization_id: Any) -> str | None:
    if organization_id is None:
        return None
    if not isinstance(organization_id, str):
        raise TypeError(f"organization_id must be a string, got {shown(organization_id)}.")
    if is_known(organization_id) and not _ORGANIZATION.fullmatch(organization_id):
        raise ValueError(
            f"organization_id is {organization_id!r}, which is not an organization's ID. Write o- "
            "and 10 to 32 lower-case letters and digits."
        )
    return organization_id
