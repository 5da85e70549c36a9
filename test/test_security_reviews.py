"""Security reviews by tools: SECURITY.md explains each finding."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

import cfn_lint
from ecs_events import ROOT
from ecs_task_event_logger import (
    EcsEventHistory,
    EcsTaskEventForwarder,
    EcsTaskEventLogger,
    EcsTaskEventRule,
    EventType,
    FailureMessage,
    RecordFormat,
    SlackWebhook,
    TeamsWebhook,
)
from needs import needs

CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"

PACKS: list[Callable[[], Any]] = [
    cdk_nag.AwsSolutionsChecks,
    cdk_nag.HIPAASecurityChecks,
    cdk_nag.NIST80053R5Checks,
    cdk_nag.PCIDSS321Checks,
    cdk_nag.ServerlessChecks,
]

# The findings by default …
BY_DEFAULT = {
    "HIPAA.Security-CloudWatchLogGroupEncrypted",
    "HIPAA.Security-LambdaConcurrency",
    "HIPAA.Security-LambdaInsideVPC",
    "NIST.800.53.R5-CloudWatchLogGroupEncrypted",
    "NIST.800.53.R5-LambdaConcurrency",
    "NIST.800.53.R5-LambdaInsideVPC",
    "PCI.DSS.321-CloudWatchLogGroupEncrypted",
    "PCI.DSS.321-LambdaInsideVPC",
    "Serverless-LambdaTracing",
    "Serverless-SQSRedrivePolicy",
}
BY_DEFAULT_BY_CHECKOV = {"CKV_AWS_27", "CKV_AWS_115", "CKV_AWS_117", "CKV_AWS_158"}
# … and with every hardening prop, every event type and container logs.
STREAMS = (
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:eu-west-1:111122223333:"
    "log-group:/ecs/shop:log-stream:*]"
)
HARDENED = {"AwsSolutions-IAM5[Resource::*]", STREAMS, "Serverless-SQSRedrivePolicy"}
HARDENED_BY_CHECKOV = {"CKV_AWS_111", "CKV_AWS_173"}
# The additional findings of a forwarder.
FORWARDING = {"AwsSolutions-SQS3"}

# The additional findings of notifications.
NOTIFYING = {"Serverless-EventBusDLQ", "Serverless-LambdaAsyncFailureDestination"}
# Those of alarms without an action, and of a queue for messages.
CALLERS = {
    "AwsSolutions-SQS3",
    "HIPAA.Security-CloudWatchAlarmAction",
    "NIST.800.53.R5-CloudWatchAlarmAction",
}

FOUND = BY_DEFAULT | BY_DEFAULT_BY_CHECKOV | HARDENED | HARDENED_BY_CHECKOV | FORWARDING | NOTIFYING

# The findings in SECURITY.md: the first cells of its last tables.
EXPLAINED = {
    name
    for row in re.findall(
        r"^\| (.+?) \|",
        (ROOT / "SECURITY.md").read_text().partition("of automated reviews")[2],
        re.M,
    )
    for name in re.findall(r"CKV_AWS_\d+|[A-Z]\w+(?:\[.+\])?(?= \()", row)
}


def make_stack(outdir: Path, *, hardened: bool = False, **context: Any) -> cdk.Stack:
    app = cdk.App(outdir=str(outdir), context=context)
    environment = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(app, "Stack", env=environment)
    props: dict[str, Any] = {}
    if hardened:
        props = {
            "encryption_key": kms.Key(stack, "Key", enable_key_rotation=True),
            "reserved_concurrent_executions": 5,
            "tracing": lambda_.Tracing.ACTIVE,
            "event_types": list(EventType),
            "container_log_groups": ["/ecs/shop"],
            "vpc": ec2.Vpc.from_vpc_attributes(
                stack,
                "Vpc",
                vpc_id="vpc-0123456789abcdef0",
                availability_zones=["eu-west-1a"],
                private_subnet_ids=["subnet-0123456789abcdef0"],
            ),
        }
    cluster = ecs.Cluster.from_cluster_arn(
        stack, "Cluster", "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
    )
    EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
    return stack


def synthesize(stack: cdk.Stack) -> Path:
    """Return the path of the stack's template."""
    assembly = cdk.App.of(stack).synth()  # type: ignore[union-attr]
    return Path(assembly.get_stack_by_name("Stack").template_full_path)


def nag(stack: cdk.Stack) -> list[str]:
    """Return the rules of cdk-nag that find something."""
    return [
        violation.rule_name
        for pack in PACKS
        for violation in pack().validate_scope(stack.node.root).violations
    ]


@pytest.mark.parametrize(("hardened", "expected"), [(False, BY_DEFAULT), (True, HARDENED)])
def test_cdk_nag_finds_only_the_listed_findings(
    hardened: bool, expected: set[str], tmp_path: Path
) -> None:
    stack = make_stack(tmp_path, hardened=hardened)
    assert sorted(nag(stack)) == sorted(expected)


def test_central_logging_adds_only_the_listed_findings(
    tmp_path: Path,
) -> None:
    stack = make_stack(tmp_path)
    central = EcsTaskEventLogger(
        stack, "Central", event_bus=events.EventBus(stack, "Bus"), source_accounts=["444455556666"]
    )
    EcsTaskEventRule.for_all_clusters(stack, "Sharing", logger=central)
    there = events.EventBus.from_event_bus_arn(
        stack, "There", "arn:aws:events:eu-west-1:777788889999:event-bus/there"
    )
    EcsTaskEventForwarder(stack, "Forwarder", destination_bus=there)
    assert set(nag(stack)) == BY_DEFAULT | FORWARDING
    assert lint_findings(stack, ["eu-west-1"]) == []


def test_suppresses_no_finding(tmp_path: Path) -> None:
    template = synthesize(make_stack(tmp_path)).read_text()
    assert not [word for word in ("cdk_nag", "cdk-nag", "checkov", "cfn-lint") if word in template]


@needs(
    "checkov",
    "UV_PROJECT_ENVIRONMENT=.venv-checkov uv sync --only-group checkov",
    CHECKOV.exists(),
)
@pytest.mark.parametrize(
    ("hardened", "expected"), [(False, BY_DEFAULT_BY_CHECKOV), (True, HARDENED_BY_CHECKOV)]
)
def test_checkov_finds_only_the_listed_findings(
    hardened: bool, expected: set[str], tmp_path: Path
) -> None:
    template = synthesize(make_stack(tmp_path, hardened=hardened))
    finished = subprocess.run(
        [
            *(CHECKOV, "--file", template, "--framework", "cloudformation"),
            *("--output", "json", "--quiet", "--skip-download"),
        ],
        capture_output=True,
        text=True,
    )
    report = json.loads(finished.stdout)
    assert report["summary"]["passed"] > 15
    assert {check["check_id"] for check in report["results"]["failed_checks"]} == expected


@pytest.mark.parametrize("hardened", [False, True])
def test_default_rules_of_cdk_find_nothing(hardened: bool, tmp_path: Path) -> None:
    context = {"@aws-cdk/core:validateAgainstDefaultRules": True}
    synthesize(make_stack(tmp_path, hardened=hardened, **context))
    report = tmp_path / "validation-report.json"
    plugins = json.loads(report.read_text())["pluginReports"] if report.exists() else []
    assert [violation for plugin in plugins for violation in plugin["violations"]] == []


@pytest.mark.parametrize("hardened", [False, True])
@pytest.mark.parametrize("context", [{}, {"@aws-cdk/aws-iam:minimizePolicies": True}])
def test_cfn_lint_finds_nothing(hardened: bool, context: dict[str, bool], tmp_path: Path) -> None:
    template = synthesize(make_stack(tmp_path, hardened=hardened, **context)).read_text()
    assert cfn_lint.findings(template) == []


REGIONS = ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"]


def test_cfn_lint_accepts_every_feature_in_every_partition(tmp_path: Path) -> None:
    stack = make_stack(tmp_path, hardened=True)
    add_every_feature(stack)
    assert lint_findings(stack, REGIONS) == []


def test_cfn_lint_accepts_webhooks_and_alarms(tmp_path: Path) -> None:
    stack = make_stack(tmp_path)
    add_webhooks_and_alarms(stack)
    # AWS GovCloud (US) has no API destinations.
    assert lint_findings(stack, REGIONS[:3]) == []


def test_cdk_nag_finds_only_the_listed_findings_of_webhooks(tmp_path: Path) -> None:
    stack = make_stack(tmp_path)
    add_webhooks_and_alarms(stack)
    assert set(nag(stack)) - CALLERS == BY_DEFAULT | NOTIFYING


def test_findings_of_an_event_history_are_explained(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    environment = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(app, "Stack", env=environment)
    arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
    cluster = ecs.Cluster.from_cluster_arn(stack, "Cluster", arn)
    EcsEventHistory(stack, "History", cluster=cluster)
    assert set(nag(stack)) < BY_DEFAULT | NOTIFYING
    assert lint_findings(stack, REGIONS) == []


def lint_findings(stack: cdk.Stack, regions: list[str]) -> list[str]:
    return cfn_lint.findings(synthesize(stack).read_text(), regions)


def add_webhooks_and_alarms(stack: cdk.Stack) -> None:
    log = EcsTaskEventLogger.for_all_clusters(stack, "Chats", event_types=list(EventType))
    url = cdk.SecretValue.secrets_manager("chat-webhook")
    log.on_failure("Slack", target=SlackWebhook(url=url, environment_name="production"))
    queue = sqs.Queue(stack, "Unsent", enforce_ssl=True)
    log.on_agent_disconnected("Teams", target=TeamsWebhook(url=url, dead_letter_queue=queue))
    metrics: dict[str, Any] = {
        "Deployments": log.metric_failures(event_type="DEPLOYMENT_STATE_CHANGE", service="web"),
        "CrashLoop": log.metric_task_failures_by_service(),
        "AgentAway": log.metric_agent_disconnected(cluster="shop"),
    }
    for id, metric in metrics.items():
        metric.create_alarm(stack, id, threshold=1, evaluation_periods=15)
    log.create_dashboard()


def add_every_feature(stack: cdk.Stack) -> None:
    """Add what ``make_stack`` leaves out: each other prop, method and construct."""
    bus = events.EventBus(stack, "Bus", event_bus_name="ecs-events")
    central = EcsTaskEventLogger(
        stack,
        "Central",
        event_bus=bus,
        source_accounts=["444455556666"],
        event_types=list(EventType),
        role=iam.Role(
            stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), path="/team/"
        ),
        runtime=lambda_.Runtime.PYTHON_3_11,
        architecture=lambda_.Architecture.X86_64,
        memory_size=256,
        timeout=cdk.Duration.seconds(30),
        max_event_age=cdk.Duration.hours(1),
        retry_attempts=1,
        deletion_protection=True,
        log_retention=logs.RetentionDays.ONE_YEAR,
        record_format=RecordFormat.FULL,
        unredacted_environment=["STAGE"],
    )
    topic = sns.Topic(stack, "Topic")
    central.on_task_failure(
        "Tell", target=targets.SnsTopic(topic, message=FailureMessage.text()), services=["shop-*"]
    )
    central.on_task_stopped("Queue", target=targets.SqsQueue(sqs.Queue(stack, "Queue")))
    for metric in (
        central.metric_failures(cause="SECRETS", service="web"),
        central.metric_stopped_tasks(cluster="shop"),
        central.metric_start_duration(),
        central.metric_image_pull_duration(),
        central.metric_run_duration(),
        central.metric_undelivered_events(),
    ):
        alarm = "".join(filter(str.isalnum, metric.metric_name))
        metric.create_alarm(stack, alarm, threshold=1, evaluation_periods=1)
    central.create_dashboard()
    EcsTaskEventRule.for_all_clusters(stack, "Own", logger=central, event_types=list(EventType))
    EcsTaskEventLogger.for_all_clusters(
        stack,
        "Filtered",
        services=["shop-*", "a*b"],
        exclude_services=["shop-canary"],
        task_families=["nightly-*"],
        statuses=["STOPPED"],
        launch_types=["FARGATE"],
        capacity_providers=["FARGATE_SPOT"],
        only_failures=True,
        log_group_class=logs.LogGroupClass.INFREQUENT_ACCESS,
        saved_queries=False,
    )
    there = events.EventBus.from_event_bus_arn(
        stack, "There", f"arn:{stack.partition}:events:{stack.region}:777788889999:event-bus/there"
    )
    EcsTaskEventForwarder(stack, "Forwarder", destination_bus=there)


@pytest.mark.parametrize("finding", sorted(FOUND))
def test_every_finding_is_explained(finding: str) -> None:
    assert explained(finding) in EXPLAINED


def test_explains_only_current_findings() -> None:
    assert set(map(explained, FOUND)) == EXPLAINED


def explained(finding: str) -> str:
    """Return a finding as SECURITY.md names it: without its pack, account and region."""
    name = re.sub(r"^[\w.]+-", "", finding)
    return re.sub(r"Resource::arn.*:log-group:.*:", "Resource::…:log-group:NAME:log-stream:", name)
