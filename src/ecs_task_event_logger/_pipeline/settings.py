"""The function's settings. Those of its code become environment variables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_

from .._common.validation import (
    name_meant,
    shown,
    validate_cdk_enum,
    validate_integer,
    validate_items,
    validate_member,
    validate_seconds,
)
from ..enums import RecordFormat
from .container_logs import ContainerLogSettings
from .vpc import VpcSettings

# The oldest Python 3 that the function's code runs on.
_OLDEST_PYTHON = 11


@dataclass(frozen=True)
class FunctionSettings:
    """The settings of the function; None for the defaults."""

    record_format: RecordFormat | str | None
    unredacted_environment: Sequence[str] | None
    container_logs: ContainerLogSettings
    memory_size: int | None
    timeout: Duration | None
    runtime: lambda_.Runtime | None
    architecture: lambda_.Architecture | None
    reserved_concurrent_executions: int | None
    tracing: lambda_.Tracing | None
    vpc: VpcSettings

    def __post_init__(self) -> None:
        """Validate the settings."""
        self.environment()
        validate_integer("memory_size", self.memory_size, 128, 10_240, "Write 128 to 10240 MB.")
        validate_seconds("timeout", self.timeout, 1, 900, "Write 1 second to 15 minutes.")
        _validate_runtime(self.runtime)
        _validate_architecture(self.architecture)
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
        return {**environment, **self.container_logs.environment()}


def _validate_runtime(runtime: Any) -> None:
    if runtime is None:
        return
    names = [f"PYTHON_3_{minor}" for minor in range(_OLDEST_PYTHON, 100)]
    known = [name for name in names if hasattr(lambda_.Runtime, name)]
    instead = f"Write lambda_.Runtime.{name_meant(known, runtime) or known[-1]}, for example."
    if not isinstance(runtime, lambda_.Runtime):
        raise TypeError(f"runtime must be a lambda_.Runtime, got {shown(runtime)}. {instead}")
    version = re.fullmatch(r"python3\.(\d+)", runtime.name)
    if version is None or int(version[1]) < _OLDEST_PYTHON:
        raise ValueError(
            f"runtime is {shown(runtime.name)}, but the function needs Python "
            f"3.{_OLDEST_PYTHON} or later. {instead}"
        )


def _validate_architecture(architecture: Any) -> None:
    if architecture is not None and not isinstance(architecture, lambda_.Architecture):
        raise TypeError(
            f"architecture must be a lambda_.Architecture, got {shown(architecture)}. Write "
            "lambda_.Architecture.X86_64 or lambda_.Architecture.ARM_64."
        )


def _validate_variables(names: Sequence[str]) -> list[str]:
    prop = "unredacted_environment"
    items = validate_items(prop, names, "names of environment variables")
    for item in items:
        if not isinstance(item, str) or not item or set(",*") & set(item):
            raise ValueError(
                f"{prop} holds {shown(item)}, which is not the name of an environment variable. "
                "Write each name as a string, without commas and *."
            )
    return items
