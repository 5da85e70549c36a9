"""Measures what ``container_log_groups`` costs at failed tasks, on Lambda's runtime client.

A server on this machine answers the calls to AWS at once. So the times are those of the function
alone: in AWS, each of the two calls adds some ten milliseconds.
"""

import time
from dataclasses import dataclass
from statistics import median
from typing import Any

from aws_api import AwsApi
from recordings import Event
from runtime_api import RuntimeProcess

_GROUP = "/ecs/shop"
_LINES = 20
_LATER = 20


@dataclass(frozen=True)
class LookUps:
    """The cost of failed tasks in one process.

    Attributes:
        first: The CPU seconds of the first failed task, which imports botocore.
        later: The CPU seconds of a later one, whose task definition is known.
        first_seconds: The elapsed time of the first one.
        later_seconds: The elapsed time of a later one.
        peak_rss: The peak memory in bytes.
        line: The bytes of a line.
        without: The bytes of the same line without the tail.
    """

    first: float
    later: float
    first_seconds: float
    later_seconds: float
    peak_rss: int
    line: int
    without: int


def measure(stopped: Event, rounds: int) -> list[LookUps]:
    """Return the cost of failed tasks, one per round, for copies of an event of a stopped task."""
    detail = stopped["detail"]
    names = [each["name"] for each in detail["containers"]]
    exited = {"stopCode": "EssentialContainerExited", "stoppedReason": "Container exited"}
    containers = [{**each, "exitCode": 1} for each in detail["containers"]]
    failed = {**stopped, "detail": {**detail, **exited, "containers": containers}}
    with AwsApi() as api:
        options = {"awslogs-group": _GROUP, "awslogs-stream-prefix": "shop"}
        log = {"logDriver": "awslogs", "options": options}
        definition = {"containerDefinitions": [{"name": n, "logConfiguration": log} for n in names]}
        api.answers["DescribeTaskDefinition"] = lambda request: (
            200,
            {"taskDefinition": definition},
        )
        line = {"message": f"2026-11-28T10:00:00Z INFO  shop: {'a line of a usual length ' * 3}"}
        page = {"events": [line] * _LINES, "nextBackwardToken": "b/1"}
        api.answers["GetLogEvents"] = lambda request: (200, page)
        return [_run(failed, api.url) for _ in range(rounds)]


def _run(failed: Event, url: str) -> LookUps:
    environment = {
        "CONTAINER_LOG_GROUPS": _GROUP,
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    with RuntimeProcess(environment=environment) as process:
        # An event without a look-up first: what follows is the cost of the look-up.
        process.invoke({**failed, "account": "000000000000"})
        costs = [_cost(process, _copy(failed, number)) for number in range(1 + _LATER)]
        peak_rss = process.peak_rss()
        without, *lines = process.lines()
    assert all('"logTail":' in each for each in lines), lines[0]
    later = costs[1:]
    return LookUps(
        first=costs[0][0],
        later=median(cpu for cpu, _ in later),
        first_seconds=costs[0][1],
        later_seconds=median(seconds for _, seconds in later),
        peak_rss=peak_rss,
        line=len(lines[-1].encode()),
        without=len(without.encode()),
    )


def _cost(process: RuntimeProcess, event: Event) -> tuple[float, float]:
    cpu, started = process.cpu(), time.perf_counter()
    process.invoke(event)
    return process.cpu() - cpu, time.perf_counter() - started


def _copy(failed: Event, number: int) -> Any:
    detail = {**failed["detail"], "taskArn": f"{failed['detail']['taskArn'][:-2]}{number:02}"}
    own = {"account": "111122223333", "region": "eu-west-1"}
    return {**failed, **own, "id": str(number), "detail": detail}
