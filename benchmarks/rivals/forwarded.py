"""Without a function: EventBridge writes the event to the log group itself.

In CDK this is ``targets.CloudWatchLogGroup``. EventBridge sends the event as compact JSON in UTF-8.
"""

import json


def as_stored(event: object) -> str:
    """Return the line in the log group."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
