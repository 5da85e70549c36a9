"""The construct: a rule, a function and a log group, wired together."""

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from .event_filter import TaskStatus, task_pattern
from .record_format import RecordFormat, format_environment


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
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cluster: ecs.ICluster,
        statuses: Sequence[TaskStatus | str] | None = None,
        log_retention: logs.RetentionDays | None = None,
        log_group: logs.ILogGroup | None = None,
        removal_policy: RemovalPolicy | None = None,
        record_format: RecordFormat | str | None = None,
        unredacted_environment: Sequence[str] | None = None,
    ) -> None:
        """Make the logger of one cluster.

        Args:
            scope: The construct that this one is part of, usually a stack.
            id: The construct's ID, unique within ``scope``.
            cluster: The cluster to watch: made in this stack or in another, or imported, for
                example with ``ecs.Cluster.from_cluster_arn``.
            statuses: Only events in which the task has one of these statuses (``lastStatus``) are
                logged: members of ``TaskStatus``, or strings of the same spelling. By default
                events of every status are.
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

        Raises:
            TypeError: If ``cluster`` is not a cluster, or ``statuses`` or
                ``unredacted_environment`` is not a list.
            ValueError: If a list is empty or holds what is not accepted, if ``record_format`` is
                unknown, or if ``log_group`` is given together with ``log_retention`` or
                ``removal_policy``.
        """
        super().__init__(scope, id)
        pattern = task_pattern(cluster, statuses)
        environment = format_environment(record_format, unredacted_environment)
        if log_group is None:
            log_group = self._make_log_group(log_retention, removal_policy)
        else:
            _refuse_beside_log_group(log_retention=log_retention, removal_policy=removal_policy)
        self._log_group = log_group
        self._function = self._make_function(log_group, environment)
        self._rule = events.Rule(
            self,
            "Rule",
            description="Catches ECS task events (ecs-task-event-logger)",
            event_pattern=pattern,
            targets=[targets.LambdaFunction(self._function)],
        )

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

    def _make_log_group(
        self, retention: logs.RetentionDays | None, removal_policy: RemovalPolicy | None
    ) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "LogGroup",
            retention=logs.RetentionDays.ONE_MONTH if retention is None else retention,
            removal_policy=removal_policy,
        )

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


def _refuse_beside_log_group(**props: object) -> None:
    given = [name for name, value in props.items() if value is not None]
    if given:
        raise ValueError(
            f"log_group was given together with {' and '.join(given)}, which would configure a log "
            f"group made here. Leave out log_group, or set {' and '.join(given)} where your log "
            "group is made."
        )
