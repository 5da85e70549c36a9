"""The limits of EventBridge for an event pattern: its length and its wildcards."""

import json
from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk.assertions import Template

from ecs_events import ROOT
from ecs_task_event_logger import EcsTaskEventLogger
from ecs_task_event_logger._rules.event_filter import EventFilter
from ecs_task_event_logger._rules.pattern_limits import check_wildcards

ARN = "arn:aws:ecs:{}:{}:cluster/{}"


def imported(
    stack: cdk.Stack, name: str, region: str = "eu-west-1", account: str = "111122223333"
) -> ecs.ICluster:
    arn = ARN.format(region, account, name)
    return ecs.Cluster.from_cluster_arn(stack, f"{name}{region}{account}", arn)


class TestLength:
    def test_rejects_a_pattern_that_is_too_long(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        services = [f"service-{number:03}-with-a-long-name" for number in range(60)]
        EcsTaskEventLogger(stack, "Log", cluster=cluster, services=services)
        with pytest.raises(
            RuntimeError,
            match=r"has at least 2\d\d\d char.*, but EventBridge accepts at most 2048. Its longest",
        ):
            cdk.App.of(stack).synth()  # type: ignore[union-attr]

    def test_counts_the_known_parts_of_tokens(self, stack: cdk.Stack) -> None:
        name = cdk.Fn.join("-", [cdk.Aws.REGION, "y" * 2500])
        EcsTaskEventLogger.for_all_clusters(stack, "Log", services=[name])
        with pytest.raises(RuntimeError, match="EventBridge accepts at most 2048"):
            Template.from_stack(stack)

    def test_rejects_too_many_added_clusters(self, stack: cdk.Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(stack, "V", vpc_id="vpc-1", availability_zones=["a"])
        log = EcsTaskEventLogger(stack, "Log", cluster=imported(stack, "first"))
        for number in range(40):
            # The ARN of a cluster imported by attributes holds tokens.
            name = f"cluster-with-a-name-{number}"
            cluster = ecs.Cluster.from_cluster_attributes(stack, name, cluster_name=name, vpc=vpc)
            log.add_cluster(cluster)
        with pytest.raises(
            RuntimeError, match=r"on clusterArn\. Watch fewer clusters, or all of them"
        ):
            cdk.App.of(stack).synth()  # type: ignore[union-attr]

    def test_accepts_a_long_pattern_within_the_limit(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        services = [f"service-{number:03}-with-a-long-name" for number in range(40)]
        EcsTaskEventLogger(stack, "Log", cluster=cluster, services=services)
        Template.from_stack(stack)


class TestWildcards:
    def test_counts_all_props_together(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        with pytest.raises(
            ValueError,
            match=r"has 5 wildcards \(\*\), on capacityProviderName and group.*more than 4 as too",
        ):
            EcsTaskEventLogger(
                stack,
                "Log",
                cluster=cluster,
                services=["*-api", "a*b", "*-web"],
                capacity_providers=["*-spot", "x*y"],
            )

    def test_star_at_the_end_of_names_is_no_wildcard(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        many = [f"team-{number}-*" for number in range(30)]
        EcsTaskEventLogger(stack, "Log", cluster=cluster, services=many)
        EcsTaskEventLogger(stack, "Other", cluster=cluster, exclude_services=[*many, "canary"])

    def test_counts_notifications_too(self, log: EcsTaskEventLogger) -> None:
        with pytest.raises(ValueError, match="has 5 wildcards"):
            log.on_task_failure("Tell", services=["*-a", "*-b", "*-c"], clusters=["*-x", "*-y"])

    def test_counts_conditions_that_are_added_later(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, services=["*-a", "*-b", "*-c"])
        log.add_event_pattern(detail={"startedBy": [{"wildcard": "*/jobs/*"}]})
        with pytest.raises(RuntimeError, match=r"has 5 wildcards .*, on group and startedBy"):
            Template.from_stack(stack)

    def test_counts_added_conditions_once_for_each_alternative(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(
            stack, "Log", cluster=cluster, services=["a"], task_families=["b"], causes=["SIGNAL"]
        )
        log.add_event_pattern(detail={"availabilityZone": [{"wildcard": "*west*"}]})
        with pytest.raises(RuntimeError, match=r"has 8 wildcards .*, on availabilityZone"):
            Template.from_stack(stack)

    def test_counts_one_excluded_text(self, stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
        excluded = {"anything-but": {"wildcard": "*-a-*-b-*-c-*-d-*-e-*"}}
        log.add_event_pattern(detail={"startedBy": [excluded]})
        with pytest.raises(RuntimeError, match="has 5 wildcards"):
            Template.from_stack(stack)

    def test_counts_provider_names_once_for_each_alternative(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        with pytest.raises(ValueError, match="has 8 wildcards"):
            EcsTaskEventLogger(
                stack,
                "Log",
                cluster=cluster,
                services=["web"],
                task_families=["job"],
                causes=["OUT_OF_MEMORY"],
                capacity_providers=["*-spot", "*-gpu"],
            )


# What AWS's engine (aws/event-ruler 2.0.1) measures, and EventBridge's limit as far as it is known:
# it accepts patterns of a complexity of 9, and rejects patterns of 11.
LIMIT = 10
MEASURED = (ROOT / "test" / "rules" / "pattern_complexity.jsonl").read_text().splitlines()


def measured_patterns() -> Iterator[tuple[int, Any]]:
    """Yield the complexity and the pattern of filters with realistic names."""
    stack = cdk.Stack()
    for row in map(json.loads, MEASURED):
        prefix = "*" if row["central"] else "arn:aws:ecs:eu-west-1:111122223333"
        event_filter = EventFilter(stack, **row["props"])
        detail = event_filter.task_detail(f"{prefix}:task-definition/")
        yield row["complexity"], {"detail": detail}


def is_accepted(pattern: Any) -> bool:
    try:
        check_wildcards(pattern)
    except ValueError:
        return False
    return True


def test_accepts_only_what_eventbridge_accepts() -> None:
    accepted = [is_accepted(pattern) for _, pattern in measured_patterns()]
    complexities = [complexity for complexity, _ in measured_patterns()]
    pairs = list(zip(accepted, complexities, strict=True))
    assert max(complexity for is_ok, complexity in pairs if is_ok) <= LIMIT
    assert sum(complexity > LIMIT for complexity in complexities) > 10
    assert sum(accepted) > 100


@pytest.mark.parametrize(
    "texts",
    [
        # Reported as rejected, with the complexities 16, 12 and 11.
        [f"*/datasync/*.{ending}" for ending in ("bif", "tif", "tiff", "svs")],
        [f"*:stack/{name}/*" for name in ("Shared", "Tracker", "Worker", "Monitoring")],
        ["*:*:*:*:*:event-bus/*"],
    ],
)
def test_rejects_what_eventbridge_rejects(texts: list[str]) -> None:
    assert not is_accepted({"detail": {"key": [{"wildcard": text} for text in texts]}})
