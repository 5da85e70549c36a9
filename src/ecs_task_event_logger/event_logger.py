"""The construct: a rule, a function and a log group, wired together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, Unpack
from weakref import WeakKeyDictionary

from aws_cdk import Annotations, Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ._common.environment import place_of
from ._common.validation import checked_member
from ._insights.metrics import (
    FAILURES,
    IMAGE_PULL_DURATION,
    RUN_DURATION,
    START_DURATION,
    STOPPED_TASKS,
    MetricOptions,
    TaskMetric,
    TaskMetricOptions,
    TaskMetrics,
)
from ._insights.notifications import lines_to_tell, make_notification_rule
from ._insights.saved_queries import ORIGIN, save_queries
from ._pipeline.log_pipeline import LogTarget, shared_target
from ._rules.central_bus import checked_central_bus
from ._rules.event_filter import (
    EventFilter,
    NeededLines,
    refuse_never_failed,
)
from ._rules.event_pattern import check_name
from ._rules.rules import EventRules
from .enums import EventType, LaunchType, RecordFormat, StopCode, TaskStatus
from .event_logger_props import LoggerProps
from .handler.task_events.cause import Cause

# Modules of CDK that not every logger needs are loaded once one does: each takes its time.
if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

# What for_all_clusters passes as the cluster: None is what somebody passes by mistake.
_ALL_CLUSTERS: Any = object()
# Which loggers use which queues and log groups, by their scopes and IDs.
_USERS: WeakKeyDictionary[Any, list[tuple[Construct, str]]] = WeakKeyDictionary()


class EcsTaskEventLogger(Construct):
    """Keeps the state changes of an ECS cluster's tasks in CloudWatch Logs, one line an event.

    ECS forgets why a task stopped after about an hour. This construct catches the events that ECS
    sends to EventBridge at every state change of a task, and keeps them.

    ```python
    EcsTaskEventLogger(self, "Log", cluster=cluster)
    ```

    It makes a rule on the default event bus, a Python function on AWS Lambda, a log group, a
    dead-letter queue for what could not be logged, and a role for the function that may write to
    the one and send to the other and do nothing else. Queries for CloudWatch Logs Insights are
    saved beside them. No resource is given a physical name, so a stack may hold as many loggers as
    it likes.

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
        cluster: ecs.ICluster | None = None,
        statuses: Sequence[TaskStatus | str] | None = None,
        services: Sequence[str] | None = None,
        task_families: Sequence[str] | None = None,
        exclude_services: Sequence[str] | None = None,
        exclude_task_families: Sequence[str] | None = None,
        launch_types: Sequence[LaunchType | ecs.LaunchType | str] | None = None,
        stop_codes: Sequence[StopCode | str] | None = None,
        causes: Sequence[Cause | str] | None = None,
        only_failures: bool = False,
        event_types: Sequence[EventType | str] | None = None,
        event_bus: events.IEventBus | None = None,
        accounts: Sequence[str] | None = None,
        organization: str | None = None,
        function: lambda_.Function | None = None,
        log_retention: logs.RetentionDays | None = None,
        log_group: logs.ILogGroup | None = None,
        log_group_class: logs.LogGroupClass | None = None,
        deletion_protection: bool | None = None,
        removal_policy: RemovalPolicy | None = None,
        record_format: RecordFormat | str | None = None,
        unredacted_environment: Sequence[str] | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
        max_event_age: Duration | None = None,
        retry_attempts: int | None = None,
        encryption_key: kms.IKey | None = None,
        reserved_concurrent_executions: int | None = None,
        tracing: lambda_.Tracing | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        saved_queries: bool = True,
    ) -> None:
        """Make the logger of one cluster; ``add_cluster`` adds others.

        Args:
            scope: The construct that this one is part of, usually a stack.
            id: The construct's ID, unique within ``scope``.
            cluster: The cluster to watch: made in this stack or in another, or imported, for
                example with ``ecs.Cluster.from_cluster_arn``. It must be given, unless there is an
                ``event_bus``: then by default all clusters are watched whose events arrive there.
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
                tasks are logged with whatever stop code, and with none.
            causes: Log only tasks that stop for one of these causes, as the diagnosis finds it. By
                default tasks are logged whatever they stop for, and while they run.
            only_failures: Log only tasks that fail, as the diagnosis finds it. A task says so in
                several events, from when it is about to stop; ``statuses=["STOPPED"]`` beside it
                makes that one line a task. By default all tasks are logged.
            event_types: Log events of these types. By default only of tasks. A second rule listens
                to the other types. With them, ``only_failures`` logs what is of level ERROR, and
                filters that make no sense for a type are refused.
            event_bus: The central bus to listen on, to which forwarders of other accounts and
                regions send their events (``EcsTaskEventForwarder``). By default the default bus,
                on which are the events of the stack's own account and region.
            accounts: The IDs of the accounts that may send events to ``event_bus``, whose events
                are logged; the stack's own is not among them unless it is named. A statement in the
                policy of the bus lets them in.
            organization: The ID of the organization (``o-…``) all of whose accounts may send events
                to ``event_bus``, in place of ``accounts``.
            function: The function of another logger (``log.function``), to share it together with
                its log group and queue, in this stack or one that this one may depend on. Then only
                rules are made here, and what the other logger offers of its lines (queries,
                metrics, dashboard, notifications) is about all: ask for it after this one is made.
                An event that both ask for is logged twice. Both must ask the same of the function,
                in what rules cannot say: ``only_failures``, ``causes``, names that are both
                included and excluded, and ``services`` of other events than of tasks. By default
                one is made.
            log_retention: How long lines are kept in the log group that is made here. By default
                one month.
            log_group: The caller's own log group to write to, one for each logger: those that
                share one also share the numbers in metrics, queries and dashboards. By default one
                is made.
            log_group_class: The class of the log group that is made here. By default
                ``STANDARD``. ``INFREQUENT_ACCESS`` halves the price of what is logged, and can
                only be queried: no metric filters, subscription filters or Live Tail. AWS never
                changes the class of a log group that exists.
            deletion_protection: Whether nobody can delete the log group that is made here, until
                that is switched off again. By default it is as CloudWatch Logs has it: off.
            removal_policy: What becomes of the log group and the queue that are made here once they
                are no longer part of the stack. By default they stay, with all they hold.
            record_format: How much of an event is logged. By default ``RecordFormat.COMPACT``:
                what is needed to understand it, in about a quarter of its bytes.
            unredacted_environment: Names of environment variables whose values may be logged.
                ECS's events carry the environment and the command that RunTask was given, in clear
                text. Only ``RecordFormat.FULL``, and events that are not understood, are logged
                with them, and by default every value is replaced by ``***``.
            dead_letter_queue: The caller's own queue for events that cannot be delivered to the
                function, or that it fails on: a standard queue, and one for each logger. By default
                one is made, encrypted, which keeps them 14 days.
            max_event_age: How long the delivery of an event is tried, from 1 minute to 24 hours.
                By default as long as AWS can: EventBridge tries for 24 hours to reach Lambda, and
                Lambda for 6 hours to run the function, which is its limit whatever is given here.
            retry_attempts: How often the delivery of an event is tried again, 0 to 185 times. By
                default as often as AWS can: EventBridge 185 times, and Lambda twice if the
                function fails, which is its limit whatever is given here.
            encryption_key: The key that encrypts what is made here, of the log group and the
                queue. The statements that CloudWatch Logs and EventBridge need are added to its
                policy; of an imported key, a warning names them. By default keys of AWS's own
                encrypt both, which costs nothing.
            reserved_concurrent_executions: How many invocations of the function may run at once,
                at least 1. They are taken from what the account's functions share, and kept free
                for this one; further events wait, up to 6 hours. By default it takes from what
                all share.
            tracing: ``lambda_.Tracing.ACTIVE`` sends traces to X-Ray, at its price. By default
                there are none: the function calls nobody.
            vpc: The VPC to run the function in. By default it runs in none. It needs nothing
                there: logging takes no way through it.
            vpc_subnets: The subnets of ``vpc``. By default those that CDK takes: private ones with
                a way out, or else isolated ones, or else public ones.
            security_groups: Security groups of ``vpc``. By default one is made that lets nothing
                in and nothing out.
            saved_queries: Whether to save queries for CloudWatch Logs Insights on the log group, in
                a folder that is named after this construct. By default they are saved, unless the
                function is shared; AWS charges only for what they read when somebody runs them.

        Members of ``TaskStatus``, ``LaunchType``, ``StopCode``, ``Cause``, ``EventType`` and
        ``RecordFormat`` may be given as strings of the same spelling. Names may be tokens, such as
        ``service.service_name`` or ``task_definition.family``.

        Raises:
            TypeError: If a prop is not what its type says.
            ValueError: If a list is empty or holds what is not accepted; if a number or a duration
                is outside of what AWS accepts; if the cluster, the log group, the queue, the bus or
                the function is known to be in another account or region than the stack; if
                ``stop_codes``, ``causes`` or ``only_failures`` look for what no event of the
                ``statuses`` carries; or if two props contradict each other, such as ``log_group``
                or ``function`` and what configures the one that is made here.
        """
        super().__init__(scope, id)
        event_filter = EventFilter(
            event_types=event_types,
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
        central = checked_central_bus(self, event_bus, accounts, organization)
        is_of_all = cluster is _ALL_CLUSTERS or (cluster is None and central is not None)
        clusters = None if is_of_all else [cluster]
        self._rules = EventRules(self, clusters, event_filter, central)
        self._origin = "" if central is None else ORIGIN
        if not isinstance(saved_queries, bool):
            raise TypeError(f"saved_queries must be True or False, got {saved_queries!r}.")
        props: dict[str, Any] = {
            "record_format": record_format,
            "unredacted_environment": unredacted_environment,
            "log_retention": log_retention,
            "log_group": log_group,
            "log_group_class": log_group_class,
            "deletion_protection": deletion_protection,
            "removal_policy": removal_policy,
            "dead_letter_queue": dead_letter_queue,
            "max_event_age": max_event_age,
            "retry_attempts": retry_attempts,
            "encryption_key": encryption_key,
            "reserved_concurrent_executions": reserved_concurrent_executions,
            "tracing": tracing,
            "vpc": vpc,
            "vpc_subnets": vpc_subnets,
            "security_groups": security_groups,
        }
        self._is_sharing = function is not None
        if function is None:
            self._target = LogTarget(
                self, event_filter=event_filter, is_central=central is not None, **props
            )
            if saved_queries:
                save_queries(self, self._target.log_group, self._origin)
            self._rules.make(self._target.of_rules())
        else:
            self._target = shared_target(self, function, event_filter, central is not None, props)
            self._rules.make(self._target.share(event_filter))
        self._metrics = TaskMetrics(self, self._target.log_group)
        self._notifications: Construct | None = None
        if central is not None:
            central.admit_senders(self)
        if not self._is_sharing:
            self._warn_of_other_users(scope, id)

    @classmethod
    def for_all_clusters(cls, scope: Construct, id: str, **props: Unpack[LoggerProps]) -> Self:
        """Make a logger of every cluster of the stack's account and region, present and future.

        With ``event_bus``, of every cluster whose events arrive there.

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
            cluster: The cluster, in the stack's own account and region unless there is an
                ``event_bus``.

        Raises:
            TypeError: If it is not a cluster.
            ValueError: If it is watched already, or is known to be in another account or region.
        """
        self._rules.add_cluster(cluster)

    def add_event_pattern(self, *, detail: Mapping[str, Any]) -> None:
        """Add a condition in EventBridge's own words.

        It is for events of tasks alone. It is merged into the rule's pattern as
        ``events.Rule.add_event_pattern`` does: a condition on a key that has none must hold too,
        and values for a key that has a list of them already are added to that list.

        ```python
        log.add_event_pattern(detail={"availabilityZone": [{"prefix": "eu-west-1"}]})
        ```

        Args:
            detail: The condition on an event's ``detail``: keys to lists of what may stand there.

        Raises:
            TypeError: If it is no mapping.
            ValueError: If it holds something else than lists that are not empty; a key that has a
                condition already, from a prop or an earlier call, which would not hold any more
                beside another (``anything-but``, ``$or``); or if the logger does not listen to
                tasks.
        """
        self._rules.add_event_pattern(detail)

    @property
    def rule(self) -> events.Rule:
        """The rule that picks the events of tasks from the event bus.

        Of a logger that does not listen to tasks, the rule for the other types; nothing can be
        added to its pattern if deployments are among them.
        """
        return self._rules.first

    @property
    def function(self) -> lambda_.Function:
        """The function that makes a line of an event."""
        return self._target.function

    @property
    def log_group(self) -> logs.ILogGroup:
        """The log group that holds the lines: the one made here, or the caller's own."""
        return self._target.log_group

    @property
    def dead_letter_queue(self) -> sqs.IQueue:
        """The queue that holds what could not be logged: the one made here, or the caller's own.

        A message is a whole event as ECS sent it, not redacted.
        """
        return self._target.dead_letter_queue

    def metric_undelivered_events(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return how many events wait in the dead-letter queue: none, where all is well.

        ```python
        log.metric_undelivered_events().create_alarm(
            self,
            "Undelivered",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        ```

        SQS reports nothing of a queue that nobody has used for six hours, so missing data is good
        news. The metric itself costs nothing.

        Args:
            **options: What ``cloudwatch.MetricOptions`` takes. By default the maximum over five
                minutes.
        """
        return self._target.dead_letter_queue.metric_approximate_number_of_messages_visible(
            **options
        )

    def metric_failures(
        self,
        *,
        cause: Cause | str | None = None,
        service: str | None = None,
        **options: Unpack[TaskMetricOptions],
    ) -> cloudwatch.Metric:
        """Return how many tasks failed.

        ```python
        log.metric_failures().create_alarm(
            self,
            "Failures",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        ```

        It counts events of what this logger logs: in the rare case that one is delivered twice,
        the task counts twice. Its namespace is ``EcsTaskEvents``, and its name the logger's path
        with ``Failures``, such as ``Shop/Log/Failures``; the others are named likewise.

        The first call adds one metric filter (``AWS::Logs::MetricFilter``), and so does the first
        with ``cause``, with ``service`` and with both. CloudWatch makes one metric, and one for
        each cause, service or pair of them that occurs, and charges $0.30 a month for each in which
        it has values (in US East in November 2026). A filter that yields 1,000 of them within an
        hour may be disabled by CloudWatch Logs.

        Args:
            cause: Count tasks that failed for this cause, by the dimension ``Cause``. By default
                tasks of all causes.
            service: Count tasks of the service with this name, by the dimension ``Service``. By
                default tasks of every service and of none.
            **options: What ``cloudwatch.MetricOptions`` takes, except ``dimensions_map``; and the
                names ``cluster``, ``source_account`` and ``source_region``, which count only tasks
                of that cluster, account or region, by the dimensions ``Cluster``, ``Account`` and
                ``Region``. At most three dimensions in all. By default the sum over five minutes of
                all tasks.

        Raises:
            TypeError: If one of the names is no string.
            ValueError: If ``cause`` or one of the names is not accepted, or ``dimensions_map`` is
                given; if there are more than three dimensions; if the log group is of a class that
                has no metric filters; if the logger's filters leave out all the lines that are
                needed; or if the logger shares another one's function, whose tasks would be
                counted, too.
        """
        if cause is not None:
            cause = checked_member("cause", cause, Cause)
            refuse_never_failed("cause", [cause], "metric_failures counts failures")
        return self._metric(FAILURES, cause, service, options)

    def metric_stopped_tasks(
        self,
        *,
        cause: Cause | str | None = None,
        service: str | None = None,
        **options: Unpack[TaskMetricOptions],
    ) -> cloudwatch.Metric:
        """Return how many tasks stopped, whether they failed or not.

        It adds metric filters and costs as ``metric_failures`` does.

        Args:
            cause: Count tasks that stopped for this cause. By default tasks of all causes.
            service: Count tasks of this service. By default tasks of every service and of none.
            **options: As ``metric_failures`` takes them. By default the sum over five minutes.

        Raises:
            TypeError: As ``metric_failures`` does.
            ValueError: As ``metric_failures`` does.
        """
        return self._metric(STOPPED_TASKS, cause, service, options)

    def metric_start_duration(
        self, *, service: str | None = None, **options: Unpack[TaskMetricOptions]
    ) -> cloudwatch.Metric:
        """Return how many seconds tasks took from their creation until they ran.

        The first call adds one metric filter, and so does the first with ``service``. CloudWatch
        makes one metric, and one for each service, and charges as for ``metric_failures``.

        Args:
            service: Look at tasks of this service. By default at tasks of every service and of
                none.
            **options: As ``metric_failures`` takes them. By default the 95th percentile over five
                minutes.

        Raises:
            TypeError: As ``metric_failures`` does.
            ValueError: As ``metric_failures`` does.
        """
        return self._metric(START_DURATION, None, service, options)

    def metric_image_pull_duration(
        self, *, service: str | None = None, **options: Unpack[TaskMetricOptions]
    ) -> cloudwatch.Metric:
        """Return how many seconds of their start tasks spent on pulling images.

        It adds metric filters and costs as ``metric_start_duration`` does.

        Args:
            service: Look at tasks of this service. By default at tasks of every service and of
                none.
            **options: As ``metric_failures`` takes them. By default the 95th percentile over five
                minutes.

        Raises:
            TypeError: As ``metric_failures`` does.
            ValueError: As ``metric_failures`` does.
        """
        return self._metric(IMAGE_PULL_DURATION, None, service, options)

    def metric_run_duration(
        self, *, service: str | None = None, **options: Unpack[TaskMetricOptions]
    ) -> cloudwatch.Metric:
        """Return how many seconds tasks ran that have stopped.

        It adds metric filters and costs as ``metric_start_duration`` does.

        Args:
            service: Look at tasks of this service. By default at tasks of every service and of
                none.
            **options: As ``metric_failures`` takes them. By default the 95th percentile over five
                minutes.

        Raises:
            TypeError: As ``metric_failures`` does.
            ValueError: As ``metric_failures`` does.
        """
        return self._metric(RUN_DURATION, None, service, options)

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Return widgets for a dashboard of your own.

        ```python
        dashboard.add_widgets(*log.dashboard_widgets())
        ```

        Failures over time by cause, failing services, seconds to start, interruptions, capacity,
        undelivered events, and a table of the last failures with what to check first; all of what
        this logger logs. They add no resource and no metric: six queries are run whenever the
        dashboard is opened or refreshed, at the price of Logs Insights ($0.005 for a GB that is
        read, in US East in November 2026).

        Raises:
            ValueError: If the logger shares another one's function and with it the log group.
        """
        from ._insights.dashboard import make_widgets

        self._refuse_if_sharing("dashboard_widgets")
        undelivered = self.metric_undelivered_events()
        return make_widgets(self.log_group, place_of(self).region, undelivered, self._origin)

    def create_dashboard(
        self,
        id: str = "Dashboard",
        *,
        dashboard_name: str | None = None,
        default_interval: Duration | None = None,
    ) -> cloudwatch.Dashboard:
        """Make a dashboard (``AWS::CloudWatch::Dashboard``) of the widgets.

        The first three dashboards of an account are free, each other costs $3 a month (in US East
        in November 2026), and the queries cost as ``dashboard_widgets`` says.

        Args:
            id: The construct's ID. By default ``Dashboard``.
            dashboard_name: What it is called in the console. By default CloudFormation names it.
            default_interval: How far back it looks when it is opened. By default one day.

        Raises:
            ValueError: If the logger shares another one's function and with it the log group.
        """
        from aws_cdk import aws_cloudwatch as cloudwatch

        return cloudwatch.Dashboard(
            self,
            id,
            dashboard_name=dashboard_name,
            default_interval=Duration.days(1) if default_interval is None else default_interval,
            widgets=[self.dashboard_widgets()],
        )

    def on_task_failure(
        self,
        id: str,
        *,
        target: events.IRuleTarget | None = None,
        causes: Sequence[Cause | str] | None = None,
        services: Sequence[str] | None = None,
        clusters: Sequence[str] | None = None,
        source_accounts: Sequence[str] | None = None,
    ) -> events.Rule:
        """Tell a target of every task that failed, of those that this logger logs.

        ```python
        log.on_task_failure(
            "TellSlack", target=targets.ApiDestination(webhook, event=TaskMessage.slack())
        )
        ```

        Adds a rule (``AWS::Events::Rule``) with what its target needs. The first call of this
        method or of ``on_task_stopped`` also adds a destination for what the function returns
        (``AWS::Lambda::EventInvokeConfig``), and lets the function put events on the default bus.
        From then on Lambda puts an event on that bus for every event that the function is handed,
        those that its filters drop included, with the record and, as ECS sent it, the event itself.
        AWS charges for these as for custom events ($1 a million in US East in November 2026).

        What is delivered twice is told twice. What Lambda cannot put on the bus is counted as
        ``DestinationDeliveryFailures`` and not told, and neither is what was brought back from the
        dead-letter queue; both are in the log. A target that starts a task which stops in the same
        cluster is told of that, too.

        Args:
            id: The rule's ID, unique within this construct.
            target: What to tell, from ``aws_events_targets``: SNS, SQS, Lambda, Step Functions, an
                API destination … It is given the record as it is in the log, unless it has an
                input of its own; ``TaskMessage`` has such inputs. By default nothing: add targets
                to the rule, with an input of ``TaskMessage``.
            causes: Tell only of tasks that failed for one of these causes. By default of all.
            services: Tell only of tasks of the services with these names, in which ``*`` stands for
                anything. By default of tasks of every service and of none.
            clusters: Tell only of tasks in the clusters with these names, in which ``*`` stands for
                anything. By default in all that are watched.
            source_accounts: Tell only of tasks in the accounts with these IDs. By default in all.

        Raises:
            TypeError: If what must be a list is not one, or if ``target`` is not a target.
            ValueError: If a list is empty or holds what is not accepted; if ``target`` is an event
                bus or a log group, which take whole events only; if the logger's own filters leave
                out all there is to tell; or if the logger shares another one's function.
        """
        return self._notify(
            id,
            only_failures=True,
            target=target,
            causes=causes,
            services=services,
            clusters=clusters,
            source_accounts=source_accounts,
        )

    def on_task_stopped(
        self,
        id: str,
        *,
        target: events.IRuleTarget | None = None,
        causes: Sequence[Cause | str] | None = None,
        services: Sequence[str] | None = None,
        clusters: Sequence[str] | None = None,
        source_accounts: Sequence[str] | None = None,
    ) -> events.Rule:
        """Tell a target of every task that stopped, whether it failed or not.

        It adds resources and costs as ``on_task_failure`` does.

        Args:
            id: The rule's ID, unique within this construct.
            target: What to tell, as for ``on_task_failure``. By default nothing.
            causes: Tell only of tasks that stopped for one of these causes. By default of all.
            services: Tell only of tasks of the services with these names, in which ``*`` stands for
                anything. By default of tasks of every service and of none.
            clusters: Tell only of tasks in the clusters with these names, in which ``*`` stands for
                anything. By default in all that are watched.
            source_accounts: Tell only of tasks in the accounts with these IDs. By default in all.

        Raises:
            TypeError: If what must be a list is not one, or if ``target`` is not a target.
            ValueError: If a list is empty or holds what is not accepted; if ``target`` is an event
                bus or a log group, which take whole events only; if the logger's own filters leave
                out all there is to tell; or if the logger shares another one's function.
        """
        return self._notify(
            id,
            only_failures=False,
            target=target,
            causes=causes,
            services=services,
            clusters=clusters,
            source_accounts=source_accounts,
        )

    def _metric(
        self,
        metric: TaskMetric,
        cause: Cause | str | None,
        service: str | None,
        options: TaskMetricOptions,
    ) -> cloudwatch.Metric:
        self._refuse_if_sharing(f"The metric {metric.name}", ", with cluster= or service=")
        if cause is not None:
            cause = checked_member("cause", cause, Cause)
        if service is not None:
            check_name("service", service)
        needed = NeededLines(
            metric.status,
            None if cause is None else [cause],
            None if service is None else [service],
            only_failures=metric is FAILURES,
        )
        self._target.refuse_unless_logged(metric.name, needed)
        return self._metrics.metric(metric, {"Cause": cause, "Service": service}, options)

    def _notify(
        self,
        id: str,
        only_failures: bool,
        causes: Sequence[Cause | str] | None,
        services: Sequence[str] | None,
        **props: Any,
    ) -> events.Rule:
        self._refuse_if_sharing(f"The notification {id}", ", with clusters= or services=")
        lines = lines_to_tell(only_failures, causes, services)
        self._target.refuse_unless_logged(f"The notification {id}", lines)
        if self._notifications is None:
            self._notifications = Construct(self, "Notifications")
        rule = make_notification_rule(self._notifications, id, self.function, lines, **props)
        self._target.send_records_to_default_bus()
        return rule

    def _refuse_if_sharing(self, what: str, limited: str = "") -> None:
        """Refuse what is about all lines of a log group, at a logger that has but some of them."""
        if self._is_sharing:
            owner = self._target.scope.node.path
            raise ValueError(
                f"{what} would be about all lines of {owner}, whose function {self.node.path} "
                f"shares. Ask {owner} for it{limited}."
            )

    def _warn_of_other_users(self, scope: Construct, id: str) -> None:
        """Warn of a queue or log group that is another logger's, too."""
        for what, resource, name, consequence in (
            (
                "sharedQueue",
                self.dead_letter_queue,
                "dead-letter queue",
                "What a function failed on does not say which function that was, so the one that "
                "is redriven first takes it. Use a queue for each logger.",
            ),
            (
                "sharedLogGroup",
                self.log_group,
                "log group",
                "Metrics, saved queries and dashboard of each count the tasks of both. Use a log "
                "group for each logger, or let one share the other's function.",
            ),
        ):
            users = _USERS.setdefault(resource, [])
            for other, other_id in users:
                Annotations.of(self).add_warning_v2(
                    f"ecs-task-event-logger:{what}",
                    f"{self.node.path} shares its {name} with {other.node.path}/{other_id}. "
                    + consequence,
                )
            users.append((scope, id))
