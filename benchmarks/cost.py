"""What a million events cost, by part, at AWS's list prices.

The prices are those of US East (N. Virginia), as known from AWS's pricing pages of Lambda and
CloudWatch in November 2026, in US dollars, without free tiers and discounts. Events of AWS services
on the default event bus are free, and so is their delivery to Lambda and to log groups.
"""

import math
from dataclasses import dataclass

LAMBDA_REQUEST = 0.20 / 1e6
# On arm64. Time is billed by the millisecond, rounded up.
LAMBDA_GB_SECOND = 0.0000133334
INGESTION_GB = {"Standard": 0.50, "Infrequent Access": 0.25}
# A month, of what is left after compression.
STORAGE_GB = 0.03

MEMORY_MB = 128
# With how much memory a function has one whole CPU; with less it has as much less of one.
_MB_A_CPU = 1769


@dataclass(frozen=True)
class Cost:
    """What events cost, in dollars, by part.

    Attributes:
        requests: Lambda's requests.
        duration: Lambda's time.
        ingestion: What CloudWatch Logs takes to store lines.
        storage: What it takes to keep them for a month.
    """

    requests: float
    duration: float
    ingestion: float
    storage: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.requests + self.duration + self.ingestion + self.storage


def cost(
    *,
    cpu: float | None,
    stored: float,
    compression: float,
    log_class: str = "Standard",
    events: float = 1e6,
) -> Cost:
    """Return what events cost.

    Args:
        cpu: The seconds of CPU time that the function takes for one; None where there is none.
        stored: The bytes that are stored of one.
        compression: What compression leaves of that.
        log_class: The class of the log group.
        events: How many events.
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
    """Return how long a function is billed for so much of a whole CPU's time."""
    return math.ceil(cpu * 1000 * _MB_A_CPU / MEMORY_MB)
