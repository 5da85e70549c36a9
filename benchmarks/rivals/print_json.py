"""A Lambda function that prints the event, as in tutorials."""

import json


def handler(event: object, context: object) -> None:
    """Log an event as it is."""
    print(json.dumps(event))
