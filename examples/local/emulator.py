"""An embedded AWS: what clients of AWS do with the emulator.

```python
with EmbeddedAws() as aws:
    resources = aws.deploy(app.synth().directory, "MyStack")
    aws.emit(event)
    [invocation] = aws.wait_for_invocations(log_group_name, 1)
    member = aws.for_environment("111111111111", "us-east-1")  # another account and region
```

It listens on 127.0.0.1 only. It needs neither network nor AWS account, and ignores the caller's AWS
configuration.
"""

from __future__ import annotations

import copy
import json
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self

from botocore.config import Config
from botocore.configprovider import (
    BOTOCORE_DEFAUT_SESSION_VARIABLES,
    ConfigValueStore,
    ConstantProvider,
)
from botocore.session import Session

import deployment
import rejection
from emulator_process import EmulatorProcess
from waiting import wait_for

_INVOCATION_SECONDS = 60

_PLATFORM_LINES = ("START RequestId: ", "END RequestId: ", "REPORT RequestId: ")
_ERRORS = ("[ERROR] ", "Task timed out after ")
_LATE_MILLISECONDS = 1000


@dataclass(frozen=True)
class Invocation:
    """A completed invocation of a function.

    Attributes:
        ended_at: The time of its end, in milliseconds since 1970.
        lines: The lines of the function, with its error and without platform lines.
    """

    ended_at: int
    lines: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether the invocation failed."""
        return any(line.startswith(_ERRORS) for line in self.lines)


class EmbeddedAws:
    """An embedded AWS, as a context manager.

    Entering the context starts the emulator without waiting for it. The first use waits until the
    emulator is ready.
    """

    def __init__(
        self,
        account: str = "123456789012",
        region: str = "us-east-1",
        process: EmulatorProcess | None = None,
    ) -> None:
        """Choose the account and region.

        Args:
            account: The ID of the account.
            region: The name of the region.
            process: The emulator, if it has been started already. By default a new one.
        """
        self.account = account
        self.region = region
        self._process = process or EmulatorProcess(account, region)
        self._environments: dict[tuple[str, str], EmbeddedAws] = {}
        self._clear_caches()

    def _clear_caches(self) -> None:
        """Forget the clients, event patterns and invocations of the account and region."""
        self._clients: dict[str, Any] = {}
        self._patterns: dict[str, dict[str, Any]] = {}
        self._matches = lru_cache(maxsize=1024)(self._test_pattern)
        self._invocations: dict[str, dict[str, Invocation]] = {}

    def __enter__(self) -> Self:
        """Start the emulator, without waiting for it."""
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the emulator."""
        self.stop()

    def ready(self) -> Self:
        """Wait until the emulator answers. See ``EmulatorProcess.ready``."""
        self._process.ready()
        return self

    def stop(self) -> None:
        """Stop the emulator and its child processes, and remove its files."""
        self._process.stop()
        for aws in (self, *self._environments.values()):
            for client in aws._clients.values():
                client.close()

    def output(self) -> str:
        """Return the end of the emulator's own output, which holds its warnings and errors."""
        return self._process.output()

    def reset(self) -> None:
        """Remove all resources and logs, in all accounts and regions."""
        self._process.post("/_ministack/reset")
        for aws in (self, *self._environments.values()):
            aws._patterns.clear()
            aws._invocations.clear()

    # -- its accounts and regions ---------------------------------------------------------

    def for_environment(self, account: str, region: str) -> EmbeddedAws:
        """Return the same embedded AWS for another account and region. It ends with this one.

        Args:
            account: The ID of the account.
            region: The name of the region.
        """
        key = account, region
        if key not in self._environments:
            self.ready()
            aws = copy.copy(self)
            aws.account, aws.region = key
            aws._clear_caches()
            self._environments[key] = aws
        return self._environments[key]

    # -- its services ---------------------------------------------------------------------

    @property
    def endpoint_url(self) -> str:
        """The URL for ``AWS_ENDPOINT_URL``."""
        return self._process.url

    def client(self, service: str, config: Config | None = None) -> Any:
        """Return the botocore client of an AWS service, such as ``logs``.

        ``config`` is ignored: the embedded AWS answers fast.
        """
        self.ready()
        if service not in self._clients:
            self._clients[service] = self._session.create_client(
                service,
                region_name=self.region,
                endpoint_url=self.endpoint_url,
                aws_access_key_id=self.account,  # MiniStack takes the account from it
                aws_secret_access_key="test",
                config=Config(
                    proxies={},
                    retries={"total_max_attempts": 2},
                    s3={"addressing_style": "path"},
                ),
            )
        return self._clients[service]

    @cached_property
    def _session(self) -> Session:
        """A session that reads neither the environment nor the files of the AWS CLI."""
        settings = {name: default[2] for name, default in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
        settings |= {"config_file": os.devnull, "credentials_file": os.devnull}
        session = Session()
        session.register_component(
            "config_store",
            ConfigValueStore({name: ConstantProvider(value) for name, value in settings.items()}),
        )
        return session

    def deploy(self, assembly: str | Path, stack_name: str, template: str = "") -> dict[str, str]:
        """Create or update a stack, and return its resources' physical IDs by logical ID.

        Args:
            assembly: The directory of the synthesized CDK app.
            stack_name: The stack's name.
            template: The path of the stack's template in this directory. By default its name is
                that of the stack, as CDK does if that is also the construct ID.

        Raises:
            DeploymentError: If a resource fails.
        """
        environment = {
            "AWS::Partition": "aws",
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
        }
        self._patterns.clear()
        path = Path(assembly) / (template or f"{stack_name}.template.json")
        deployment.deploy(self.client, environment, path, stack_name)
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in self._resources(stack_name)
        }

    def physical_ids(self, stack_name: str, resource_type: str) -> list[str]:
        """Return the physical IDs of a stack's resources of one type (``AWS::Logs::LogGroup``)."""
        return [
            resource["PhysicalResourceId"]
            for resource in self._resources(stack_name)
            if resource["ResourceType"] == resource_type
        ]

    def _resources(self, stack_name: str) -> list[dict[str, Any]]:
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        return [
            resource
            for page in pages.paginate(StackName=stack_name)
            for resource in page["StackResourceSummaries"]
        ]

    # -- events ---------------------------------------------------------------------------

    def emit(self, event: dict[str, Any]) -> None:
        """Deliver a complete event to the default bus, as its AWS service does.

        The bus is the one of this account and region, even if the event names others.
        """
        headers = {
            # AWS does not have this action. ministack_server.py adds it.
            "X-Amz-Target": "AWSEvents.EmitServiceEvent",
            # MiniStack reads account and region from it, and checks no signature.
            "Authorization": "AWS4-HMAC-SHA256 "
            f"Credential={self.account}/20260101/{self.region}/events/aws4_request",
        }
        self._process.post("/", event, **headers)

    def rejection(self, rule_name: str, event: dict[str, Any]) -> str | None:
        """Return why a rule's pattern does not match an event, or None if it does.

        An example: ``detail.lastStatus is "RUNNING"; the rule listens to "STOPPED"``.
        """
        return next(iter(self.rejections(rule_name, event)), None)

    def rejections(self, rule_name: str, event: dict[str, Any]) -> list[str]:
        """Return all reasons why a rule's pattern does not match an event. Empty if it matches."""
        return rejection.reasons(self.pattern(rule_name), event, self._matches)

    def _test_pattern(self, pattern: str, event: str) -> bool:
        answer = self.client("events").test_event_pattern(EventPattern=pattern, Event=event)
        return bool(answer["Result"])

    def pattern(self, rule_name: str) -> dict[str, Any]:
        """Return the event pattern of a rule on the default bus."""
        if rule_name not in self._patterns:
            rule = self.client("events").describe_rule(Name=rule_name)
            self._patterns[rule_name] = json.loads(rule["EventPattern"])
        return self._patterns[rule_name]

    # -- logs -----------------------------------------------------------------------------

    def invocations(self, log_group_name: str) -> list[Invocation]:
        """Return the invocations that logged to a log group, in the order of their ends."""
        known = self._invocations.setdefault(log_group_name, {})
        newest = max((invocation.ended_at for invocation in known.values()), default=0)
        # Known invocations need not be read again. But some that ended just before the newest may
        # have arrived after it.
        since = max(0, newest - _LATE_MILLISECONDS)
        for stream, logged in self._log_streams(log_group_name, since).items():
            known[stream] = Invocation(
                ended_at=logged[-1]["timestamp"],
                lines=tuple(
                    event["message"]
                    for event in logged
                    if not event["message"].startswith(_PLATFORM_LINES)
                ),
            )
        return list(known.values())

    def _log_streams(self, log_group_name: str, since: int) -> dict[str, list[dict[str, Any]]]:
        """Return log events by log stream.

        In MiniStack, each invocation has its own stream, which is written at once at its end.
        """
        streams: dict[str, list[dict[str, Any]]] = {}
        pages = self.client("logs").get_paginator("filter_log_events")
        for page in pages.paginate(logGroupName=log_group_name, startTime=since):
            for event in page["events"]:
                streams.setdefault(event["logStreamName"], []).append(event)
        return streams

    def wait_for_invocations(self, log_group_name: str, count: int) -> list[Invocation]:
        """Wait until at least ``count`` invocations have ended, and return all of them.

        Raises:
            TimeoutError: If they do not end in time.
        """

        def ended() -> list[Invocation] | None:
            invocations = self.invocations(log_group_name)
            return invocations if len(invocations) >= count else None

        return wait_for(ended, f"invocation {count}", _INVOCATION_SECONDS)

    def log_lines(self, log_group_name: str) -> list[str]:
        """Return the lines of functions in a log group, without platform lines."""
        return [
            line for invocation in self.invocations(log_group_name) for line in invocation.lines
        ]
