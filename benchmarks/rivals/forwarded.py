"""No function at all: EventBridge writes the event into the log group by itself.

That is ``targets.CloudWatchLogGroup`` in CDK. What arrives is the event as EventBridge sends it:
compact JSON in UTF-8.
"""

import json


def as_stored(event: object) -> str:
    """Return what stands in the log group."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
