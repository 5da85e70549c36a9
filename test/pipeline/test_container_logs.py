"""The props for container logs: the function's settings, permissions and network."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventLogger
from templates import only, warnings_of

READ = "logs:GetLogEvents"
STREAMS_OF = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group"


def function(stack: cdk.Stack) -> Any:
    return only(Template.from_stack(stack), "AWS::Lambda::Function")


def statements(stack: cdk.Stack) -> list[Any]:
    """Return the statements of the function's policy, without those that every logger has."""
    policy = only(Template.from_stack(stack), "AWS::IAM::ManagedPolicy")
    found: list[Any] = policy["PolicyDocument"]["Statement"][2:]
    return found


def joined(resource: Any) -> str:
    """Return an ARN with its references as ``${AWS::Region}``."""
    _, parts = resource["Fn::Join"]
    return "".join(each if isinstance(each, str) else f"${{{each['Ref']}}}" for each in parts)


def test_default_reads_no_container_log(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    assert statements(stack) == []
    assert "Environment" not in function(stack)


def test_function_may_read_only_the_listed_log_groups(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(
        stack, "Log", cluster=cluster, container_log_groups=["/ecs/*", "shop", "shop"]
    )
    describe, read = statements(stack)
    assert describe == {
        "Effect": "Allow",
        "Action": "ecs:DescribeTaskDefinition",
        "Resource": "*",
    }
    assert (read["Effect"], read["Action"]) == ("Allow", READ)
    assert [joined(each) for each in read["Resource"]] == [
        f"{STREAMS_OF}:/ecs/*:log-stream:*",
        f"{STREAMS_OF}:shop:log-stream:*",
    ]
    properties = function(stack)
    assert properties["Environment"]["Variables"] == {"CONTAINER_LOG_GROUPS": "/ecs/*,shop"}
    assert (properties["MemorySize"], properties["Timeout"]) == (512, 30)


def test_takes_log_groups_of_the_app_and_imported_ones(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    own = logs.LogGroup(stack, "App", log_group_name="/shop/app")
    imported = logs.LogGroup.from_log_group_name(stack, "Imported", "/shop/db")
    EcsTaskEventLogger(
        stack, "Log", cluster=cluster, container_log_groups=[own, imported], container_log_lines=5
    )
    logical_id = stack.get_logical_id(own.node.default_child)  # type: ignore[arg-type]
    _, read = statements(stack)
    assert [joined(each) for each in read["Resource"]] == [
        f"{STREAMS_OF}:${{{logical_id}}}:log-stream:*",
        f"{STREAMS_OF}:/shop/db:log-stream:*",
    ]
    assert function(stack)["Environment"]["Variables"] == {
        "CONTAINER_LOG_GROUPS": {"Fn::Join": ["", [{"Ref": logical_id}, ",/shop/db"]]},
        "CONTAINER_LOG_LINES": "5",
    }


def test_own_memory_and_timeout_win(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=cluster,
        container_log_groups=["*"],
        memory_size=1024,
        timeout=cdk.Duration.seconds(20),
    )
    assert (function(stack)["MemorySize"], function(stack)["Timeout"]) == (1024, 20)


def test_function_may_use_the_key_of_a_log_group(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    key = kms.Key(stack, "Key")
    encrypted = logs.LogGroup(stack, "App", encryption_key=key)
    EcsTaskEventLogger(stack, "Log", cluster=cluster, container_log_groups=[encrypted])
    *_, decrypt = statements(stack)
    assert decrypt["Action"] == "kms:Decrypt"
    assert decrypt["Resource"] == stack.resolve(key.key_arn)
    assert list(decrypt["Condition"]["StringEquals"]) == ["kms:ViaService"]


def test_warning_names_the_statements_for_a_role_that_must_not_change(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    role = iam.Role.from_role_arn(
        stack, "Role", "arn:aws:iam::111122223333:role/own", mutable=False
    )
    log = EcsTaskEventLogger(
        stack, "Log", cluster=cluster, role=role, container_log_groups=["/ecs/*"]
    )
    (warning,) = warnings_of(log)
    assert READ in warning
    assert "ecs:DescribeTaskDefinition" in warning


def test_security_group_in_a_vpc_allows_https(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=cluster,
        vpc=ec2.Vpc(stack, "Vpc", restrict_default_security_group=False),
        container_log_groups=["/ecs/*"],
    )
    group = only(Template.from_stack(stack), "AWS::EC2::SecurityGroup")
    (egress,) = group["SecurityGroupEgress"]
    assert (egress["CidrIp"], egress["IpProtocol"]) == ("0.0.0.0/0", "tcp")
    assert (egress["FromPort"], egress["ToPort"]) == (443, 443)


def test_own_security_group_stays_as_it_is(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    vpc = ec2.Vpc(stack, "Vpc", restrict_default_security_group=False)
    own = ec2.SecurityGroup(stack, "Own", vpc=vpc, allow_all_outbound=False)
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=cluster,
        vpc=vpc,
        security_groups=[own],
        container_log_groups=["/ecs/*"],
    )
    (egress,) = only(Template.from_stack(stack), "AWS::EC2::SecurityGroup")["SecurityGroupEgress"]
    assert egress["CidrIp"] == "255.255.255.255/32"


@pytest.mark.parametrize(
    ("props", "error", "message"),
    [
        (
            {"container_log_groups": "/ecs/*"},
            TypeError,
            "container_log_groups must be a list, got '/ecs/\\*'",
        ),
        ({"container_log_groups": []}, ValueError, "container_log_groups is an empty list"),
        (
            {"container_log_groups": [5]},
            TypeError,
            "holds 5, which is no log group. Create a logs.LogGroup, and pass it here and to",
        ),
        (
            {"container_log_groups": ["arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/a:*"]},
            ValueError,
            "but names are needed. Write the part after log-group: and without :\\*",
        ),
        (
            {"container_log_groups": ["/ecs/a,/ecs/b"]},
            ValueError,
            "holds '/ecs/a,/ecs/b', which is not the name of a log group",
        ),
        (
            {"container_log_groups": [f"/ecs/production/{number}" for number in range(60)]},
            ValueError,
            "has 60 names, which are too long together for the policy of the function. Use \\*",
        ),
        (
            {"container_log_lines": 5},
            ValueError,
            "container_log_lines cannot be used without container_log_groups. Name",
        ),
        (
            {"container_log_groups": ["*"], "container_log_lines": 101},
            ValueError,
            "container_log_lines is 101. Write 1 to 100 lines",
        ),
    ],
)
def test_rejects_unusable_props(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)


def test_rejects_the_arn_of_a_log_group_of_the_app(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    arn = logs.LogGroup(stack, "App").log_group_arn
    with pytest.raises(ValueError, match="holds the ARN of a log group, but names are needed"):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, container_log_groups=[arn])


@pytest.mark.parametrize("props", [{"statuses": ["RUNNING"]}, {"causes": ["COMPLETED"]}])
def test_rejects_filters_that_drop_every_failed_task(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any
) -> None:
    with pytest.raises(ValueError, match="container_log_groups needs tasks"):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, container_log_groups=["/ecs/*"], **props)


def test_rejects_a_log_group_in_another_region() -> None:
    app = cdk.App()
    env = {"account": "111122223333", "region": "eu-west-1"}
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(**env))
    other = cdk.Stack(app, "Other", env=cdk.Environment(**{**env, "region": "us-east-1"}))
    cluster = ecs.Cluster.from_cluster_arn(
        stack, "Cluster", "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
    )
    group = logs.LogGroup(other, "App", log_group_name="/ecs/app")
    with pytest.raises(ValueError, match="log group Other/App is in region us-east-1, but the"):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, container_log_groups=[group])


def test_queries_and_dashboard_show_the_last_log_line(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, container_log_groups=["/ecs/*"])
    log.create_dashboard()
    template = Template.from_stack(stack)
    queries = [
        each["Properties"]["QueryString"]
        for each in template.find_resources("AWS::Logs::QueryDefinition").values()
    ]
    assert sum("lastLogLine" in each for each in queries) == 1
    assert "lastLogLine" in str(only(template, "AWS::CloudWatch::Dashboard"))
