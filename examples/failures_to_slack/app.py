"""Log only failures, send those of services and deployments to Slack, and alarm on crash loops."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from ecs_task_event_logger import EcsTaskEventLogger, EventType, SlackWebhook

app = cdk.App()
stack = cdk.Stack(app, "FailuresToSlack")
cluster = ecs.Cluster.from_cluster_arn(
    stack, "Cluster", f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:cluster/shop"
)

# One line for each failure.
log = EcsTaskEventLogger(
    stack,
    "Log",
    cluster=cluster,
    only_failures=True,
    event_types=[
        EventType.TASK_STATE_CHANGE,
        EventType.SERVICE_ACTION,
        EventType.DEPLOYMENT_STATE_CHANGE,
    ],
)

# The secret slack-webhook holds the URL of an incoming webhook.
log.on_failure(
    "Slack",
    target=SlackWebhook(
        url=cdk.SecretValue.secrets_manager("slack-webhook"),
        environment_name="production",
        dead_letter_queue=sqs.Queue(stack, "Untold", enforce_ssl=True),
    ),
    event_types=[EventType.SERVICE_ACTION, EventType.DEPLOYMENT_STATE_CHANGE],
)

# ECS replaces the tasks of a service, so a message for each would be noise.
crash_loop = log.metric_task_failures_by_service(period=cdk.Duration.minutes(15)).create_alarm(
    stack,
    "CrashLoop",
    threshold=3,
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
for alarm in (crash_loop, undelivered):
    alarm.add_alarm_action(actions.SnsAction(on_call))

app.synth()
