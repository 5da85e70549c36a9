"""The cost of events at AWS's list prices.

The prices are in US dollars, for US East (N. Virginia), from the pricing pages of Lambda and
CloudWatch in November 2026. They leave out free tiers and discounts. Events of AWS services on the
default event bus are free. So is their delivery to Lambda and to log groups.
"""

import math

LAMBDA_REQUEST = 0.20 / 1e6
# On arm64. Lambda bills by the millisecond, rounded up, and initializations too.
LAMBDA_GB_SECOND = 0.0000133334
INGESTION_GB = {"Standard": 0.50, "Infrequent Access": 0.25}
# For a month, after compression.
STORAGE_GB = 0.03

MEMORY_MB = 128
# A function with this much memory has one whole CPU. With less, it has a proportional share.
_MB_A_CPU = 1769


def cost(
    *,
    cpu: float | None,
    stored: float,
    compression: float,
    log_class: str = "Standard",
    events: float = 1e6,
) -> float:
    """Return the dollars that events cost: Lambda, log ingestion, and a month's storage.

    Args:
        cpu: The seconds of CPU time per event, or None if there is no function.
        stored: The bytes stored per event.
        compression: The ratio of the compressed size to the original size.
        log_class: The class of the log group.
        events: The number of events.
    """
    gigabytes = events * stored / 1e9
    dollars = gigabytes * (INGESTION_GB[log_class] + compression * STORAGE_GB)
    if cpu is not None:
        seconds = billed_milliseconds(cpu) / 1000
        dollars += events * LAMBDA_REQUEST
        dollars += events * seconds * MEMORY_MB / 1024 * LAMBDA_GB_SECOND
    return dollars


def billed_milliseconds(cpu: float) -> int:
    """Return the billed time of a function that needs ``cpu`` seconds of a whole CPU."""
    return math.ceil(cpu * 1000 * _MB_A_CPU / MEMORY_MB)
