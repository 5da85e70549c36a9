"""Runs a CDK app and measures its phases. Other modules start it as a process.

``app_process.py APP ARGUMENT …`` runs the app as ``python APP ARGUMENT …`` does. It prints JSON:
seconds and jsii round trips of import, constructs and synthesis, the CDK modules that were loaded,
and the size of the templates.
"""

import json
import runpy
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import_started = time.perf_counter()

import aws_cdk as cdk  # noqa: E402
from jsii._kernel.providers.process import _NodeProcess  # noqa: E402

PHASES = ("import", "construct", "synth")

round_trips = 0
marks = [(import_started, 0)]
assembly: Any = None

send, make_app, synth = _NodeProcess.send, cdk.App.__init__, cdk.App.synth


def counted_send(self: Any, *args: Any) -> Any:
    """Send a message to Node.js: a call, or the answer to a callback."""
    global round_trips
    round_trips += 1
    return send(self, *args)


def marked_app(self: Any, *args: Any, **props: Any) -> None:
    """Create the app. The constructs begin here."""
    marks.append((time.perf_counter(), round_trips))
    make_app(self, *args, **props)


def marked_synth(self: Any, *args: Any, **options: Any) -> Any:
    """Synthesize the app. The constructs end here."""
    global assembly
    marks.append((time.perf_counter(), round_trips))
    assembly = synth(self, *args, **options)
    marks.append((time.perf_counter(), round_trips))
    return assembly


for owner, name, function in (
    (_NodeProcess, "send", counted_send),
    (cdk.App, "__init__", marked_app),
    (cdk.App, "synth", marked_synth),
):
    setattr(owner, name, function)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")

texts = [path.read_text() for path in sorted(Path(assembly.directory).glob("*.template.json"))]
resources = [
    resource["Type"] for text in texts for resource in json.loads(text)["Resources"].values()
]
spans = list(zip(PHASES, pairwise(marks), strict=True))
print(
    json.dumps(
        {
            "seconds": {phase: end[0] - begin[0] for phase, (begin, end) in spans},
            "round_trips": {phase: end[1] - begin[1] for phase, (begin, end) in spans},
            "modules": sorted(name for name in sys.modules if name.startswith("aws_cdk.")),
            "template_bytes": sum(len(text.encode()) for text in texts),
            "resources": Counter(resources),
        }
    )
)
