"""The logger: filter, log group, dead-letter queue, role, function, rules and saved queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, Unpack, cast

from aws_cdk import Annotations, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ._common.encryption import validate_key, warn_of_other_accounts_key
from ._common.rejection import child_removed_on_error, leaves_nothing_behind
from ._common.signature import InitSignature
from ._common.usage import add_user
from ._common.validation import refuse_tokens, refuse_unused, validate_bool, validate_member
from ._insights.messages import show_log_lines_below
from ._insights.metrics import (
    FAILURES,
    IMAGE_PULL_DURATION,
    RUN_DURATION,
    START_DURATION,
    STOPPED_TASKS,
    TASK_FAILURES,
    LineMetric,
    LineMetricOptions,
    LineMetrics,
    MetricOptions,
    QueryOptions,
)
from ._insights.notifications import (
    DISCONNECTED_AGENTS,
    NotificationFilter,
    create_notification_rule,
    failures,
    stopped_tasks,
)
from ._insights.saved_queries import (
    INDEXED_FIELDS,
    ORIGIN,
    ORIGIN_FIELDS,
    create_saved_queries,
)
from ._pipeline.container_logs import ContainerLogSettings
from ._pipeline.dead_letter_queue import QueueSettings, queue_or_default
from ._pipeline.execution_role import ExecutionRole, required_statements
from ._pipeline.function import create_function
from ._pipeline.log_group import LogGroupSettings, log_group_or_default
from ._pipeline.log_pipeline import LogPipeline
from ._pipeline.retry_policy import RetryPolicy
from ._pipeline.settings import FunctionSettings
from ._pipeline.vpc import VpcSettings
from ._rules.central_bus import central_bus_or_none
from ._rules.event_filter import EventFilter, refuse_successes
from ._rules.event_pattern import validate_name
from ._rules.event_types import lack_cause, lack_service
from ._rules.required_events import RequiredEvents
from ._rules.rules import ALL_CLUSTERS, EventRules
from .enums import EventType, LaunchType, RecordFormat, StopCode, TaskStatus
from .event_logger_props import AllClustersProps
from .handler.task_events.cause import Cause

# Loaded by the methods that need it, because each CDK module costs every app time.
if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

_NOTIFICATIONS = "Notifications"


class EcsTaskEventLogger(Construct):
    """Keeps the state changes of an ECS cluster's tasks in CloudWatch Logs, one line per event.

    ECS forgets why a task stopped after about an hour. ECS sends an event to EventBridge at every
    state change of a task. This construct catches these events and keeps them.

    ```python
    EcsTaskEventLogger(self, "Log", cluster=cluster)
    ```

    It creates a rule on the default event bus, a Python function on AWS Lambda, a log group, and a
    dead-letter queue for events that could not be logged. The function's role may only write to the
    log group and send to the queue. Queries for CloudWatch Logs Insights are saved too. No resource
    has a physical name, so a stack may hold several loggers.

    Filters choose the events. An event must match every filter; a list matches if any value does:

    ```python
    EcsTaskEventLogger(
        self, "Log", cluster=cluster, services=["shop-*"], statuses=["STOPPED"], only_failures=True
    )
    ```

    Filters cost nothing: the rule's pattern drops most events, and the function applies the rest.
    """

    __signature__ = InitSignature()

    @leaves_nothing_behind
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cluster: ecs.ICluster | None = None,
        statuses: Sequence[TaskStatus | str] | None = None,
        services: Sequence[str | ecs.IService] | None = None,
        task_families: Sequence[str | ecs.ITaskDefinition] | None = None,
        exclude_services: Sequence[str | ecs.IService] | None = None,
        exclude_task_families: Sequence[str | ecs.ITaskDefinition] | None = None,
        launch_types: Sequence[LaunchType | ecs.LaunchType | str] | None = None,
        capacity_providers: Sequence[str | ecs.AsgCapacityProvider] | None = None,
        stop_codes: Sequence[StopCode | str] | None = None,
        causes: Sequence[Cause | str] | None = None,
        only_failures: bool = False,
        event_types: Sequence[EventType | str] | None = None,
        event_bus: events.IEventBus | None = None,
        source_accounts: Sequence[str] | None = None,
        organization_id: str | None = None,
        log_retention: logs.RetentionDays | None = None,
        log_group: logs.ILogGroup | None = None,
        log_group_class: logs.LogGroupClass | None = None,
        deletion_protection: bool | None = None,
        removal_policy: RemovalPolicy | None = None,
        record_format: RecordFormat | str | None = None,
        unredacted_environment: Sequence[str] | None = None,
        container_log_groups: Sequence[logs.ILogGroup | str] | None = None,
        container_log_lines: int | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
        max_event_age: Duration | None = None,
        retry_attempts: int | None = None,
        encryption_key: kms.IKey | None = None,
        role: iam.IRole | None = None,
        memory_size: int | None = None,
        timeout: Duration | None = None,
        runtime: lambda_.Runtime | None = None,
        architecture: lambda_.Architecture | None = None,
        reserved_concurrent_executions: int | None = None,
        tracing: lambda_.Tracing | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        saved_queries: bool = True,
    ) -> None:
        """Create the logger of one cluster. ``add_cluster`` adds others.

        Args:
            scope: The parent construct, usually a stack.
            id: The construct's ID, unique within ``scope``.
            cluster: The cluster to watch: from this stack, from another stack, or imported, for
                example with ``ecs.Cluster.from_cluster_arn``. Required, unless there is an
                ``event_bus``. By default a logger with ``event_bus`` watches every cluster whose
                events arrive there.
            statuses: Log only events in which the task has one of these statuses (``lastStatus``).
                By default events of every status are logged.
            services: Log only tasks of these services. Pass a service or its name; ``*`` in a name
                matches any text. If CloudFormation names the service, the rule matches the
                beginning of that name, ``STACK-LOGICALID-``. So the rule waits for no service, and
                ``service.node.add_dependency(log)`` lets the service wait for the logger. By
                default tasks are logged with any service and with none.
            task_families: Log only tasks of these task definition families, also tasks that no
                service started. Pass a task definition or the name of its family; ``*`` in a name
                matches any text. Together with ``services``, tasks that match either are logged. By
                default tasks of every family are logged.
            exclude_services: Do not log tasks of these services. By default none is excluded.
            exclude_task_families: Do not log tasks of these families. By default none is excluded.
            launch_types: Log only tasks with these launch types (``launchType``). Some tasks of
                capacity providers have none. By default tasks of every launch type are logged.
            capacity_providers: Log only tasks of the capacity providers with these names
                (``capacityProviderName``), such as ``FARGATE_SPOT``; ``*`` matches any text. By
                default tasks are logged with any capacity provider and with none.
            stop_codes: Log only tasks that stop with one of these codes (``stopCode``). By default
                tasks are logged with any stop code and with none.
            causes: Log only tasks that stop for one of these causes, as the diagnosis finds. By
                default tasks are logged with any cause, and while they run.
            only_failures: Log only failures: lines of level ``ERROR``, one for each task that
                failed. By default all tasks are logged.
            event_types: Log events of these types. By default only task events are logged. A second
                rule catches the other types of ECS events. A third one catches the calls of RunTask
                that failed (``RUN_TASK_FAILURE``), which need a trail of CloudTrail. A filter on a
                field that a type lacks is an error.
            event_bus: The central bus to listen on. An ``EcsTaskEventForwarder`` in each other
                account and region sends its events there. By default the logger listens on the
                default bus, which has the events of the stack's own account and region.
            source_accounts: The IDs of the accounts that may send events to ``event_bus``. A
                statement in the bus's policy allows them to, and only their events are logged. Name
                the stack's own account too if its events should be logged.
            organization_id: The ID of an organization (``o-…``) whose accounts may all send events
                to ``event_bus``, instead of ``source_accounts``.
            log_retention: How long the new log group keeps lines. By default one month.
            log_group: Your own log group, for one logger. Two loggers with one log group share
                their metrics, queries and dashboards. By default a new log group is created.
            log_group_class: The class of the new log group. By default ``STANDARD``.
                ``INFREQUENT_ACCESS`` halves the price of log ingestion. It supports queries, but no
                metric filters, subscription filters or Live Tail. AWS cannot change the class of an
                existing log group. If you change it later, a new log group is created, and the old
                one stays with its lines.
            deletion_protection: Whether the new log group refuses its deletion until the protection
                is switched off. By default CloudWatch Logs decides: off.
            removal_policy: The removal policy of the new log group and queue. By default both stay
                when they leave the stack, with all they hold; only a first deployment that fails
                deletes them (``RETAIN_ON_UPDATE_OR_DELETE``).
            record_format: How much of an event is logged. By default ``RecordFormat.COMPACT``:
                everything that is needed to understand it, in about a quarter of its bytes.
            unredacted_environment: The names of environment variables that each line of a task
                shows under ``environment`` if its overrides set them: a tenant or a job ID
                is what people search for. They stay readable in texts, too. ECS events hold the
                environment and the command of RunTask in clear text. By default no value is
                logged: ``***`` stands in its place.
            container_log_groups: The log groups of the containers, as constructs or names; ``*`` in
                a name matches any text. The line of a failed task then shows the last lines that
                the culprit, or else the main container, has logged. They are in saved queries, the
                dashboard and messages, too. Containers need the log driver ``awslogs``, in the
                stack's account and region. The function may then call ``logs:GetLogEvents`` on
                these log groups, and ``ecs:DescribeTaskDefinition``. What applications print
                becomes readable in the logger's log and messages, except for credentials. The
                default of ``memory_size`` becomes 512 and that of ``timeout`` 30 seconds: a failed
                task takes up to 5 seconds, for $0.000033 at most, and other events cost the same as
                before. By default no container log is read.
            container_log_lines: The most lines of a container's log in a line, 1 to 100. Together
                they have at most 4 kB, and each at most 500 characters. By default 20.
            dead_letter_queue: Your own standard queue, for one logger. It receives events that
                could not be delivered to the function, or that the function failed on. By default a
                new encrypted queue keeps them 14 days.
            max_event_age: How long AWS tries to deliver an event, from 1 minute to 24 hours. By
                default as long as AWS can: EventBridge tries to reach Lambda for 24 hours, and
                Lambda tries to run the function for 6 hours, which is its limit for any value.
            retry_attempts: How often AWS tries again to deliver an event, 0 to 185 times. By
                default as often as AWS can: EventBridge 185 times, and Lambda twice if the function
                fails, which is its limit for any value.
            encryption_key: The key for the new log group and queue. The statements that CloudWatch
                Logs and EventBridge need are added to its policy; for an imported key, a warning
                names them. By default AWS's own keys encrypt both, at no cost.
            role: Your own role for the function, which Lambda must be able to assume. A policy with
                what the function needs is attached to it. If the role must not be changed
                (``mutable=False``, ``without_policy_updates()``), a warning names the statements.
                By default a new role has only this policy.
            memory_size: The memory of the function in MB, 128 to 10240. The CPU grows with it, and
                so does the price of a second. By default 128.
            timeout: How long an invocation of the function may take, 1 second to 15 minutes. By
                default 10 seconds; an event takes a hundredth of one.
            runtime: The function's runtime, for regions that do not have the newest one yet: Python
                3.11 or later. By default Python 3.14.
            architecture: The function's architecture. By default ARM64, the cheaper one; some
                regions only have ``lambda_.Architecture.X86_64``.
            reserved_concurrent_executions: How many invocations of the function may run at once, at
                least 1. They are taken from the account's shared pool and reserved for this
                function. Further events wait, for up to 6 hours. By default the function uses the
                shared pool.
            tracing: ``lambda_.Tracing.ACTIVE`` sends traces to X-Ray, at its price. By default
                there are no traces.
            vpc: The VPC to run the function in. By default it runs in none, and it needs none:
                lines do not pass through the VPC. With ``container_log_groups``, the VPC must have
                a route to ECS and CloudWatch Logs.
            vpc_subnets: The subnets of ``vpc``. By default CDK's default: private subnets with
                egress, or else isolated ones, or else public ones.
            security_groups: The security groups in ``vpc``. By default a new group allows no
                traffic at all; with ``container_log_groups``, it allows outbound HTTPS.
            saved_queries: Whether to save queries for CloudWatch Logs Insights, in a folder with
                the name of this construct. By default they are saved. AWS charges only for the data
                that they read when they run.

        Members of ``TaskStatus``, ``LaunchType``, ``StopCode``, ``Cause``, ``EventType`` and
        ``RecordFormat`` may be written as strings. Names may be tokens. If a token stands for no
        resource of the app, a warning says that the rule may have to wait for its value.

        Raises:
            TypeError: If a prop has the wrong type.
            ValueError: If a list is empty, or a value is not accepted or contradicts another. If a
                resource is known to be in another account or region than the stack, or if only one
                of their stacks has an ``env``.
        """
        super().__init__(scope, id)
        if container_log_groups is not None:
            show_log_lines_below(self)
        validate_bool("saved_queries", saved_queries)
        if log_group is not None and dead_letter_queue is not None:
            own = {"encryption_key": encryption_key, "removal_policy": removal_policy}
            refuse_unused("logger", "log_group and dead_letter_queue", own)
        if encryption_key is not None:
            validate_key(self, encryption_key)
        event_filter = EventFilter(
            self,
            statuses=statuses,
            services=services,
            task_families=task_families,
            exclude_services=exclude_services,
            exclude_task_families=exclude_task_families,
            launch_types=launch_types,
            capacity_providers=capacity_providers,
            stop_codes=stop_codes,
            causes=causes,
            only_failures=only_failures,
            event_types=event_types,
        )
        central_bus = central_bus_or_none(self, event_bus, source_accounts, organization_id)
        is_central = central_bus is not None
        watched = ALL_CLUSTERS if cluster is None and is_central else cluster
        self._rules = EventRules(self, watched, event_filter, central_bus)
        log_group_settings = LogGroupSettings(
            log_group=log_group,
            log_retention=log_retention,
            log_group_class=log_group_class,
            deletion_protection=deletion_protection,
            removal_policy=removal_policy,
            encryption_key=encryption_key,
            indexed_fields=INDEXED_FIELDS + (ORIGIN_FIELDS if is_central else []),
        )
        queue_settings = QueueSettings(dead_letter_queue, removal_policy, encryption_key)
        function_settings = FunctionSettings(
            record_format=record_format,
            unredacted_environment=unredacted_environment,
            container_logs=ContainerLogSettings(container_log_groups, container_log_lines),
            memory_size=memory_size,
            timeout=timeout,
            runtime=runtime,
            architecture=architecture,
            reserved_concurrent_executions=reserved_concurrent_executions,
            tracing=tracing,
            vpc=VpcSettings(vpc, vpc_subnets, security_groups),
        )
        retry_policy = RetryPolicy(max_event_age, retry_attempts)

        lines = log_group_or_default(self, log_group_settings)
        dead_letters = queue_or_default(self, queue_settings)
        statements = required_statements(
            self,
            log_group=lines,
            log_group_settings=log_group_settings,
            queue=dead_letters,
            queue_settings=queue_settings,
            function_settings=function_settings,
        )
        execution_role = ExecutionRole(self, role, statements)
        if encryption_key is not None:
            warn_of_other_accounts_key(self, encryption_key, execution_role.role)
        function = create_function(
            self,
            function_settings,
            filter_environment=event_filter.function_environment(),
            role=execution_role.role,
            log_group=lines,
            dead_letter_queue=dead_letters,
        )
        execution_role.attach_before(function)
        self._pipeline = LogPipeline(
            self,
            event_filter=event_filter,
            is_central=is_central,
            log_group=lines,
            queue=dead_letters,
            queue_settings=queue_settings,
            role=execution_role,
            function=function,
            retry_policy=retry_policy,
        )
        self._rules.create(self._pipeline.rule_target())
        if central_bus is not None:
            central_bus.allow_senders(self)
        self._origin = ORIGIN if is_central else ""
        self._has_log_tail = container_log_groups is not None
        if saved_queries:
            create_saved_queries(self, lines, self._origin, self._has_log_tail)
        if self._has_log_tail and event_filter.types.has_tasks:
            failed = RequiredEvents([EventType.TASK_STATE_CHANGE], only_failures=True)
            self._pipeline.check_events_are_logged("container_log_groups", failed)
        self._metrics = LineMetrics(self, lines, is_central)
        self._warn_if_shared(
            dead_letter_queue,
            "sharedQueue",
            "dead-letter queue",
            "Lambda's dead letters do not name the function, so a redrive takes those of both. Use "
            "one queue for each logger.",
        )
        self._warn_if_shared(
            log_group,
            "sharedLogGroup",
            "log group",
            "The metrics, saved queries and dashboard of each include the tasks of both. Use one "
            "log group for each logger, or one logger with an EcsTaskEventRule.",
        )

    @classmethod
    def for_all_clusters(cls, scope: Construct, id: str, **props: Unpack[AllClustersProps]) -> Self:
        """Create a logger of every cluster in the stack's account and region, also future ones.

        With ``event_bus``, it logs every cluster whose events arrive there.

        Args:
            scope: The parent construct, usually a stack.
            id: The construct's ID, unique within ``scope``.
            **props: The props of ``EcsTaskEventLogger`` without ``cluster``.

        Raises:
            TypeError: If ``cluster`` is among the props.
            ValueError: As ``EcsTaskEventLogger`` does.
        """
        if "cluster" in props:
            raise TypeError(
                "for_all_clusters takes no cluster. Write EcsTaskEventLogger(…, cluster=cluster) "
                "for one cluster, and use add_cluster for several."
            )
        return cls(scope, id, cluster=ALL_CLUSTERS, **props)

    def add_cluster(self, cluster: ecs.ICluster) -> None:
        """Watch another cluster too.

        Args:
            cluster: The cluster, in the stack's own account and region unless there is an
                ``event_bus``.

        Raises:
            TypeError: If it is not a cluster.
            ValueError: If it is watched already, or is known to be in another account or region.
        """
        self._rules.add_cluster(cluster)

    def add_event_pattern(self, *, detail: Mapping[str, object]) -> None:
        """Add conditions for task events, as an EventBridge pattern.

        The conditions must hold in addition to the filters.

        ```python
        log.add_event_pattern(detail={"availabilityZone": [{"prefix": "eu-west-1"}]})
        ```

        Args:
            detail: The conditions on the event's ``detail``: each key with a list of matchers.

        Raises:
            TypeError: If ``detail`` is not a dictionary.
            ValueError: If a key has a condition already, from a prop or an earlier call; or if the
                logger does not log task events.
        """
        self._rules.add_event_pattern(detail)

    @property
    def rule(self) -> events.Rule:
        """The rule that catches task events.

        For a logger of other event types only, the rule that catches these. If deployments are
        among them, nothing can be added to its pattern.
        """
        return self._rules.first

    @property
    def function(self) -> lambda_.Function:
        """The function that turns an event into a line."""
        return self._pipeline.function

    @property
    def log_group(self) -> logs.ILogGroup:
        """The log group with the lines: the new one, or your own."""
        return self._pipeline.log_group

    @property
    def dead_letter_queue(self) -> sqs.IQueue:
        """The queue with the events that could not be logged: the new one, or your own.

        A message is a whole ECS event, not redacted.
        """
        return self._pipeline.dead_letter_queue

    def metric_undelivered_events(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of events in the dead-letter queue: 0 if all is well.

        ```python
        log.metric_undelivered_events().create_alarm(
            self,
            "Undelivered",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        ```

        SQS reports nothing about a queue that was not used for six hours, so missing data is good
        news. The metric itself costs nothing.

        Args:
            **options: The keywords of ``cloudwatch.MetricOptions``. By default the maximum over
                five minutes.
        """
        return self.dead_letter_queue.metric_approximate_number_of_messages_visible(**options)

    def metric_failures(
        self,
        *,
        event_type: EventType | str | None = None,
        cause: Cause | str | None = None,
        service: str | ecs.IService | None = None,
        **options: Unpack[LineMetricOptions],
    ) -> cloudwatch.Metric:
        """Return the number of failures: of lines of level ERROR.

        ```python
        log.metric_failures(event_type=EventType.DEPLOYMENT_STATE_CHANGE).create_alarm(
            self,
            "FailedDeployments",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        ```

        It counts lines of this logger. An event that is delivered twice counts twice, which is
        rare. The namespace is ``EcsTaskEvents``. The name is the logger's path with ``Failures``,
        such as ``Shop/Log/Failures``; the names of the other metrics are alike.

        The first call adds one metric filter (``AWS::Logs::MetricFilter``), and so does the first
        call with each other combination of parameters, whatever their values. CloudWatch creates
        one metric for each combination of values, and charges $0.30 a month for it (in US East in
        November 2026) while it has data. CloudWatch Logs may disable a filter with more than 1,000
        of them in an hour.

        Args:
            event_type: Count failures of this type, by the dimension ``EventType``, whose value is
                EventBridge's name of the type. The logger must log it. By default failures of all
                types that are logged.
            cause: Count tasks and calls of RunTask that failed for this cause, by the dimension
                ``Cause``. By default any failure.
            service: Count failures of this service, or of the service with this name, by the
                dimension ``Service``. By default any, and failures without a service.
            **options: The keywords of ``cloudwatch.MetricOptions`` without ``dimensions_map``, and
                ``cluster``, ``source_account`` and ``source_region``. These count only failures in
                that cluster, account or region, by the dimensions ``Cluster``, ``Account`` and
                ``Region``. At most three dimensions are possible. By default the sum over five
                minutes.

        Raises:
            TypeError: If a name is not a string.
            ValueError: If a value is not accepted, or ``dimensions_map`` is among the options. If
                there are more than three dimensions. If ``cause`` or ``service`` is given with a
                type that has none. If the log group's class has no metric filters. If the logger's
                filters by type, status or cause drop all these failures.
        """
        if cause is not None:
            cause = validate_member("cause", cause, Cause)
            refuse_successes(
                "cause", [cause], "metric_failures counts failures", "Use metric_stopped_tasks."
            )
        if event_type is not None:
            event_type = _validate_type(event_type, has_cause=cause, has_service=service)
        return self._metric(FAILURES, options, cause, service, event_type)

    def metric_task_failures_by_service(
        self, **options: Unpack[QueryOptions]
    ) -> cloudwatch.MathExpression:
        """Return the number of tasks that failed, of each service, for one alarm on all services.

        ```python
        log.metric_task_failures_by_service(period=Duration.minutes(15)).create_alarm(
            self,
            "CrashLoop",
            threshold=3,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        ```

        The alarm has a state for each service, also for new ones. So it fires when a service begins
        to fail again and again, not for each task, and names the service and its cluster; with an
        ``event_bus`` the account, too. Create the alarm in the logger's account and region.
        CloudWatch looks at up to 500 services.

        Source: AWS documentation,
        <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Metrics_Insights_Alarm.html>

        The first call adds one metric filter (``AWS::Logs::MetricFilter``). CloudWatch charges
        $0.30 a month for each service while it has data, and the alarm $0.10 a month for each
        service (in US East in November 2026).

        Args:
            **options: The keywords of ``cloudwatch.MathExpression``: ``color``, ``label`` and
                ``period``. By default five minutes. And ``cluster``, a cluster or its name: by
                default services of all clusters.

        Raises:
            TypeError: If there is another option, or ``cluster`` is not a string or a cluster.
            ValueError: If a value is not accepted. If the log group's class has no metric filters.
                If the filters by type, status or cause drop all failed tasks.
        """
        self._check_metric(TASK_FAILURES, TASK_FAILURES.required_events())
        return self._metrics.task_failures_by_service(options)

    def metric_agent_disconnected(
        self, **options: Unpack[QueryOptions]
    ) -> cloudwatch.MathExpression:
        """Return whether agents of container instances are away: 1 for each that is, or else 0.

        ```python
        log.metric_agent_disconnected().create_alarm(
            self, "AgentAway", threshold=1, evaluation_periods=15
        )
        ```

        Agents disconnect and reconnect several times an hour. This alarm fires for an ACTIVE
        instance if the last minute with an event of it, fifteen minutes ago, had only events that
        say that its agent is disconnected. It must not set ``treat_missing_data``: an agent that
        stays away sends no more data. For the same reason it ends by itself some minutes later, so
        give it no OK action. One alarm watches up to 500 instances, also new ones. Create it in the
        logger's account and region. It was not tried on AWS.

        ECS sends an event of an instance also when a task is placed or stops. If an agent
        disconnects for good in the same minute as such an event, the alarm does not ring.

        The first call adds two metric filters (``AWS::Logs::MetricFilter``). CloudWatch charges
        $0.30 a month for each instance while it has data, and the alarm $0.10 a month for each
        instance (in US East in November 2026).

        Args:
            **options: The keywords of ``cloudwatch.MathExpression``: ``color``, ``label`` and
                ``period``. By default one minute. And ``cluster``, a cluster or its name: by
                default instances of all clusters.

        Raises:
            TypeError: If there is another option, or ``cluster`` is not a string or a cluster.
            ValueError: If a value is not accepted. If the log group's class has no metric filters.
                If the logger does not log ``CONTAINER_INSTANCE_STATE_CHANGE``, or only failures.
        """
        what = "The metric AgentDisconnected"
        self._pipeline.check_events_are_logged(what, DISCONNECTED_AGENTS)
        return self._metrics.disconnected_agents({"period": Duration.minutes(1), **options})

    def metric_stopped_tasks(
        self,
        *,
        cause: Cause | str | None = None,
        service: str | ecs.IService | None = None,
        **options: Unpack[LineMetricOptions],
    ) -> cloudwatch.Metric:
        """Return the number of tasks that stopped, failed or not.

        It adds metric filters and costs as ``metric_failures`` does.

        Args:
            cause: Count tasks that stopped for this cause. By default tasks of every cause.
            service: Count tasks of this service. By default tasks with any service and with none.
            **options: As for ``metric_failures``. By default the sum over five minutes.

        Raises:
            TypeError, ValueError: As ``metric_failures`` does.
        """
        return self._metric(STOPPED_TASKS, options, cause, service)

    def metric_start_duration(
        self, *, service: str | ecs.IService | None = None, **options: Unpack[LineMetricOptions]
    ) -> cloudwatch.Metric:
        """Return the seconds from a task's creation until it ran.

        The first call adds one metric filter, and the first call with ``service`` another.
        CloudWatch charges as for ``metric_failures``.

        Args:
            service: Look at tasks of this service. By default tasks with any service and with none.
            **options: As for ``metric_failures``. By default the 95th percentile over five minutes.

        Raises:
            TypeError, ValueError: As ``metric_failures`` does.
        """
        return self._metric(START_DURATION, options, None, service)

    def metric_image_pull_duration(
        self, *, service: str | ecs.IService | None = None, **options: Unpack[LineMetricOptions]
    ) -> cloudwatch.Metric:
        """Return the seconds that tasks spent on pulling images.

        It adds metric filters and costs as ``metric_start_duration`` does.

        Args:
            service: Look at tasks of this service. By default tasks with any service and with none.
            **options: As for ``metric_failures``. By default the 95th percentile over five minutes.

        Raises:
            TypeError, ValueError: As ``metric_failures`` does.
        """
        return self._metric(IMAGE_PULL_DURATION, options, None, service)

    def metric_run_duration(
        self, *, service: str | ecs.IService | None = None, **options: Unpack[LineMetricOptions]
    ) -> cloudwatch.Metric:
        """Return the seconds that stopped tasks had run.

        It adds metric filters and costs as ``metric_start_duration`` does.

        Args:
            service: Look at tasks of this service. By default tasks with any service and with none.
            **options: As for ``metric_failures``. By default the 95th percentile over five minutes.

        Raises:
            TypeError, ValueError: As ``metric_failures`` does.
        """
        return self._metric(RUN_DURATION, options, None, service)

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Return widgets for your own dashboard.

        ```python
        dashboard.add_widgets(*log.dashboard_widgets())
        ```

        They show failures over time by cause, failing services, seconds to start, interruptions,
        capacity, undelivered events, and a table of the last failures with their remedies. If other
        events than those of tasks are logged, another graph shows their failures. The widgets add
        no resource and no metric. Six or seven queries run whenever the dashboard is opened or
        refreshed, at the price of Logs Insights ($0.005 for each GB that they read, in US East in
        November 2026).
        """
        from ._insights.dashboard import create_widgets

        region, undelivered = Stack.of(self).region, self.metric_undelivered_events()
        types = self._pipeline.logged_types()
        return create_widgets(
            self.log_group, region, undelivered, self._origin, self._has_log_tail, types
        )

    def create_dashboard(
        self,
        id: str = "Dashboard",
        *,
        dashboard_name: str | None = None,
        default_interval: Duration | None = None,
    ) -> cloudwatch.Dashboard:
        """Create a dashboard (``AWS::CloudWatch::Dashboard``) with the widgets.

        The first three dashboards of an account are free, and each other costs $3 a month (in US
        East in November 2026). The queries cost as ``dashboard_widgets`` says.

        Args:
            id: The construct's ID. By default ``Dashboard``.
            dashboard_name: The dashboard's name in the console. By default CloudFormation names it.
            default_interval: How far back it looks when it is opened. By default one day.
        """
        from aws_cdk import aws_cloudwatch as cloudwatch

        with child_removed_on_error(self, id):
            return cloudwatch.Dashboard(
                self,
                id,
                dashboard_name=dashboard_name,
                default_interval=Duration.days(1) if default_interval is None else default_interval,
                widgets=[self.dashboard_widgets()],
            )

    def on_failure(
        self,
        id: str,
        *,
        target: events.IRuleTarget | None = None,
        event_types: Sequence[EventType | str] | None = None,
        causes: Sequence[Cause | str] | None = None,
        services: Sequence[str | ecs.IService] | None = None,
        clusters: Sequence[str | ecs.ICluster] | None = None,
        source_accounts: Sequence[str] | None = None,
    ) -> events.Rule:
        """Notify a target of every failure that is logged: of every line of level ERROR.

        ```python
        log.on_failure(
            "Slack", target=SlackWebhook(url=SecretValue.secrets_manager("slack-webhook"))
        )
        ```

        These are tasks that failed, and with more ``event_types`` of the logger also deployments
        and calls of RunTask that failed, services that cannot place or start tasks, and impaired
        instances.

        Adds a rule (``AWS::Events::Rule``) and what its target needs. The first notification also
        adds a destination for the function's return values (``AWS::Lambda::EventInvokeConfig``) and
        an environment variable with the log group's name, and lets the function put events on the
        default bus. From then on Lambda puts an event on that bus for every event that the function
        receives, also for events that its filters drop. It holds the record, what messages say
        beyond it, and the ECS event with the environment and the commands of overrides in clear
        text. AWS charges for it as for a custom event ($1 a million in US East in November 2026).
        The lines stay the same.

        An event that is delivered twice notifies twice. There is no notification for an event that
        Lambda cannot put on the bus (``DestinationDeliveryFailures`` counts these), nor for an
        event that was brought back from the dead-letter queue. Both are in the log. A target that
        starts a task in the same cluster is notified too when that task fails, or with
        ``RUN_TASK_FAILURE`` when it cannot be started.

        Args:
            id: The rule's ID, unique within this construct.
            target: The target: ``SlackWebhook``, ``TeamsWebhook``, or any of
                ``aws_events_targets``, such as SNS, SQS, Lambda or Step Functions. It receives the
                record, unless it has an input of its own, such as those of ``FailureMessage``.
                Queues and topics with an AWS managed key are refused, because EventBridge cannot
                use it. By default the rule has no target: add yours to the rule, with an input of
                ``FailureMessage``.
            event_types: Notify only of events of these types. The logger must log them. By default
                all that it logs.
            causes: Notify only of tasks that failed, and calls of RunTask that failed, for one of
                these causes. By default any failure.
            services: Notify only of these services, their tasks, deployments and hooks. Pass a
                service or its name; ``*`` in a name matches any text. By default any, and failures
                without a service.
            clusters: Notify only of failures in these clusters. Pass a cluster or its name; ``*``
                in a name matches any text. By default all watched clusters.
            source_accounts: Notify only of failures in the accounts with these IDs. By default all.

        Raises:
            TypeError: If a value is not a list, or ``target`` is not a target.
            ValueError: If a list is empty, or a value is not accepted. If the logger does not log a
                type, or its filters by type, status or cause drop all these failures. If
                ``causes`` or ``services`` is given with types that have none. If ``target`` is an
                event bus or a log group, which receive whole events only.
        """
        required = failures(event_types, causes, services)
        wanted = NotificationFilter(required, services, clusters, source_accounts)
        return self._notify(id, wanted, target)

    def on_task_failure(
        self,
        id: str,
        *,
        target: events.IRuleTarget | None = None,
        causes: Sequence[Cause | str] | None = None,
        services: Sequence[str | ecs.IService] | None = None,
        clusters: Sequence[str | ecs.ICluster] | None = None,
        source_accounts: Sequence[str] | None = None,
    ) -> events.Rule:
        """Notify a target of every logged task that failed: ``on_failure`` for tasks alone.

        It adds resources and costs as ``on_failure`` does.

        Args:
            id: The rule's ID, unique within this construct.
            target: The target, as for ``on_failure``. By default none.
            causes: Notify only of tasks that failed for one of these causes. By default any.
            services: Notify only of tasks of these services. By default with any and with none.
            clusters: Notify only of tasks in these clusters. By default all watched clusters.
            source_accounts: Notify only of tasks in the accounts with these IDs. By default all.

        Raises:
            TypeError, ValueError: As ``on_failure`` does.
        """
        required = failures([EventType.TASK_STATE_CHANGE], causes, services)
        wanted = NotificationFilter(required, services, clusters, source_accounts)
        return self._notify(id, wanted, target)

    def on_task_stopped(
        self,
        id: str,
        *,
        target: events.IRuleTarget | None = None,
        causes: Sequence[Cause | str] | None = None,
        services: Sequence[str | ecs.IService] | None = None,
        clusters: Sequence[str | ecs.ICluster] | None = None,
        source_accounts: Sequence[str] | None = None,
    ) -> events.Rule:
        """Notify a target of every logged task that stopped, failed or not.

        It adds resources and costs as ``on_failure`` does.

        Args:
            id: The rule's ID, unique within this construct.
            target: The target, as for ``on_failure``. By default none.
            causes: Notify only of tasks that stopped for one of these causes. By default any.
            services: Notify only of tasks of these services. By default with any and with none.
            clusters: Notify only of tasks in these clusters. By default all watched clusters.
            source_accounts: Notify only of tasks in the accounts with these IDs. By default all.

        Raises:
            TypeError, ValueError: As ``on_failure`` does.
        """
        required = stopped_tasks(causes)
        wanted = NotificationFilter(required, services, clusters, source_accounts)
        return self._notify(id, wanted, target)

    def on_agent_disconnected(
        self,
        id: str,
        *,
        target: events.IRuleTarget | None = None,
        clusters: Sequence[str | ecs.ICluster] | None = None,
        source_accounts: Sequence[str] | None = None,
    ) -> events.Rule:
        """Notify a target of every event of an ACTIVE instance whose agent is disconnected.

        That is no failure: agents disconnect and reconnect several times an hour. While an agent is
        away, each further change of its instance notifies again. An alarm on
        ``metric_agent_disconnected`` tells once of an agent that stays away. The logger needs
        ``CONTAINER_INSTANCE_STATE_CHANGE`` among its ``event_types``.

        Source: AWS documentation,
        <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html>.

        It adds resources and costs as ``on_failure`` does.

        Args:
            id: The rule's ID, unique within this construct.
            target: The target, as for ``on_failure``. By default none.
            clusters: Notify only of instances in these clusters. By default all watched clusters.
            source_accounts: Notify only of instances in the accounts with these IDs. By default
                all.

        Raises:
            TypeError, ValueError: As ``on_failure`` does.
        """
        wanted = NotificationFilter(DISCONNECTED_AGENTS, None, clusters, source_accounts)
        return self._notify(id, wanted, target)

    def _metric(
        self,
        metric: LineMetric,
        options: LineMetricOptions,
        cause: Cause | str | None,
        service: str | ecs.IService | None,
        event_type: EventType | None = None,
    ) -> cloudwatch.Metric:
        cause = None if cause is None else validate_member("cause", cause, Cause)
        name = None if service is None else validate_name(self, "service", service)
        causes = None if cause is None else [cause]
        self._check_metric(metric, metric.required_events(event_type, causes, name is not None))
        return self._metrics.metric(
            metric, options, event_type=event_type, cause=cause, service=name
        )

    def _check_metric(self, metric: LineMetric, required: RequiredEvents) -> None:
        self._pipeline.check_events_are_logged(f"The metric {metric.name}", required)

    def _notify(
        self, id: str, wanted: NotificationFilter, target: events.IRuleTarget | None
    ) -> events.Rule:
        self._pipeline.check_events_are_logged(f"The notification {id}", wanted.events)
        with child_removed_on_error(self, _NOTIFICATIONS):
            found = self.node.try_find_child(_NOTIFICATIONS)
            scope = cast(Construct, found) if found else Construct(self, _NOTIFICATIONS)
            with child_removed_on_error(scope, id):
                rule = create_notification_rule(
                    scope, id, self.function, wanted, target, self.dead_letter_queue
                )
        self._pipeline.send_records_to_default_bus()
        return rule

    def _warn_if_shared(
        self, resource: logs.ILogGroup | sqs.IQueue | None, id: str, name: str, advice: str
    ) -> None:
        """Warn if another logger created or uses the caller's own resource."""
        if resource is None:
            return
        users = add_user(resource, "logger", self.node.path)
        creator = resource.node.scope
        if isinstance(creator, EcsTaskEventLogger):
            users.insert(0, creator.node.path)
        for other in users:
            Annotations.of(self).add_warning_v2(
                f"ecs-task-event-logger:{id}",
                f"{self.node.path} shares its {name} with {other}. {advice}",
            )


def _validate_type(event_type: EventType | str, *, has_cause: Any, has_service: Any) -> EventType:
    """Return the type, which must have the fields that a metric is split by."""
    name = validate_member("event_type", event_type, EventType)
    refuse_tokens("event_type", [name], EventType)
    member = EventType(name)
    lacks_cause = has_cause is not None and bool(lack_cause([member]))
    lacks_service = has_service is not None and bool(lack_service([member]))
    if lacks_cause or lacks_service:
        prop = "cause" if lacks_cause else "service"
        raise ValueError(
            f"{prop} cannot be used with event_type {name}: events of this type lack the field. "
            f"Leave out {prop}."
        )
    return member
