"""The central bus: its policy, the rules of its logger, and the origin of the events."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventLogger, EventType
from templates import arn_of, only, pattern

ACCOUNTS = ["111111111111", "222222222222"]
ONLY_ECS_EVENTS = {
    "ForAllValues:StringEquals": {"events:source": "aws.ecs"},
    "Null": {"events:source": "false"},
}
MEMBER_CLUSTER = "arn:aws:ecs:us-east-1:222222222222:cluster/shop"


@pytest.fixture
def bus(stack: cdk.Stack) -> events.EventBus:
    return events.EventBus(stack, "Bus")


def root_of(account: str) -> dict[str, Any]:
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":iam::{account}:root"]]}


class TestBusPolicy:
    def test_allows_the_source_accounts_to_send_ecs_events_only(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=ACCOUNTS)
        template = Template.from_stack(stack)
        policy = only(template, "AWS::Events::EventBusPolicy")
        sid = policy.pop("StatementId")
        assert policy == {
            "EventBusName": stack.resolve(bus.event_bus_name),
            "Statement": {
                "Sid": sid,
                "Effect": "Allow",
                "Principal": {"AWS": [root_of(account) for account in ACCOUNTS]},
                "Action": "events:PutEvents",
                "Resource": arn_of(template, "AWS::Events::EventBus"),
                "Condition": ONLY_ECS_EVENTS,
            },
        }

    def test_allows_only_accounts_of_the_organization(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, organization_id="o-abcdefghij")
        statement = only(Template.from_stack(stack), "AWS::Events::EventBusPolicy")["Statement"]
        assert statement["Principal"] == {"AWS": "*"}
        assert statement["Condition"] == {
            **ONLY_ECS_EVENTS,
            "StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"},
        }

    def test_adds_a_statement_for_each_set_of_senders(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        for account in ACCOUNTS:
            EcsTaskEventLogger(stack, f"Log{account}", event_bus=bus, source_accounts=[account])
        policies = Template.from_stack(stack).find_resources("AWS::Events::EventBusPolicy")
        assert len({each["Properties"]["StatementId"] for each in policies.values()}) == 2

    def test_loggers_with_the_same_senders_share_a_statement(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        for id, accounts in (("One", ACCOUNTS), ("Two", ACCOUNTS[::-1]), ("Three", ACCOUNTS[:1])):
            EcsTaskEventLogger(stack, id, event_bus=bus, source_accounts=accounts)
        Template.from_stack(stack).resource_count_is("AWS::Events::EventBusPolicy", 2)

    def test_names_a_repeated_account_once(self, stack: cdk.Stack, bus: events.EventBus) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=[ACCOUNTS[0]] * 2)
        statement = only(Template.from_stack(stack), "AWS::Events::EventBusPolicy")["Statement"]
        assert statement["Principal"] == {"AWS": root_of(ACCOUNTS[0])}

    def test_statement_id_has_at_most_64_characters(self) -> None:
        stack = cdk.Stack(cdk.App(), "S" * 100)
        bus = events.EventBus(stack, "Bus")
        EcsTaskEventLogger(stack, "L" * 100, event_bus=bus, source_accounts=ACCOUNTS)
        policy = only(Template.from_stack(stack), "AWS::Events::EventBusPolicy")
        assert len(policy["StatementId"]) <= 64

    def test_adds_a_statement_to_an_imported_bus(self, stack: cdk.Stack) -> None:
        default = events.EventBus.from_event_bus_name(stack, "Default", "default")
        EcsTaskEventLogger(stack, "Log", event_bus=default, source_accounts=ACCOUNTS)
        template = Template.from_stack(stack)
        assert only(template, "AWS::Events::EventBusPolicy")["EventBusName"] == "default"
        assert only(template, "AWS::Events::Rule")["EventBusName"] == "default"

    def test_adds_no_statement_without_a_central_bus(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        Template.from_stack(stack).resource_count_is("AWS::Events::EventBusPolicy", 0)

    @pytest.mark.parametrize(
        ("props", "error", "message"),
        [
            (
                {},
                ValueError,
                "event_bus needs source_accounts or organization_id, .* Write source_accounts",
            ),
            (
                {"source_accounts": ACCOUNTS, "organization_id": "o-abcdefghij"},
                ValueError,
                "source_accounts cannot be used with organization_id: .* Leave out one of the two",
            ),
            ({"source_accounts": []}, ValueError, "^source_accounts is an empty list"),
            (
                {"source_accounts": "111111111111"},
                TypeError,
                "^source_accounts must be a list, got '111111111111'",
            ),
            (
                {"source_accounts": ["1111"]},
                ValueError,
                "^source_accounts holds '1111', which is not an account ID",
            ),
            ({"source_accounts": [111111111111]}, ValueError, "Write it as a string of 12 digits"),
            ({"source_accounts": ["1111111111111"]}, ValueError, "holds '1111111111111'"),
            ({"source_accounts": ["11111111111\u0661"]}, ValueError, "not an account ID"),
            (
                {"organization_id": "o-1"},
                ValueError,
                "organization_id is 'o-1', which is not an org",
            ),
            ({"source_accounts": ["*"]}, ValueError, "accounts holds '\\*', which is not"),
            (
                {"organization_id": "acme"},
                ValueError,
                "organization_id is 'acme'.* Write o- and 10 to",
            ),
            ({"organization_id": ["o-abcdefghij"]}, TypeError, "organization_id must be a string"),
        ],
    )
    def test_rejects_missing_or_malformed_senders(
        self,
        stack: cdk.Stack,
        bus: events.EventBus,
        props: Any,
        error: type[Exception],
        message: str,
    ) -> None:
        with pytest.raises(error, match=message):
            EcsTaskEventLogger(stack, "Log", event_bus=bus, **props)

    def test_rejects_source_accounts_without_a_bus(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        with pytest.raises(ValueError, match="Without event_bus, source_accounts cannot be used"):
            EcsTaskEventLogger(stack, "Log", cluster=cluster, source_accounts=ACCOUNTS)

    def test_rejects_a_name_as_bus(self, stack: cdk.Stack) -> None:
        with pytest.raises(TypeError, match="from_event_bus_arn"):
            EcsTaskEventLogger(stack, "Log", event_bus="bus", source_accounts=ACCOUNTS)  # type: ignore[arg-type]

    def test_rejects_a_bus_in_another_region(self) -> None:
        stack = cdk.Stack(env=cdk.Environment(account="999999999999", region="eu-west-1"))
        there = events.EventBus.from_event_bus_arn(
            stack, "Bus", "arn:aws:events:us-east-1:999999999999:event-bus/there"
        )
        with pytest.raises(ValueError, match="Create the logger in a stack next to the bus"):
            EcsTaskEventLogger(stack, "Log", event_bus=there, source_accounts=ACCOUNTS)


class TestRules:
    def test_rule_listens_on_the_bus_for_source_accounts(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=ACCOUNTS)
        rule = only(Template.from_stack(stack), "AWS::Events::Rule")
        assert rule["EventBusName"] == stack.resolve(bus.event_bus_name)
        assert rule["EventPattern"] == {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "account": ACCOUNTS,
        }

    def test_organization_adds_no_condition_on_the_account(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, organization_id="o-abcdefghij")
        assert "account" not in pattern(stack)

    def test_for_all_clusters_accepts_a_central_bus(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger.for_all_clusters(stack, "Log", event_bus=bus, source_accounts=ACCOUNTS)
        assert "detail" not in pattern(stack)

    def test_accepts_clusters_in_other_accounts_and_regions(self) -> None:
        stack = cdk.Stack(env=cdk.Environment(account="999999999999", region="eu-west-1"))
        log = EcsTaskEventLogger(
            stack,
            "Log",
            cluster=ecs.Cluster.from_cluster_arn(stack, "There", MEMBER_CLUSTER),
            event_bus=events.EventBus(stack, "Bus"),
            source_accounts=ACCOUNTS,
        )
        other = "arn:aws:ecs:eu-west-1:111111111111:cluster/shop"
        log.add_cluster(ecs.Cluster.from_cluster_arn(stack, "Here", other))
        assert pattern(stack)["detail"] == {"clusterArn": [MEMBER_CLUSTER, other]}

    def test_rejects_a_cluster_whose_account_may_not_send(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        there = ecs.Cluster.from_cluster_arn(stack, "There", MEMBER_CLUSTER)
        with pytest.raises(
            ValueError, match="is in account 222222222222, which is not in source_accounts: 1"
        ):
            EcsTaskEventLogger(
                stack, "Log", cluster=there, event_bus=bus, source_accounts=["111111111111"]
            )

    def test_accepts_a_token_as_organization(self, stack: cdk.Stack, bus: events.EventBus) -> None:
        organization = cdk.CfnParameter(stack, "Organization").value_as_string
        EcsTaskEventLogger(stack, "Log", event_bus=bus, organization_id=organization)
        statement = only(Template.from_stack(stack), "AWS::Events::EventBusPolicy")["Statement"]
        conditions = statement["Condition"]["StringEquals"]
        assert conditions == {"aws:PrincipalOrgID": {"Ref": "Organization"}}

    def test_accepts_a_cluster_in_the_same_stack(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(
            stack, "Log", cluster=ecs.Cluster(stack, "Own"), event_bus=bus, source_accounts=ACCOUNTS
        )

    def test_accepts_tokens_as_source_accounts(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        there = ecs.Cluster.from_cluster_arn(stack, "There", MEMBER_CLUSTER)
        accounts = [stack.account, "111111111111"]
        EcsTaskEventLogger(stack, "Log", cluster=there, event_bus=bus, source_accounts=accounts)
        assert pattern(stack)["account"] == [{"Ref": "AWS::AccountId"}, "111111111111"]

    def test_task_families_match_in_any_account_and_region(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(
            stack, "Log", event_bus=bus, source_accounts=ACCOUNTS, task_families=["web", "batch-*"]
        )
        assert pattern(stack)["detail"]["taskDefinitionArn"] == [
            {"wildcard": "*:task-definition/web:*"},
            {"wildcard": "*:task-definition/batch-*:*"},
        ]

    def test_excludes_task_families_in_any_account_and_region(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(
            stack, "Log", event_bus=bus, source_accounts=ACCOUNTS, exclude_task_families=["web"]
        )
        assert pattern(stack)["detail"]["taskDefinitionArn"] == [
            {"anything-but": {"wildcard": ["*:task-definition/web:*"]}},
            {"exists": False},
        ]

    def test_rejects_more_than_two_task_families(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        with pytest.raises(ValueError, match=r"has 6 wildcards .* filter by family in the forwar"):
            EcsTaskEventLogger(
                stack, "Log", event_bus=bus, source_accounts=ACCOUNTS, task_families=["a", "b", "c"]
            )

    def test_other_events_come_from_source_accounts_only(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(
            stack,
            "Log",
            cluster=ecs.Cluster.from_cluster_arn(stack, "There", MEMBER_CLUSTER),
            event_bus=bus,
            source_accounts=ACCOUNTS,
            event_types=[EventType.DEPLOYMENT_STATE_CHANGE],
        )
        assert pattern(stack)["account"] == ACCOUNTS
        assert len(pattern(stack)["$or"]) == 2

    def test_added_cluster_keeps_the_condition_on_accounts(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        log = EcsTaskEventLogger(
            stack,
            "Log",
            cluster=ecs.Cluster.from_cluster_arn(stack, "There", MEMBER_CLUSTER),
            event_bus=bus,
            source_accounts=ACCOUNTS,
            event_types=[EventType.DEPLOYMENT_STATE_CHANGE],
        )
        log.add_cluster(ecs.Cluster.from_cluster_arn(stack, "Other", f"{MEMBER_CLUSTER}2"))
        assert pattern(stack)["account"] == ACCOUNTS

    def test_rejects_too_many_source_accounts(self, stack: cdk.Stack, bus: events.EventBus) -> None:
        many = [f"{number:012}" for number in range(200)]
        EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=many)
        message = r"longest condition is on account\. Pass organization_id instead"
        with pytest.raises(RuntimeError, match=message):
            Template.from_stack(stack)


class TestOrigin:
    def test_saved_queries_show_account_and_region(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=ACCOUNTS)
        queries = {
            each["Properties"]["Name"].partition("Log/")[2]: each["Properties"]["QueryString"]
            for each in Template.from_stack(stack)
            .find_resources("AWS::Logs::QueryDefinition")
            .values()
        }
        with_origin = {name for name, text in queries.items() if "account, region, " in text}
        assert with_origin == set(queries) - {"Life of one task"}

    def test_dashboard_shows_account_and_region(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=ACCOUNTS)
        log.create_dashboard()
        body = json.dumps(only(Template.from_stack(stack), "AWS::CloudWatch::Dashboard"))
        assert body.count("account, region, ") == 2

    def test_notifications_filter_by_account_and_cluster(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=ACCOUNTS)
        rule = log.on_task_failure("Tell", clusters=["shop-*"], source_accounts=ACCOUNTS[:1])
        resource: Any = rule.node.default_child
        record = stack.resolve(resource.event_pattern)["detail"]["responsePayload"]
        assert record["cluster"] == [{"prefix": "shop-"}]
        assert record["account"] == ACCOUNTS[:1]

    def test_indexes_account_and_region(self, stack: cdk.Stack, bus: events.EventBus) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=ACCOUNTS)
        log_group = only(Template.from_stack(stack), "AWS::Logs::LogGroup")
        (policy,) = log_group["FieldIndexPolicies"]
        assert policy["Fields"] == ["taskId", "service", "cause", "cluster", "account", "region"]

    def test_metrics_split_by_account_region_and_cluster(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=ACCOUNTS)
        metric = log.metric_failures(
            source_account="111111111111", source_region="eu-west-1", cluster="shop"
        )
        dimensions = {"Account": "111111111111", "Region": "eu-west-1", "Cluster": "shop"}
        assert metric.dimensions == dimensions
        metric_filter = only(Template.from_stack(stack), "AWS::Logs::MetricFilter")
        (transformation,) = metric_filter["MetricTransformations"]
        assert {each["Key"]: each["Value"] for each in transformation["Dimensions"]} == {
            "Account": "$.account",
            "Region": "$.region",
            "Cluster": "$.cluster",
        }

    def test_rejects_more_than_three_dimensions(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=ACCOUNTS)
        with pytest.raises(
            ValueError,
            match=r"CloudWatch Logs splits a metric by at most 3 dimensions\. Leave some out",
        ):
            log.metric_failures(
                cause="OUT_OF_MEMORY", service="web", cluster="shop", source_region="eu-west-1"
            )
