"""Compare a stack with a logger with its snapshot, with pytest and syrupy."""

import json
import re
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion

from shop import ShopStack


def test_stack_matches_its_snapshot(snapshot: SnapshotAssertion) -> None:
    template = json.dumps(Template.from_stack(ShopStack(cdk.App(), "Shop")).to_json())
    # Every release of the library may change the hash of the function's code.
    masked: Any = json.loads(re.sub(r"[0-9a-f]{64}\.zip", "HASH.zip", template))
    assert masked == snapshot


def test_keeps_lines_for_a_month() -> None:
    template = Template.from_stack(ShopStack(cdk.App(), "Shop"))
    template.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 30})
