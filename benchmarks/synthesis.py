"""What CDK apps cost: with loggers, against the same resources written by hand.

Every run is a process of its own, and processes take turns. Round trips to jsii are messages to
Node.js: calls, and answers to calls back. They are the same in every run.
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

# What the app that is written by hand imports, too.
_MODULES = ("ecs", "events", "events_targets", "iam", "lambda", "logs", "sqs")
_IMPORT = """
import time
import aws_cdk
{modules}
started = time.perf_counter()
from ecs_task_event_logger import EcsTaskEventLogger
print(time.perf_counter() - started)
"""


# A file of the apps, and its arguments.
App = tuple[str, ...]

BARE: App = ("bare.py",)
WITH_LOGGER: App = ("with_logger.py",)
BY_HAND: App = ("by_hand.py",)
FIFTY_LOGGERS: App = ("fifty_loggers.py",)
FIFTY_RULES: App = ("fifty_rules_by_hand.py",)


@dataclass(frozen=True)
class Run:
    """What one run of an app cost, by phase.

    Attributes:
        seconds: How long the import, the constructs and the synthesis took.
        round_trips: How many messages they sent to Node.js. Of the import, loads are not counted.
        modules: Which of CDK's modules were loaded, which is most of what an import takes.
        template_bytes: The bytes of all templates.
        resources: How many resources of each type there are.
    """

    seconds: dict[str, float]
    round_trips: dict[str, int]
    modules: list[str]
    template_bytes: int
    resources: dict[str, int]

    @property
    def working_seconds(self) -> float:
        """How long the constructs and the synthesis took."""
        return self.seconds["construct"] + self.seconds["synth"]

    @property
    def working_round_trips(self) -> int:
        """How many messages the constructs and the synthesis sent."""
        return self.round_trips["construct"] + self.round_trips["synth"]


@dataclass(frozen=True)
class Whole:
    """What an app took as a whole process, Node.js included."""

    seconds: float
    cpu: float


def many_loggers(count: int) -> App:
    """Return the app that has as many loggers, ten a stack."""
    return ("many_loggers.py", str(count))


def run(app: App) -> Run:
    """Run an app, and return what each phase cost."""
    with TemporaryDirectory() as directory:
        process = [str(_HERE / "app_process.py"), *_command(app)]
        return Run(**json.loads(_output(process, directory)))


def run_whole(app: App) -> Whole:
    """Run an app as its user would, and return what that took."""
    with TemporaryDirectory() as directory:
        before, started = os.times(), time.perf_counter()
        _output(_command(app), directory)
        seconds, after = time.perf_counter() - started, os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    return Whole(seconds, cpu)


def measure_runs(apps: dict[str, App], rounds: int) -> dict[str, list[Run]]:
    """Return what the phases of apps cost, by round."""
    return in_turns({name: partial(run, app) for name, app in apps.items()}, rounds)


def measure_whole(apps: dict[str, App], rounds: int) -> dict[str, list[Whole]]:
    """Return what apps take as whole processes, by round."""
    turns = {name: partial(run_whole, app) for name, app in apps.items()}
    in_turns(turns, 1)  # to warm the machine's caches up
    return in_turns(turns, rounds)


def measure_imports(rounds: int) -> dict[str, list[float]]:
    """Return how many seconds the import of the package takes beyond others, by round."""
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
    """Return the environment as the user has it: without what projen, a jsii app, adds for itself.

    It keeps jsii from its cache of packages, with which CDK starts three times as fast.
    """
    added = ("JSII_AGENT", "JSII_RUNTIME_PACKAGE_CACHE", "NODE_OPTIONS")
    return {name: value for name, value in os.environ.items() if name not in added}


def _output(arguments: list[str], directory: str) -> str:
    """Return what a Python process prints that leaves what it synthesizes in a directory."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**_environment(), "TMPDIR": directory},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
