"""The clusters to watch: their checks, and their ARNs in event patterns."""

import re
from dataclasses import dataclass
from typing import Any

from aws_cdk import Fn, Stack, Token
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from .._common.environment import refuse_other_environment
from .._common.references import resource_behind
from .._common.resource_names import name_pattern_of
from .._common.validation import import_line, validate_resource
from .event_pattern import any_of

# The ARN of a service or task in a cluster.
_IN_A_CLUSTER = re.compile(r"^(arn:[^:]+:ecs:[^:]+:\d+):(?:service|task)/([^/]+)/.*$")


def validate_cluster(cluster: Any) -> str:
    """Return the ARN of a cluster."""
    if cluster is None:
        instead = "Write cluster=cluster. for_all_clusters creates a logger for every cluster."
    elif isinstance(cluster, list | tuple):
        instead = "Write one cluster. A logger, rule or forwarder gets each other by add_cluster."
    else:
        before = "ecs:{self.region}:{self.account}:cluster/"
        given = _IN_A_CLUSTER.sub(r"\1:cluster/\2", cluster) if type(cluster) is str else cluster
        instead = import_line("ecs.Cluster.from_cluster_arn", given, before)
    arn: str = validate_resource("cluster", cluster, "cluster_arn", "an ecs.ICluster", instead)
    _, is_cluster, name = arn.partition(":cluster/")
    if ":" in name or "/" in name or not (is_cluster or Token.is_unresolved(arn)):
        shown_arn = "made of tokens and another ARN" if Token.is_unresolved(arn) else arn
        raise ValueError(
            f"cluster {cluster.node.path} has the ARN {shown_arn}, which is not the ARN of a "
            "cluster. Write an ARN such as arn:aws:ecs:eu-west-1:111122223333:cluster/shop."
        )
    return arn


def check_cluster_environment(scope: Construct, cluster: ecs.ICluster, arn: str) -> None:
    """Check that the events of a cluster arrive at the stack's default bus."""
    refuse_other_environment(
        scope,
        "cluster",
        cluster,
        arn,
        "ECS sends events to the cluster's own account and region. Create the logger in a stack "
        "there, or an EcsTaskEventForwarder that sends the events to a bus of this stack.",
    )


@dataclass(frozen=True)
class WatchedCluster:
    """A cluster in the terms of event patterns.

    Attributes:
        arn: The ARN that tells the cluster from others.
        head: The ARN up to the name, or the whole ARN if its parts are unknown.
        name: The cluster's name, where ``*`` may stand for its end, or an empty string.
        is_default: Whether calls that name no cluster are for this one.
    """

    arn: str
    head: str
    name: str
    is_default: bool = False

    def matchers(self) -> list[Any]:
        """Match the ARN of the cluster."""
        return any_of(self.head, [self.name])

    def service_matchers(self) -> list[Any]:
        """Match the ARNs of the cluster's services."""
        head, name = self._parts()
        return any_of(f"{head.removesuffix(':cluster/')}:service/", [name], "/")

    def call_matchers(self) -> list[Any]:
        """Match the cluster in the parameters of a call: its ARN, its name, or none if default."""
        _, name = self._parts()
        unnamed = [{"exists": False}] if self.is_default else []
        return [*self.matchers(), *any_of("", [name]), *unnamed]

    def _parts(self) -> tuple[str, str]:
        """Return the beginning of the cluster's ARN, and its name."""
        if self.name:
            return self.head, self.name
        head, name = Fn.split(":cluster/", self.arn, 2)
        return head, name


def watched_cluster(scope: Construct, cluster: ecs.ICluster, arn: str) -> WatchedCluster:
    """Return a cluster in the terms of event patterns.

    The ARN of a cluster in another stack would make the rule wait until that whole stack is
    deployed, with the services in it. So the cluster's name stands in its place.
    """
    resource = resource_behind(arn)
    chosen = getattr(resource, "cluster_name", None)
    if resource is not None and Stack.of(resource) is not Stack.of(scope):
        name = name_pattern_of(scope, "cluster", "cluster", cluster)
        if resource_behind(name) is None:
            head = Stack.of(resource).format_arn(
                service="ecs", resource="cluster", resource_name=""
            )
            return WatchedCluster(arn, head, name, chosen == "default")
    head, separator, name = arn.partition(":cluster/")
    return WatchedCluster(arn, head + separator, name, "default" in (name, chosen))
