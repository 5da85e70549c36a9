"""Measures CDK apps with loggers, and apps with the same resources written by hand."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from functions import BY_HAND, OURS
from results import Results, pyperf_median

_HERE = Path(__file__).parent


class Counts(NamedTuple):
    """The round trips to jsii and the loaded CDK modules, which are the same in every run."""

    round_trips: int
    modules: list[str]


def count(app: str, directory: str) -> Counts:
    """Run an app, given as file name and arguments, with a directory for its templates."""
    command = [sys.executable, str(_HERE / "app_counts.py"), *_arguments(app)]
    environment = {**os.environ, "CDK_OUTDIR": directory}
    output = subprocess.run(command, env=environment, check=True, capture_output=True).stdout
    return Counts(**json.loads(output.splitlines()[-1]))


def count_round_trips(results: Results) -> None:
    """Count round trips, without those of an app that has no logger."""
    apps = ("loggers.py 0", "loggers.py 1", "by_hand.py", "loggers.py 10", "loggers.py 100")
    with TemporaryDirectory() as directory:
        none, ours, theirs, ten, hundred = (count(app, directory).round_trips for app in apps)
    results.add(OURS, {"jsii round trips of one logger": ours - none})
    results.add(BY_HAND, {"jsii round trips of one logger": theirs - none})
    results.add("each of 90 more", {"jsii round trips of one logger": (hundred - ten) / 90})


def measure(results: Results, name: str, apps: dict[str, str], rounds: int) -> None:
    """Measure apps as whole processes, Node.js included."""
    results.in_turns({each: partial(_time, name, app) for each, app in apps.items()}, rounds)


def measure_growth(results: Results, rounds: int) -> None:
    """Measure constructs and synthesis of many loggers, without those of an app that has none."""
    name, growth = "constructs and synthesis by number of loggers", "growth from 10 to 100 loggers"
    apps = {number: f"loggers.py {number}" for number in ("0", "10", "100")}
    results.in_turns({n: partial(_printed_time, name, app) for n, app in apps.items()}, rounds)
    for none, ten, hundred in zip(*(results[name, number] for number in apps), strict=True):
        results.add(OURS, {growth: hundred - none})
        results.add("ten times the time of 10", {growth: 10 * (ten - none)})


def _printed_time(name: str, app: str) -> dict[str, float]:
    with TemporaryDirectory() as directory:
        output = subprocess.run(_process(app, directory), check=True, capture_output=True).stdout
        return {name: float(output)}


def _time(name: str, app: str) -> dict[str, float]:
    options = ["--values=1", "--warmups=0", "--loops=1", "--"]
    with TemporaryDirectory() as directory:
        program = ["-m", "pyperf", "command"]
        return {name: pyperf_median(program, *options, *_process(app, directory))}


def _process(app: str, directory: str) -> list[str]:
    # Without projen's environment variables. They disable jsii's package cache, with which CDK
    # starts three times as fast.
    kept = [f"{name}={os.environ[name]}" for name in ("HOME", "PATH")]
    return ["env", "-i", *kept, f"TMPDIR={directory}", sys.executable, *_arguments(app)]


def _arguments(app: str) -> list[str]:
    file, *arguments = app.split()
    return [str(_HERE / "apps" / file), *arguments]
