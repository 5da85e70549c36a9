"""Names in event patterns: services and task families, as constructs or as their names."""

import json
import uuid
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventLogger
from templates import generated_prefix, only, pattern

ARN = "arn:aws:ecs:eu-west-1:111122223333"
ABSENT = {"exists": False}


def family_prefix(family: Any) -> Any:
    """Return the beginning of a family's ARNs in the stack's account and region."""
    head = ["arn:", {"Ref": "AWS::Partition"}, ":ecs:", {"Ref": "AWS::Region"}, ":"]
    tail = [":task-definition/", family, ":"]
    if isinstance(family, str):
        tail = ["".join(tail)]
    return {"Fn::Join": ["", [*head, {"Ref": "AWS::AccountId"}, *tail]]}


class TestServices:
    def test_accepts_a_service_of_the_stack(
        self, stack: cdk.Stack, cluster: ecs.ICluster, service: ecs.FargateService
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster, services=[service, "shop-*"])
        assert pattern(stack)["detail"]["group"] == [
            {"prefix": f"service:{generated_prefix(service)}"},
            {"prefix": "service:shop-"},
        ]

    @pytest.mark.parametrize(
        "make",
        [
            lambda stack, cluster: ecs.FargateService.from_fargate_service_attributes(
                stack, "Api", cluster=cluster, service_name="api"
            ),
            lambda stack, _: ecs.FargateService.from_fargate_service_arn(
                stack, "Api", f"{ARN}:service/shop/api"
            ),
            lambda stack, _: ecs.BaseService.from_service_arn_with_cluster(
                stack, "Api", f"{ARN}:service/shop/api"
            ),
        ],
    )
    def test_accepts_an_imported_service(
        self, stack: cdk.Stack, cluster: ecs.ICluster, make: Any
    ) -> None:
        api = make(stack, cluster)
        EcsTaskEventLogger(stack, "Log", cluster=cluster, services=[api, "api"])
        assert pattern(stack)["detail"]["group"] == ["service:api"]

    def test_rule_does_not_wait_for_a_service_with_a_chosen_name(
        self, stack: cdk.Stack, cluster: ecs.ICluster, service: ecs.FargateService
    ) -> None:
        named = ecs.FargateService(
            stack,
            "Named",
            cluster=service.cluster,
            task_definition=service.task_definition,
            service_name="named",
        )
        EcsTaskEventLogger(stack, "Log", cluster=cluster, services=[named])
        assert pattern(stack)["detail"]["group"] == ["service:named"]

    def test_excludes_services(
        self, stack: cdk.Stack, cluster: ecs.ICluster, service: ecs.FargateService
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster, exclude_services=[service, "api"])
        web = f"service:{generated_prefix(service)}*"
        assert pattern(stack)["detail"]["group"] == [
            {"anything-but": {"wildcard": [web, "service:api"]}},
            ABSENT,
        ]

    def test_function_excludes_services_from_a_wildcard(
        self, stack: cdk.Stack, cluster: ecs.ICluster, service: ecs.FargateService
    ) -> None:
        EcsTaskEventLogger(
            stack, "Log", cluster=cluster, services=["*"], exclude_services=[service, "api"]
        )
        function = only(Template.from_stack(stack), "AWS::Lambda::Function")
        names = f"{generated_prefix(service)}*,api"
        assert function["Environment"]["Variables"] == {"EXCLUDE_SERVICES": names}


class TestTaskFamilies:
    def test_accepts_a_task_definition(
        self,
        stack: cdk.Stack,
        cluster: ecs.ICluster,
        task_definition: ecs.FargateTaskDefinition,
    ) -> None:
        named = ecs.FargateTaskDefinition(stack, "Named", family="job")
        EcsTaskEventLogger(
            stack, "Log", cluster=cluster, task_families=[task_definition, named, "batch-*"]
        )
        first, second, third = pattern(stack)["detail"]["taskDefinitionArn"]
        assert first == {"prefix": family_prefix(task_definition.family)}
        assert second == {"prefix": family_prefix("job")}
        assert third["prefix"]["Fn::Join"][1][-1] == ":task-definition/batch-"

    def test_rule_does_not_wait_for_the_task_definition(
        self,
        stack: cdk.Stack,
        cluster: ecs.ICluster,
        task_definition: ecs.FargateTaskDefinition,
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster, task_families=[task_definition])
        (logical_id,) = Template.from_stack(stack).find_resources("AWS::ECS::TaskDefinition")
        assert logical_id not in json.dumps(pattern(stack))

    @pytest.mark.parametrize("name", ["job", "job:7"])
    def test_accepts_an_imported_task_definition(
        self, stack: cdk.Stack, cluster: ecs.ICluster, name: str
    ) -> None:
        arn = f"{ARN}:task-definition/{name}"
        job = ecs.FargateTaskDefinition.from_fargate_task_definition_arn(stack, "Job", arn)
        EcsTaskEventLogger(stack, "Log", cluster=cluster, task_families=[job, "job"])
        assert pattern(stack)["detail"]["taskDefinitionArn"] == [{"prefix": family_prefix("job")}]

    def test_accepts_a_task_definition_imported_by_attributes(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        job = ecs.FargateTaskDefinition.from_fargate_task_definition_attributes(
            stack,
            "Job",
            task_definition_arn=f"arn:{stack.partition}:ecs:eu-west-1:1:task-definition/job:7",
            network_mode=ecs.NetworkMode.AWS_VPC,
            task_role=iam.Role.from_role_name(stack, "Role", "job"),
        )
        EcsTaskEventLogger(stack, "Log", cluster=cluster, task_families=[job])
        assert pattern(stack)["detail"]["taskDefinitionArn"] == [{"prefix": family_prefix("job")}]

    def test_accepts_a_task_definition_with_a_token_as_arn(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        arn = cdk.CfnParameter(stack, "Arn").value_as_string
        job = ecs.TaskDefinition.from_task_definition_arn(stack, "Job", arn)
        EcsTaskEventLogger(stack, "Log", cluster=cluster, task_families=[job])
        # arn:aws:ecs:eu-west-1:111122223333:task-definition/job, without the revision.
        to_name = {"Fn::Select": [5, {"Fn::Split": [":", {"Ref": "Arn"}]}]}
        name = {"Fn::Select": [1, {"Fn::Split": ["/", to_name]}]}
        family = {"Fn::Select": [0, {"Fn::Split": [":", name]}]}
        assert pattern(stack)["detail"]["taskDefinitionArn"] == [{"prefix": family_prefix(family)}]

    def test_excludes_task_definitions(
        self,
        stack: cdk.Stack,
        cluster: ecs.ICluster,
        task_definition: ecs.FargateTaskDefinition,
    ) -> None:
        arn = f"{ARN}:task-definition/job:7"
        job = ecs.TaskDefinition.from_task_definition_arn(stack, "Job", arn)
        EcsTaskEventLogger(
            stack, "Log", cluster=cluster, exclude_task_families=[task_definition, job]
        )
        families = [family_prefix(task_definition.family), family_prefix("job")]
        assert pattern(stack)["detail"]["taskDefinitionArn"] == [
            {"anything-but": {"prefix": families}},
            ABSENT,
        ]


class TestErrors:
    @pytest.mark.parametrize(
        ("prop", "kind"),
        [
            ("services", "cluster"),
            ("services", "task_definition"),
            ("exclude_services", "cluster"),
            ("exclude_services", "task_definition"),
            ("task_families", "cluster"),
            ("task_families", "service"),
            ("exclude_task_families", "cluster"),
            ("exclude_task_families", "service"),
            ("capacity_providers", "cluster"),
        ],
    )
    def test_rejects_a_construct_of_the_wrong_kind(
        self, stack: cdk.Stack, prop: str, kind: str, request: pytest.FixtureRequest
    ) -> None:
        construct = request.getfixturevalue(kind)
        props: Any = {prop: ["shop", construct]}
        with pytest.raises(ValueError, match=f"^{prop} holds the construct Stack/") as error:
            EcsTaskEventLogger.for_all_clusters(stack, "Log", **props)
        assert construct.node.path in str(error.value)
        assert_is_readable(error.value)

    @pytest.mark.parametrize(
        "prop", ["services", "exclude_services", "task_families", "exclude_task_families"]
    )
    def test_rejects_a_construct_that_is_not_in_a_list(
        self, stack: cdk.Stack, service: ecs.FargateService, prop: str
    ) -> None:
        props: Any = {prop: service}
        message = f"^{prop} must be a list, got the construct Stack/Web. "
        with pytest.raises(TypeError, match=message) as error:
            EcsTaskEventLogger.for_all_clusters(stack, "Log", **props)
        assert_is_readable(error.value)

    def test_error_names_the_constructs_of_a_list(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        clusters: Any = [cluster, cluster]
        with pytest.raises(TypeError, match="cluster must be an ecs") as error:
            EcsTaskEventLogger(stack, "Log", cluster=clusters)
        assert "Stack/Cluster" in str(error.value)
        assert_is_readable(error.value)

    @pytest.mark.parametrize(
        "services",
        [
            ecs.FargateService,
            [ecs.FargateService],
            (name for name in ("web",)),
            [{"name": cdk.Fn.ref("Name")}],
            [["web"]],
            [("web", "api")],
            [[b"web"]],
            [uuid.UUID(int=1)],
            {"web"},
        ],
    )
    def test_error_shows_no_address_and_no_token(self, stack: cdk.Stack, services: Any) -> None:
        with pytest.raises((TypeError, ValueError), match=r"^services (holds|must be)") as error:
            EcsTaskEventLogger.for_all_clusters(stack, "Log", services=services)
        assert_is_readable(error.value)

    def test_rejects_a_construct_of_another_kind(self, stack: cdk.Stack) -> None:
        endpoint: Any = ec2.InterfaceVpcEndpoint(
            stack,
            "Endpoint",
            vpc=ec2.Vpc(stack, "Vpc"),
            service=ec2.InterfaceVpcEndpointService("web"),
        )
        with pytest.raises(ValueError, match=r"^services holds the construct Stack/Endpoint"):
            EcsTaskEventLogger.for_all_clusters(stack, "Log", services=[endpoint])

    def test_error_names_a_cluster_of_another_stack(self) -> None:
        app = cdk.App()
        here, there = (
            cdk.Stack(app, name, env=cdk.Environment(account="111122223333", region=region))
            for name, region in (("Here", "eu-west-1"), ("There", "us-east-1"))
        )
        with pytest.raises(ValueError, match="is in region us-east-1") as error:
            EcsTaskEventLogger(here, "Log", cluster=ecs.Cluster(there, "Shop"))
        assert "There/Shop" in str(error.value)
        assert_is_readable(error.value)


def assert_is_readable(error: BaseException) -> None:
    """Check that an error shows neither an object's address nor a token."""
    assert " at 0x" not in str(error)
    assert "${Token[" not in str(error)
