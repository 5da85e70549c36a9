"""Central logging across accounts and regions: the example app on the embedded AWS."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from deployed_logger import TIME, Deployed, running_test
from ecs_events import Event, other_event, task_event
from ecs_task_event_logger import (
    EcsTaskEventForwarder,
    EcsTaskEventLogger,
    EventType,
    FailureMessage,
)
from ecs_task_event_logger.redrive import Redriven, redrive
from emulator import EmbeddedAws
from example_apps import synthesize
from templates import only

CENTRAL = ("999999999999", "eu-west-1")
SHOP = ("111111111111", "eu-west-1")
WAREHOUSE = ("222222222222", "us-east-1")
STRANGER = ("333333333333", "eu-west-1")


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthesize("central_logging", tmp_path_factory.mktemp("cdk.out"))


@pytest.fixture
def central(aws: EmbeddedAws, assembly: Path) -> Deployed:
    place = aws.for_environment(*CENTRAL)
    place.deploy(assembly, "Central")

    def only(resource_type: str) -> str:
        (physical_id,) = place.physical_ids("Central", resource_type)
        return physical_id

    return Deployed(
        place, only("AWS::Lambda::Function"), only("AWS::Logs::LogGroup"), only("AWS::SQS::Queue")
    )


def event(number: int, place: tuple[str, str], **detail: Any) -> Event:
    """Return a task event of an account and region, with an ID that no other test uses."""
    account, region = place
    arn = f"arn:aws:ecs:{region}:{account}:cluster/shop"
    template = task_event(clusterArn=arn, **detail)
    event_id = f"{running_test()}-0000-0000-0000-{number:012}"
    return {**template, "id": event_id, "time": TIME, "account": account, "region": region}


def dead_letters(place: EmbeddedAws, stack: str, count: int) -> list[Event]:
    """Wait until the queue of a forwarder has ``count`` messages, and return them."""
    (queue_url,) = place.physical_ids(stack, "AWS::SQS::Queue")
    return Deployed(place, "", "", queue_url).dead_letters(count)


def queue_arn(place: EmbeddedAws, stack: str) -> str:
    (queue_url,) = place.physical_ids(stack, "AWS::SQS::Queue")
    attributes = place.client("sqs").get_queue_attributes(
        QueueUrl=queue_url, AttributeNames=["QueueArn"]
    )
    return str(attributes["Attributes"]["QueueArn"])


def test_events_of_member_accounts_are_logged_in_the_central_account(
    aws: EmbeddedAws, assembly: Path, central: Deployed
) -> None:
    for number, (stack, place) in enumerate({"Shop": SHOP, "Warehouse": WAREHOUSE}.items()):
        member = aws.for_environment(*place)
        member.deploy(assembly, stack)
        member.emit(event(number, place))
    records = central.records(2)
    assert {(each["account"], each["region"]) for each in records} == {SHOP, WAREHOUSE}
    assert {each["cluster"] for each in records} == {"shop"}


def test_notification_says_where_a_task_of_a_member_account_failed(
    aws: EmbeddedAws, assembly: Path, tmp_path: Path
) -> None:
    place = aws.for_environment(*CENTRAL)
    place.deploy(listening(tmp_path, source_accounts=[SHOP[0], WAREHOUSE[0]]), "Central")
    member = aws.for_environment(*WAREHOUSE)
    member.deploy(assembly, "Warehouse")
    member.emit(event(1, WAREHOUSE, containers=[{"name": "app", "exitCode": 1}]))
    queues = place.physical_ids("Central", "AWS::SQS::Queue")
    (queue_url,) = (each for each in queues if "Told" in each)
    (message,) = Deployed(place, "", "", queue_url).dead_letters(1)
    text = json.loads(message["Body"])
    assert text.startswith("Task failed: shop / web. ")
    assert f"account {WAREHOUSE[0]}, region {WAREHOUSE[1]}" in text
    assert "Logged events: https://eu-west-1.console.aws.amazon.com/cloudwatch/" in text
    assert "ECS console: https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/shop/" in text


def test_events_of_other_accounts_are_refused_and_wait_in_their_queue(
    aws: EmbeddedAws, central: Deployed, tmp_path: Path
) -> None:
    stranger = aws.for_environment(*STRANGER)
    stranger.deploy(forwarding(tmp_path, STRANGER), "Stranger")
    sent = event(1, STRANGER)
    stranger.emit(sent)
    (letter,) = dead_letters(stranger, "Stranger", 1)
    assert json.loads(letter["Body"]) == sent
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert central.aws.log_lines(central.log_group) == []


def test_only_accounts_of_the_organization_may_send(aws: EmbeddedAws, tmp_path: Path) -> None:
    place = aws.for_environment(*CENTRAL)
    organizations = place.client("organizations")
    organization = organizations.describe_organization()["Organization"]["Id"]
    organizations.invite_account_to_organization(Target={"Id": SHOP[0], "Type": "ACCOUNT"})
    place.deploy(listening(tmp_path / "central", organization_id=organization), "Central")
    for account in (SHOP, STRANGER):
        member = aws.for_environment(*account)
        member.deploy(forwarding(tmp_path / account[0], account), "Stranger")
        member.emit(event(int(account[0][0]), account))
    dead_letters(aws.for_environment(*STRANGER), "Stranger", 1)
    (log_group,) = place.physical_ids("Central", "AWS::Logs::LogGroup")
    (record,) = Deployed(place, "", log_group, "").records(1)
    assert record["account"] == SHOP[0]


def test_task_family_filter_works_across_accounts(
    aws: EmbeddedAws, assembly: Path, tmp_path: Path
) -> None:
    place = aws.for_environment(*CENTRAL)
    place.deploy(listening(tmp_path, source_accounts=[SHOP[0]], task_families=["web"]), "Central")
    member = aws.for_environment(*SHOP)
    member.deploy(assembly, "Shop")
    head = f"arn:aws:ecs:{SHOP[1]}:{SHOP[0]}:task-definition"
    rules = place.physical_ids("Central", "AWS::Events::Rule")
    (rule,) = (each for each in rules if "Notifications" not in each)
    bus = place.client("events")
    pattern = bus.describe_rule(Name=rule, EventBusName="ecs-events")["EventPattern"]
    matched = []
    for number, family in enumerate(("webby", "my-web", "web")):
        sent = event(number, SHOP, taskDefinitionArn=f"{head}/{family}:1")
        member.emit(sent)
        # Ask the rule, because an event that is not in the log may only be late.
        if bus.test_event_pattern(EventPattern=pattern, Event=json.dumps(sent))["Result"]:
            matched.append(family)
    assert matched == ["web"]
    (log_group,) = place.physical_ids("Central", "AWS::Logs::LogGroup")
    (record,) = Deployed(place, "", log_group, "").records(1)
    assert record["taskDefinition"] == "web:1"


def test_redrive_leaves_events_that_no_central_rule_matches(
    aws: EmbeddedAws, central: Deployed, tmp_path: Path
) -> None:
    stranger = aws.for_environment(*STRANGER)
    stranger.deploy(forwarding(tmp_path, STRANGER), "Stranger")
    stranger.emit(event(1, STRANGER))
    dead_letters(stranger, "Stranger", 1)
    result = redrive(
        central.aws,
        central.function,
        queue_arn=queue_arn(stranger, "Stranger"),
        queue_session=stranger,
    )
    assert [reason.partition(" arn:")[0] for reason in result.left.values()] == ["no rule on"]
    assert central.aws.log_lines(central.log_group) == []


def test_redrive_brings_a_members_events_to_the_central_function(
    aws: EmbeddedAws, assembly: Path, central: Deployed
) -> None:
    member = aws.for_environment(*WAREHOUSE)
    member.deploy(assembly, "Warehouse")
    bus = central.aws.client("events")
    policy = bus.describe_event_bus(Name="ecs-events")["Policy"]
    (statement,) = json.loads(policy)["Statement"]
    bus.remove_permission(EventBusName="ecs-events", StatementId=statement["Sid"])
    member.emit(event(1, WAREHOUSE))
    dead_letters(member, "Warehouse", 1)
    result = redrive(
        central.aws,
        central.function,
        queue_arn=queue_arn(member, "Warehouse"),
        queue_session=member,
    )
    assert result == Redriven(logged=1)
    (record,) = central.records(1)
    assert (record["account"], record["region"]) == WAREHOUSE


@pytest.mark.parametrize("shape", ["old", "new"])
@pytest.mark.parametrize(("account", "is_match"), [(SHOP[0], True), (STRANGER[0], False)])
def test_both_deployment_formats_match_for_source_accounts_only(
    embedded_aws: EmbeddedAws, tmp_path: Path, shape: str, account: str, is_match: bool
) -> None:
    stack = cdk.Stack(cdk.App(outdir=str(tmp_path)), "Central")
    cluster = f"arn:aws:ecs:eu-west-1:{SHOP[0]}:cluster/shop"
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=ecs.Cluster.from_cluster_arn(stack, "Cluster", cluster),
        event_bus=events.EventBus(stack, "Bus"),
        source_accounts=[SHOP[0]],
        event_types=[EventType.DEPLOYMENT_STATE_CHANGE],
    )
    pattern = only(Template.from_stack(stack), "AWS::Events::Rule")["EventPattern"]
    service = f"arn:aws:ecs:eu-west-1:{SHOP[0]}:service/shop/web"
    detail = {"clusterArn": cluster} if shape == "new" else {}
    deployment = {**other_event("ECS Deployment State Change", service, **detail)}
    result = embedded_aws.client("events").test_event_pattern(
        EventPattern=json.dumps(pattern), Event=json.dumps({**deployment, "account": account})
    )
    assert result["Result"] == is_match


def listening(outdir: Path, **props: Any) -> Path:
    """Synthesize a central stack with a logger, and return the assembly."""
    stack = cdk.Stack(
        cdk.App(outdir=str(outdir)), "Central", env=cdk.Environment(account="999999999999")
    )
    bus = events.EventBus(stack, "Bus", event_bus_name="ecs-events")
    log = EcsTaskEventLogger(stack, "Log", event_bus=bus, **props)
    target = targets.SqsQueue(sqs.Queue(stack, "Told"), message=FailureMessage.text())
    log.on_failure("Tell", target=target)
    return Path(cdk.App.of(stack).synth().directory)  # type: ignore[union-attr]


def forwarding(outdir: Path, place: tuple[str, str]) -> Path:
    """Synthesize a stack with a forwarder to the central bus, and return the assembly."""
    account, region = place
    environment = cdk.Environment(account=account, region=region)
    stack = cdk.Stack(cdk.App(outdir=str(outdir)), "Stranger", env=environment)
    bus = events.EventBus.from_event_bus_arn(
        stack, "Bus", "arn:aws:events:eu-west-1:999999999999:event-bus/ecs-events"
    )
    EcsTaskEventForwarder(stack, "Forwarder", destination_bus=bus)
    return Path(cdk.App.of(stack).synth().directory)  # type: ignore[union-attr]
