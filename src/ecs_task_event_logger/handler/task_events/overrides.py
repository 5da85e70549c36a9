"""Hide the values of a task's overrides in its texts.

Few texts hold such a value. Only if one may, `known_values` is loaded.
"""

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Collection

    from .aliases import Record

# The members of a container's overrides that are read here. Others need a closer look.
_KEYS = {"name", "command", "environment", "cpu", "memory", "memoryReservation"}
_COMMAND = (list, type(None))
# Parts of the names of variables that may hold a plain word as a secret.
_SECRET = ("pass", "pw", "secret", "token", "key", "cred", "auth")
_NO_WORDS = ("", "Essential container in task exited")
# Shorter values are common words.
_COMMON = 5
# How many of its characters recognize a value that is escaped, or cut off.
_PIECE = 8
_ESCAPES = "%\\&"
_PUNCTUATION = dict.fromkeys(map(ord, "\\\"'`=:;,/@&?%#<>()[]{}|~!$*+\n\t"), " ")


def hide_overrides(detail: "Record", unredacted: "Collection[str]") -> "Record":
    """Return the detail of a task, in whose texts the values of its overrides are masked.

    Args:
        detail: The detail. Its overrides stay as they are.
        unredacted: Names of environment variables whose values stay readable.
    """
    if not _are_echoed(detail):
        return detail
    from .known_values import hide_known_values

    hidden: Record = hide_known_values(detail, unredacted)
    return hidden


def _are_echoed(detail: "Record") -> bool:
    """Return whether texts of a task may hold values of its overrides."""
    try:
        containers = detail["overrides"]["containerOverrides"]
        words, variables = _words(detail), _variables(containers)
        if words and _are_in(words, _commands(containers) + variables):
            return True
        names = _names(detail) if variables else ""
        return any(each in names and any(map(str.isdigit, each)) for each in variables)
    except (AttributeError, LookupError, TypeError):
        return True  # They are not as ECS documents them.


def _are_in(words: str, values: list[str]) -> bool:
    """Return whether words hold any of the values, also in part."""
    words, joined = words.lower(), "\n".join(values).lower()
    pieces = words.translate(_PUNCTUATION).split()
    if any(len(each) >= _PIECE and each in joined for each in pieces):
        return True
    if any(value[:_PIECE].lower() in words for value in values):
        return True
    return any(map(words.__contains__, _ESCAPES))  # The values may be escaped.


def _words(detail: "Record") -> str:
    """Return the texts of people and of container runtimes."""
    found = [detail.get("stoppedReason"), detail.get("startedBy")]
    group = detail.get("group")
    if type(group) is str and group[:7] not in ("family:", "service"):
        found.append(group)
    found += [each.get("reason") for each in detail["containers"]]
    for attachment in detail.get("attachments") or ():
        if attachment.get("status") == "FAILED":
            found += [each.get("value") for each in attachment["details"]]
    return "\n".join([each for each in found if type(each) is str and each not in _NO_WORDS])


def _names(detail: "Record") -> str:
    found = [detail.get("capacityProviderName"), detail.get("group")]
    for container in detail["containers"]:
        found += container.get("image"), container.get("name")
    return "\n".join([each for each in found if type(each) is str])


def _commands(containers: "list[Record]") -> list[str]:
    words = [word for each in containers for word in each.get("command") or ()]
    return [word for word in words if len(word) > _COMMON]


def _variables(containers: "list[Record]") -> list[str]:
    """Return the values of the variables that are not common words."""
    variables = []
    for container in containers:
        if not container.keys() <= _KEYS or type(container.get("command")) not in _COMMAND:
            raise LookupError
        for variable in container.get("environment") or ():
            value, name = variable["value"], variable["name"].lower()
            # A plain word is a secret only if the name says so.
            is_word = value.isalpha() and not any(map(name.__contains__, _SECRET))
            if len(value) > _COMMON and not is_word:
                variables.append(value)
    return variables
