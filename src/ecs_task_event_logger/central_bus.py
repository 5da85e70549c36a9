"""A central event bus, to which forwarders of other accounts and regions send their events."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Names, Token
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from .checks import checked_names, checked_resource
from .place import known_elsewhere

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")


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
                f"cluster {cluster.cluster_arn} is of account {account}, which is not among the "
                f"accounts: {', '.join(self.accounts)}. Add it to them."
            )

    def admit_senders(self, scope: Construct) -> None:
        """Let them put events on the bus, and nobody else.

        It is a statement of its own in the policy of the bus, whoever has made that.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
        """
        sid = Names.unique_resource_name(scope, max_length=64)
        statement = iam.PolicyStatement(
            sid=sid,
            principals=self._principals(),
            actions=["events:PutEvents"],
            resources=[self.bus.event_bus_arn],
            # What ECS itself has sent: nobody else can name that source.
            conditions={"ForAllValues:StringEquals": {"events:source": "aws.ecs"}},
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
    given = {"accounts": accounts, "organization": organization}
    names = " and ".join(name for name, value in given.items() if value is not None)
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
    return CentralBus(event_bus, _checked_accounts(accounts), _checked_organization(organization))


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


def _checked_accounts(accounts: Any) -> list[str] | None:
    if accounts is None:
        return None
    names = checked_names("accounts", accounts, "account IDs, as strings of 12 digits")
    for name in names:
        is_token = isinstance(name, str) and Token.is_unresolved(name)
        if not is_token and not (isinstance(name, str) and _ACCOUNT.fullmatch(name)):
            raise ValueError(
                f"accounts holds {name!r}, which is no account ID: a string of 12 digits."
            )
    return list(dict.fromkeys(names))


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
