"""Lambda's configuration for asynchronous invocations of the function."""

import jsii
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IValidation

from .retry_policy import RetryPolicy


class InvokeConfig:
    """The retries and the destination of the function's invocations. It is created when needed."""

    def __init__(
        self, scope: Construct, function: lambda_.Function, retry_policy: RetryPolicy
    ) -> None:
        """Create the configuration if the caller sets the retry policy."""
        self._scope = scope
        self._function = function
        self._retry_policy = retry_policy
        self._config: lambda_.CfnEventInvokeConfig | None = None
        if (retry_policy.function_seconds, retry_policy.function_attempts) != (None, None):
            self._get_or_create()

    def send_records_to(self, destination_arn: str) -> bool:
        """Send the function's return values to a destination. Return whether that is new."""
        config = self._get_or_create()
        is_new = config.destination_config is None
        config.destination_config = lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
            on_success=lambda_.CfnEventInvokeConfig.OnSuccessProperty(destination=destination_arn)
        )
        return is_new

    def _get_or_create(self) -> lambda_.CfnEventInvokeConfig:
        if self._config is None:
            self._scope.node.add_validation(_OneConfig(self._function))
            self._config = lambda_.CfnEventInvokeConfig(
                self._scope,
                "EventInvokeConfig",
                function_name=self._function.function_name,
                qualifier="$LATEST",
                maximum_event_age_in_seconds=self._retry_policy.function_seconds,
                maximum_retry_attempts=self._retry_policy.function_attempts,
            )
        return self._config


@jsii.implements(IValidation)
class _OneConfig:
    """Reports a second configuration: Lambda accepts one for a function."""

    def __init__(self, function: lambda_.Function) -> None:
        """Keep the function for synthesis."""
        self._function = function

    def validate(self) -> list[str]:
        """Return the problem, if there is one."""
        if self._function.node.try_find_child("EventInvokeConfig") is None:
            return []
        return [
            f"{self._function.node.path}.configure_async_invoke(…) was called, but the logger "
            "already configures the function's asynchronous invocations. Remove the call, and use "
            "max_event_age, retry_attempts, on_failure and the other notifications."
        ]
