"""The forwarder: its rules, permissions, queue and errors."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion

from ecs_task_event_logger import EcsTaskEventForwarder, EventType, TaskStatus
from templates import CHANGED, arn_of, generated_prefix, only, only_id, pattern, warnings_of

CENTRAL = "arn:aws:events:eu-west-1:999999999999:event-bus/ecs-events"


@pytest.fixture
def central(stack: cdk.Stack) -> events.IEventBus:
    return events.EventBus.from_event_bus_arn(stack, "Central", CENTRAL)


def test_one_statement(
    stack: cdk.Stack, central: events.IEventBus, snapshot: SnapshotAssertion
) -> None:
    EcsTaskEventForwarder(stack, "Forwarder", destination_bus=central)
    assert Template.from_stack(stack).to_json() == snapshot, CHANGED


class TestRules:
    def test_sends_task_events_of_all_clusters_unchanged(
        self, stack: cdk.Stack, central: events.IEventBus
    ) -> None:
        EcsTaskEventForwarder(stack, "Forwarder", destination_bus=central)
        template = Template.from_stack(stack)
        rule = only(template, "AWS::Events::Rule")
        assert "EventBusName" not in rule
        assert rule["EventPattern"] == {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
        }
        (target,) = rule["Targets"]
        assert target == {
            "Id": "Target0",
            "Arn": CENTRAL,
            "RoleArn": arn_of(template, "AWS::IAM::Role"),
            "DeadLetterConfig": {"Arn": arn_of(template, "AWS::SQS::Queue")},
        }

    def test_sends_events_of_the_given_clusters(
        self, stack: cdk.Stack, central: events.IEventBus, cluster: ecs.ICluster
    ) -> None:
        forwarder = EcsTaskEventForwarder(
            stack, "Forwarder", destination_bus=central, cluster=cluster
        )
        other = ecs.Cluster(stack, "Other")
        forwarder.add_cluster(other)
        arns = [cluster.cluster_arn, stack.resolve(other.cluster_arn)]
        assert pattern(stack)["detail"] == {"clusterArn": arns}

    def test_applies_filters_and_added_conditions(
        self, stack: cdk.Stack, central: events.IEventBus
    ) -> None:
        forwarder = EcsTaskEventForwarder(
            stack,
            "Forwarder",
            destination_bus=central,
            statuses=[TaskStatus.STOPPED],
            services=["shop-*"],
        )
        forwarder.add_event_pattern(detail={"availabilityZone": ["eu-west-1a"]})
        assert pattern(stack)["detail"] == {
            "lastStatus": ["STOPPED"],
            "group": [{"prefix": "service:shop-"}],
            "availabilityZone": ["eu-west-1a"],
        }
        with pytest.raises(ValueError, match="group has a condition already"):
            forwarder.add_event_pattern(detail={"group": ["service:billing"]})

    def test_pattern_has_every_filter(self, stack: cdk.Stack, central: events.IEventBus) -> None:
        EcsTaskEventForwarder(
            stack,
            "Forwarder",
            destination_bus=central,
            exclude_services=["canary"],
            exclude_task_families=["probe"],
            launch_types=["FARGATE"],
            capacity_providers=["FARGATE_SPOT"],
            stop_codes=["SpotInterruption"],
        )
        detail = pattern(stack)["detail"]
        assert detail.keys() == {
            "group",
            "taskDefinitionArn",
            "launchType",
            "capacityProviderName",
            "stopCode",
        }
        assert detail["capacityProviderName"] == ["FARGATE_SPOT"]

    def test_accepts_constructs_as_services_and_task_families(
        self, stack: cdk.Stack, central: events.IEventBus, service: ecs.FargateService
    ) -> None:
        EcsTaskEventForwarder(
            stack,
            "Forwarder",
            destination_bus=central,
            services=[service],
            exclude_task_families=[service.task_definition],
        )
        detail = pattern(stack)["detail"]
        assert detail["group"] == [{"prefix": f"service:{generated_prefix(service)}"}]
        families, _ = detail["taskDefinitionArn"]
        (prefix,) = families["anything-but"]["prefix"]
        assert prefix["Fn::Join"][1][-1] == f":task-definition/{service.task_definition.family}:"

    def test_task_families_match_in_the_stacks_account_and_region(
        self, stack: cdk.Stack, central: events.IEventBus
    ) -> None:
        EcsTaskEventForwarder(stack, "Forwarder", destination_bus=central, task_families=["web"])
        (family,) = pattern(stack)["detail"]["taskDefinitionArn"]
        assert family["prefix"]["Fn::Join"][1][-1] == ":task-definition/web:"

    def test_sends_other_event_types(self, stack: cdk.Stack, central: events.IEventBus) -> None:
        EcsTaskEventForwarder(
            stack, "Forwarder", destination_bus=central, event_types=list(EventType)
        )
        rules = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
        assert {each["Properties"]["Targets"][0]["Arn"] for each in rules} == {CENTRAL}
        assert sum(len(each["Properties"]["EventPattern"]["detail-type"]) for each in rules) == len(
            EventType
        )


class TestPermissions:
    def test_role_may_only_put_events_on_the_bus(
        self, stack: cdk.Stack, central: events.IEventBus
    ) -> None:
        EcsTaskEventForwarder(stack, "Forwarder", destination_bus=central)
        template = Template.from_stack(stack)
        template.resource_count_is("AWS::IAM::Policy", 0)
        policy = only(template, "AWS::IAM::ManagedPolicy")
        assert policy["PolicyDocument"]["Statement"] == [
            {"Effect": "Allow", "Action": "events:PutEvents", "Resource": CENTRAL}
        ]
        role = only(template, "AWS::IAM::Role")
        assert role["ManagedPolicyArns"] == [{"Ref": only_id(template, "AWS::IAM::ManagedPolicy")}]
        assert role["AssumeRolePolicyDocument"]["Statement"] == [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "events.amazonaws.com"},
                "Condition": {
                    "StringEqualsIfExists": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
                },
            }
        ]

    def test_rule_may_send_to_the_queue(self, stack: cdk.Stack, central: events.IEventBus) -> None:
        forwarder = EcsTaskEventForwarder(stack, "Forwarder", destination_bus=central)
        template = Template.from_stack(stack)
        queue = only(template, "AWS::SQS::QueuePolicy")["PolicyDocument"]["Statement"]
        assert queue[-1]["Condition"] == {
            "ArnEquals": {"aws:SourceArn": stack.resolve(forwarder.rule.rule_arn)}
        }

    def test_metric_counts_undelivered_events(
        self, stack: cdk.Stack, central: events.IEventBus
    ) -> None:
        forwarder = EcsTaskEventForwarder(stack, "Forwarder", destination_bus=central)
        metric = forwarder.metric_undelivered_events(label="Not sent")
        assert metric.label == "Not sent"
        assert metric.metric_name == "ApproximateNumberOfMessagesVisible"
        queue = stack.resolve(forwarder.dead_letter_queue.queue_name)
        assert stack.resolve(metric.dimensions) == {"QueueName": queue}


class TestQueue:
    def test_uses_the_callers_own_queue(self, stack: cdk.Stack, central: events.IEventBus) -> None:
        own = sqs.Queue(stack, "Own")
        forwarder = EcsTaskEventForwarder(
            stack, "Forwarder", destination_bus=central, dead_letter_queue=own
        )
        template = Template.from_stack(stack)
        template.resource_count_is("AWS::SQS::Queue", 1)
        assert forwarder.dead_letter_queue is own
        # In the same stack, only the one rule may send.
        (statement,) = only(template, "AWS::SQS::QueuePolicy")["PolicyDocument"]["Statement"]
        assert statement["Condition"] == {
            "ArnEquals": {"aws:SourceArn": stack.resolve(forwarder.rule.rule_arn)}
        }

    def test_warns_of_the_statement_that_an_imported_queue_needs(
        self, stack: cdk.Stack, central: events.IEventBus
    ) -> None:
        own = sqs.Queue.from_queue_arn(stack, "Own", "arn:aws:sqs:eu-west-1:111122223333:own")
        forwarder = EcsTaskEventForwarder(
            stack, "Forwarder", destination_bus=central, dead_letter_queue=own
        )
        (warning,) = warnings_of(forwarder)
        assert "sqs:SendMessage" in warning

    def test_key_encrypts_the_queue(self, stack: cdk.Stack, central: events.IEventBus) -> None:
        key = kms.Key(stack, "Key")
        EcsTaskEventForwarder(stack, "Forwarder", destination_bus=central, encryption_key=key)
        template = Template.from_stack(stack)
        assert only(template, "AWS::SQS::Queue")["KmsMasterKeyId"] == stack.resolve(key.key_arn)
        statements = only(template, "AWS::KMS::Key")["KeyPolicy"]["Statement"]
        assert statements[-1]["Principal"] == {"Service": "events.amazonaws.com"}

    def test_removal_policy_applies_to_the_queue(
        self, stack: cdk.Stack, central: events.IEventBus
    ) -> None:
        EcsTaskEventForwarder(stack, "Stays", destination_bus=central)
        EcsTaskEventForwarder(
            stack, "Goes", destination_bus=central, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        queues = Template.from_stack(stack).find_resources("AWS::SQS::Queue").values()
        assert {each["DeletionPolicy"] for each in queues} == {"RetainExceptOnCreate", "Delete"}


class TestErrors:
    @pytest.mark.parametrize(
        ("props", "error", "message"),
        [
            ({"destination_bus": "ecs-events"}, TypeError, "from_event_bus_arn"),
            ({"cluster": "shop"}, TypeError, "cluster must be an ecs.ICluster"),
            ({"services": ["a*"], "exclude_services": ["ab"]}, ValueError, "exclude_services"),
            (
                {"services": ["a"], "event_types": list(EventType)[:2]},
                ValueError,
                "^services cannot be used with these filters and event_types",
            ),
            ({"capacity_providers": []}, ValueError, "capacity_providers is an empty list"),
            (
                {"capacity_providers": ["FARGATE"], "event_types": ["SERVICE_ACTION"]},
                ValueError,
                "^capacity_providers cannot be used with event_types SERVICE_ACTION",
            ),
            ({"removal_policy": cdk.RemovalPolicy.SNAPSHOT}, ValueError, "Use DESTROY or RETAIN"),
            ({"removal_policy": "DESTROY"}, TypeError, "removal_policy must be"),
        ],
    )
    def test_rejects_unusable_props(
        self,
        stack: cdk.Stack,
        central: events.IEventBus,
        props: Any,
        error: type[Exception],
        message: str,
    ) -> None:
        with pytest.raises(error, match=message):
            EcsTaskEventForwarder(stack, "Forwarder", **{"destination_bus": central, **props})

    def test_rejects_the_stacks_own_default_bus(self, stack: cdk.Stack) -> None:
        default = events.EventBus.from_event_bus_name(stack, "Default", "default")
        with pytest.raises(
            ValueError,
            match="Stack/Default is the stack's default bus, where the events are already",
        ):
            EcsTaskEventForwarder(stack, "Forwarder", destination_bus=default)

    def test_accepts_a_default_bus_that_may_be_another(self, stack: cdk.Stack) -> None:
        elsewhere = CENTRAL.replace("ecs-events", "default")
        default = events.EventBus.from_event_bus_arn(stack, "Default", elsewhere)
        EcsTaskEventForwarder(stack, "Forwarder", destination_bus=default)

    def test_accepts_the_default_bus_of_another_region(self) -> None:
        stack = cdk.Stack(env=cdk.Environment(account="999999999999", region="us-east-1"))
        default = events.EventBus.from_event_bus_arn(
            stack, "Default", CENTRAL.replace("ecs-events", "default")
        )
        EcsTaskEventForwarder(stack, "Forwarder", destination_bus=default)
        Template.from_stack(stack).resource_count_is("AWS::Events::Rule", 1)

    @pytest.mark.parametrize("prop", ["encryption_key", "removal_policy"])
    def test_rejects_settings_for_an_own_queue(
        self, stack: cdk.Stack, central: events.IEventBus, prop: str
    ) -> None:
        values = {
            "encryption_key": kms.Key(stack, "Key"),
            "removal_policy": cdk.RemovalPolicy.DESTROY,
        }
        props: Any = {prop: values[prop], "dead_letter_queue": sqs.Queue(stack, "Own")}
        with pytest.raises(ValueError, match=f"{prop} cannot be used with dead_letter_queue"):
            EcsTaskEventForwarder(stack, "Forwarder", destination_bus=central, **props)

    def test_rejects_an_alias_as_key(self, stack: cdk.Stack, central: events.IEventBus) -> None:
        alias: Any = kms.Alias.from_alias_name(stack, "Alias", "alias/own")
        with pytest.raises(ValueError, match="encryption_key, Stack/Alias, is an alias"):
            EcsTaskEventForwarder(stack, "Forwarder", destination_bus=central, encryption_key=alias)

    def test_rejects_a_cluster_in_another_region(self) -> None:
        stack = cdk.Stack(env=cdk.Environment(account="999999999999", region="us-east-1"))
        central = events.EventBus.from_event_bus_arn(stack, "Central", CENTRAL)
        there = ecs.Cluster.from_cluster_arn(
            stack, "There", "arn:aws:ecs:eu-west-1:999999999999:cluster/shop"
        )
        with pytest.raises(ValueError, match="is in region eu-west-1"):
            EcsTaskEventForwarder(stack, "Forwarder", destination_bus=central, cluster=there)
