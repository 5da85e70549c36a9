"""The same with the Logger of Powertools for AWS Lambda, as its documentation begins.

Without ``inject_lambda_context``, which adds six more keys to each line.
"""

from aws_lambda_powertools import Logger

logger = Logger(service="ecs-task-events")


def handler(event: object, context: object) -> None:
    """Log an event as it is, among what the Logger adds."""
    logger.info("ECS task event", event=event)
