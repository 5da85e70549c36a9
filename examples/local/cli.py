"""The command: plays events, and prints lines and progress."""

import argparse
import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from arguments import DEFAULT_EVENTS
from container_log import LOG_GROUP, provide_container_log
from deployment import DeploymentError
from emulator import EmbeddedAws
from emulator_process import EmulatorError, EmulatorProcess
from events_file import EventsFileError, read_events
from kept_app import STACK_NAME, assembly
from own_app import OwnAppError, deploy_app, read_app
from playback import Event as EcsEvent
from playback import Playback, PlaybackError, Player, cluster_arns
from story import tell

# The longest time without any output.
_QUIET_SECONDS = 3
_FAILURES = (
    BotoCoreError,
    ClientError,
    DeploymentError,
    EmulatorError,
    OwnAppError,
    PlaybackError,
    TimeoutError,
)

_console = Console(stderr=True, highlight=False, soft_wrap=True)


def main(options: argparse.Namespace, emulator: EmulatorProcess) -> int:
    """Play the events that the options name, and return the exit code."""
    started = perf_counter()
    outdir = _temporary_directory()
    try:
        events, missing = read_events(options.events)
    except EventsFileError as error:
        _print_error(str(error))
        return 2
    for text in missing:
        _console.print(text, style="yellow")
    playback = Playback()
    failures = [
        _play(events, options, emulator, outdir, playback),
        _print_lines(playback.lines, options.json),
    ]
    _print_filtered(playback)
    _print_summary(playback, len(events), perf_counter() - started)
    problems = list(filter(None, failures))
    for problem in problems:
        _print_error(problem)
    return 1 if problems else 0


def _temporary_directory() -> str:
    """Create a directory that is removed at exit.

    Call this before CDK is imported. Exit handlers run in reverse order, so CDK first ends its
    Node.js process, which may still write to the directory after Ctrl-C.
    """
    directory = tempfile.mkdtemp(prefix="cdk.out-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def _play(
    events: list[EcsEvent],
    options: argparse.Namespace,
    emulator: EmulatorProcess,
    outdir: str,
    playback: Playback,
) -> str | None:
    """Deploy the app and play the events. Return the error as text, or None."""
    is_example = options.events == str(DEFAULT_EVENTS)
    try:
        with EmbeddedAws(process=emulator) as aws:
            if options.app:
                player = _deploy_own_app(aws, options.app)
                if is_example:
                    events = player.adopt(events)
            else:
                # Only the containers of the example have a log here. It is read when they stop.
                has_log = is_example and "STOPPED" in (options.statuses or ["STOPPED"])
                player = _deploy_example(aws, events, options.statuses, outdir, has_log)
            with _step("Playing the events", total=len(events)) as advance:
                player.play(events, playback, advance)
    except _FAILURES as error:
        return str(error)
    return None


def _deploy_example(
    aws: EmbeddedAws,
    events: list[EcsEvent],
    statuses: list[str] | None,
    outdir: str,
    has_log: bool,
) -> Player:
    default = f"arn:aws:ecs:{aws.region}:{aws.account}:cluster/default"
    with _step("Synthesizing the app"):
        log_groups = [LOG_GROUP] if has_log else None
        directory = assembly(cluster_arns(events) or [default], statuses, log_groups, outdir)
    with _step("Starting the emulator"):
        aws.ready()
        if has_log:
            provide_container_log(aws, events[-1])
    with _step("Deploying the stack"):
        aws.deploy(directory, STACK_NAME)
        [log_group] = aws.physical_ids(STACK_NAME, "AWS::Logs::LogGroup")
        return Player(aws, {log_group: aws.physical_ids(STACK_NAME, "AWS::Events::Rule")})


def _deploy_own_app(aws: EmbeddedAws, directory: str) -> Player:
    stacks = read_app(Path(directory))
    with _step("Starting the emulator"):
        aws.ready()
    with _step("Deploying the app"):
        return deploy_app(aws, stacks)


@contextmanager
def _step(description: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    """Show the progress of a step: live in a terminal, otherwise at its end.

    Yields:
        A function to call after each of the ``total`` items.
    """
    started = perf_counter()
    columns = [SpinnerColumn(), TextColumn("{task.description}")]
    if total is not None:
        columns += [BarColumn(), MofNCompleteColumn()]
    with (
        Progress(
            *columns,
            console=_console,
            transient=True,
            redirect_stdout=False,
            disable=not _console.is_terminal,
        ) as progress,
        _signs_of_life(description),
    ):
        task = progress.add_task(description, total=total)
        yield lambda: progress.advance(task)
    _console.print(f"{description}: {perf_counter() - started:.1f} s", style="dim")


@contextmanager
def _signs_of_life(description: str) -> Iterator[None]:
    """Without a terminal, print from time to time that a step goes on."""
    is_done = Event()

    def report() -> None:
        while not is_done.wait(_QUIET_SECONDS):
            _console.print(f"{description} …", style="dim")

    if not _console.is_terminal:
        Thread(target=report, daemon=True).start()
    try:
        yield
    finally:
        is_done.set()


def _print_lines(lines: list[str], as_json: bool) -> str | None:
    """Print the logged lines: in a terminal as a story, otherwise as they are.

    Returns:
        The error as text, or None. A closed pipe is not an error.
    """
    if sys.stdout is None:
        return "standard output is closed, so the lines cannot be printed: redirect it to a file"
    try:
        if sys.stdout.isatty() and not as_json:
            if isinstance(sys.stdout, TextIOWrapper):
                sys.stdout.reconfigure(errors="replace")  # a terminal may lack some characters
            tell(lines, Console(highlight=False))
        else:
            sys.stdout.buffer.writelines(f"{line}\n".encode() for line in lines)
        sys.stdout.flush()
    except OSError as error:
        # Python flushes standard output at exit, which would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return None if isinstance(error, BrokenPipeError) else f"standard output: {error.strerror}"
    return None


def _print_filtered(playback: Playback) -> None:
    for reason, positions in playback.filtered.items():
        noun = "event" if len(positions) == 1 else "events"
        count = f"Filtered out {noun} {_ranges(positions)}"
        _console.print(Text.assemble((count, "yellow"), f": {reason}"))


def _ranges(positions: list[int]) -> str:
    """Return ascending numbers as text, such as ``1-3, 5``."""
    ranges: list[list[int]] = []
    for position in positions:
        if ranges and position == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], position]
        else:
            ranges.append([position])
    return ", ".join("-".join(map(str, bounds)) for bounds in ranges)


def _print_summary(playback: Playback, total: int, seconds: float) -> None:
    if not playback.accounted_for:
        return
    if len(playback.lines_of) > 1:
        for log_group, count in playback.lines_of.items():
            _console.print(f"{log_group}: {count} {'line' if count == 1 else 'lines'}")
    parts = [
        f"{total} {'event' if total == 1 else 'events'} in {seconds:.1f} s",
        f"{playback.logged} logged",
        f"{playback.accounted_for - playback.logged} filtered out",
    ]
    if missing := total - playback.accounted_for:
        parts.append(f"{missing} not logged")
    _console.print(", ".join(parts), style="bold")


def _print_error(problem: str) -> None:
    _console.print(Text.assemble(("run.py: ", "bold red"), problem))
