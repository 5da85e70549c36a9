"""The dead-letter queue, and how long delivery is tried before it."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventLogger
from templates import arn_of, only, warnings_of


class TestQueue:
    def test_one_queue_serves_the_rule_and_the_function(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        template = Template.from_stack(stack)
        queue = arn_of(template, "AWS::SQS::Queue")
        (target,) = only(template, "AWS::Events::Rule")["Targets"]
        assert target["DeadLetterConfig"] == {"Arn": queue}
        function = only(template, "AWS::Lambda::Function")
        assert function["DeadLetterConfig"] == {"TargetArn": queue}
        assert stack.resolve(log.dead_letter_queue.queue_arn) == queue

    def test_it_is_encrypted_and_keeps_all_that_sqs_can_as_long_as_sqs_can(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        assert only(Template.from_stack(stack), "AWS::SQS::Queue") == {
            "MaximumMessageSize": 1024 * 1024,
            "MessageRetentionPeriod": 14 * 24 * 60 * 60,
            "SqsManagedSseEnabled": True,
        }

    @pytest.mark.parametrize(
        ("props", "policy"),
        [({}, "Retain"), ({"removal_policy": cdk.RemovalPolicy.DESTROY}, "Delete")],
    )
    def test_it_outlives_the_stack_as_the_log_group_does(
        self, stack: cdk.Stack, cluster: ecs.ICluster, props: Any, policy: str
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
        template = Template.from_stack(stack)
        for kept in ("AWS::SQS::Queue", "AWS::Logs::LogGroup"):
            template.has_resource(kept, {"DeletionPolicy": policy})

    def test_the_callers_own_takes_its_place(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        own = sqs.Queue(stack, "Own")
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=own)
        template = Template.from_stack(stack)
        template.resource_count_is("AWS::SQS::Queue", 1)
        (statement,) = only(template, "AWS::SQS::QueuePolicy")["PolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert log.dead_letter_queue is own

    def test_of_an_imported_one_a_warning_names_the_statement_that_is_missing(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        arn = "arn:aws:sqs:eu-west-1:111122223333:dead-letters"
        own = sqs.Queue.from_queue_arn(stack, "Own", arn)
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=own)
        (warning,) = warnings_of(log)
        assert "dead_letter_queue Stack/Own is imported" in warning
        assert '"Action": "sqs:SendMessage"' in warning
        assert f'"Resource": "{arn}"' in warning
        assert ":${AWS::Region}:${AWS::AccountId}:rule/*" in warning
        assert "from_queue_attributes" in warning

    def test_of_one_whose_name_is_known_at_deployment_only_the_warning_says_whence(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        arn = f"arn:aws:sqs:eu-west-1:111122223333:{cdk.Fn.import_value('Name')}"
        own = sqs.Queue.from_queue_arn(stack, "Own", arn)
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=own)
        (warning,) = warnings_of(log)
        assert 'eu-west-1:111122223333:{\\"Fn::ImportValue\\": \\"Name\\"}' in warning

    @pytest.mark.parametrize("nested", [False, True])
    def test_a_queue_of_another_stack_lets_the_rules_of_the_account_send_and_makes_no_circle(
        self, nested: bool
    ) -> None:
        app = cdk.App()
        stack = cdk.Stack(app, "Stack")
        other = cdk.NestedStack(stack, "Other") if nested else cdk.Stack(app, "Other")
        own = sqs.Queue(other, "Own")
        vpc = ec2.Vpc(stack, "Vpc", restrict_default_security_group=False)
        cluster = ecs.Cluster(stack, "Cluster", vpc=vpc)
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=own)
        app.synth()
        policy = only(Template.from_stack(other), "AWS::SQS::QueuePolicy")
        (statement,) = policy["PolicyDocument"]["Statement"]
        (arn,) = statement["Condition"]["ArnLike"].values()
        assert arn["Fn::Join"][1][-1] == ":rule/*"
        template = Template.from_stack(stack)
        (target,) = only(template, "AWS::Events::Rule")["Targets"]
        function = only(template, "AWS::Lambda::Function")
        assert target["DeadLetterConfig"]["Arn"] == function["DeadLetterConfig"]["TargetArn"]
        assert log.dead_letter_queue is own

    def test_a_logger_that_was_refused_stands_in_nobodys_way(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        queue = sqs.Queue(stack, "Queue")
        with pytest.raises(ValueError, match="empty list"):
            EcsTaskEventLogger(
                stack, "Refused", cluster=cluster, dead_letter_queue=queue, statuses=[]
            )
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=queue)
        assert warnings_of(log) == []

    def test_loggers_in_sibling_stacks_may_share_all_they_write_to_and_are_warned(self) -> None:
        app = cdk.App()
        stack = cdk.Stack(app, "Stack")
        cluster = ecs.Cluster(stack, "Cluster")
        first = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        second = EcsTaskEventLogger(
            cdk.Stack(app, "Other"),
            "Log",
            cluster=cluster,
            log_group=first.log_group,
            dead_letter_queue=first.dead_letter_queue,
        )
        app.synth()
        assert warnings_of(first) == []
        of_queue, of_log_group = warnings_of(second)
        assert "Other/Log shares its dead-letter queue with Stack/Log" in of_queue
        assert "Other/Log shares its log group with Stack/Log. Metrics" in of_log_group

    @pytest.mark.parametrize(
        ("make", "error", "message"),
        [
            (lambda _: "queue", TypeError, "dead_letter_queue must be an sqs.IQueue, got 'queue'"),
            (
                lambda stack: sqs.Queue(stack, "Own", fifo=True),
                ValueError,
                "Stack/Own is a FIFO queue",
            ),
            (
                lambda stack: sqs.Queue(stack, "Own", encryption=sqs.QueueEncryption.KMS_MANAGED),
                ValueError,
                "that EventBridge may not use",
            ),
            (
                lambda stack: sqs.Queue(
                    stack,
                    "Own",
                    encryption_master_key=kms.Key(stack, "Key").add_alias("key"),
                ),
                ValueError,
                "The key of dead_letter_queue, .* is an alias",
            ),
            (
                lambda stack: sqs.Queue.from_queue_arn(
                    stack, "Own", "arn:aws:sqs:us-east-1:111122223333:dead-letters"
                ),
                ValueError,
                "is in region us-east-1, and not in eu-west-1",
            ),
        ],
    )
    def test_what_cannot_be_a_dead_letter_queue_is_refused_with_the_way_out(
        self, make: Any, error: type[Exception], message: str
    ) -> None:
        environment = cdk.Environment(account="111122223333", region="eu-west-1")
        stack = cdk.Stack(cdk.App(), "Stack", env=environment)
        cluster = ecs.Cluster(stack, "Cluster")
        with pytest.raises(error, match=message):
            EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=make(stack))

    def test_what_waits_in_it_is_a_metric(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        log.metric_undelivered_events(period=Duration.minutes(1)).create_alarm(
            stack,
            "Undelivered",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm = only(Template.from_stack(stack), "AWS::CloudWatch::Alarm")
        assert alarm["Namespace"] == "AWS/SQS"
        assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        assert alarm["Statistic"] == "Maximum"
        assert alarm["Period"] == 60
        ((dimension),) = alarm["Dimensions"]
        assert dimension["Name"] == "QueueName"


class TestRetryPolicy:
    def rendered(self, stack: cdk.Stack) -> tuple[Any, Any]:
        """Return what EventBridge is told, and what Lambda is told."""
        template = Template.from_stack(stack)
        (target,) = only(template, "AWS::Events::Rule")["Targets"]
        function = only(template, "AWS::Lambda::EventInvokeConfig")
        kept = ("MaximumEventAgeInSeconds", "MaximumRetryAttempts")
        return target["RetryPolicy"], {key: function[key] for key in kept if key in function}

    def test_by_default_aws_does_its_utmost(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        template = Template.from_stack(stack)
        assert "RetryPolicy" not in only(template, "AWS::Events::Rule")["Targets"][0]
        template.resource_count_is("AWS::Lambda::EventInvokeConfig", 0)

    def test_both_services_are_told(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        EcsTaskEventLogger(
            stack, "Log", cluster=cluster, max_event_age=Duration.minutes(1), retry_attempts=0
        )
        told = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
        assert self.rendered(stack) == (told, told)

    def test_lambda_is_told_what_it_accepts_at_most(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(
            stack, "Log", cluster=cluster, max_event_age=Duration.days(1), retry_attempts=185
        )
        assert self.rendered(stack) == (
            {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
            {"MaximumEventAgeInSeconds": 21600, "MaximumRetryAttempts": 2},
        )

    def test_one_may_be_told_without_the_other(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster, retry_attempts=1)
        told = {"MaximumRetryAttempts": 1}
        assert self.rendered(stack) == (told, told)

    @pytest.mark.parametrize(
        ("props", "error", "message"),
        [
            ({"max_event_age": 60}, TypeError, "must be a Duration, got 60.*Duration.hours"),
            ({"max_event_age": Duration.seconds(59)}, ValueError, "is 59 seconds. EventBridge"),
            ({"max_event_age": Duration.hours(25)}, ValueError, "is 90000 seconds"),
            ({"max_event_age": Duration.millis(60500)}, ValueError, "is 60.5 seconds"),
            (
                {"max_event_age": Duration.seconds(cdk.Token.as_number({"Ref": "Age"}))},
                ValueError,
                "is a token",
            ),
            ({"retry_attempts": -1}, ValueError, "retry_attempts is -1. EventBridge accepts 0 to"),
            ({"retry_attempts": 186}, ValueError, "retry_attempts is 186"),
            ({"retry_attempts": True}, TypeError, "must be a whole number, got True"),
            ({"retry_attempts": 1.5}, TypeError, "must be a whole number, got 1.5"),
            (
                {"retry_attempts": cdk.Token.as_number({"Ref": "Retries"})},
                TypeError,
                "must be a whole number, got a token",
            ),
        ],
    )
    def test_what_aws_does_not_accept_is_refused_with_what_it_does(
        self,
        stack: cdk.Stack,
        cluster: ecs.ICluster,
        props: Any,
        error: type[Exception],
        message: str,
    ) -> None:
        with pytest.raises(error, match=message):
            EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
