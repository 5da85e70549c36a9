"""Many teams with a cluster each: one function, one log, and an alarm for each team."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from ecs_task_event_logger import EcsTaskEventLogger, EcsTaskEventRule

TEAMS = ["checkout", "payment", "search"]

app = cdk.App()
stack = cdk.Stack(app, "ManyTeams")


def cluster_of(team: str) -> ecs.ICluster:
    """Return a team's existing cluster."""
    arn = f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:cluster/{team}"
    return ecs.Cluster.from_cluster_arn(stack, f"ClusterOf{team.title()}", arn)


first, *others = TEAMS
log = EcsTaskEventLogger(stack, "Log", cluster=cluster_of(first), statuses=["STOPPED"])
for team in others:
    # Adds one rule. The function, log group and queue are the logger's.
    EcsTaskEventRule(
        stack,
        f"RuleOf{team.title()}",
        logger=log,
        cluster=cluster_of(team),
        statuses=["STOPPED"],
    )

for team in TEAMS:
    on_call = sns.Topic(stack, f"OnCall{team.title()}", enforce_ssl=True)
    # A topic with a policy lets alarms publish only if the policy says so.
    on_call.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
    alarm = log.metric_failures(cluster=team).create_alarm(
        stack,
        f"FailuresOf{team.title()}",
        threshold=3,
        evaluation_periods=1,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    alarm.add_alarm_action(actions.SnsAction(on_call))

app.synth()
