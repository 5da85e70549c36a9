"""The function: its environment variables fit into Lambda's limit."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs

from ecs_task_event_logger import EcsTaskEventLogger


@pytest.mark.parametrize(
    "props",
    [
        {"services": ["*"], "exclude_services": [f"service-{each}" for each in range(500)]},
        {"unredacted_environment": ["A" * 4076]},
        {"unredacted_environment": ["ü" * 2038]},
    ],
)
def test_rejects_environment_variables_that_are_too_long(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any
) -> None:
    longest = list(props)[-1]
    with pytest.raises(ValueError, match=f"^{longest} makes the function's .* accepts 4096"):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
