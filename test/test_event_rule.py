"""The rule: what it creates, and which loggers it can feed."""

import inspect
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Annotations, Match, Template

from ecs_task_event_logger import EcsTaskEventLogger, EcsTaskEventRule, EventType
from templates import arn_of, generated_prefix, only, warnings_of

ANY_RULE = {
    "Fn::Join": [
        "",
        [
            "arn:",
            {"Ref": "AWS::Partition"},
            ":events:",
            {"Ref": "AWS::Region"},
            ":",
            {"Ref": "AWS::AccountId"},
            ":rule/*",
        ],
    ]
}


def resources(stack: cdk.Stack) -> Any:
    return Template.from_stack(stack).to_json()["Resources"]


class TestResources:
    def test_creates_one_rule_and_nothing_else(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        EcsTaskEventRule.for_all_clusters(stack, "First", logger=log)
        EcsTaskEventRule.for_all_clusters(stack, "Second", logger=log)
        created = resources(stack)
        names = [name for name in created if name.startswith(("First", "Second"))]
        assert [created[name]["Type"] for name in names] == ["AWS::Events::Rule"] * 2

    def test_targets_the_loggers_function_and_dead_letter_queue(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        further = EcsTaskEventRule.for_all_clusters(stack, "Further", logger=log)
        template = Template.from_stack(stack)
        rules = template.find_resources("AWS::Events::Rule").values()
        first, second = (each["Properties"]["Targets"] for each in rules)
        assert first == second
        assert first[0]["Arn"] == arn_of(template, "AWS::Lambda::Function")
        assert first[0]["DeadLetterConfig"] == {"Arn": arn_of(template, "AWS::SQS::Queue")}
        assert further.rule is not log.rule

    def test_allows_every_rule_of_the_account_and_region(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        EcsTaskEventRule.for_all_clusters(stack, "Further", logger=log)
        template = Template.from_stack(stack)
        permissions = [
            each["Properties"]
            for each in template.find_resources("AWS::Lambda::Permission").values()
        ]
        assert {
            "Action": "lambda:InvokeFunction",
            "FunctionName": arn_of(template, "AWS::Lambda::Function"),
            "Principal": "events.amazonaws.com",
            "SourceArn": ANY_RULE,
        } in permissions
        statements = only(template, "AWS::SQS::QueuePolicy")["PolicyDocument"]["Statement"]
        conditions = [each["Condition"] for each in statements]
        assert {"ArnLike": {"aws:SourceArn": ANY_RULE}} in conditions

    def test_has_its_own_filters(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        further = EcsTaskEventRule.for_all_clusters(
            stack,
            "Further",
            logger=log,
            statuses=["STOPPED"],
            event_types=[EventType.TASK_STATE_CHANGE],
        )
        further.add_event_pattern(detail={"availabilityZone": ["eu-west-1a"]})
        resource: Any = further.rule.node.default_child
        assert stack.resolve(resource.event_pattern)["detail"] == {
            "lastStatus": ["STOPPED"],
            "availabilityZone": ["eu-west-1a"],
        }
        for repeated in ({"lastStatus": ["RUNNING"]}, {"availabilityZone": ["eu-west-1b"]}):
            with pytest.raises(ValueError, match="has a condition already"):
                further.add_event_pattern(detail=repeated)

    def test_accepts_constructs_and_capacity_providers_as_filters(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, service: ecs.FargateService
    ) -> None:
        further = EcsTaskEventRule.for_all_clusters(
            stack,
            "Further",
            logger=log,
            services=[service],
            exclude_task_families=[service.task_definition],
            capacity_providers=["FARGATE_SPOT"],
        )
        resource: Any = further.rule.node.default_child
        detail = stack.resolve(resource.event_pattern)["detail"]
        assert detail["group"] == [{"prefix": f"service:{generated_prefix(service)}"}]
        assert detail["capacityProviderName"] == ["FARGATE_SPOT"]
        families, _ = detail["taskDefinitionArn"]
        (prefix,) = families["anything-but"]["prefix"]
        assert prefix["Fn::Join"][1][-1] == f":task-definition/{service.task_definition.family}:"

    def test_watches_several_clusters(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, cluster: ecs.ICluster
    ) -> None:
        further = EcsTaskEventRule(stack, "Further", logger=log, cluster=cluster)
        batch = "arn:aws:ecs:eu-west-1:111122223333:cluster/batch"
        further.add_cluster(ecs.Cluster.from_cluster_arn(stack, "Batch", batch))
        resource: Any = further.rule.node.default_child
        arns = stack.resolve(resource.event_pattern)["detail"]["clusterArn"]
        assert arns == ["arn:aws:ecs:eu-west-1:111122223333:cluster/shop", batch]

    def test_creates_three_rules_for_all_event_types(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        EcsTaskEventRule.for_all_clusters(stack, "Further", logger=log, event_types=list(EventType))
        Template.from_stack(stack).resource_count_is("AWS::Events::Rule", 4)

    def test_can_be_in_another_stack(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        other = cdk.Stack(stack.node.root, "Other")  # type: ignore[arg-type]
        EcsTaskEventRule.for_all_clusters(other, "Further", logger=log)
        template = Template.from_stack(other)
        types = [each["Type"] for each in template.to_json()["Resources"].values()]
        assert types == ["AWS::Events::Rule"]
        (target,) = only(template, "AWS::Events::Rule")["Targets"]
        assert target["Arn"].keys() & {"Fn::ImportValue", "Fn::GetStackOutput"}

    def test_warns_of_nothing_if_account_and_region_are_known(self) -> None:
        environment = cdk.Environment(account="111122223333", region="eu-west-1")
        stack = cdk.Stack(cdk.App(), "Stack", env=environment)
        log = EcsTaskEventLogger.for_all_clusters(stack, "Log")
        EcsTaskEventRule.for_all_clusters(stack, "Further", logger=log)
        Annotations.from_stack(stack).has_no_warning("*", Match.any_value())

    def test_uses_the_loggers_retry_policy(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        log = EcsTaskEventLogger(
            stack, "Log", cluster=cluster, retry_attempts=3, max_event_age=cdk.Duration.hours(2)
        )
        EcsTaskEventRule.for_all_clusters(stack, "Further", logger=log)
        rules = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
        for rule in rules:
            (target,) = rule["Properties"]["Targets"]
            assert target["RetryPolicy"] == {
                "MaximumEventAgeInSeconds": 7200,
                "MaximumRetryAttempts": 3,
            }

    def test_metrics_of_the_logger_include_its_tasks(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, statuses=["RUNNING"])
        with pytest.raises(ValueError, match="but statuses has only"):
            log.metric_failures()
        EcsTaskEventRule(stack, "Further", logger=log, cluster=cluster, statuses=["STOPPED"])
        assert log.metric_failures(cluster="shop").dimensions == {"Cluster": "shop"}

    def test_an_imported_queue_causes_one_warning(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        queue = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:eu-west-1:111122223333:own")
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=queue)
        further = EcsTaskEventRule.for_all_clusters(stack, "Further", logger=log)
        assert len(warnings_of(log)) == 1
        assert warnings_of(further) == []

    def test_fifty_rules_fit_into_a_stack_and_a_function_policy(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        for number in range(49):
            EcsTaskEventRule.for_all_clusters(
                stack, f"Rule{number}", logger=log, services=[f"service-{number}"]
            )
        created = resources(stack)
        # The logger's resources, the shared permission, and 49 rules.
        assert len(created) == 14 + 1 + 49
        # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        types = [each["Type"] for each in created.values()]
        assert types.count("AWS::Lambda::Permission") == 2


class TestErrors:
    @pytest.mark.parametrize(
        ("theirs", "ours", "name"),
        [
            ({}, {"only_failures": True}, "only_failures"),
            ({"only_failures": True}, {}, "only_failures"),
            ({"causes": ["TIMEOUT"]}, {"causes": ["SIGNAL"]}, "causes"),
            (
                {"only_failures": True},
                {"services": ["a*"], "exclude_services": ["ab"]},
                "exclude_services and only_failures",
            ),
            (
                {"services": ["web"]},
                {"services": ["web"], "event_types": list(EventType)[:2]},
                "services",
            ),
        ],
    )
    def test_rejects_a_function_filter_that_differs_from_the_loggers(
        self, stack: cdk.Stack, cluster: ecs.ICluster, theirs: Any, ours: Any, name: str
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, **theirs)
        message = f"^{name} must be the same as on Stack/Log: its function"
        with pytest.raises(ValueError, match=message):
            EcsTaskEventRule(stack, "Further", logger=log, cluster=cluster, **ours)

    @pytest.mark.parametrize(
        ("theirs", "ours"),
        [
            ({"causes": ["SIGNAL", "TIMEOUT"]}, {"causes": ["TIMEOUT", "SIGNAL"]}),
            ({"services": ["web"], "event_types": list(EventType)[:2]}, {"task_families": ["a"]}),
            (
                {"exclude_services": ["web"], "event_types": list(EventType)[:2]},
                {"exclude_services": ["web"]},
            ),
            ({"causes": ["SIGNAL"]}, {"event_types": ["SERVICE_ACTION"]}),
        ],
    )
    def test_accepts_filters_with_the_same_meaning(
        self, stack: cdk.Stack, cluster: ecs.ICluster, theirs: Any, ours: Any
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, **theirs)
        EcsTaskEventRule(stack, "Further", logger=log, cluster=cluster, **ours)

    def test_accepts_a_function_filter_that_equals_the_loggers(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, only_failures=True)
        EcsTaskEventRule.for_all_clusters(
            stack, "Further", logger=log, only_failures=True, statuses=["STOPPED"]
        )
        Template.from_stack(stack).resource_count_is("AWS::Lambda::Function", 1)

    def test_rejects_a_function_as_logger(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        function = lambda_.Function.from_function_name(stack, "Function", "function")
        with pytest.raises(TypeError, match=r"got the construct Stack/Function\. Pass the logger"):
            EcsTaskEventRule(stack, "Further", logger=function, cluster=cluster)  # type: ignore[arg-type]

    def test_rejects_a_tuple_by_mistake(
        self, stack: cdk.Stack, cluster: ecs.ICluster, log: EcsTaskEventLogger
    ) -> None:
        with pytest.raises(TypeError, match=r"got \[the construct Stack/Log\]"):
            EcsTaskEventRule(stack, "Further", logger=(log,), cluster=cluster)  # type: ignore[arg-type]

    def test_rejects_a_logger_in_another_region(self) -> None:
        app = cdk.App()
        here, there = (
            cdk.Stack(app, region, env=cdk.Environment(account="111122223333", region=region))
            for region in ("eu-west-1", "us-east-1")
        )
        log = EcsTaskEventLogger.for_all_clusters(there, "Log")
        with pytest.raises(ValueError, match=r"is in region us-east-1, but the stack .* eu-west-1"):
            EcsTaskEventRule.for_all_clusters(here, "Further", logger=log)

    def test_rejects_a_logger_whose_region_is_unknown(self) -> None:
        app = cdk.App()
        here = cdk.Stack(app, "Here", env=cdk.Environment(region="eu-west-1"))
        log = EcsTaskEventLogger.for_all_clusters(cdk.Stack(app, "There"), "Log")
        with pytest.raises(ValueError, match="another env than the stack Here"):
            EcsTaskEventRule.for_all_clusters(here, "Further", logger=log)

    def test_rejects_capacity_providers_for_other_event_types(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        with pytest.raises(
            ValueError, match=r"^capacity_providers cannot be used with event_types"
        ):
            EcsTaskEventRule.for_all_clusters(
                stack,
                "Further",
                logger=log,
                capacity_providers=["FARGATE"],
                event_types=["SERVICE_ACTION"],
            )

    def test_rejects_a_missing_cluster(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        with pytest.raises(TypeError, match=r"cluster must be an ecs\.ICluster, got None"):
            EcsTaskEventRule(stack, "Further", logger=log)


class TestCentralBus:
    ACCOUNTS = ("111111111111", "222222222222")

    @pytest.fixture
    def bus(self, stack: cdk.Stack) -> events.EventBus:
        return events.EventBus(stack, "Bus")

    def test_rejects_a_central_bus_for_a_logger_without_one(
        self, stack: cdk.Stack, bus: events.EventBus, log: EcsTaskEventLogger
    ) -> None:
        with pytest.raises(ValueError, match="do not show accounts and regions"):
            EcsTaskEventRule(
                stack, "Further", logger=log, event_bus=bus, source_accounts=self.ACCOUNTS
            )

    def test_feeds_a_central_logger_from_the_default_bus(
        self, stack: cdk.Stack, bus: events.EventBus, cluster: ecs.ICluster
    ) -> None:
        central = EcsTaskEventLogger(stack, "Central", event_bus=bus, source_accounts=self.ACCOUNTS)
        own = EcsTaskEventRule(stack, "Own", logger=central, cluster=cluster)
        resource: Any = own.rule.node.default_child
        assert resource.event_bus_name is None

    def test_adds_a_bus_statement_only_for_new_senders(
        self, stack: cdk.Stack, bus: events.EventBus
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=self.ACCOUNTS)
        for id, accounts in (("Same", self.ACCOUNTS[::-1]), ("Other", self.ACCOUNTS[:1])):
            EcsTaskEventRule(stack, id, logger=log, event_bus=bus, source_accounts=accounts)
        Template.from_stack(stack).resource_count_is("AWS::Events::EventBusPolicy", 2)


def test_all_clusters_accept_the_filters_of_one() -> None:
    from ecs_task_event_logger._rules.event_filter import EventFilterProps

    others = {"self", "scope", "id", "logger", "cluster", "event_bus"}
    others |= {"source_accounts", "organization_id"}
    parameters = inspect.signature(EcsTaskEventRule.__init__).parameters
    assert set(EventFilterProps.__annotations__) == set(parameters) - others
