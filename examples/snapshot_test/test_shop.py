"""How to keep a snapshot of a stack with a logger, with pytest and syrupy."""

import json
import re
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion

from shop import ShopStack


def test_the_stack_is_as_it_was(snapshot: SnapshotAssertion) -> None:
    template = json.dumps(Template.from_stack(ShopStack(cdk.App(), "Shop")).to_json())
    # The hash of the function's code, which every release of the library may change.
    masked: Any = json.loads(re.sub(r"[0-9a-f]{64}\.zip", "HASH.zip", template))
    assert masked == snapshot


def test_what_matters_is_there() -> None:
    template = Template.from_stack(ShopStack(cdk.App(), "Shop"))
    template.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 30})
