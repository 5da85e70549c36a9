"""Draws docs/slack.png, the Slack message about an ECS event: ``uv run projen picture``.

``test/input_transformer.py`` renders the message from the event, and matplotlib draws its blocks.
"""

import argparse
import json
import os
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from input_transformer import render

Block = dict[str, Any]

_EXAMPLE = Path(__file__).parents[1] / "examples" / "local" / "failing-task.jsonl"
_WIDTH, _DPI = 720, 100
_LEFT, _COLUMN = 76, 310
_LINE_HEIGHT, _CHARACTERS = 22, 76
_INK, _GREY, _EDGE, _GREEN = "#1d1c1d", "#616061", "#bbbabb", "#2ea597"


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the message about the event that the arguments name."""
    parser = argparse.ArgumentParser(
        prog="draw_slack_message.py",
        description="Draw the Slack message about the last event in a file.",
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        type=Path,
        default=_EXAMPLE,
        help="the events, one JSON object per line (default: the life of a failing task)",
    )
    parser.add_argument("-o", "--output", metavar="PNG", type=Path, default=Path("slack.png"))
    options = parser.parse_args(arguments)
    draw(message_about(json.loads(options.file.read_text().splitlines()[-1])), options.output)


def message_about(event: Any) -> Block:
    """Return the message that Slack receives about an event."""
    from ecs_task_event_logger import FailureMessage

    with patch.dict(os.environ, AWS_REGION=event["region"]):
        message: Block = render(FailureMessage.slack(environment_name="production"), event)
    return message


def draw(message: Block, output: Path) -> None:
    """Draw the blocks of a message.

    Args:
        message: The message.
        output: The file for the picture.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    heights = [_height(block) for block in message["blocks"]]
    height = sum(heights) + 60
    with pyplot.rc_context({"font.family": ["DejaVu Sans"], "text.color": _INK}):
        figure = pyplot.figure(figsize=(_WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor="white")
        page = figure.add_axes((0, 0, 1, 1), xlim=(0, _WIDTH), ylim=(height, 0))
        page.axis("off")
        _draw_sender(page)
        top = 46.0
        for block, block_height in zip(message["blocks"], heights, strict=True):
            _draw_block(page, block, top)
            top += block_height
        figure.savefig(output)
        pyplot.close(figure)


def _draw_sender(page: Any) -> None:
    _box(page, 20, 16, 40, 40, _GREEN, _GREEN)
    _write(page, 40, 36, "E", size=16, color="white", ha="center", va="center", weight="bold")
    _write(page, _LEFT, 16, "ECS", size=11.5, weight="bold")
    _write(page, _LEFT + 38, 18, "APP", size=8, color=_GREY)


def _height(block: Block) -> float:
    if "fields" in block:
        rows = (len(block["fields"]) + 1) // 2
        return rows * 46 + 6
    if block["type"] == "actions":
        return 50
    return len(_lines(block["text"]["text"])) * _LINE_HEIGHT + 12


def _draw_block(page: Any, block: Block, top: float) -> None:
    if "fields" in block:
        for number, field in enumerate(block["fields"]):
            name, value = field["text"].split("\n")
            x, y = _LEFT + number % 2 * _COLUMN, top + number // 2 * 46
            _write(page, x, y, name.strip("*"), size=10.5, weight="bold")
            _write(page, x, y + 20, value, size=10.5)
    elif block["type"] == "actions":
        left = _LEFT
        for button in block["elements"]:
            text = button["text"]["text"]
            width = 28 + 8 * len(text)
            _box(page, left, top + 4, width, 32, "white", _EDGE)
            _write(page, left + width / 2, top + 20, text, size=10, ha="center", va="center")
            left += width + 10
    else:
        style = {"size": 13, "weight": "bold"} if block["type"] == "header" else {"size": 10.5}
        _write(page, _LEFT, top, "\n".join(_lines(block["text"]["text"])), **style)


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, _CHARACTERS)


def _write(page: Any, x: float, y: float, text: str, **style: Any) -> None:
    page.text(x, y, text, **{"va": "top", "linespacing": 1.5, **style})


def _box(page: Any, *place: Any) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y, width, height, fill, edge = place
    style = "round,pad=0,rounding_size=5"
    patch = FancyBboxPatch((x, y), width, height, boxstyle=style, facecolor=fill, edgecolor=edge)
    page.add_patch(patch)


if __name__ == "__main__":
    main()
