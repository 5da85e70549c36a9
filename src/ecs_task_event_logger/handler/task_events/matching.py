"""Match texts against the tables of ``reason_patterns.py`` and ``remedies.py``."""

from functools import lru_cache

from .cause import Cause


@lru_cache(maxsize=256)
def find_cause(table: str, text: str) -> Cause | None:
    """Return the cause of the table's first pattern that matches a text, or None.

    The cache pays: most texts come again and again.
    """
    text = f"^{text}"
    for cause, parts in causes(table):
        position = 0
        for part in parts:
            position = text.find(part, position)
            if position < 0:
                break
            position += len(part)
        else:
            return cause
    return None


def find_remedy(cause: Cause, text: str) -> str:
    """Return the cause's first remedy that has a pattern in the text, or else has no patterns."""
    return next(
        remedy
        for remedy, patterns in remedies()[cause]
        if not patterns or any(pattern in text for pattern in patterns)
    )


@lru_cache
def causes(table: str) -> list[tuple[Cause, list[str]]]:
    """Return each pattern of a table, split at its ``*``, with its cause."""
    patterns = []
    cause = Cause.UNKNOWN
    for line in table.strip().splitlines():
        if line[0] == " ":
            patterns.append((cause, line[4:].split("*")))
        else:
            cause = Cause[line]
    return patterns


@lru_cache
def remedies() -> dict[str, list[tuple[str, list[str]]]]:
    """Return the remedies of each cause with their patterns."""
    from .remedies import LISTS, REMEDIES

    by_cause: dict[str, list[tuple[str, list[str]]]] = {}
    entries: list[tuple[str, list[str]]] = []
    patterns: list[str] = []
    lists = {name: lines.strip().split("\n    ") for name, lines in LISTS.items()}
    for line in REMEDIES.strip().splitlines():
        text = line.lstrip()
        if line[4:5] == " ":
            patterns += lists.get(text, [text])
        elif line[0] == " ":
            patterns = []
            entries.append((text, patterns))
        else:
            entries = by_cause[text] = []
    return by_cause
