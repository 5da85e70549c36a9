"""A function that logs the event with the Logger of Powertools for AWS Lambda.

It does not use ``inject_lambda_context``, which adds six more keys to each line.
"""

from aws_lambda_powertools import Logger

logger = Logger(service="ecs-task-events")


def handler(event: object, context: object) -> None:
    """Log an event as it is, with the keys that the Logger adds."""
    logger.info("ECS task event", event=event)
