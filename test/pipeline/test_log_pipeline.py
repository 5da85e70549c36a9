"""One function for many loggers: what a logger makes that shares another one's, and what it may."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Annotations, Match, Template

from ecs_task_event_logger import EcsTaskEventLogger, EventType
from templates import arn_of, only, warnings_of

RULES = {
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


class TestWhatItMakes:
    def test_a_rule_and_nothing_else(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        EcsTaskEventLogger.for_all_clusters(stack, "First", function=log.function)
        EcsTaskEventLogger.for_all_clusters(stack, "Second", function=log.function)
        made = resources(stack)
        assert [made[name]["Type"] for name in made if name.startswith(("First", "Second"))] == [
            "AWS::Events::Rule",
            "AWS::Events::Rule",
        ]

    def test_it_invokes_the_function_and_undelivered_events_go_to_its_queue(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        sharing = EcsTaskEventLogger.for_all_clusters(stack, "Sharing", function=log.function)
        template = Template.from_stack(stack)
        made = template.find_resources("AWS::Events::Rule").values()
        first, second = (each["Properties"]["Targets"] for each in made)
        assert first == second
        assert first[0]["Arn"] == arn_of(template, "AWS::Lambda::Function")
        assert first[0]["DeadLetterConfig"] == {"Arn": arn_of(template, "AWS::SQS::Queue")}
        assert sharing.function is log.function
        assert sharing.log_group is log.log_group
        assert sharing.dead_letter_queue is log.dead_letter_queue
        assert sharing.rule is not log.rule

    def test_rules_of_this_account_and_region_are_let_in_together(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        EcsTaskEventLogger.for_all_clusters(stack, "Sharing", function=log.function)
        template = Template.from_stack(stack)
        own = arn_of(template, "AWS::Lambda::Function")
        permissions = [
            each["Properties"]
            for each in template.find_resources("AWS::Lambda::Permission").values()
        ]
        assert {
            "Action": "lambda:InvokeFunction",
            "FunctionName": own,
            "Principal": "events.amazonaws.com",
            "SourceArn": RULES,
        } in permissions
        statements = only(template, "AWS::SQS::QueuePolicy")["PolicyDocument"]["Statement"]
        assert {"ArnLike": {"aws:SourceArn": RULES}} in [each["Condition"] for each in statements]

    def test_it_has_filters_of_its_own(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        sharing = EcsTaskEventLogger.for_all_clusters(
            stack,
            "Sharing",
            function=log.function,
            statuses=["STOPPED"],
            event_types=[EventType.TASK_STATE_CHANGE],
        )
        resource: Any = sharing.rule.node.default_child
        assert stack.resolve(resource.event_pattern)["detail"] == {"lastStatus": ["STOPPED"]}

    def test_other_events_take_a_second_rule(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        EcsTaskEventLogger.for_all_clusters(
            stack, "Sharing", function=log.function, event_types=list(EventType)
        )
        Template.from_stack(stack).resource_count_is("AWS::Events::Rule", 3)

    def test_it_may_share_what_is_shared(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        first = EcsTaskEventLogger.for_all_clusters(stack, "First", function=log.function)
        second = EcsTaskEventLogger.for_all_clusters(stack, "Second", function=first.function)
        assert second.function is log.function

    def test_it_may_be_of_another_stack(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        other = cdk.Stack(stack.node.root, "Other")  # type: ignore[arg-type]
        EcsTaskEventLogger.for_all_clusters(other, "Sharing", function=log.function)
        template = Template.from_stack(other)
        assert [each["Type"] for each in template.to_json()["Resources"].values()] == [
            "AWS::Events::Rule"
        ]
        (target,) = only(template, "AWS::Events::Rule")["Targets"]
        assert target["Arn"].keys() & {"Fn::ImportValue", "Fn::GetStackOutput"}

    def test_where_account_and_region_are_known_nothing_is_warned_of(self) -> None:
        environment = cdk.Environment(account="111122223333", region="eu-west-1")
        stack = cdk.Stack(cdk.App(), "Stack", env=environment)
        log = EcsTaskEventLogger.for_all_clusters(stack, "Log")
        EcsTaskEventLogger.for_all_clusters(stack, "Sharing", function=log.function)
        Annotations.from_stack(stack).has_no_warning("*", Match.any_value())

    def test_delivery_is_tried_as_the_other_logger_says(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(
            stack, "Log", cluster=cluster, retry_attempts=3, max_event_age=cdk.Duration.hours(2)
        )
        EcsTaskEventLogger.for_all_clusters(stack, "Sharing", function=log.function)
        rules = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
        for rule in rules:
            (target,) = rule["Properties"]["Targets"]
            assert target["RetryPolicy"] == {
                "MaximumEventAgeInSeconds": 7200,
                "MaximumRetryAttempts": 3,
            }

    def test_metrics_are_of_what_any_of_them_logs(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, statuses=["RUNNING"])
        with pytest.raises(ValueError, match="which statuses leaves out"):
            log.metric_failures()
        EcsTaskEventLogger(
            stack, "Sharing", cluster=cluster, statuses=["STOPPED"], function=log.function
        )
        assert log.metric_failures(cluster="shop").dimensions == {"Cluster": "shop"}

    def test_an_imported_queue_is_warned_of_once(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        queue = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:eu-west-1:111122223333:own")
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=queue)
        sharing = EcsTaskEventLogger.for_all_clusters(stack, "Sharing", function=log.function)
        assert len(warnings_of(log)) == 1
        assert warnings_of(sharing) == []

    def test_fifty_are_a_fraction_of_what_a_stack_may_hold(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        for number in range(49):
            EcsTaskEventLogger.for_all_clusters(
                stack, f"Log{number}", services=[f"service-{number}"], function=log.function
            )
        made = resources(stack)
        # Those of one logger, what lets the others in, and 49 rules.
        assert len(made) == 14 + 1 + 49
        # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        types = [each["Type"] for each in made.values()]
        assert types.count("AWS::Lambda::Permission") == 2


class TestWhatItRefuses:
    @pytest.mark.parametrize(
        "props",
        [
            {"log_retention": logs.RetentionDays.ONE_DAY},
            {"record_format": "COMPACT"},
            {"removal_policy": cdk.RemovalPolicy.DESTROY},
            {"retry_attempts": 0},
            {"max_event_age": cdk.Duration.hours(1)},
            {"reserved_concurrent_executions": 1},
        ],
    )
    def test_what_is_not_its_own_to_set(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, props: Any
    ) -> None:
        (prop,) = props
        with pytest.raises(ValueError, match=f"{prop} given together with function.*Stack/Log,"):
            EcsTaskEventLogger.for_all_clusters(stack, "Sharing", function=log.function, **props)

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
        ],
    )
    def test_what_the_function_decides_otherwise(
        self, stack: cdk.Stack, cluster: ecs.ICluster, theirs: Any, ours: Any, name: str
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, **theirs)
        with pytest.raises(ValueError, match=f"Stack/Log is told to decide.*: {name}, for which"):
            EcsTaskEventLogger(stack, "Sharing", cluster=cluster, function=log.function, **ours)

    def test_but_not_what_it_decides_alike(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, only_failures=True)
        EcsTaskEventLogger.for_all_clusters(
            stack, "Sharing", function=log.function, only_failures=True, statuses=["STOPPED"]
        )
        Template.from_stack(stack).resource_count_is("AWS::Lambda::Function", 1)

    @pytest.mark.parametrize(
        "props",
        [
            {"services": ["*"], "exclude_services": [f"service-{each}" for each in range(500)]},
            {"unredacted_environment": ["A" * 4076]},
            {"unredacted_environment": ["ü" * 2038]},
        ],
    )
    def test_more_than_a_functions_environment_takes(
        self, stack: cdk.Stack, cluster: ecs.ICluster, props: Any
    ) -> None:
        longest = list(props)[-1]
        with pytest.raises(ValueError, match=f"^{longest} and what else .* 4096 bytes"):
            EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)

    def test_a_function_that_is_no_loggers(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        foreign = lambda_.Function.from_function_name(stack, "Foreign", "foreign")
        with pytest.raises(TypeError, match=r"Write function=log\.function"):
            EcsTaskEventLogger(stack, "Log", cluster=cluster, function=foreign)  # type: ignore[arg-type]

    def test_a_function_elsewhere(self) -> None:
        app = cdk.App()
        here, there = (
            cdk.Stack(app, region, env=cdk.Environment(account="111122223333", region=region))
            for region in ("eu-west-1", "us-east-1")
        )
        log = EcsTaskEventLogger.for_all_clusters(there, "Log")
        with pytest.raises(ValueError, match="is in region us-east-1, and not in eu-west-1"):
            EcsTaskEventLogger.for_all_clusters(here, "Sharing", function=log.function)

    @pytest.mark.parametrize(
        "ask",
        [
            lambda log, _: log.metric_failures(),
            lambda log, _: log.dashboard_widgets(),
            lambda log, _: log.create_dashboard(),
            lambda log, topic: log.on_task_failure("Tell", target=topic),
        ],
    )
    def test_what_would_be_about_the_lines_of_others(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, ask: Any
    ) -> None:
        sharing = EcsTaskEventLogger.for_all_clusters(stack, "Sharing", function=log.function)
        topic: events.IRuleTarget = targets.SnsTopic(sns.Topic(stack, "Topic"))
        before = resources(stack)
        with pytest.raises(ValueError, match="about all lines of Stack/Log, whose function"):
            ask(sharing, topic)
        assert resources(stack) == before

    def test_but_the_queue_may_be_watched(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        sharing = EcsTaskEventLogger.for_all_clusters(stack, "Sharing", function=log.function)
        assert sharing.metric_undelivered_events().dimensions == (
            log.metric_undelivered_events().dimensions
        )
