"""Write API.md from the docstrings, with griffe2md.

griffe2md writes links for a documentation site. On GitHub, a link works only if its target is in
the same file. So headings get anchors, and links without a target become plain text.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from griffe import GriffeLoader, Parser
from griffe2md import do_heading, prepare_context, prepare_env
from jinja2 import pass_context

ROOT = Path(__file__).parents[1]
PACKAGE = "ecs_task_event_logger"

_LINK = re.compile(r"\[([^\]]*)\]\(#([\w.]+)\)")
# The keys of the props, which EcsTaskEventLogger describes.
_KEYS = re.compile(
    r"(## `EcsTaskEventLoggerProps`\n.*?)\*\*Attributes:\*\*.*?(?=<a id=\S+</a>\n\n## )", re.DOTALL
)


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
    env = prepare_env()
    env.filters["heading"] = heading
    text = env.get_template("module.md.jinja").render(**prepare_context(package, config))
    text = _KEYS.sub(r"\1", text)
    anchors = set(re.findall(r'<a id="([\w.]+)">', text))
    text = _LINK.sub(lambda link: link[0] if link[2] in anchors else link[1], text)
    # An enum member may be a tuple, which starts with the member's value. Show only the value.
    text = re.sub(r"^(\w+ = )\(('\w+'), .*\)$", r"\1\2", text, flags=re.MULTILINE)
    # Docstrings mark code with two backticks, Markdown with one.
    return re.sub(r"(?<!`)``([^`\n]+)``(?!`)", r"`\1`", text).rstrip() + "\n"


if __name__ == "__main__":
    (ROOT / "API.md").write_text(render(), encoding="utf-8")
