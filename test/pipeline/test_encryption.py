"""Encryption with the caller's own key: who may use it, and what is said where that is unknown."""

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


def services_that_may_use_it(template: Template) -> Any:
    """Return the statements of the key's policy, but for the one that the account owns it by."""
    return only(template, "AWS::KMS::Key")["KeyPolicy"]["Statement"][1:]


def test_it_encrypts_the_log_group_and_the_queue(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    key_of_the_stack = kms.Key(stack, "Key")
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, encryption_key=key_of_the_stack)
    template = Template.from_stack(stack)
    key = arn_of(template, "AWS::KMS::Key")
    assert only(template, "AWS::Logs::LogGroup")["KmsKeyId"] == key
    assert only(template, "AWS::SQS::Queue")["KmsMasterKeyId"] == key
    assert warnings_of(log) == []


def test_cloudwatch_logs_may_use_it_for_log_groups_and_eventbridge_for_rules_of_this_account(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, encryption_key=kms.Key(stack, "Key"))
    log_groups = f"arn:{stack.partition}:logs:eu-west-1:111122223333:log-group:*"
    rules = f"arn:{stack.partition}:events:eu-west-1:111122223333:rule/*"
    logs_statement, rules_statement = services_that_may_use_it(Template.from_stack(stack))
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


def test_two_loggers_with_one_key_add_each_statement_once(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    key = kms.Key(stack, "Key")
    EcsTaskEventLogger(stack, "All", cluster=cluster, encryption_key=key)
    EcsTaskEventLogger(stack, "Failures", cluster=cluster, encryption_key=key, only_failures=True)
    assert len(services_that_may_use_it(Template.from_stack(stack))) == 2


def test_of_an_imported_key_warnings_name_the_statements_that_are_missing(
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


def test_of_a_key_of_another_account_a_warning_names_what_the_role_needs_too(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN.replace("111122223333", "444455556666"))
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, encryption_key=key)
    *_, for_role = warnings_of(log)
    assert "Lambda loses what the function fails on" in for_role
    assert '"AWS": "${LogRole9B295BF9.Arn}"' in for_role


def test_by_default_there_is_no_key_that_anybody_could_disable(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    assert "Kms" not in json.dumps(Template.from_stack(stack).to_json())


def test_beside_the_callers_own_log_group_it_encrypts_the_queue(
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
    (rules_statement,) = services_that_may_use_it(template)
    assert rules_statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert "KmsKeyId" not in only(template, "AWS::Logs::LogGroup")


def test_the_key_of_the_callers_own_queue_may_be_used_by_eventbridge(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    queue = sqs.Queue(stack, "Own", encryption=sqs.QueueEncryption.KMS)
    EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=queue)
    (rules_statement,) = services_that_may_use_it(Template.from_stack(stack))
    assert rules_statement["Principal"] == {"Service": "events.amazonaws.com"}


def test_a_key_of_another_stack_makes_no_circle(stack: cdk.Stack) -> None:
    other = cdk.Stack(stack.node.root, "Other", env=ENVIRONMENT)  # type: ignore[arg-type]
    key = kms.Key(other, "Key")
    cluster = ecs.Cluster(stack, "Cluster")
    EcsTaskEventLogger(stack, "Log", cluster=cluster, encryption_key=key)
    assert len(services_that_may_use_it(Template.from_stack(other))) == 2


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
            "encryption_key .* is in region us-east-1, and not in eu-west-1",
        ),
        (
            lambda stack: {
                "encryption_key": kms.Key(stack, "Key"),
                "log_group": logs.LogGroup(stack, "Own"),
                "dead_letter_queue": sqs.Queue(stack, "Queue"),
            },
            ValueError,
            "encryption_key given together with log_group and dead_letter_queue, and nothing else",
        ),
        (
            lambda stack: {"encryption_key": kms.Key(stack, "Key").add_alias("key")},
            ValueError,
            "encryption_key, .* is an alias, by which no IAM policy can name a key",
        ),
        (
            lambda stack: {"encryption_key": kms.Alias.from_alias_name(stack, "Key", "alias/key")},
            ValueError,
            "encryption_key, .* is an alias",
        ),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_with_the_way_out(
    stack: cdk.Stack, cluster: ecs.ICluster, make: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **make(stack))
