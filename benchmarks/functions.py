"""The functions to compare: this library's, and those that users write instead."""

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
    """A Lambda function.

    Attributes:
        name: The name in the report.
        handler: The handler in Lambda's format: module and function.
        directory: The uploaded code: sources without bytecode.
        log_format: The log format.
    """

    name: str
    handler: str
    directory: Path
    log_format: str

    def process(self) -> RuntimeProcess:
        """Return a context manager that runs the function on Lambda's runtime client."""
        environment = {"AWS_LAMBDA_LOG_FORMAT": self.log_format}
        return RuntimeProcess(self.handler, environment, self.directory)


@contextmanager
def deployed() -> Iterator[list[Function]]:
    """Yield all functions that this machine can measure, this library's first."""
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
    """Return the paths of installed packages, or an empty list if one is missing."""
    origins = [spec.origin for spec in map(find_spec, names) if spec and spec.origin]
    if len(origins) < len(names):
        return []
    return [path.parent if path.stem == "__init__" else path for path in map(Path, origins)]


def _copy(content: list[Path], directory: Path) -> None:
    directory.mkdir()
    for path in content:
        if path.is_dir():
            bytecode = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(path, directory / path.name, ignore=bytecode)
        else:
            shutil.copy(path, directory)
