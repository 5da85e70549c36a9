"""A central event bus, to which forwarders of other accounts and regions send their events."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from aws_cdk import Names, Token
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._common.environment import ACCOUNT, known_elsewhere, place_of
from .._common.validation import checked_names, checked_resource, given

# https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")

# Who has been let in to a bus, by a statement in which stack.
_ADMITTED: WeakKeyDictionary[Any, set[Any]] = WeakKeyDictionary()


@dataclass(frozen=True)
class CentralBus:
    """A central bus, and who may send to it.

    Attributes:
        bus: The bus.
        accounts: The accounts that may, or None if it is an organization.
        organization: The organization all of whose accounts may, or None.
    """

    bus: events.IEventBus
    accounts: list[str] | None
    organization: str | None

    def check_cluster(self, cluster: ecs.ICluster) -> None:
        """Check that a cluster is not known to be of an account that may not send.

        Raises:
            ValueError: If it is.
        """
        account = cluster.env.account
        if self.accounts is None or any(map(Token.is_unresolved, [account, *self.accounts])):
            return
        if account not in self.accounts:
            raise ValueError(
                f"cluster {cluster.node.path} is of account {account}, which is not among the "
                f"accounts: {', '.join(self.accounts)}. Add it to them."
            )

    def admit_senders(self, scope: Construct) -> None:
        """Let them put events on the bus, and nobody else.

        It is a statement of its own in the policy of the bus, whoever has made that; one is enough
        for all loggers of a stack that admit the same, as the policy is bounded.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
        """
        admitted = _ADMITTED.setdefault(self.bus, set())
        statement_for = (place_of(scope).stack, self.organization, frozenset(self.accounts or ()))
        if statement_for in admitted:
            return
        admitted.add(statement_for)
        sid = Names.unique_resource_name(scope, max_length=64)
        statement = iam.PolicyStatement(
            sid=sid,
            principals=self._principals(),
            actions=["events:PutEvents"],
            resources=[self.bus.event_bus_arn],
            # What ECS itself has sent: nobody else can name that source.
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
        if self.accounts is None:
            return [iam.OrganizationPrincipal(str(self.organization))]
        return [iam.AccountPrincipal(account) for account in self.accounts]


def checked_central_bus(
    scope: Construct,
    event_bus: events.IEventBus | None,
    accounts: Sequence[str] | None,
    organization: str | None,
) -> CentralBus | None:
    """Return the central bus, or None if there is to be none.

    Raises:
        TypeError: If one of them is not what its type says.
        ValueError: If the bus is known to be in another account or region than the stack, or if it
            is not clear who may send to it.
    """
    names = given({"accounts": accounts, "organization": organization})
    if event_bus is None:
        if names:
            raise ValueError(
                f"{names} given without event_bus, the bus that others send to. The events of the "
                "stack's own account and region are on the default bus."
            )
        return None
    check_bus("event_bus", event_bus)
    if elsewhere := known_elsewhere(scope, event_bus, event_bus.event_bus_arn):
        raise ValueError(
            f"event_bus {event_bus.event_bus_arn} is in {elsewhere}. Put the logger into a stack "
            "beside the bus, and an EcsTaskEventForwarder where events are to come from."
        )
    if names in ("", "accounts and organization"):
        raise ValueError(
            f"event_bus given {'with' if names else 'without'} accounts "
            f"{'and' if names else 'or'} organization. Say who may send events to it: "
            'accounts=["111122223333"], for example, or organization="o-…".'
        )
    return CentralBus(
        event_bus, checked_accounts("accounts", accounts), _checked_organization(organization)
    )


def check_bus(prop: str, bus: Any) -> None:
    """Check that the value of a prop is an event bus.

    Raises:
        TypeError: If it is something else: a name, say.
    """
    checked_resource(
        prop,
        bus,
        "event_bus_name",
        "an events.IEventBus",
        "For a bus that exists already use events.EventBus.from_event_bus_arn.",
    )


def checked_accounts(prop: str, accounts: Any) -> list[str] | None:
    """Return the values of a prop as a list of account IDs; None as it is.

    Raises:
        TypeError: If it is no list.
        ValueError: If it is empty, or holds something else.
    """
    if accounts is None:
        return None
    names = checked_names(prop, accounts, "account IDs, as strings of 12 digits")
    for name in names:
        check_account(prop, name)
    return list(dict.fromkeys(names))


def check_account(prop: str, account: Any) -> None:
    """Check that a value in a prop is the ID of an account, or a token.

    Raises:
        ValueError: If it is not.
    """
    is_text = isinstance(account, str)
    if not is_text or not (ACCOUNT.fullmatch(account) or Token.is_unresolved(account)):
        raise ValueError(
            f"{prop} holds {account!r}, which is no account ID: a string of 12 digits."
        )


def _checked_organization(organization: Any) -> str | None:
    if organization is None:
        return None
    if not isinstance(organization, str):
        raise TypeError(f"organization must be a string, got {organization!r}.")
    if not Token.is_unresolved(organization) and not _ORGANIZATION.fullmatch(organization):
        raise ValueError(
            f"organization is {organization!r}, which is no ID of an organization: o- and 10 to "
            "32 lower-case letters and digits."
        )
    return organization
