"""How Lambda invokes the function, as far as that is not left to Lambda."""

import jsii
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IValidation

from .dead_letter_queue import RetryPolicy


class AsyncInvocation:
    """What Lambda is told of a function's asynchronous invocations, if anything is to be told."""

    def __init__(
        self, scope: Construct, function: lambda_.Function, retry_policy: RetryPolicy
    ) -> None:
        """Tell Lambda how long, and how often, to try, where the caller says so."""
        self._scope = scope
        self._function = function
        self._told = retry_policy.of_function()
        self._config: lambda_.CfnEventInvokeConfig | None = None
        if self._told:
            self._tell()

    def send_records_to(self, destination_arn: str) -> bool:
        """Send what the function returns to a destination; return whether that is new."""
        config = self._tell()
        is_new = config.destination_config is None
        config.destination_config = lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
            on_success=lambda_.CfnEventInvokeConfig.OnSuccessProperty(destination=destination_arn)
        )
        return is_new

    def _tell(self) -> lambda_.CfnEventInvokeConfig:
        if self._config is None:
            self._scope.node.add_validation(_OneConfig(self._function))
            self._config = lambda_.CfnEventInvokeConfig(
                self._scope,
                "EventInvokeConfig",
                function_name=self._function.function_name,
                qualifier="$LATEST",
                **self._told,
            )
        return self._config


@jsii.implements(IValidation)
class _OneConfig:
    """Whether nobody else tells Lambda of the function's asynchronous invocations."""

    def __init__(self, function: lambda_.Function) -> None:
        """Hold the function until it is synthesized."""
        self._function = function

    def validate(self) -> list[str]:
        """Return what is wrong if somebody does: Lambda can be told but once."""
        if self._function.node.try_find_child("EventInvokeConfig") is None:
            return []
        return [
            f"{self._function.node.path}.configure_async_invoke(…) was called beside what the "
            "logger says of the function's asynchronous invocations. Leave it out, and use "
            "max_event_age, retry_attempts, on_task_failure and on_task_stopped."
        ]
