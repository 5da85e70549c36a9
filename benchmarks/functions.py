"""The functions that are measured side by side: this library's, and what users write instead."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from recordings import ROOT
from runtime_api import RuntimeProcess

OURS = "this library"
PRINT_JSON = "(a) print(json.dumps(event))"
POWERTOOLS = "(b) Powertools' Logger"

_RIVALS = Path(__file__).with_name("rivals")


@dataclass(frozen=True)
class Function:
    """A function as Lambda has it.

    Attributes:
        name: What it is called here.
        handler: The handler, as Lambda names it: a module and a function.
        directory: What was uploaded: sources, and no bytecode.
        log_format: The function's log format.
    """

    name: str
    handler: str
    directory: Path
    log_format: str

    def process(self) -> RuntimeProcess:
        """Return a process of it on Lambda's runtime client, to be entered."""
        environment = {"AWS_LAMBDA_LOG_FORMAT": self.log_format}
        return RuntimeProcess(self.handler, environment, self.directory)


@contextmanager
def deployed() -> Iterator[list[Function]]:
    """Provide all functions that can be measured here, this library's first."""
    with TemporaryDirectory() as directory:
        yield list(_deploy(Path(directory)))


def _deploy(directory: Path) -> Iterator[Function]:
    task_events = ROOT / "src" / "ecs_task_event_logger" / "handler" / "task_events"
    _copy([task_events], directory / "ours")
    yield Function(OURS, "task_events.main.handler", directory / "ours", "JSON")
    _copy([_RIVALS / "print_json.py"], directory / "print_json")
    yield Function(PRINT_JSON, "print_json.handler", directory / "print_json", "Text")
    packages = _installed("aws_lambda_powertools", "jmespath", "typing_extensions")
    if packages:
        _copy([_RIVALS / "powertools_logger.py", *packages], directory / "powertools")
        yield Function(POWERTOOLS, "powertools_logger.handler", directory / "powertools", "Text")


def _installed(*names: str) -> list[Path]:
    """Return where packages are installed, or nothing if any is not."""
    origins = [spec.origin for spec in map(find_spec, names) if spec and spec.origin]
    if len(origins) < len(names):
        return []
    return [path.parent if path.stem == "__init__" else path for path in map(Path, origins)]


def _copy(content: list[Path], directory: Path) -> None:
    directory.mkdir()
    for path in content:
        if path.is_dir():
            without = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(path, directory / path.name, ignore=without)
        else:
            shutil.copy(path, directory)
