"""Import modules at the first event that needs them: most events need half of all the code."""

from functools import cache
from importlib import import_module

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from types import ModuleType


@cache
def load(name: str) -> "ModuleType":
    """Return a module of the handler.

    The cache is for later events: an import statement takes 6 % of an event's time.
    """
    return import_module(f".{name}", __package__)
