"""The functions to compare: this library's, and those that users write instead."""

import shutil
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from recordings import ROOT

OURS = "this library"
PRINT_JSON = "(a) json.dumps"
POWERTOOLS = "(b) Powertools' Logger"
FORWARDED = "(c) forwarded by EventBridge"
BY_HAND = "(d) written by hand"

_RIVALS = ROOT / "benchmarks" / "rivals"
_PACKAGES = Path(sysconfig.get_path("purelib"))
# What users upload. The first of each has the handler.
_UPLOADS = {
    OURS: [ROOT / "src/ecs_task_event_logger/handler/task_events"],
    PRINT_JSON: [_RIVALS / "print_json.py"],
    POWERTOOLS: [
        _RIVALS / "powertools_logger.py",
        _PACKAGES / "aws_lambda_powertools",
        _PACKAGES / "jmespath",
        _PACKAGES / "typing_extensions.py",
    ],
}


class Function(NamedTuple):
    """A Lambda function: the module of its handler, and the directory with the uploaded code."""

    name: str
    module: str
    directory: Path


Functions = dict[str, Function]


@contextmanager
def deployed() -> Iterator[Functions]:
    """Yield the functions by name. As in Lambda, their code has no bytecode."""
    bytecode = shutil.ignore_patterns("__pycache__", "*.pyc")
    with TemporaryDirectory() as temporary:
        functions = {}
        for name, paths in _UPLOADS.items():
            directory = Path(temporary, paths[0].stem)
            directory.mkdir()
            for path in paths:
                if path.is_dir():
                    shutil.copytree(path, directory / path.name, ignore=bytecode)
                else:
                    shutil.copy(path, directory)
            module = "task_events.main" if name == OURS else paths[0].stem
            functions[name] = Function(name, module, directory)
        yield functions
