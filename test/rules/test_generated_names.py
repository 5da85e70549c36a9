"""Names that CloudFormation makes: the rule matches their beginning, and waits for nothing."""

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_servicecatalog as servicecatalog
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventLogger, EcsTaskEventRule, EventType
from templates import generated_prefix, only, pattern, warnings_of


class Shop:
    """A cluster with a service. CloudFormation names both."""

    def __init__(self, stack: cdk.Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-0123456789abcdef0",
            availability_zones=["eu-west-1a"],
            private_subnet_ids=["subnet-0123456789abcdef0"],
        )
        self.cluster = ecs.Cluster(stack, "Cluster", vpc=vpc)
        task = ecs.FargateTaskDefinition(stack, "Task")
        task.add_container("app", image=ecs.ContainerImage.from_registry("shop/web"))
        self.service = ecs.FargateService(
            stack, "Web", cluster=self.cluster, task_definition=task, min_healthy_percent=100
        )


@pytest.fixture
def shop(stack: cdk.Stack) -> Shop:
    return Shop(stack)


def cluster_arn(name: str) -> dict[str, Any]:
    """Return the ARN of a cluster in the stack's own account and region."""
    head = ["arn:", {"Ref": "AWS::Partition"}, ":ecs:", {"Ref": "AWS::Region"}, ":"]
    return {"Fn::Join": ["", [*head, {"Ref": "AWS::AccountId"}, f":cluster/{name}"]]}


def group(stack: cdk.Stack) -> Any:
    return pattern(stack)["detail"]["group"]


@pytest.mark.parametrize(
    "as_caller_writes_it",
    [
        lambda service: service,
        lambda service: service.service_name,
        lambda service: service.service_arn,
        lambda service: service.node.default_child,
        lambda service: service.node.default_child.attr_name,
    ],
    ids=["construct", "name", "ARN", "L1 construct", "name of the L1 construct"],
)
def test_matches_the_beginning_of_a_services_name(
    stack: cdk.Stack, shop: Shop, as_caller_writes_it: Callable[[Any], Any]
) -> None:
    services = [as_caller_writes_it(shop.service)]
    log = EcsTaskEventLogger(stack, "Log", cluster=shop.cluster, services=services)
    assert group(stack) == [{"prefix": f"service:{generated_prefix(shop.service)}"}]
    assert warnings_of(log) == []


def test_service_may_wait_for_a_logger_with_everything(stack: cdk.Stack, shop: Shop) -> None:
    log = EcsTaskEventLogger(
        stack,
        "Log",
        cluster=shop.cluster,
        services=[shop.service.service_name],
        exclude_services=["canary"],
        event_types=[EventType.TASK_STATE_CHANGE, EventType.DEPLOYMENT_STATE_CHANGE],
    )
    log.on_task_failure("Tell", services=[shop.service], clusters=[shop.cluster])
    log.metric_failures(service=shop.service)
    log.create_dashboard()
    shop.service.node.add_dependency(log)
    template = Template.from_stack(stack)  # fails if there is a cycle
    (service,) = template.find_resources("AWS::ECS::Service")
    others = {
        logical_id: resource
        for logical_id, resource in template.to_json()["Resources"].items()
        if resource["Type"] != "AWS::ECS::Service"
    }
    assert f'"{service}"' not in json.dumps(others)


def test_function_gets_the_pattern_too(stack: cdk.Stack, shop: Shop) -> None:
    EcsTaskEventLogger(
        stack, "Log", cluster=shop.cluster, services=["*"], exclude_services=[shop.service]
    )
    function = only(Template.from_stack(stack), "AWS::Lambda::Function")
    name = f"{generated_prefix(shop.service)}*"
    assert function["Environment"]["Variables"] == {"EXCLUDE_SERVICES": name}


def test_follows_an_overridden_logical_id(stack: cdk.Stack, shop: Shop) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=shop.cluster, services=[shop.service])
    resource: Any = shop.service.node.default_child
    resource.override_logical_id("Renamed")
    assert group(stack) == [{"prefix": "service:Stack-Renamed-"}]


@jsii.implements(cdk.IAspect)
class CompanyNames:
    """Names each cluster and service."""

    def visit(self, node: Any) -> None:
        if isinstance(node, ecs.CfnService):
            node.service_name = f"shop-{node.node.scope.node.id}"  # type: ignore[union-attr]
        elif isinstance(node, ecs.CfnCluster):
            node.cluster_name = "shop"


def test_follows_names_that_an_aspect_sets_later(stack: cdk.Stack, shop: Shop) -> None:
    log = EcsTaskEventLogger(
        stack, "Log", cluster=shop.cluster, services=[shop.service], exclude_services=["x"]
    )
    EcsTaskEventLogger(stack, "Others", cluster=shop.cluster, exclude_services=[shop.service])
    log.on_task_failure("Tell", services=[shop.service], clusters=[shop.cluster])
    cdk.Aspects.of(cdk.App.of(stack)).add(CompanyNames())  # type: ignore[arg-type]
    rules = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
    included, record, excluded = (rule["Properties"]["EventPattern"]["detail"] for rule in rules)
    assert included["group"] == ["service:shop-Web"]
    assert excluded["group"] == [{"anything-but": ["service:shop-Web"]}, {"exists": False}]
    assert record["responsePayload"]["service"] == ["shop-Web"]
    assert record["responsePayload"]["cluster"] == ["shop"]


def test_follows_a_family_that_is_set_later(stack: cdk.Stack, shop: Shop) -> None:
    definition = shop.service.task_definition
    EcsTaskEventLogger(stack, "Log", cluster=shop.cluster, task_families=[definition])
    resource: Any = definition.node.default_child
    resource.family = "nightly"
    (family,) = pattern(stack)["detail"]["taskDefinitionArn"]
    assert family["prefix"]["Fn::Join"][1][-1] == ":task-definition/nightly:"


def test_metric_follows_a_name_that_is_set_later(stack: cdk.Stack, shop: Shop) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=shop.cluster)
    log.metric_failures(service=shop.service.service_arn).create_alarm(
        stack, "Failures", threshold=1, evaluation_periods=1
    )
    resource: Any = shop.service.node.default_child
    name = stack.resolve(resource.attr_name)
    assert stack.resolve(log.metric_failures(service=shop.service).dimensions) == {"Service": name}
    resource.service_name = "web"
    alarm = only(Template.from_stack(stack), "AWS::CloudWatch::Alarm")
    assert alarm["Dimensions"] == [{"Name": "Service", "Value": "web"}]


def test_rule_may_have_the_filters_of_its_logger(stack: cdk.Stack, shop: Shop) -> None:
    filters: Any = {"services": ["*"], "exclude_services": [shop.service]}
    log = EcsTaskEventLogger(stack, "Log", cluster=shop.cluster, **filters)
    EcsTaskEventRule(stack, "Rule", logger=log, cluster=shop.cluster, **filters)


@pytest.mark.parametrize("excluded", ["Stack-*", "construct"])
def test_rejects_a_service_that_is_excluded_too(
    stack: cdk.Stack, shop: Shop, excluded: Any
) -> None:
    without: Any = shop.service if excluded == "construct" else excluded
    with pytest.raises(ValueError, match=r"services holds Stack-Web.*, which exclude_services ex"):
        EcsTaskEventLogger(
            stack,
            "Log",
            cluster=shop.cluster,
            services=[shop.service],
            exclude_services=[without],
        )


def test_function_follows_a_name_that_is_set_later(stack: cdk.Stack, shop: Shop) -> None:
    EcsTaskEventLogger(
        stack, "Log", cluster=shop.cluster, services=["*"], exclude_services=[shop.service]
    )
    resource: Any = shop.service.node.default_child
    resource.service_name = "web"
    function = only(Template.from_stack(stack), "AWS::Lambda::Function")
    assert function["Environment"]["Variables"] == {"EXCLUDE_SERVICES": "web"}


def test_matches_the_beginning_of_a_task_family(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    resource: Any = ecs.CfnTaskDefinition(stack, "Task")
    EcsTaskEventLogger(stack, "Log", cluster=cluster, task_families=[resource])
    (family,) = pattern(stack)["detail"]["taskDefinitionArn"]
    assert family["prefix"]["Fn::Join"][1][-1] == ":task-definition/Stack-Task-"


def test_matches_the_beginning_of_a_capacity_providers_name(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    group = ecs.CfnCapacityProvider.AutoScalingGroupProviderProperty(auto_scaling_group_arn="asg")
    provider = ecs.CfnCapacityProvider(stack, "Spot", auto_scaling_group_provider=group)
    EcsTaskEventLogger(stack, "Log", cluster=cluster, capacity_providers=[provider.ref])
    names = pattern(stack)["detail"]["capacityProviderName"]
    assert names == [{"prefix": "Stack-Spot-"}]


class TestOtherStacks:
    """The stack of the logger needs no other stack, so that it can be deployed first."""

    @pytest.fixture
    def log_stack(self, stack: cdk.Stack) -> cdk.Stack:
        return cdk.Stack(cdk.App.of(stack), "LogStack")

    def test_service_of_another_stack_may_wait_for_the_logger(
        self, stack: cdk.Stack, shop: Shop, log_stack: cdk.Stack
    ) -> None:
        log = EcsTaskEventLogger(
            log_stack, "Log", cluster=shop.cluster, services=[shop.service.service_name]
        )
        shop.service.node.add_dependency(log)
        assert pattern(log_stack)["detail"] == {
            "clusterArn": [{"prefix": cluster_arn(generated_prefix(shop.cluster))}],
            "group": [{"prefix": f"service:{generated_prefix(shop.service)}"}],
        }
        assert [each.node.path for each in stack.dependencies] == ["LogStack"]
        assert log_stack.dependencies == []

    def test_watches_clusters_of_another_stack(
        self, stack: cdk.Stack, shop: Shop, log_stack: cdk.Stack
    ) -> None:
        named = ecs.Cluster(stack, "Named", cluster_name="batch", vpc=shop.cluster.vpc)
        log = EcsTaskEventLogger(
            log_stack,
            "Log",
            cluster=named,
            event_types=[EventType.DEPLOYMENT_STATE_CHANGE],
        )
        log.add_cluster(shop.cluster)
        prefix = generated_prefix(shop.cluster)
        by_arn, by_resource = pattern(log_stack)["$or"]
        assert by_arn["detail"]["clusterArn"] == [
            cluster_arn("batch"),
            {"prefix": cluster_arn(prefix)},
        ]
        ends = [each["prefix"]["Fn::Join"][1][-1] for each in by_resource["resources"]]
        assert ends == [":service/batch/", f":service/{prefix}"]
        with pytest.raises(ValueError, match="already watches Stack/Cluster"):
            log.add_cluster(shop.cluster)

    def test_follows_a_cluster_name_that_an_aspect_sets_later(
        self, stack: cdk.Stack, shop: Shop, log_stack: cdk.Stack
    ) -> None:
        EcsTaskEventLogger(log_stack, "Log", cluster=shop.cluster)
        cdk.Aspects.of(stack).add(CompanyNames())
        assert pattern(log_stack)["detail"]["clusterArn"] == [cluster_arn("shop")]

    def test_nested_stack_uses_its_own_name(self, stack: cdk.Stack) -> None:
        nested = cdk.NestedStack(stack, "Nested")
        shop = Shop(nested)
        log = EcsTaskEventLogger(nested, "Log", cluster=shop.cluster, services=[shop.service])
        shop.service.node.add_dependency(log)
        own_name = ["service:", {"Ref": "AWS::StackName"}]
        end = generated_prefix(shop.service).removeprefix(nested.stack_name)
        assert group(nested) == [{"prefix": {"Fn::Join": ["", [*own_name, end]]}}]

    def test_product_uses_the_name_that_service_catalog_gives_it(self, stack: cdk.Stack) -> None:
        product = servicecatalog.ProductStack(
            stack, "Product", asset_bucket=s3.Bucket(stack, "Bucket", bucket_name="assets")
        )
        shop = Shop(product)
        log = EcsTaskEventLogger(product, "Log", cluster=shop.cluster, services=[shop.service])
        rule: Any = log.rule.node.default_child
        (name,) = product.resolve(rule.event_pattern)["detail"]["group"]
        assert {"Ref": "AWS::StackName"} in name["prefix"]["Fn::Join"][1]

    def test_service_of_a_nested_stack_may_wait_for_the_logger(self, stack: cdk.Stack) -> None:
        nested = cdk.NestedStack(stack, "Backend")
        shop = Shop(nested)
        log = EcsTaskEventLogger(
            stack, "Log", cluster=shop.cluster, services=[shop.service.service_arn]
        )
        nested.node.add_dependency(log)
        assert warnings_of(log) == []
        # The logical ID of the nested stack, as far as CloudFormation keeps it.
        head = "Stack-BackendNestedStackBackend*"
        service, cluster = (
            nested.resolve(each.node.default_child.logical_id)  # type: ignore[union-attr]
            for each in (shop.service, shop.cluster)
        )
        assert pattern(stack)["detail"] == {
            "clusterArn": [{"wildcard": cluster_arn(f"{head}-{cluster}-*")}],
            "group": [{"wildcard": f"service:{head}-{service}-*"}],
        }

    def test_warns_of_unknown_names(self) -> None:
        stack = cdk.Stack(cdk.App(), "Stack", stack_name="S" * 40)
        shop = Shop(cdk.NestedStack(stack, "Nested"))
        log = EcsTaskEventLogger(stack, "Log", cluster=shop.cluster, services=[shop.service])
        of_service, of_cluster = warnings_of(log)
        assert of_service.startswith("services holds Stack/Nested/Web/Service, whose name is")
        assert "Choose its name." in of_service
        assert of_cluster.startswith("cluster holds Stack/Nested/Cluster, whose name is")

    def test_names_keep_the_stack_name_of_their_own_stack(
        self, stack: cdk.Stack, shop: Shop, log_stack: cdk.Stack
    ) -> None:
        named = ecs.FargateService(
            stack,
            "Named",
            cluster=shop.cluster,
            task_definition=shop.service.task_definition,
            service_name=f"{cdk.Aws.STACK_NAME}-web",
        )
        log = EcsTaskEventLogger(log_stack, "Log", cluster=shop.cluster, services=[named])
        assert group(log_stack) == ["service:Stack-web"]
        assert log.metric_failures(service=named).dimensions is not None
        other = EcsTaskEventLogger(stack, "Own", cluster=shop.cluster, services=[named])
        own_name = {"Fn::Join": ["", ["service:", {"Ref": "AWS::StackName"}, "-web"]]}
        rule: Any = other.rule.node.default_child
        assert stack.resolve(rule.event_pattern)["detail"]["group"] == [own_name]


class TestOtherTokens:
    @pytest.mark.parametrize(
        "make",
        [
            lambda stack: cdk.CfnParameter(stack, "Name").value_as_string,
            lambda stack: cdk.Fn.import_value("Name"),
            lambda stack: f"{Shop(cdk.NestedStack(stack, 'Nested')).service.service_name}-canary",
        ],
        ids=["parameter", "import", "part of a name"],
    )
    def test_warning_says_what_to_write_instead(
        self, stack: cdk.Stack, cluster: ecs.ICluster, make: Callable[[cdk.Stack], str]
    ) -> None:
        name = make(stack)
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, services=[name])
        assert group(stack) == [stack.resolve(f"service:{name}")]
        (warning,) = warnings_of(log)
        assert warning.startswith("services holds a token, whose name is unknown until")
        assert "Pass a service of this app, or write its name." in warning

    def test_name_that_is_chosen_by_a_parameter_does_not_wait(
        self, stack: cdk.Stack, shop: Shop
    ) -> None:
        name = cdk.CfnParameter(stack, "Name").value_as_string
        named = ecs.FargateService(
            stack,
            "Named",
            cluster=shop.cluster,
            task_definition=shop.service.task_definition,
            service_name=name,
        )
        EcsTaskEventLogger(stack, "Log", cluster=shop.cluster, services=[named])
        assert group(stack) == [stack.resolve(f"service:{name}")]

    def test_matches_one_hyphen_and_several_of_a_stack_name(self) -> None:
        stack = cdk.Stack(cdk.App(), "Stack", stack_name="shop--prod")
        shop = Shop(stack)
        EcsTaskEventLogger(stack, "Log", cluster=shop.cluster, services=[shop.service])
        end = generated_prefix(shop.service).removeprefix("shop--")
        assert group(stack) == [{"wildcard": f"service:shop-*{end}*"}]

    def test_name_that_cloudformation_would_shorten_stays_a_token(self) -> None:
        stack = cdk.Stack(cdk.App(), "S" * 128)
        shop = Shop(stack)
        resource: Any = shop.service.node.default_child
        resource.override_logical_id("L" * 120)
        log = EcsTaskEventLogger(stack, "Log", cluster=shop.cluster, services=[shop.service])
        assert group(stack) == [stack.resolve(f"service:{shop.service.service_name}")]
        assert len(warnings_of(log)) == 1
