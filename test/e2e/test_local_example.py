"""``examples/local``: the command, run as a user runs it."""

import errno
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs

from ecs_events import ROOT, SHARED, Event, shared_events, task_event
from ecs_task_event_logger import EcsTaskEventLogger
from waiting import wait_for

OTHER_PLACE = cdk.Environment(account="111122223333", region="eu-west-1")
RUN = [sys.executable, str(ROOT / "examples" / "local" / "run.py")]


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*RUN, *arguments], input=stdin, capture_output=True, text=True)


def records(result: subprocess.CompletedProcess[str]) -> list[Event]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_plays_the_life_of_a_failing_task_by_default() -> None:
    result = run()
    assert result.returncode == 0, result.stderr
    lines = records(result)
    assert [line["lastStatus"] for line in lines][-1] == "STOPPED"
    assert lines[-1]["cause"] == "OUT_OF_MEMORY"
    assert lines[-1]["logTail"][-1].endswith("cache holds 861 MiB")
    assert lines[-1]["logStream"].startswith("/ecs/checkout:checkout/app/")
    assert "\x1b" not in result.stdout + result.stderr
    assert f"{len(lines)} logged, 0 filtered out" in result.stderr


def test_later_run_with_the_same_code_does_not_load_cdk() -> None:
    run()
    timed = subprocess.run(
        [RUN[0], "-X", "importtime", *RUN[1:]], capture_output=True, text=True, check=True
    )
    assert "| botocore.session" in timed.stderr.replace("  ", "")
    assert "aws_cdk" not in timed.stderr


def test_tells_a_story_in_a_terminal() -> None:
    text = in_terminal()
    assert "checkout:27, task 4f1c2d3e5a6b47c8902d1e3f4a5b6c7d, service checkout" in text
    assert "09:31:26  STOPPED" in text
    assert "last log line: 09:31:01 WARN" in text
    assert "→ Raise the memory of the container or task" in text
    assert "run 6m 20s" in text
    assert '{"timestamp"' not in text
    assert all(len(line) <= 80 for line in text.splitlines() if line[:2].isdigit())


def test_prints_json_in_a_terminal_if_asked_to() -> None:
    assert '{"timestamp"' in in_terminal("--json")


def in_terminal(*arguments: str) -> str:
    """Return what the command prints on standard output if that is a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    with subprocess.Popen([*RUN, *arguments], stdout=theirs, stderr=subprocess.DEVNULL) as command:
        os.close(theirs)
        printed = b""
        with suppress(OSError), os.fdopen(ours, "rb", buffering=0) as terminal:
            while chunk := terminal.read(4096):
                printed += chunk
    assert command.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", printed.decode()).replace("\r", "")


def test_plays_only_the_statuses_that_are_asked_for() -> None:
    result = run("--statuses", "RUNNING")
    assert result.returncode == 0, result.stderr
    assert [line["lastStatus"] for line in records(result)] == ["RUNNING"]


@pytest.mark.parametrize("form", ["the output of describe-tasks", "a task"])
def test_accepts_tasks_as_the_aws_cli_shows_them(form: str) -> None:
    task = {
        **task_event({"name": "app", "exitCode": 3})["detail"],
        "createdAt": "2026-11-01T11:00:00.250000+01:00",
        "stoppedAt": 1793527260.5,
    }
    given = task if form == "a task" else {"tasks": [task], "failures": []}
    result = run("--events", "-", stdin=json.dumps(given))
    assert result.returncode == 0, result.stderr
    (record,) = records(result)
    assert (record["exitCode"], record["cause"]) == (3, "APPLICATION_ERROR")
    assert record["timestamp"] == "2026-11-01T10:01:00.500Z"
    assert record["durations"]["total"] == 60.2


def test_plays_your_own_events_and_reports_filtered_ones() -> None:
    events = [
        task_event(lastStatus="RUNNING", desiredStatus="RUNNING"),
        task_event({"name": "app", "exitCode": 3}),
        {**task_event(), "detail-type": "ECS Service Action"},
    ]
    result = run("--events", "-", "--statuses", "STOPPED", stdin=json.dumps(events))
    assert result.returncode == 0, result.stderr
    assert [line["exitCode"] for line in records(result)] == [3]
    assert (
        'Filtered out event 1: detail.lastStatus is "RUNNING"; the rule listens to "STOPPED"'
    ) in result.stderr
    assert 'detail-type is "ECS Service Action"' in result.stderr


def test_plays_events_to_the_loggers_of_your_own_app(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    # The emulator has no NAT gateways, so it must not deploy this stack.
    cluster = ecs.Cluster(cdk.Stack(app, "Network", env=OTHER_PLACE), "Cluster")
    stack = cdk.Stack(app, "TaskEvents", stack_name="task-events", env=OTHER_PLACE)
    EcsTaskEventLogger(stack, "All", cluster=cluster)
    EcsTaskEventLogger(stack, "Stopped", cluster=cluster, statuses=["STOPPED"])
    app.synth()
    result = run("--app", str(tmp_path))
    assert result.returncode == 0, result.stderr
    statuses = [line["lastStatus"] for line in records(result)]
    assert statuses.count("STOPPED") == 2
    assert statuses.count("RUNNING") == 1
    assert re.search(r"AllLogGroup\w+: 7 lines", result.stderr)
    assert re.search(r"StoppedLogGroup\w+: 1 line\n", result.stderr)
    assert {line["cluster"] for line in records(result)} == {"Network-ClusterEB0386A7-EXAMPLE"}


def test_says_which_condition_of_your_own_app_drops_an_event(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    EcsTaskEventLogger.for_all_clusters(cdk.Stack(app, "TaskEvents"), "Log", services=["web"])
    app.synth()
    result = run("--app", str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert 'detail.group is "service:checkout"; the rule listens to "service:web"' in result.stderr


def test_reports_events_that_the_function_of_your_own_app_drops(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    EcsTaskEventLogger.for_all_clusters(cdk.Stack(app, "TaskEvents"), "Log", causes=["IMAGE_PULL"])
    app.synth()
    result = run("--app", str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "0 logged, 7 filtered out" in result.stderr
    assert "the function's own filters drop it" in result.stderr


def synthesize(outdir: Path, resource_type: str) -> None:
    """Synthesize an app with a logger and another resource."""
    app = cdk.App(outdir=str(outdir))
    stack = cdk.Stack(app, "TaskEvents")
    EcsTaskEventLogger.for_all_clusters(stack, "Log")
    cdk.CfnResource(stack, "Other", type=resource_type)
    app.synth()


def test_names_the_resources_that_the_emulator_lacks(tmp_path: Path) -> None:
    synthesize(tmp_path, "AWS::EC2::NatGateway")
    result = run("--app", str(tmp_path))
    assert result.returncode == 1
    assert "cannot deploy the stack TaskEvents" in result.stderr
    assert "AWS::EC2::NatGateway" in result.stderr


def test_rejects_an_app_without_a_logger(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    cdk.CfnResource(cdk.Stack(app, "Shop"), "Topic", type="AWS::SNS::Topic")
    app.synth()
    result = run("--app", str(tmp_path))
    assert result.returncode == 1
    assert "no EcsTaskEventLogger in the stacks Shop has a rule" in result.stderr


def test_rejects_a_directory_without_an_app(tmp_path: Path) -> None:
    result = run("--app", str(tmp_path))
    assert result.returncode == 1
    assert "Run cdk synth in the folder of your app" in result.stderr


def test_rejects_statuses_for_your_own_app(tmp_path: Path) -> None:
    result = run("--app", str(tmp_path), "--statuses", "STOPPED")
    assert result.returncode == 2
    assert "set statuses in your own app instead" in result.stderr


@pytest.mark.recorded
def test_real_events_are_logged_or_filtered_out_with_a_reason() -> None:
    events = shared_events()
    text = "".join(path.read_text() for path in sorted((SHARED / "events").glob("*.json*")))
    result = run("--events", "-", stdin=text)
    assert result.returncode == 0, result.stderr
    tasks = [event["id"] for event in events if event["detail-type"] == "ECS Task State Change"]
    assert [line["eventId"] for line in records(result)] == tasks
    others = len(events) - len(tasks)
    assert f"{len(tasks)} logged, {others} filtered out" in result.stderr


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, f"cannot be read: {os.strerror(errno.ENOENT)}"),
        ("", "there is no event"),
        ("[]", "there is no event"),
        ('{"detail-type": "x"}\n{"id": }', "line 2, column 8: malformed JSON"),
        ('{"id": NaN}', "it holds NaN"),
        ("[1]", "item 1 of an array is a number, which is not an event"),
        (b"\xff", "is not UTF-8"),
        ('{"tasks": []}', "there is no task: the ID or the cluster is another one"),
        ("{}", "an object without detail-type is neither an event nor a task"),
        (
            '{"taskArns": []}',
            "this is the output of list-tasks: use that of aws ecs desc",
        ),
        (
            '{"taskArn": "arn", "lastStatus": "STOPPED", "createdAt": "yesterday"}',
            "createdAt of a task is 'yesterday', which is no time",
        ),
    ],
)
def test_rejects_a_file_without_events_and_says_why(
    content: str | bytes | None, problem: str, tmp_path: Path
) -> None:
    file = tmp_path / "events.json"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = run("--events", str(file))
    assert result.returncode == 2
    assert problem in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_rejects_an_unknown_status_and_lists_the_accepted_ones() -> None:
    result = run("--statuses", "stopped")
    assert result.returncode == 2
    assert "'stopped' is not a task status: write one or more of PROVISIONING" in result.stderr
    assert "Did you mean STOPPED?" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.linux
def test_interrupt_ends_the_emulator_too(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = subprocess.Popen(
        RUN,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A background job of a shell ignores SIGINT, and child processes inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for(lambda: processes_that_use(tmp_path) or None, "the emulator's start", 60)
    command.send_signal(signal.SIGINT)
    _, stderr = command.communicate()
    assert command.returncode == 130
    assert b"Traceback" not in stderr
    wait_for(lambda: not processes_that_use(tmp_path) or None, "the emulator's end", 30)


def processes_that_use(directory: Path) -> list[str]:
    """Return the command lines of processes that name a directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command_line = process.read_text()
        except OSError:  # The process has just ended.
            continue
        if str(directory) in command_line:
            found.append(command_line)
    return found
