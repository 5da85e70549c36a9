"""What tutorials do: a Lambda function that prints the event."""

import json


def handler(event: object, context: object) -> None:
    """Log an event as it is."""
    print(json.dumps(event))
