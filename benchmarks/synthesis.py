"""Measures CDK apps with loggers, and apps with the same resources written by hand.

Each run is a new process, and the apps take turns. A round trip to jsii is a message to Node.js: a
call, or the answer to a callback. Their number is the same in every run.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from turns import in_turns

_HERE = Path(__file__).parent

# The modules that the hand-written app imports.
_MODULES = ("ecs", "events", "events_targets", "iam", "lambda", "logs", "sqs")
_IMPORT = """
import time
import aws_cdk
{modules}
started = time.perf_counter()
from ecs_task_event_logger import EcsTaskEventLogger
print(time.perf_counter() - started)
"""


# The file name of an app, and its arguments.
App = tuple[str, ...]

BARE: App = ("bare.py",)
WITH_LOGGER: App = ("with_logger.py",)
BY_HAND: App = ("by_hand.py",)
FIFTY_LOGGERS: App = ("fifty_loggers.py",)
FIFTY_RULES: App = ("fifty_rules_by_hand.py",)


@dataclass(frozen=True)
class Run:
    """The cost of one run of an app, by phase.

    Attributes:
        seconds: The time of import, constructs and synthesis.
        round_trips: The messages to Node.js. Loads of modules during the import are not counted.
        modules: The loaded CDK modules. Loading them is most of the import time.
        template_bytes: The bytes of all templates.
        resources: The number of resources by type.
    """

    seconds: dict[str, float]
    round_trips: dict[str, int]
    modules: list[str]
    template_bytes: int
    resources: dict[str, int]

    @property
    def working_seconds(self) -> float:
        """The time of constructs and synthesis."""
        return self.seconds["construct"] + self.seconds["synth"]

    @property
    def working_round_trips(self) -> int:
        """The round trips of constructs and synthesis."""
        return self.round_trips["construct"] + self.round_trips["synth"]


@dataclass(frozen=True)
class Whole:
    """The time of an app as a whole process, Node.js included."""

    seconds: float
    cpu: float


def many_loggers(count: int) -> App:
    """Return the app with ``count`` loggers, ten per stack."""
    return ("many_loggers.py", str(count))


def run(app: App) -> Run:
    """Run an app, and return the cost by phase."""
    with TemporaryDirectory() as directory:
        process = [str(_HERE / "app_process.py"), *_command(app)]
        return Run(**json.loads(_output(process, directory)))


def run_whole(app: App) -> Whole:
    """Run an app as a user does, and return the time."""
    with TemporaryDirectory() as directory:
        before, started = os.times(), time.perf_counter()
        _output(_command(app), directory)
        seconds, after = time.perf_counter() - started, os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    return Whole(seconds, cpu)


def measure_runs(apps: dict[str, App], rounds: int) -> dict[str, list[Run]]:
    """Return the cost of apps by phase, for each round."""
    return in_turns({name: partial(run, app) for name, app in apps.items()}, rounds)


def measure_whole(apps: dict[str, App], rounds: int) -> dict[str, list[Whole]]:
    """Return the time of apps as whole processes, for each round."""
    turns = {name: partial(run_whole, app) for name, app in apps.items()}
    in_turns(turns, 1)  # warms up the machine's caches
    return in_turns(turns, rounds)


def measure_imports(rounds: int) -> dict[str, list[float]]:
    """Return the seconds to import the package after other modules, for each round."""
    modules = "\n".join(f"from aws_cdk import aws_{name}" for name in _MODULES)
    codes = {
        "aws_cdk": _IMPORT.format(modules=""),
        "aws_cdk and the modules of the app by hand": _IMPORT.format(modules=modules),
    }
    return in_turns({name: partial(_seconds, code) for name, code in codes.items()}, rounds)


def _seconds(code: str) -> float:
    with TemporaryDirectory() as directory:
        return float(_output(["-c", code], directory))


def _command(app: App) -> list[str]:
    file, *arguments = app
    return [str(_HERE / "apps" / file), *arguments]


def _environment() -> dict[str, str]:
    """Return a user's environment, without the variables that projen adds.

    Those disable jsii's package cache, with which CDK starts three times as fast.
    """
    added = ("JSII_AGENT", "JSII_RUNTIME_PACKAGE_CACHE", "NODE_OPTIONS")
    return {name: value for name, value in os.environ.items() if name not in added}


def _output(arguments: list[str], directory: str) -> str:
    """Return the output of a Python process with a temporary directory for its assembly."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**_environment(), "TMPDIR": directory},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
