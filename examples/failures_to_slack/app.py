"""Log only failures, send them to Slack except those for lack of capacity, and count them."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from ecs_task_event_logger import Cause, EcsTaskEventLogger, FailureMessage

app = cdk.App()
stack = cdk.Stack(app, "FailuresToSlack")
cluster = ecs.Cluster.from_cluster_arn(
    stack, "Cluster", f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:cluster/shop"
)

# One line for each failed task.
log = EcsTaskEventLogger(stack, "Log", cluster=cluster, only_failures=True)

# The webhook's URL is https://hooks.slack.com/services/WORKSPACE/WEBHOOK/TOKEN. Its parts are
# parameters of the deployment. Everyone who may list the rule's targets can read them.
parts = [cdk.CfnParameter(stack, name, no_echo=True) for name in ("Workspace", "Webhook", "Token")]
webhook = events.ApiDestination(
    stack,
    "Slack",
    endpoint="https://hooks.slack.com/services/*/*/*",
    rate_limit_per_second=1,  # Slack's limit
    connection=events.Connection(
        stack,
        "Connection",
        # EventBridge requires a key. Slack ignores it.
        authorization=events.Authorization.api_key(
            "X-Not-Used", cdk.SecretValue.unsafe_plain_text("not used")
        ),
    ),
)
log.on_task_failure(
    "Slack",
    target=targets.ApiDestination(
        webhook,
        path_parameter_values=[part.value_as_string for part in parts],
        event=FailureMessage.slack(),
        dead_letter_queue=sqs.Queue(stack, "Untold", enforce_ssl=True),
    ),
    causes=[cause for cause in Cause if cause.failed and cause is not Cause.CAPACITY],
)

many_failures = log.metric_failures().create_alarm(
    stack,
    "ManyFailures",
    threshold=10,
    evaluation_periods=1,
    treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
)
undelivered = log.metric_undelivered_events().create_alarm(
    stack,
    "Undelivered",
    threshold=1,
    evaluation_periods=1,
    treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
)
on_call = sns.Topic(stack, "OnCall", enforce_ssl=True)
# A topic with a policy lets alarms publish only if the policy says so.
on_call.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
for alarm in (many_failures, undelivered):
    alarm.add_alarm_action(actions.SnsAction(on_call))

app.synth()
