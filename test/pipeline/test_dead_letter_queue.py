"""The dead-letter queue, and the retries before an event reaches it."""

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
    def test_rule_and_function_share_one_queue(
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

    def test_new_queue_is_encrypted_and_keeps_messages_14_days(
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
        [({}, "RetainExceptOnCreate"), ({"removal_policy": cdk.RemovalPolicy.DESTROY}, "Delete")],
    )
    def test_removal_policy_applies_to_queue_and_log_group(
        self, stack: cdk.Stack, cluster: ecs.ICluster, props: Any, policy: str
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
        template = Template.from_stack(stack)
        for kept in ("AWS::SQS::Queue", "AWS::Logs::LogGroup"):
            template.has_resource(kept, {"DeletionPolicy": policy})

    def test_uses_the_callers_own_queue(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        own = sqs.Queue(stack, "Own")
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=own)
        template = Template.from_stack(stack)
        template.resource_count_is("AWS::SQS::Queue", 1)
        (statement,) = only(template, "AWS::SQS::QueuePolicy")["PolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert log.dead_letter_queue is own

    def test_warns_of_the_statement_that_an_imported_queue_needs(
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

    def test_warning_names_the_origin_of_an_unresolved_queue_name(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        arn = f"arn:aws:sqs:eu-west-1:111122223333:{cdk.Fn.import_value('Name')}"
        own = sqs.Queue.from_queue_arn(stack, "Own", arn)
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=own)
        (warning,) = warnings_of(log)
        assert 'eu-west-1:111122223333:{\\"Fn::ImportValue\\": \\"Name\\"}' in warning

    @pytest.mark.parametrize("nested", [False, True])
    def test_queue_in_another_stack_causes_no_circular_dependency(self, nested: bool) -> None:
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

    def test_rejected_logger_causes_no_warning(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        queue = sqs.Queue(stack, "Queue")
        with pytest.raises(ValueError, match="empty list"):
            EcsTaskEventLogger(
                stack, "Refused", cluster=cluster, dead_letter_queue=queue, statuses=[]
            )
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=queue)
        assert warnings_of(log) == []

    def test_warns_of_a_shared_queue_and_log_group(self) -> None:
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
        assert (
            "Other/Log shares its log group with Stack/Log. The metrics, saved queries"
            in of_log_group
        )

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
                "AWS managed key, which EventBridge may not use",
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
                "is in region us-east-1, but the stack Stack is in eu-west-1. Use a queue in",
            ),
        ],
    )
    def test_rejects_an_unusable_queue(
        self, make: Any, error: type[Exception], message: str
    ) -> None:
        environment = cdk.Environment(account="111122223333", region="eu-west-1")
        stack = cdk.Stack(cdk.App(), "Stack", env=environment)
        cluster = ecs.Cluster(stack, "Cluster")
        with pytest.raises(error, match=message):
            EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=make(stack))

    def test_metric_counts_the_messages_in_the_queue(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
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
        """Return the retry policies of the rule's target and of the function."""
        template = Template.from_stack(stack)
        (target,) = only(template, "AWS::Events::Rule")["Targets"]
        function = only(template, "AWS::Lambda::EventInvokeConfig")
        kept = ("MaximumEventAgeInSeconds", "MaximumRetryAttempts")
        return target["RetryPolicy"], {key: function[key] for key in kept if key in function}

    def test_default_leaves_retries_to_aws(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        template = Template.from_stack(stack)
        assert "RetryPolicy" not in only(template, "AWS::Events::Rule")["Targets"][0]
        template.resource_count_is("AWS::Lambda::EventInvokeConfig", 0)

    def test_rule_and_function_have_the_same_retry_policy(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(
            stack, "Log", cluster=cluster, max_event_age=Duration.minutes(1), retry_attempts=0
        )
        policy = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
        assert self.rendered(stack) == (policy, policy)

    def test_function_gets_at_most_what_lambda_accepts(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(
            stack, "Log", cluster=cluster, max_event_age=Duration.days(1), retry_attempts=185
        )
        assert self.rendered(stack) == (
            {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
            {"MaximumEventAgeInSeconds": 21600, "MaximumRetryAttempts": 2},
        )

    def test_accepts_retry_attempts_without_a_maximum_age(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster, retry_attempts=1)
        policy = {"MaximumRetryAttempts": 1}
        assert self.rendered(stack) == (policy, policy)

    @pytest.mark.parametrize(
        ("props", "error", "message"),
        [
            ({"max_event_age": 60}, TypeError, "must be a Duration, got 60.*Duration.seconds"),
            ({"max_event_age": Duration.seconds(59)}, ValueError, "is 59 seconds. Write"),
            ({"max_event_age": Duration.hours(25)}, ValueError, "is 90000 seconds"),
            ({"max_event_age": Duration.millis(60500)}, ValueError, "is 60.5 seconds"),
            (
                {"max_event_age": Duration.seconds(cdk.Token.as_number({"Ref": "Age"}))},
                ValueError,
                "is a token",
            ),
            ({"retry_attempts": -1}, ValueError, "retry_attempts is -1. Write 0 to"),
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
    def test_rejects_values_outside_the_limits_of_aws(
        self,
        stack: cdk.Stack,
        cluster: ecs.ICluster,
        props: Any,
        error: type[Exception],
        message: str,
    ) -> None:
        with pytest.raises(error, match=message):
            EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
