"""The cost of a million events, by part, at AWS's list prices.

The prices are in US dollars, for US East (N. Virginia), from the pricing pages of Lambda and
CloudWatch in November 2026. They leave out free tiers and discounts. Events of AWS services on the
default event bus are free. So is their delivery to Lambda and to log groups.

Since August 2025, Lambda bills the initialization of a function (INIT) as it bills invocations. A
function that gets an event now and then is initialized for most of them. The CPU time of such an
event is that of a cold start. Whether Lambda gives an initialization more CPU than an invocation is
not documented, so the cost is an upper limit.
"""

import math
from dataclasses import dataclass

LAMBDA_REQUEST = 0.20 / 1e6
# On arm64. Lambda bills by the millisecond, rounded up.
LAMBDA_GB_SECOND = 0.0000133334
INGESTION_GB = {"Standard": 0.50, "Infrequent Access": 0.25}
# For a month, after compression.
STORAGE_GB = 0.03

MEMORY_MB = 128
# A function with this much memory has one whole CPU. With less, it has a proportional share.
_MB_A_CPU = 1769


@dataclass(frozen=True)
class Cost:
    """The cost of events in dollars, by part.

    Attributes:
        requests: The requests to Lambda.
        duration: The time in Lambda.
        ingestion: The ingestion by CloudWatch Logs.
        storage: The storage in CloudWatch Logs for a month.
    """

    requests: float
    duration: float
    ingestion: float
    storage: float

    @property
    def total(self) -> float:
        """The sum of all parts."""
        return self.requests + self.duration + self.ingestion + self.storage


def cost(
    *,
    cpu: float | None,
    stored: float,
    compression: float,
    log_class: str = "Standard",
    events: float = 1e6,
) -> Cost:
    """Return the cost of events.

    Args:
        cpu: The seconds of CPU time per event, or None if there is no function.
        stored: The bytes stored per event.
        compression: The ratio of the compressed size to the original size.
        log_class: The class of the log group.
        events: The number of events.
    """
    gigabytes = events * stored / 1e9
    return Cost(
        requests=0 if cpu is None else events * LAMBDA_REQUEST,
        duration=0 if cpu is None else events * _duration(cpu),
        ingestion=gigabytes * INGESTION_GB[log_class],
        storage=gigabytes * compression * STORAGE_GB,
    )


def _duration(cpu: float) -> float:
    return billed_milliseconds(cpu) / 1000 * MEMORY_MB / 1024 * LAMBDA_GB_SECOND


def billed_milliseconds(cpu: float) -> int:
    """Return the billed time of a function that needs ``cpu`` seconds of a whole CPU."""
    return math.ceil(cpu * 1000 * _MB_A_CPU / MEMORY_MB)
