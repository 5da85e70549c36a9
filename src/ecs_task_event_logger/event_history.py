"""The event history: all events of a cluster, as the ECS console shows them."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import jsii
from aws_cdk import (
    Annotations,
    IResolveContext,
    IStringProducer,
    Lazy,
    RemovalPolicy,
    Stack,
)
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk.region_info import RegionInfo
from constructs import Construct, IValidation

from ._common.encryption import allow_logs_to_encrypt, validate_key
from ._common.rejection import leaves_nothing_behind
from ._common.resource_names import name_of
from ._common.signature import InitSignature
from ._common.validation import is_known, validate_cdk_enum, validate_removal_policy
from ._rules.clusters import check_cluster_environment, validate_cluster, watched_cluster

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class EcsEventHistory(Construct):
    """Keeps the events of a cluster for the tab "Event history" of the ECS console.

    ```python
    EcsEventHistory(self, "History", cluster=cluster)
    ```

    The button "Turn on event capture" of the console does the same. ECS has neither an API nor a
    CloudFormation resource for that: the console looks for a log group and a rule with certain
    names. This construct creates both. It has no function, and is independent of
    ``EcsTaskEventLogger``. Both may watch one cluster.

    It creates a log group (``AWS::Logs::LogGroup``) with a policy that lets EventBridge write to
    it, and a rule (``AWS::Events::Rule``). As the console's rule, it matches ``clusterArn`` in the
    detail; AWS's examples of deployment events lack that field. The log group keeps whole events of
    all types for seven days, not redacted: with the environment and the commands of overrides in
    clear text. CloudWatch Logs charges for their ingestion, $0.50 for each GB (in US East in
    November 2026).

    The names exist already where event capture is on in the console, and perhaps where Container
    Insights keeps lifecycle events. Then the deployment fails. Import both resources into the stack
    with ``cdk import``; or turn event capture off and delete the log group with its events. The
    names are those of November 2026, and AWS may change them. Events are kept in any case, and Logs
    Insights finds them. We could not try the console itself.

    Source: AWS documentation,
    <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-events.html>.
    """

    __signature__ = InitSignature()

    @leaves_nothing_behind
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cluster: ecs.ICluster,
        log_retention: logs.RetentionDays | None = None,
        encryption_key: kms.IKey | None = None,
        removal_policy: RemovalPolicy | None = None,
    ) -> None:
        """Create the log group and the rule.

        Args:
            scope: The parent construct, usually a stack.
            id: The construct's ID, unique within ``scope``.
            cluster: The cluster, in the stack's own account and region. The name of the rule
                depends on the cluster's ARN. If the name, account or region is unknown at
                synthesis, a warning says what to set. Then CloudFormation names the rule. The tab
                may show the events, but the console does not know that event capture is on. A
                cluster without ``cluster_name`` must be in the same stack, or its stack exports the
                name.
            log_retention: How long events are kept. By default for seven days, as the console does.
            encryption_key: The key for the log group. The statement that it needs is added to its
                policy. By default CloudWatch Logs' own key encrypts it, at no cost.
            removal_policy: What becomes of the log group when it leaves the stack. By default it is
                deleted: its name is fixed, so that a second deployment would find it and fail. A
                new name of the cluster creates a new log group, and the old one leaves.

        Raises:
            TypeError: If a prop has the wrong type.
            ValueError: If the cluster or the key is known to be in another account or region than
                the stack. If ``removal_policy`` is ``SNAPSHOT``.
        """
        super().__init__(scope, id)
        arn = validate_cluster(cluster)
        check_cluster_environment(self, cluster, arn)
        validate_cdk_enum("log_retention", log_retention, logs.RetentionDays.ONE_MONTH)
        validate_removal_policy(removal_policy)
        if encryption_key is not None:
            validate_key(self, encryption_key)
            allow_logs_to_encrypt(self, encryption_key)
        cluster_name = str(name_of(self, "cluster", cluster))
        self._log_group = self._create_log_group(
            cluster_name, log_retention, encryption_key, removal_policy
        )
        name = _RuleName(self, arn, cluster_name)
        self.node.add_validation(name)
        self._rule = events.Rule(
            self,
            "Rule",
            rule_name=Lazy.uncached_string(name),
            description="Keeps all events of a cluster (ecs-task-event-logger)",
            event_pattern=events.EventPattern(
                source=["aws.ecs"],
                detail={"clusterArn": watched_cluster(self, cluster, arn).matchers()},
            ),
            targets=[_LogGroupTarget(self._log_group_arn(self._log_group.log_group_name))],
        )

    @property
    def log_group(self) -> logs.LogGroup:
        """The log group with the events."""
        return self._log_group

    @property
    def rule(self) -> events.Rule:
        """The rule that catches the events."""
        return self._rule

    def _create_log_group(
        self,
        cluster_name: str,
        retention: logs.RetentionDays | None,
        key: kms.IKey | None,
        removal_policy: RemovalPolicy | None,
    ) -> logs.LogGroup:
        name = f"/aws/events/ecs/containerinsights/{cluster_name}/performance"
        log_group = logs.LogGroup(
            self,
            "LogGroup",
            log_group_name=name,
            retention=retention or logs.RetentionDays.ONE_WEEK,
            encryption_key=key,
            removal_policy=removal_policy or RemovalPolicy.DESTROY,
        )
        resource: Any = log_group.node.default_child
        # A policy of the group itself: an account has only ten of its own in a region.
        resource.resource_policy_document = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {
                        "Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
                    },
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": f"{self._log_group_arn(name)}:*",
                }
            ],
        }
        return log_group

    def _log_group_arn(self, name: str) -> str:
        """Return the ARN without the ending that means all streams."""
        stack = Stack.of(self)
        return f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:{name}"


def rule_name(cluster_arn: str) -> str:
    """Return the name that the ECS console gives the rule of a cluster."""
    cluster_name = cluster_arn.rpartition("/")[2]
    digest = sha256(f'"{cluster_arn}"'.encode()).digest()
    return f"EventsToLogs-{cluster_name[:6]}-{_base58(digest)}"


def _base58(data: bytes) -> str:
    number, text = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, len(_BASE58))
        text = _BASE58[digit] + text
    zeros = len(data) - len(data.lstrip(b"\0"))
    return _BASE58[0] * zeros + text


@jsii.implements(IStringProducer, IValidation)
class _RuleName:
    """The name that the ECS console expects, or none if the cluster's ARN is unknown at synthesis.

    Aspects may still choose the cluster's name. So it is read at synthesis.
    """

    def __init__(self, scope: Construct, arn: str, cluster_name: str) -> None:
        """Keep the cluster's ARN and name for synthesis."""
        self._scope = scope
        self._arn = arn
        self._cluster_name = cluster_name

    def produce(self, context: IResolveContext) -> str | None:
        """Return the name, or None for a name that CloudFormation makes."""
        arn = self._known_arn()
        return None if arn is None else rule_name(arn)

    def validate(self) -> list[str]:
        """Warn if the name is unknown."""
        if self._known_arn() is None:
            Annotations.of(self._scope).add_warning_v2(
                "ecs-task-event-logger:unknownRuleName",
                f"{self._scope.node.path} cannot name its rule as the ECS console expects, because "
                "the ARN of the cluster is unknown at synthesis. The tab Event history may show "
                "the events, but the console does not know that event capture is on. Do not turn "
                "it on there: that would keep each event twice. Set cluster_name on the cluster, "
                f"and env with account and region on the stack {Stack.of(self._scope).node.path}.",
            )
        return []

    def _known_arn(self) -> str | None:
        """Return the cluster's ARN without tokens, or None."""
        if is_known(self._arn):
            return self._arn
        stack = Stack.of(self._scope)
        parts = (stack.resolve(self._cluster_name), stack.region, stack.account)
        if not all(isinstance(each, str) and is_known(each) for each in parts):
            return None
        partition = RegionInfo.get(stack.region).partition
        name, region, account = parts
        return f"arn:{partition}:ecs:{region}:{account}:cluster/{name}" if partition else None


@jsii.implements(events.IRuleTarget)
class _LogGroupTarget:
    """A log group as a target. CDK's own target would add a policy to the whole account."""

    def __init__(self, arn: str) -> None:
        """Keep the ARN."""
        self._arn = arn

    def bind(self, rule: Any, id: str | None = None) -> events.RuleTargetConfig:
        """Return the target's configuration."""
        return events.RuleTargetConfig(arn=self._arn)
