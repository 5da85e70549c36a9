"""Runs a CDK app, and prints as JSON its round trips to jsii and the CDK modules that it loaded.

A round trip is a message to Node.js: a call, or the answer to a callback.
"""

import json
import runpy
import sys
from typing import Any

from jsii._kernel.providers.process import _NodeProcess

round_trips = 0
send: Any = _NodeProcess.send


def counted_send(*args: Any) -> Any:
    """Send a message, and count it."""
    global round_trips
    round_trips += 1
    return send(*args)


setattr(_NodeProcess, "send", counted_send)  # noqa: B010
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
modules = [name for name in sys.modules if name.startswith("aws_cdk.")]
print(json.dumps({"round_trips": round_trips, "modules": sorted(modules)}))
