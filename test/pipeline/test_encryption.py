"""Encryption with the caller's own key: its policy, and warnings about imported keys."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventLogger
from templates import arn_of, only, warnings_of

KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/0123"
ENVIRONMENT = cdk.Environment(account="111122223333", region="eu-west-1")


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack", env=ENVIRONMENT)


def service_statements(template: Template) -> Any:
    """Return the statements of the key's policy, except the account's own."""
    return only(template, "AWS::KMS::Key")["KeyPolicy"]["Statement"][1:]


def test_key_encrypts_the_log_group_and_the_queue(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    new_key = kms.Key(stack, "Key")
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, encryption_key=new_key)
    template = Template.from_stack(stack)
    key = arn_of(template, "AWS::KMS::Key")
    assert only(template, "AWS::Logs::LogGroup")["KmsKeyId"] == key
    assert only(template, "AWS::SQS::Queue")["KmsMasterKeyId"] == key
    assert warnings_of(log) == []


def test_key_policy_allows_cloudwatch_logs_and_eventbridge(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, encryption_key=kms.Key(stack, "Key"))
    log_groups = f"arn:{stack.partition}:logs:eu-west-1:111122223333:log-group:*"
    rules = f"arn:{stack.partition}:events:eu-west-1:111122223333:rule/*"
    logs_statement, rules_statement = service_statements(Template.from_stack(stack))
    assert logs_statement == {
        "Effect": "Allow",
        "Principal": {
            "Service": {"Fn::Join": ["", ["logs.eu-west-1.", {"Ref": "AWS::URLSuffix"}]]}
        },
        "Action": [
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ],
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": stack.resolve(log_groups)}},
    }
    assert rules_statement == {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"aws:SourceArn": stack.resolve(rules)},
        },
    }


def test_two_loggers_add_each_key_statement_once(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    key = kms.Key(stack, "Key")
    EcsTaskEventLogger(stack, "All", cluster=cluster, encryption_key=key)
    EcsTaskEventLogger(stack, "Failures", cluster=cluster, encryption_key=key, only_failures=True)
    assert len(service_statements(Template.from_stack(stack))) == 2


def test_warns_of_the_statements_that_an_imported_key_needs(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, encryption_key=key)
    for_logs, for_rules = warnings_of(log)
    partition = "aws" if stack.partition == "aws" else "${AWS::Partition}"
    assert "The key Stack/Key is imported" in for_logs
    assert '"Service": "logs.eu-west-1.${AWS::URLSuffix}"' in for_logs
    assert (
        '"kms:EncryptionContext:aws:logs:arn": '
        f'"arn:{partition}:logs:eu-west-1:111122223333:log-group:*"'
    ) in for_logs
    assert '"Service": "events.amazonaws.com"' in for_rules
    assert '"Action": ["kms:Decrypt", "kms:GenerateDataKey"]' in for_rules


def test_warns_of_the_statement_for_a_key_in_another_account(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN.replace("111122223333", "444455556666"))
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, encryption_key=key)
    *_, for_role = warnings_of(log)
    assert "without them Lambda loses events that the function fails on" in for_role
    assert '"AWS": "${LogRole9B295BF9.Arn}"' in for_role


def test_default_uses_no_customer_managed_key(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    assert "Kms" not in json.dumps(Template.from_stack(stack).to_json())


def test_key_encrypts_only_the_queue_with_an_own_log_group(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=cluster,
        encryption_key=kms.Key(stack, "Key"),
        log_group=logs.LogGroup(stack, "Own"),
    )
    template = Template.from_stack(stack)
    (rules_statement,) = service_statements(template)
    assert rules_statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert "KmsKeyId" not in only(template, "AWS::Logs::LogGroup")


def test_eventbridge_may_use_the_key_of_an_own_queue(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    queue = sqs.Queue(stack, "Own", encryption=sqs.QueueEncryption.KMS)
    EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=queue)
    (rules_statement,) = service_statements(Template.from_stack(stack))
    assert rules_statement["Principal"] == {"Service": "events.amazonaws.com"}


def test_key_in_another_stack_causes_no_circular_dependency(stack: cdk.Stack) -> None:
    other = cdk.Stack(stack.node.root, "Other", env=ENVIRONMENT)  # type: ignore[arg-type]
    key = kms.Key(other, "Key")
    cluster = ecs.Cluster(stack, "Cluster")
    EcsTaskEventLogger(stack, "Log", cluster=cluster, encryption_key=key)
    assert len(service_statements(Template.from_stack(other))) == 2


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda _: {"encryption_key": KEY_ARN}, TypeError, "encryption_key must be a kms.IKey"),
        (
            lambda stack: {
                "encryption_key": kms.Key.from_key_arn(
                    stack, "Key", KEY_ARN.replace("eu-west-1", "us-east-1")
                )
            },
            ValueError,
            "encryption_key .* is in region us-east-1, but the stack Stack is in eu-west-1",
        ),
        (
            lambda stack: {
                "encryption_key": kms.Key(stack, "Key"),
                "log_group": logs.LogGroup(stack, "Own"),
                "dead_letter_queue": sqs.Queue(stack, "Queue"),
            },
            ValueError,
            "encryption_key cannot be used with log_group and dead_letter_queue: these settings",
        ),
        (
            lambda stack: {"encryption_key": kms.Key(stack, "Key").add_alias("key")},
            ValueError,
            "encryption_key, .* is an alias, but IAM policies need the key itself",
        ),
        (
            lambda stack: {"encryption_key": kms.Alias.from_alias_name(stack, "Key", "alias/key")},
            ValueError,
            "encryption_key, .* is an alias",
        ),
    ],
)
def test_rejects_an_unusable_key(
    stack: cdk.Stack, cluster: ecs.ICluster, make: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **make(stack))
