"""What a construct does when its props are rejected."""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Concatenate, ParamSpec, TypeVar

from constructs import Construct

from .validation import shown, suggestion


@contextmanager
def child_removed_on_error(scope: Construct, id: str) -> Iterator[None]:
    """Remove a child that did not exist before from a scope if an error is raised."""
    is_new = scope.node.try_find_child(id) is None
    try:
        yield
    except Exception:
        if is_new:
            scope.node.try_remove_child(id)
        raise


_Made = TypeVar("_Made", bound=Construct)
_Props = ParamSpec("_Props")
_Init = Callable[Concatenate[_Made, _Props], None]


def leaves_nothing_behind(init: "_Init[_Made, _Props]") -> "_Init[_Made, _Props]":
    """Remove a construct from the tree if its ``__init__`` raises an error.

    So a caller that catches the error can create the construct again, with the same ID. A prop
    that does not exist is a TypeError, which names the prop that was probably meant.
    """
    _, *parameters = inspect.signature(init).parameters.values()
    accepted = [each.name for each in parameters]
    required = [each.name for each in parameters[2:] if each.default is each.empty]

    @functools.wraps(init)
    def wrapper(self: _Made, /, *args: _Props.args, **props: _Props.kwargs) -> None:
        name = type(self).__name__
        _check_arguments(name, accepted, args, props)
        for prop in required:
            if prop not in props:
                raise TypeError(f"{name} needs {prop}. Write {name}(self, 'ID', {prop}=…).")
        try:
            init(self, *args, **props)
        except Exception:
            with suppress(AttributeError):  # it is not in the tree if its ID is taken
                scope = self.node.scope
                assert scope is not None
                scope.node.try_remove_child(self.node.id)
            raise

    return wrapper


def _check_arguments(
    name: str, accepted: Sequence[str], args: Sequence[object], props: Mapping[str, object]
) -> None:
    """Check the form of a call: the names of the props, and a scope and an ID before them."""
    for prop in props:
        if prop not in accepted:
            raise TypeError(f"{name} has no prop {prop!r}.{suggestion(accepted, prop)}")
    instead = f"Write {name}(self, 'ID', …=…)."
    if len(args) > 2:
        raise TypeError(f"{name} takes props by name. {instead}")
    if len(args) + len(props.keys() & {"scope", "id"}) < 2:
        raise TypeError(f"{name} needs a scope and an ID. {instead}")
    if len(args) == 2 and not isinstance(args[1], str):
        raise TypeError(f"The ID of {name} must be a string, got {shown(args[1])}. {instead}")
