"""Match texts against the tables of ``reason_patterns.py``."""

from functools import lru_cache

from .cause import Cause


@lru_cache(maxsize=256)
def find_cause(table: str, text: str, by_ecs: bool = True) -> Cause | None:
    """Return the cause of the table's first pattern that matches a text, or None.

    Words that are marked with ``~`` count only if the text is written by ECS. The cache pays: most
    texts come again and again.
    """
    text = f"^{text}$"
    for cause, parts, is_word in causes(table):
        if (by_ecs or not is_word) and contains(text, parts):
            return cause
    return None


def contains(text: str, parts: list[str]) -> bool:
    """Return whether the parts of a pattern stand in a text between ``^`` and ``$``, in order."""
    position = 0
    for part in parts:
        position = text.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return True


@lru_cache
def causes(table: str) -> list[tuple[Cause, list[str], bool]]:
    """Return each pattern of a table: its cause, its parts, and whether it is only a word."""
    patterns = []
    for block in table.strip().split("\n\n"):
        name, *lines = block.split("\n    ")
        cause = Cause[name]
        patterns += [(cause, line.lstrip("~").split("*"), line[0] == "~") for line in lines]
    return patterns
