"""Write API.md from the docstrings, with griffe2md.

griffe2md writes links for a documentation site. On GitHub, a link works only if its target is in
the same file. So headings get anchors, and links without a target become plain text.
"""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from griffe import Class, GriffeLoader, Parser
from griffe2md import do_heading, prepare_context, prepare_env
from jinja2 import pass_context

ROOT = Path(__file__).parents[1]
PACKAGE = "ecs_task_event_logger"

_LINK = re.compile(r"\[([^\]]*)\]\(#([\w.]+)\)")
# The typed dictionaries of keywords, which have no public name.
OPTIONS = ["MetricOptions", "LineMetricOptions", "QueryOptions"]


def tabulate_enum(enum: Class) -> None:
    """Replace an enum's members by a table in its docstring."""
    members: list[Any] = [each for each in enum.attributes.values() if each.name.isupper()]
    rows = [f"| {_member(each)} | {_text(each)} |" for each in members]
    _replace_members(enum, members, ["| member | meaning |", "| --- | --- |", *rows])


def _member(attribute: Any) -> str:
    """Return a member's name, and the string that means the same if it differs."""
    name, value = attribute.name, str(attribute.value)
    text = value.strip("'\"")
    return f"`{name}`" if text in (value, name) else f'`{name}`, or `"{text}"`'


def tabulate_keys(dictionary: Class, meanings: dict[str, str] | None = None) -> None:
    """Replace the keys of a typed dictionary by a table in its docstring.

    Args:
        dictionary: The class.
        meanings: The meaning of each key. By default the keys have docstrings.
    """
    keys: list[Any] = [each for each in dictionary.all_members.values() if each.is_attribute]
    rows = [
        f"| `{each.name}` | `{_in_table(str(each.annotation))}` "
        f"| {meanings[each.name] if meanings else _text(each)} |"
        for each in keys
    ]
    _replace_members(dictionary, keys, ["| key | type | meaning |", "| --- | --- | --- |", *rows])
    dictionary.bases = []  # whose keys are in the table too


def meanings_of_props(construct: Class) -> dict[str, str]:
    """Return the first sentence about each parameter of a construct."""
    docstring = construct["__init__"].docstring
    (section,) = (each for each in docstring.parsed if each.kind.value == "parameters")
    return {
        each.name: _in_table(re.split(r"(?<=\.) ", " ".join(each.description.split()))[0])
        for each in section.value
    }


def _text(attribute: Any) -> str:
    return _in_table(" ".join(attribute.docstring.value.split()))


def _in_table(text: str) -> str:
    return text.replace("|", "\\|")


def _replace_members(owner: Class, members: Iterable[Any], table: list[str]) -> None:
    assert owner.docstring is not None
    owner.docstring.value += "\n\n" + "\n".join(table)
    for each in members:
        owner.members.pop(each.name, None)


@pass_context
def heading(context: Any, content: str, heading_level: int) -> str:
    """Return a heading, with the path of its object as an anchor."""
    kind, _, _ = context.name.partition(".")
    anchor = f'<a id="{context[kind].path}"></a>'
    name = content.replace(f"{PACKAGE}.", "")
    return f"{anchor}\n\n{do_heading(name, heading_level)}"


def render() -> str:
    """Return the documentation as Markdown."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["griffe2md"]
    loader = GriffeLoader(search_paths=[ROOT / "src"], docstring_parser=Parser("google"))
    package = loader.load(PACKAGE)
    loader.resolve_aliases()
    _tabulate(package, config["members"])
    env = prepare_env()
    env.filters["heading"] = heading
    text = env.get_template("module.md.jinja").render(**prepare_context(package, config))
    anchors = set(re.findall(r'<a id="([\w.]+)">', text))
    text = _LINK.sub(lambda link: link[0] if link[2] in anchors else link[1], text)
    text = re.sub(
        rf"<code>Unpack\[({'|'.join(OPTIONS)})\]</code>", rf"[\g<0>](#{PACKAGE}.\1)", text
    )
    # Docstrings mark code with two backticks, Markdown with one.
    return re.sub(r"(?<!`)``([^`\n]+)``(?!`)", r"`\1`", text).rstrip() + "\n"


def _tabulate(package: Any, public: list[str]) -> None:
    """Prepare enums and typed dictionaries, and add those without a public name."""
    for name in OPTIONS:
        dictionary = package["_insights.metrics"][name]
        dictionary.docstring.value += "\n\nThese are keywords of methods, not a class to import."
        tabulate_keys(dictionary)
        package.set_member(name, dictionary)
    tabulate_keys(
        package["EcsTaskEventLoggerProps"].final_target,
        meanings_of_props(package["EcsTaskEventLogger"].final_target),
    )
    for each in map(package.__getitem__, public):
        if any(str(base) == "StrEnum" for base in each.bases):
            tabulate_enum(each.final_target)


if __name__ == "__main__":
    (ROOT / "API.md").write_text(render(), encoding="utf-8")
