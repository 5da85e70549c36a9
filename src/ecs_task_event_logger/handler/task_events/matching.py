"""How the tables of ``reason_patterns.py`` and ``remedies.py`` are read."""

from functools import lru_cache

from .cause import Cause
from .remedies import LISTS, REMEDIES


@lru_cache(maxsize=256)
def find_cause(table: str, text: str) -> Cause | None:
    """Return the cause of the first wording that is found in a text, if any is.

    Most texts come again and again, so what was found in the last ones is remembered.
    """
    text = f"^{text}"
    for cause, wording in causes(table):
        position = 0
        for part in wording:
            position = text.find(part, position)
            if position < 0:
                break
            position += len(part)
        else:
            return cause
    return None


def find_remedy(cause: Cause, text: str) -> str:
    """Return the first remedy of a cause that a text calls for: its last one, if nothing else."""
    return next(
        remedy
        for remedy, wordings in remedies()[cause]
        if not wordings or any(wording in text for wording in wordings)
    )


@lru_cache
def causes(table: str) -> list[tuple[Cause, list[str]]]:
    """Return each wording of a table, split at its ``*``, with its cause."""
    wordings = []
    cause = Cause.UNKNOWN
    for line in table.strip().splitlines():
        if line.startswith(" "):
            wordings.append((cause, line.strip().split("*")))
        else:
            cause = Cause[line]
    return wordings


@lru_cache
def remedies() -> dict[str, list[tuple[str, list[str]]]]:
    """Return the remedies of each cause, with the wordings that call for them."""
    by_cause: dict[str, list[tuple[str, list[str]]]] = {}
    cause = ""
    for line in REMEDIES.strip().splitlines():
        if line.startswith("        "):
            wordings = LISTS.get(line.strip(), line).strip().splitlines()
            by_cause[cause][-1][1].extend(wording.strip() for wording in wordings)
        elif line.startswith("    "):
            by_cause[cause].append((line.strip(), []))
        else:
            cause = line
            by_cause[cause] = []
    return by_cause
