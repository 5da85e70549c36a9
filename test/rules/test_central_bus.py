"""Logging beside a central bus: who is let in, whose events are logged, what tells them apart."""

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
OF_ECS = {
    "ForAllValues:StringEquals": {"events:source": "aws.ecs"},
    "Null": {"events:source": "false"},
}
MEMBERS_CLUSTER = "arn:aws:ecs:us-east-1:222222222222:cluster/shop"


@pytest.fixture
def bus(stack: cdk.Stack) -> events.EventBus:
    return events.EventBus(stack, "Bus")


def root_of(account: str) -> dict[str, Any]:
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":iam::{account}:root"]]}


class TestWhoIsLetIn:
    def test_the_named_accounts_may_put_events_of_ecs_on_the_bus_and_nobody_else_anything(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, accounts=ACCOUNTS)
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
                "Condition": OF_ECS,
            },
        }

    def test_an_organization_lets_its_accounts_in_and_nobody_else(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, organization="o-abcdefghij")
        statement = only(Template.from_stack(stack), "AWS::Events::EventBusPolicy")["Statement"]
        assert statement["Principal"] == {"AWS": "*"}
        assert statement["Condition"] == {
            **OF_ECS,
            "StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"},
        }

    def test_loggers_on_one_bus_have_a_statement_each(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        for account in ACCOUNTS:
            EcsTaskEventLogger(stack, f"Log{account}", event_bus=bus, accounts=[account])
        policies = Template.from_stack(stack).find_resources("AWS::Events::EventBusPolicy")
        assert len({each["Properties"]["StatementId"] for each in policies.values()}) == 2

    def test_loggers_that_admit_the_same_share_their_statement(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", event_bus=bus, accounts=ACCOUNTS)
        EcsTaskEventLogger(
            stack, "Sharing", event_bus=bus, accounts=ACCOUNTS[::-1], function=log.function
        )
        EcsTaskEventLogger(
            stack, "Other", event_bus=bus, accounts=ACCOUNTS[:1], function=log.function
        )
        Template.from_stack(stack).resource_count_is("AWS::Events::EventBusPolicy", 2)

    def test_an_account_that_is_named_twice_is_admitted_once(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, accounts=[ACCOUNTS[0]] * 2)
        statement = only(Template.from_stack(stack), "AWS::Events::EventBusPolicy")["Statement"]
        assert statement["Principal"] == {"AWS": root_of(ACCOUNTS[0])}

    def test_the_name_of_a_statement_is_as_short_as_eventbridge_wants_it(self) -> None:
        stack = cdk.Stack(cdk.App(), "S" * 100)
        bus = events.EventBus(stack, "Bus")
        EcsTaskEventLogger(stack, "L" * 100, event_bus=bus, accounts=ACCOUNTS)
        policy = only(Template.from_stack(stack), "AWS::Events::EventBusPolicy")
        assert len(policy["StatementId"]) <= 64

    def test_an_imported_bus_gets_its_statement_too(self, stack: cdk.Stack) -> None:
        default = events.EventBus.from_event_bus_name(stack, "Default", "default")
        EcsTaskEventLogger(stack, "Log", event_bus=default, accounts=ACCOUNTS)
        template = Template.from_stack(stack)
        assert only(template, "AWS::Events::EventBusPolicy")["EventBusName"] == "default"
        assert only(template, "AWS::Events::Rule")["EventBusName"] == "default"

    def test_without_a_central_bus_nobody_is_let_in_anywhere(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        Template.from_stack(stack).resource_count_is("AWS::Events::EventBusPolicy", 0)

    @pytest.mark.parametrize(
        ("props", "error", "message"),
        [
            ({}, ValueError, "without accounts or organization. Say who may"),
            (
                {"accounts": ACCOUNTS, "organization": "o-abcdefghij"},
                ValueError,
                "with accounts and organization",
            ),
            ({"accounts": []}, ValueError, "accounts is an empty list"),
            ({"accounts": "111111111111"}, TypeError, "accounts must be a list"),
            ({"accounts": ["1111"]}, ValueError, "accounts holds '1111', which is no account ID"),
            ({"accounts": [111111111111]}, ValueError, "a string of 12 digits"),
            ({"accounts": ["1111111111111"]}, ValueError, "accounts holds '1111111111111'"),
            ({"accounts": ["11111111111\u0661"]}, ValueError, "no account ID"),
            ({"organization": "o-1"}, ValueError, "organization is 'o-1'"),
            ({"accounts": ["*"]}, ValueError, "accounts holds '\\*'"),
            ({"organization": "acme"}, ValueError, "organization is 'acme'"),
            ({"organization": ["o-abcdefghij"]}, TypeError, "organization must be a string"),
        ],
    )
    def test_it_must_be_clear_who(
        self,
        stack: cdk.Stack,
        bus: events.EventBus,
        props: Any,
        error: type[Exception],
        message: str,
    ) -> None:
        with pytest.raises(error, match=message):
            EcsTaskEventLogger(stack, "Log", event_bus=bus, **props)

    def test_on_the_default_bus_there_is_nobody_to_let_in(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        with pytest.raises(ValueError, match="accounts given without event_bus"):
            EcsTaskEventLogger(stack, "Log", cluster=cluster, accounts=ACCOUNTS)

    def test_a_name_is_no_bus(self, stack: cdk.Stack) -> None:
        with pytest.raises(TypeError, match="from_event_bus_arn"):
            EcsTaskEventLogger(stack, "Log", event_bus="bus", accounts=ACCOUNTS)  # type: ignore[arg-type]

    def test_a_bus_elsewhere_is_refused(self) -> None:
        stack = cdk.Stack(env=cdk.Environment(account="999999999999", region="eu-west-1"))
        there = events.EventBus.from_event_bus_arn(
            stack, "Bus", "arn:aws:events:us-east-1:999999999999:event-bus/there"
        )
        with pytest.raises(ValueError, match="Put the logger into a stack beside the bus"):
            EcsTaskEventLogger(stack, "Log", event_bus=there, accounts=ACCOUNTS)


class TestWhatIsLogged:
    def test_the_rule_listens_on_the_bus_to_the_named_accounts(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, accounts=ACCOUNTS)
        rule = only(Template.from_stack(stack), "AWS::Events::Rule")
        assert rule["EventBusName"] == stack.resolve(bus.event_bus_name)
        assert rule["EventPattern"] == {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "account": ACCOUNTS,
        }

    def test_of_an_organization_all_that_arrives_is_logged(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, organization="o-abcdefghij")
        assert "account" not in pattern(stack)

    def test_all_clusters_may_be_asked_for_by_name(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger.for_all_clusters(stack, "Log", event_bus=bus, accounts=ACCOUNTS)
        assert "detail" not in pattern(stack)

    def test_clusters_of_other_accounts_and_regions_may_be_named(self) -> None:
        stack = cdk.Stack(env=cdk.Environment(account="999999999999", region="eu-west-1"))
        log = EcsTaskEventLogger(
            stack,
            "Log",
            cluster=ecs.Cluster.from_cluster_arn(stack, "There", MEMBERS_CLUSTER),
            event_bus=events.EventBus(stack, "Bus"),
            accounts=ACCOUNTS,
        )
        other = "arn:aws:ecs:eu-west-1:111111111111:cluster/shop"
        log.add_cluster(ecs.Cluster.from_cluster_arn(stack, "Here", other))
        assert pattern(stack)["detail"] == {"clusterArn": [MEMBERS_CLUSTER, other]}

    def test_a_cluster_of_an_account_that_may_not_send_is_refused(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        there = ecs.Cluster.from_cluster_arn(stack, "There", MEMBERS_CLUSTER)
        with pytest.raises(ValueError, match="of account 222222222222, which is not among"):
            EcsTaskEventLogger(
                stack, "Log", cluster=there, event_bus=bus, accounts=["111111111111"]
            )

    def test_an_organization_may_be_a_token(self, stack: cdk.Stack, bus: events.EventBus) -> None:
        organization = cdk.CfnParameter(stack, "Organization").value_as_string
        EcsTaskEventLogger(stack, "Log", event_bus=bus, organization=organization)
        statement = only(Template.from_stack(stack), "AWS::Events::EventBusPolicy")["Statement"]
        conditions = statement["Condition"]["StringEquals"]
        assert conditions == {"aws:PrincipalOrgID": {"Ref": "Organization"}}

    def test_of_a_cluster_of_the_same_stack_the_account_is_not_known(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(
            stack, "Log", cluster=ecs.Cluster(stack, "Own"), event_bus=bus, accounts=ACCOUNTS
        )

    def test_accounts_may_be_tokens(self, stack: cdk.Stack, bus: events.EventBus) -> None:
        there = ecs.Cluster.from_cluster_arn(stack, "There", MEMBERS_CLUSTER)
        accounts = [stack.account, "111111111111"]
        EcsTaskEventLogger(stack, "Log", cluster=there, event_bus=bus, accounts=accounts)
        assert pattern(stack)["account"] == [{"Ref": "AWS::AccountId"}, "111111111111"]

    def test_task_families_are_of_any_account_and_region(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(
            stack, "Log", event_bus=bus, accounts=ACCOUNTS, task_families=["web", "batch-*"]
        )
        assert pattern(stack)["detail"]["taskDefinitionArn"] == [
            {"wildcard": "*:task-definition/web:*"},
            {"wildcard": "*:task-definition/batch-*:*"},
        ]

    def test_task_families_may_be_excluded(self, stack: cdk.Stack, bus: events.EventBus) -> None:
        EcsTaskEventLogger(
            stack, "Log", event_bus=bus, accounts=ACCOUNTS, exclude_task_families=["web"]
        )
        assert pattern(stack)["detail"]["taskDefinitionArn"] == [
            {"anything-but": {"wildcard": ["*:task-definition/web:*"]}},
            {"exists": False},
        ]

    @pytest.mark.parametrize("prop", ["task_families", "exclude_task_families"])
    def test_task_families_too_many_for_eventbridge_are_refused(
        self, stack: cdk.Stack, bus: events.EventBus, prop: str
    ) -> None:
        families: Any = {prop: [f"family-{number}" for number in range(9)]}
        with pytest.raises(ValueError, match=f"^{prop} holds more than 8 names"):
            EcsTaskEventLogger(stack, "Log", event_bus=bus, accounts=ACCOUNTS, **families)

    def test_other_events_are_of_the_named_accounts_too(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(
            stack,
            "Log",
            cluster=ecs.Cluster.from_cluster_arn(stack, "There", MEMBERS_CLUSTER),
            event_bus=bus,
            accounts=ACCOUNTS,
            event_types=[EventType.DEPLOYMENT_STATE_CHANGE],
        )
        assert pattern(stack)["account"] == ACCOUNTS
        assert len(pattern(stack)["$or"]) == 2

    def test_and_stay_so_when_clusters_are_added(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        log = EcsTaskEventLogger(
            stack,
            "Log",
            cluster=ecs.Cluster.from_cluster_arn(stack, "There", MEMBERS_CLUSTER),
            event_bus=bus,
            accounts=ACCOUNTS,
            event_types=[EventType.DEPLOYMENT_STATE_CHANGE],
        )
        log.add_cluster(ecs.Cluster.from_cluster_arn(stack, "Other", f"{MEMBERS_CLUSTER}2"))
        assert pattern(stack)["account"] == ACCOUNTS

    def test_accounts_too_many_for_a_pattern_are_refused_with_the_way_out(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        many = [f"{number:012}" for number in range(200)]
        EcsTaskEventLogger(stack, "Log", event_bus=bus, accounts=many)
        with pytest.raises(
            RuntimeError, match=r"Longest is what it says of account\. Name the org"
        ):
            Template.from_stack(stack)


class TestWhatTellsThemApart:
    def test_saved_queries_name_account_and_region_where_they_name_the_cluster(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, accounts=ACCOUNTS)
        queries = {
            each["Properties"]["Name"].partition("Log/")[2]: each["Properties"]["QueryString"]
            for each in Template.from_stack(stack)
            .find_resources("AWS::Logs::QueryDefinition")
            .values()
        }
        apart = {name for name, text in queries.items() if "account, region, " in text}
        assert apart == set(queries) - {"Life of one task"}

    def test_so_does_the_dashboard(self, stack: cdk.Stack, bus: events.EventBus) -> None:
        log = EcsTaskEventLogger(stack, "Log", event_bus=bus, accounts=ACCOUNTS)
        log.create_dashboard()
        body = json.dumps(only(Template.from_stack(stack), "AWS::CloudWatch::Dashboard"))
        assert body.count("account, region, ") == 2

    def test_notifications_can_be_of_some_accounts_and_clusters(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", event_bus=bus, accounts=ACCOUNTS)
        rule = log.on_task_failure("Tell", clusters=["shop-*"], source_accounts=ACCOUNTS[:1])
        resource: Any = rule.node.default_child
        record = stack.resolve(resource.event_pattern)["detail"]["responsePayload"]
        assert record["cluster"] == [{"prefix": "shop-"}]
        assert record["account"] == ACCOUNTS[:1]

    def test_a_logger_of_one_account_shares_its_function_with_none_on_a_central_bus(
        self, stack: cdk.Stack, bus: events.EventBus, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        with pytest.raises(ValueError, match="do not tell accounts and regions apart"):
            EcsTaskEventLogger(
                stack, "Central", event_bus=bus, accounts=ACCOUNTS, function=log.function
            )
        central = EcsTaskEventLogger(stack, "Central2", event_bus=bus, accounts=ACCOUNTS)
        EcsTaskEventLogger(stack, "Sharing", cluster=cluster, function=central.function)

    def test_what_it_indexes_is_theirs_too(self, stack: cdk.Stack, bus: events.EventBus) -> None:
        EcsTaskEventLogger(stack, "Log", event_bus=bus, accounts=ACCOUNTS)
        log_group = only(Template.from_stack(stack), "AWS::Logs::LogGroup")
        (policy,) = log_group["FieldIndexPolicies"]
        assert policy["Fields"] == ["taskId", "service", "cause", "cluster", "account", "region"]

    def test_metrics_can_be_asked_for_by_account_region_and_cluster(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", event_bus=bus, accounts=ACCOUNTS)
        metric = log.metric_failures(
            source_account="111111111111", source_region="eu-west-1", cluster="shop"
        )
        apart = {"Account": "111111111111", "Region": "eu-west-1", "Cluster": "shop"}
        assert metric.dimensions == apart
        made = only(Template.from_stack(stack), "AWS::Logs::MetricFilter")
        (transformation,) = made["MetricTransformations"]
        assert {each["Key"]: each["Value"] for each in transformation["Dimensions"]} == {
            "Account": "$.account",
            "Region": "$.region",
            "Cluster": "$.cluster",
        }

    def test_more_than_three_dimensions_are_refused(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", event_bus=bus, accounts=ACCOUNTS)
        with pytest.raises(ValueError, match="at most 3 of them"):
            log.metric_failures(
                cause="OUT_OF_MEMORY", service="web", cluster="shop", source_region="eu-west-1"
            )
