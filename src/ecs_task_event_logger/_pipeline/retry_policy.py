"""The retry policy: how long and how often AWS tries to deliver an event."""

from aws_cdk import Duration
from aws_cdk import aws_events as events

from .._common.validation import validate_integer, validate_seconds

_MINUTE, _HOUR = 60, 3600
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
_RULE_MAX_AGE, _RULE_MAX_RETRIES = 24 * _HOUR, 185
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
_FUNCTION_MAX_AGE, _FUNCTION_MAX_RETRIES = 6 * _HOUR, 2


class RetryPolicy:
    """The maximum age and the retries of an event, for both services that deliver it.

    EventBridge hands the event to Lambda's queue. Lambda hands it from there to the function, with
    lower limits. None leaves a value to AWS, which then uses its maximum.

    Attributes:
        max_event_age: The maximum age of an event for a rule's target.
        retry_attempts: The number of retries for a rule's target.
    """

    def __init__(self, max_event_age: Duration | None, retry_attempts: int | None) -> None:
        """Validate the values."""
        self._seconds = validate_seconds(
            "max_event_age",
            max_event_age,
            _MINUTE,
            _RULE_MAX_AGE,
            "Write whole seconds from 60 (1 minute) to 86,400 (24 hours). Above 6 hours, Lambda "
            "still keeps an event for 6 hours only.",
        )
        self.max_event_age = None if self._seconds is None else Duration.seconds(self._seconds)
        self.retry_attempts = validate_integer(
            "retry_attempts",
            retry_attempts,
            0,
            _RULE_MAX_RETRIES,
            "Write 0 to 185. Above 2, Lambda still retries only twice.",
        )

    @property
    def target_property(self) -> events.CfnRule.RetryPolicyProperty | None:
        """The policy of a rule's target in CloudFormation's terms, or None for the defaults."""
        if self._seconds is None and self.retry_attempts is None:
            return None
        return events.CfnRule.RetryPolicyProperty(
            maximum_event_age_in_seconds=self._seconds, maximum_retry_attempts=self.retry_attempts
        )

    @property
    def function_seconds(self) -> int | None:
        """The maximum age of an event in Lambda's own queue, in seconds."""
        return None if self._seconds is None else min(self._seconds, _FUNCTION_MAX_AGE)

    @property
    def function_attempts(self) -> int | None:
        """The number of times that Lambda invokes the function again."""
        attempts = self.retry_attempts
        return None if attempts is None else min(attempts, _FUNCTION_MAX_RETRIES)
