"""The construct: a rule, a function and a log group, wired together."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import Duration, IgnoreMode, RemovalPolicy, Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from .event_filter import EventFilter, LaunchType, StopCode, TaskStatus
from .function.task_events.cause import Cause
from .log_group_checks import check_log_group
from .record_format import RecordFormat, format_environment
from .rule_checks import PatternLength, check_addition, checked_cluster_arn

# What for_all_clusters passes as the cluster: None is what somebody passes by mistake.
_ALL_CLUSTERS: Any = object()


class EcsTaskEventLogger(Construct):
    """Keeps the state changes of an ECS cluster's tasks in CloudWatch Logs, one line an event.

    ECS forgets why a task stopped after about an hour. This construct catches the events that ECS
    sends to EventBridge at every state change of a task, and keeps them.

    ```python
    EcsTaskEventLogger(self, "Log", cluster=cluster)
    ```

    It makes a rule on the default event bus, a Python function on AWS Lambda with a role that may
    write to one log group and do nothing else, and that log group. Nothing is given a physical
    name, so a stack may hold as many loggers as it likes.

    What is logged can be filtered. All filters must hold, and of each list any one:

    ```python
    EcsTaskEventLogger(
        self, "Log", cluster=cluster, services=["shop-*"], statuses=["STOPPED"], only_failures=True
    )
    ```

    Filters add no resource and cost nothing: the rule's pattern drops what it can, which AWS does
    not charge for, and the function decides the rest.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cluster: ecs.ICluster,
        statuses: Sequence[TaskStatus | str] | None = None,
        services: Sequence[str] | None = None,
        task_families: Sequence[str] | None = None,
        exclude_services: Sequence[str] | None = None,
        exclude_task_families: Sequence[str] | None = None,
        launch_types: Sequence[LaunchType | str] | None = None,
        stop_codes: Sequence[StopCode | str] | None = None,
        causes: Sequence[Cause | str] | None = None,
        only_failures: bool = False,
        log_retention: logs.RetentionDays | None = None,
        log_group: logs.ILogGroup | None = None,
        removal_policy: RemovalPolicy | None = None,
        record_format: RecordFormat | str | None = None,
        unredacted_environment: Sequence[str] | None = None,
    ) -> None:
        """Make the logger of one cluster; ``add_cluster`` adds others.

        Args:
            scope: The construct that this one is part of, usually a stack.
            id: The construct's ID, unique within ``scope``.
            cluster: The cluster to watch: made in this stack or in another, or imported, for
                example with ``ecs.Cluster.from_cluster_arn``.
            statuses: Log only events in which the task has one of these statuses
                (``lastStatus``). By default events of every status are logged.
            services: Log only tasks of the services with these names, in which ``*`` stands for
                anything. By default tasks of every service and of none are logged.
            task_families: Log only tasks of these families of task definitions, in which ``*``
                stands for anything, whatever started them. Given together with ``services``, tasks
                of these services and tasks of these families are logged. By default tasks of every
                family are.
            exclude_services: Do not log tasks of these services. By default none is excluded.
            exclude_task_families: Do not log tasks of these families. By default none is excluded.
            launch_types: Log only tasks of these launch types (``launchType``; some tasks of
                capacity providers have none). By default tasks of every launch type are logged.
            stop_codes: Log only tasks that stop with one of these codes (``stopCode``). By default
                it does not matter.
            causes: Log only tasks that stop for one of these causes, as the diagnosis finds it. By
                default it does not matter.
            only_failures: Log only tasks that fail, as the diagnosis finds it. A task says so in
                several events, from when it is about to stop; ``statuses=["STOPPED"]`` beside it
                makes that one line a task. By default it does not matter.
            log_retention: How long lines are kept in the log group that is made here. By default
                one month.
            log_group: The caller's own log group to write to. By default one is made.
            removal_policy: What becomes of the log group that is made here once it is no longer
                part of the stack. By default it stays, with all it holds.
            record_format: How much of an event is logged. By default ``RecordFormat.COMPACT``:
                what is needed to understand it, in about a quarter of its bytes.
            unredacted_environment: Names of environment variables whose values may be logged.
                ECS's events carry the environment and the command that RunTask was given, in clear
                text. Only ``RecordFormat.FULL``, and events that are not understood, are logged
                with them, and by default every value is replaced by ``***``.

        Members of ``TaskStatus``, ``LaunchType``, ``StopCode``, ``Cause`` and ``RecordFormat`` may
        be given as strings of the same spelling. Names may be tokens, such as
        ``service.service_name`` or ``task_definition.family``.

        Raises:
            TypeError: If ``cluster``, ``log_group`` or ``log_retention`` is not what its type says,
                or if what must be a list is none.
            ValueError: If a list is empty or holds what is not accepted; if the cluster or the log
                group is known to be in another account or region than the stack; if ``stop_codes``,
                ``causes`` or ``only_failures`` look for what no event of the ``statuses`` carries;
                or if ``log_group`` is given together with ``log_retention`` or ``removal_policy``.
        """
        super().__init__(scope, id)
        event_filter = EventFilter(
            statuses=statuses,
            services=services,
            task_families=task_families,
            exclude_services=exclude_services,
            exclude_task_families=exclude_task_families,
            launch_types=launch_types,
            stop_codes=stop_codes,
            causes=causes,
            only_failures=only_failures,
        )
        self._clusters: list[str] | None = None
        detail = event_filter.detail(
            self._definition_arn() if task_families or exclude_task_families else ""
        )
        if cluster is not _ALL_CLUSTERS:
            self._clusters = [checked_cluster_arn(self, cluster)]
            detail = {"clusterArn": self._clusters, **detail}
        check_log_group(self, log_group, log_retention, removal_policy)
        self._log_group = log_group or self._make_log_group(log_retention, removal_policy)
        self._function = self._make_function(
            self._log_group,
            {
                **format_environment(record_format, unredacted_environment),
                **event_filter.environment(),
            },
        )
        self._detail = detail
        self._rule = self._make_rule(self._function, detail)

    @classmethod
    def for_all_clusters(cls, scope: Construct, id: str, **props: Any) -> "EcsTaskEventLogger":
        """Make a logger of every cluster of the stack's account and region, present and future.

        Args:
            scope: The construct that this one is part of, usually a stack.
            id: The construct's ID, unique within ``scope``.
            **props: What ``EcsTaskEventLogger`` takes beside ``cluster``.

        Raises:
            TypeError: If ``cluster`` is among the props.
            ValueError: As ``EcsTaskEventLogger`` does.
        """
        if "cluster" in props:
            raise TypeError(
                "for_all_clusters takes no cluster. For one cluster use EcsTaskEventLogger(…, "
                "cluster=cluster), and for several add_cluster."
            )
        return cls(scope, id, cluster=_ALL_CLUSTERS, **props)

    def add_cluster(self, cluster: ecs.ICluster) -> None:
        """Watch another cluster too.

        Args:
            cluster: The cluster, in the stack's own account and region.

        Raises:
            TypeError: If it is not a cluster.
            ValueError: If it is watched already, or is known to be in another account or region.
        """
        arn = checked_cluster_arn(self, cluster)
        if self._clusters is None:
            raise ValueError(
                f"{self.node.path} watches all clusters, {cluster.node.path} included."
            )
        if arn in self._clusters:
            raise ValueError(f"{self.node.path} watches {cluster.node.path} already.")
        self._clusters.append(arn)
        self._rule.add_event_pattern(detail={"clusterArn": [arn]})

    def add_event_pattern(self, *, detail: Mapping[str, Any]) -> None:
        """Add a condition in EventBridge's own words.

        It is merged into the rule's pattern as ``events.Rule.add_event_pattern`` does: a condition
        on a key that has none must hold too, and values for a key that has a list of them already
        are added to that list.

        ```python
        log.add_event_pattern(detail={"availabilityZone": [{"prefix": "eu-west-1"}]})
        ```

        Args:
            detail: The condition on an event's ``detail``: keys to lists of what may stand there.

        Raises:
            TypeError: If it is no mapping.
            ValueError: If it holds something else than lists that are not empty, or a key whose
                condition a prop has set in a way that nothing can be added to.
        """
        check_addition(detail, self._detail)
        self._rule.add_event_pattern(detail=dict(detail))

    @property
    def rule(self) -> events.Rule:
        """The rule that picks the events from the default event bus."""
        return self._rule

    @property
    def function(self) -> lambda_.Function:
        """The function that makes a line of an event."""
        return self._function

    @property
    def log_group(self) -> logs.ILogGroup:
        """The log group that holds the lines: the one made here, or the caller's own."""
        return self._log_group

    def _definition_arn(self) -> str:
        """Return what the ARNs of the stack's task definitions begin with, up to the family."""
        return Stack.of(self).format_arn(
            service="ecs", resource="task-definition", resource_name=""
        )

    def _make_log_group(
        self, retention: logs.RetentionDays | None, removal_policy: RemovalPolicy | None
    ) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "LogGroup",
            retention=logs.RetentionDays.ONE_MONTH if retention is None else retention,
            removal_policy=removal_policy,
        )

    def _make_rule(self, function: lambda_.Function, detail: dict[str, Any]) -> events.Rule:
        rule = events.Rule(
            self,
            "Rule",
            description="Catches ECS task events (ecs-task-event-logger)",
            event_pattern=events.EventPattern(
                source=["aws.ecs"],
                detail_type=["ECS Task State Change"],
                detail=detail or None,  # EventBridge refuses an empty one
            ),
            targets=[targets.LambdaFunction(function)],
        )
        self.node.add_validation(PatternLength(rule))
        return rule

    def _make_function(
        self, log_group: logs.ILogGroup, environment: dict[str, str]
    ) -> lambda_.Function:
        # A role of our own: the one that CDK would make may write to every log group there is.
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(role)
        return lambda_.Function(
            self,
            "Function",
            description="Logs ECS task events (ecs-task-event-logger)",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(
                str(Path(__file__).with_name("function")),
                # Modules only: what else a machine leaves here (.pyc files, say) would change
                # the asset's hash, and with it every user's template.
                exclude=["*", "!task_events", "!task_events/*.py"],
                ignore_mode=IgnoreMode.GIT,
            ),
            handler="task_events.main.handler",
            environment=environment,
            memory_size=128,
            timeout=Duration.seconds(10),
            role=role,
            log_group=log_group,
            # Lines are stored as printed, and the platform's own (start, end, report) are not.
            logging_format=lambda_.LoggingFormat.JSON,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
        )
