"""The function's settings. Those of its code become environment variables."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_

from .._common.validation import (
    shown,
    validate_cdk_enum,
    validate_integer,
    validate_items,
    validate_member,
)
from ..enums import RecordFormat
from .vpc import VpcSettings


@dataclass(frozen=True)
class FunctionSettings:
    """The settings of the function; None for the defaults."""

    record_format: RecordFormat | str | None
    unredacted_environment: Sequence[str] | None
    reserved_concurrent_executions: int | None
    tracing: lambda_.Tracing | None
    vpc: VpcSettings

    def __post_init__(self) -> None:
        """Validate the settings."""
        self.environment()
        validate_cdk_enum("tracing", self.tracing, lambda_.Tracing.ACTIVE)
        validate_integer(
            "reserved_concurrent_executions",
            self.reserved_concurrent_executions,
            1,
            None,
            "Use 1 or more. With 0 Lambda never runs the function.",
        )

    @property
    def is_traced(self) -> bool:
        """Whether X-Ray traces the function."""
        return self.tracing is lambda_.Tracing.ACTIVE

    def environment(self) -> dict[str, str]:
        """Return the environment variables. A setting with its default needs none."""
        environment = {}
        if self.record_format is not None:
            value = validate_member("record_format", self.record_format, RecordFormat)
            if value != RecordFormat.COMPACT:
                environment["RECORD_FORMAT"] = value
        if self.unredacted_environment is not None:
            environment["UNREDACTED_ENVIRONMENT"] = ",".join(
                _validate_variables(self.unredacted_environment)
            )
        return environment


def _validate_variables(names: Sequence[str]) -> list[str]:
    prop = "unredacted_environment"
    items = validate_items(prop, names, "names of environment variables")
    for item in items:
        if not isinstance(item, str) or not item or "," in item:
            raise ValueError(
                f"{prop} holds {shown(item)}, which is not the name of an environment variable. "
                "Write a string without commas."
            )
    return items
