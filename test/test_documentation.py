"""The documentation: its examples run, and its numbers are right."""

import inspect
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from math import comb
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

import draw_dashboard
import draw_slack_message
import ecs_task_event_logger
import stored_bytes
from cost import billed_milliseconds, cost
from documents import ALL_IMPORTS, Example, blocks, imports
from ecs_events import ROOT, Event, call, not_placed
from ecs_task_event_logger import EcsTaskEventLogger, EcsTaskEventRule
from ecs_task_event_logger._rules.pattern_limits import minimum_length
from ecs_task_event_logger.handler.task_events import container_logs
from ecs_task_event_logger.handler.task_events.record import make_record
from example_apps import CDK_CLI, EXAMPLES, needs_cdk_cli
from functions import FORWARDED, OURS, deployed
from recordings import EXAMPLE, is_stopped, read_task_events, recordings
from templates import only

DOCUMENTS = ["README.md", *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*.md"))]


def examples() -> Iterator[Any]:
    for name in DOCUMENTS:
        text = (ROOT / name).read_text()
        for number, block in enumerate(blocks(text), 1):
            yield pytest.param(block, imports(text), id=f"{name} {number}")
    for name, text in docstrings().items():
        for number, block in enumerate(blocks(text), 1):
            yield pytest.param(block, ALL_IMPORTS, id=f"{name} {number}")


def docstrings() -> dict[str, str]:
    """Return the docstrings of the public classes and their methods, by their names."""
    public = [getattr(ecs_task_event_logger, name) for name in ecs_task_event_logger.__all__]
    return {
        getattr(each, "__qualname__", ""): inspect.getdoc(each) or ""
        for one in public
        for each in (one, *(each for each in vars(one).values() if inspect.isfunction(each)))
    }


CODE = (".py", ".json", ".jsonl")
EXAMPLE_LOG = ROOT / "examples" / "local" / "failing-task-log.txt"


def record_in(page: str) -> Any:
    """Return the only JSON that a page shows."""
    text = (ROOT / page).read_text()
    (shown,) = re.findall(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return json.loads(shown)


def test_readme_shows_the_record_of_the_example() -> None:
    assert record_in("README.md").items() <= record_of_the_example().items()


def test_page_about_container_logs_shows_the_log_of_the_example() -> None:
    shown, record = record_in("docs/container_logs.md"), record_of_the_example()
    assert shown["message"] == record["message"]
    assert shown["logTail"] == EXAMPLE_LOG.read_text().splitlines()[-2:]
    assert shown["logStream"].endswith(f"/{record['taskId']}")


def test_page_about_event_types_shows_the_record_of_a_call() -> None:
    record = make_record(call(not_placed("RESOURCE:CPU")))
    assert record_in("docs/event_types.md").items() <= record.items()


def record_of_the_example() -> Event:
    return make_record(json.loads(EXAMPLE.read_text().splitlines()[-1]))


def test_contributing_names_what_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    # The first example of a recipe is not in the code.
    names = set(re.findall(r"`([A-Za-z_]\w+)`", text)) - {"DAEMON_STATE_CHANGE"}
    files = [*(ROOT / "src").rglob("*"), *(ROOT / "test").rglob("*"), ROOT / ".projenrc.py"]
    code = "".join(each.read_text(encoding="utf-8") for each in files if each.suffix in CODE)
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", code)] == []


def test_readme_can_be_read_in_one_go() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 250


def test_readme_links_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [page for page in DOCUMENTS[1:] if f"({page})" not in readme] == []


def test_readme_quotes_only_measured_times() -> None:
    readme, measured = ((ROOT / name).read_text() for name in ("README.md", "docs/performance.md"))
    costs = readme.partition("## What it costs")[2].partition("\n## ")[0]
    quoted = re.findall(r"\b\d\.\d{3}\b", costs)
    assert quoted
    assert [number for number in quoted if f"| {number} |" not in measured] == []


class TestScale:
    """The costs and limits in ``docs/scale.md`` follow from measurements and prices."""

    TEXT = (ROOT / "docs" / "scale.md").read_text()
    # The measured values in the document.
    LINE, STOPPED_LINE, RAW, SHARE, CPU = 724, 1148, 2596, 8 / 59, 0.00074

    def test_states_the_measured_sizes_and_times(self) -> None:
        for measured in ("| 724 bytes each", "1,148 bytes on average", "| 2,596 bytes each"):
            assert measured in self.TEXT
        assert "0.74 ms of a whole CPU" in self.TEXT
        assert f"| {billed_milliseconds(self.CPU)} ms at 128 MB each" in self.TEXT

    @pytest.mark.recorded
    def test_sizes_match_the_recordings(self) -> None:
        events = read_task_events(recordings())
        stopped = list(filter(is_stopped, events))
        with deployed() as functions:
            stored = stored_bytes.measure(functions, events)
            of_stopped = stored_bytes.measure(functions, stopped)
        assert round(stored[OURS].bytes) == self.LINE
        assert round(stored[FORWARDED].bytes) == self.RAW
        assert round(of_stopped[OURS].bytes) == self.STOPPED_LINE
        assert len(stopped) / len(events) == self.SHARE

    def test_throughput_follows_from_the_measured_time(self) -> None:
        a_second = 1000 / billed_milliseconds(self.CPU)
        assert f"| {a_second // 10 * 10:.0f} events a second for each execution" in self.TEXT
        assert f"a billion a month take {1e9 / 30 / 86400 / a_second:.1f} on average" in self.TEXT

    def test_failed_tasks_with_container_logs_cost_what_they_take(self) -> None:
        measured = (ROOT / "docs" / "performance.md").read_text()
        (first,) = re.findall(r"imports botocore. It takes (\d+) ms of CPU", measured)
        second = 512 / 1024 * 0.0000133334
        seconds = int(first) / 1000 / (512 / 1769)
        assert f"takes about {seconds:.1f} seconds" in self.TEXT
        assert f"costs ${seconds * second:.7f}." in self.TEXT
        assert f"at most five seconds, for ${container_logs.BUDGET * second:.6f}." in self.TEXT
        assert f"a thousand failed tasks cost {5 * second * 1e5:.1f} cents at most" in self.TEXT

    def test_sparse_events_cost_what_a_cold_start_takes(self) -> None:
        measured = (ROOT / "docs" / "performance.md").read_text()
        (milliseconds,) = map(float, re.findall(r"An earlier run had ([\d.]+) ms", measured))
        cpu = milliseconds / 1000
        assert f"is billed {billed_milliseconds(cpu)} ms, if" in self.TEXT
        dollars = cost(cpu=cpu, stored=self.LINE, compression=0)
        assert f"A million such events cost ${dollars:.2f}." in self.TEXT

    def test_costs_follow_from_the_formula(self) -> None:
        def a_million(stored: int, share: float = 1, log_class: str = "Standard") -> float:
            cpu = None if stored == self.RAW else self.CPU
            events = share * 1e6
            of = {"cpu": cpu, "stored": stored, "compression": 0, "log_class": log_class}
            return cost(**of, events=events)  # type: ignore[arg-type]

        rare = "Infrequent Access"
        expected = [
            ("raw events, forwarded by EventBridge to a log group", a_million(self.RAW)),
            ("a logger", a_million(self.LINE)),
            ("… with `INFREQUENT_ACCESS`", a_million(self.LINE, 1, rare)),
            ('… with `statuses=["STOPPED"]`', a_million(self.STOPPED_LINE, self.SHARE)),
            ("… with both", a_million(self.STOPPED_LINE, self.SHARE, rare)),
            ("in addition, forwarders to a central bus, all events", 1.0),
            ('in addition, forwarders with `statuses=["STOPPED"]`', self.SHARE),
        ]
        rows = re.findall(r"^\| (.+?) \| ([\d.]+) \| ([\d.]+) \| ([\d,]+) \|$", self.TEXT, re.M)
        assert [(name, *dollars) for name, *dollars in rows] == [
            (name, f"{each / 100:.2f}", f"{each:.2f}", f"{each * 1000:,.0f}")
            for name, each in expected
        ]

    @pytest.mark.parametrize(
        ("limit", "unit"),
        [
            (r"(\d+) clusters with names of 12 letters", "cluster"),
            (r"(\d+) `\w*accounts`", "account"),
        ],
    )
    def test_pattern_limits_are_exact(self, limit: str, unit: str) -> None:
        found = re.search(limit, self.TEXT)
        assert found is not None
        count = int(found[1])
        self.synthesize(count, unit)
        with pytest.raises(RuntimeError, match="EventBridge accepts at most 2048"):
            self.synthesize(count + 1, unit)

    def test_resources_of_loggers_and_rules_are_exact(self) -> None:
        alone, shared = cdk.Stack(cdk.App(), "Stack"), cdk.Stack(cdk.App(), "Stack")
        EcsTaskEventLogger.for_all_clusters(alone, "Log")
        log = EcsTaskEventLogger.for_all_clusters(shared, "Log")
        EcsTaskEventRule.for_all_clusters(shared, "Rule", logger=log)
        of_logger, with_rule = self.count_resources(alone), self.count_resources(shared)
        of_sharing = with_rule - 1
        assert f"{500 // of_logger} loggers of {of_logger} resources" in self.TEXT
        rules = f"{500 - of_sharing} rules of `EcsTaskEventRule` ({of_sharing} resources, and one"
        assert rules in self.TEXT
        queries = Template.from_stack(alone).find_resources("AWS::Logs::QueryDefinition")
        assert f"1,000 saved queries a region | {1000 // len(queries)} loggers" in self.TEXT

    def count_resources(self, stack: cdk.Stack) -> int:
        return len(Template.from_stack(stack).to_json()["Resources"])

    def test_accounts_in_a_bus_policy_fit(self) -> None:
        accounts = int(re.findall(r"about (\d+) `source_accounts`; each", self.TEXT)[0])
        assert self.policy_length(accounts) <= 10_240 < self.policy_length(accounts + 20)

    def policy_length(self, accounts: int) -> int:
        """Return the length of a bus's policy with one statement for these accounts."""
        env = cdk.Environment(account="111122223333", region="eu-west-1")
        stack = cdk.Stack(cdk.App(), "S" * 100, env=env)  # its statement has the longest ID
        bus = events.EventBus.from_event_bus_name(stack, "Bus", "ecs-events")
        senders = [f"{number:012}" for number in range(accounts)]
        log = EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=senders)
        resource: Any = log.node.find_child("EventBusPolicy")
        statement = stack.resolve(resource.statement)
        return minimum_length({"Version": "2012-10-17", "Statement": [statement]})

    def test_rules_for_an_own_queue_are_exact(self) -> None:
        stack = cdk.Stack(cdk.App(), "Stack")
        queue = sqs.Queue(stack, "Queue", enforce_ssl=True)
        for number in range(3):
            EcsTaskEventLogger.for_all_clusters(stack, f"Log{number}", dead_letter_queue=queue)
        policy = only(Template.from_stack(stack), "AWS::SQS::QueuePolicy")["PolicyDocument"]
        beside_rules = len(policy["Statement"]) - 3
        assert f"| {20 - beside_rules} rules of loggers or forwarders" in self.TEXT

    def test_no_logger_has_as_many_metric_filters_as_aws_allows(self) -> None:
        dimensions = {
            "Failures": 5,
            "StoppedTasks": 5,
            **dict.fromkeys(("Start", "Pull", "Run"), 4),
        }
        filters = sum(comb(count, n) for count in dimensions.values() for n in range(4))
        assert filters < 100
        assert "| CloudWatch Logs: 100 metric filters a log group | never" in self.TEXT

    def synthesize(self, count: int, unit: str) -> None:
        stack = cdk.Stack(cdk.App(), "Stack")
        if unit == "cluster":
            head = "arn:aws:ecs:eu-west-1:111122223333:cluster/team-"
            first, *others = (
                ecs.Cluster.from_cluster_arn(stack, f"C{number}", f"{head}{number:07}")
                for number in range(count)
            )
            log = EcsTaskEventLogger(stack, "Log", cluster=first)
            for other in others:
                log.add_cluster(other)
        else:
            bus = events.EventBus(stack, "Bus")
            accounts = [f"{number:012}" for number in range(count)]
            EcsTaskEventLogger(stack, "Log", event_bus=bus, source_accounts=accounts)
        Template.from_stack(stack)


def test_draws_the_pictures_of_the_readme(tmp_path: Path) -> None:
    draw_dashboard.render(draw_dashboard.read_lines([EXAMPLE]), tmp_path / "dashboard.png")
    draw_slack_message.main(["-o", str(tmp_path / "slack.png")])
    for name in ("dashboard.png", "slack.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
        assert f"](docs/{name})" in (ROOT / "README.md").read_text()


class TestExamples:
    """The commands in ``examples/README.md`` work as written."""

    TEXT = (EXAMPLES / "README.md").read_text()

    def test_lists_every_app_and_command(self) -> None:
        files = [*EXAMPLES.glob("*/cdk.json"), *EXAMPLES.glob("*/run.py")]
        listed = re.findall(r"^(?:\| )?\[(\w+)\]\(\1/", self.TEXT, re.MULTILINE)
        assert set(listed) == {file.parent.name for file in files}

    @needs_cdk_cli
    def test_command_synthesizes_an_app(self, tmp_path: Path) -> None:
        (command,) = re.findall(r"^\(cd .+ synth\)$", self.TEXT, re.MULTILINE)
        # The same CLI, without the network.
        offline = command.replace("npx --yes aws-cdk@2", str(CDK_CLI))
        to_folder = offline.replace(" synth)", f" synth --output {tmp_path})")
        finished = run(["bash", "-c", to_folder], ROOT)
        assert "Type: AWS::Events::Rule" in finished

    def test_command_writes_a_snapshot_that_the_next_run_compares(self, tmp_path: Path) -> None:
        folder = shutil.copytree(EXAMPLES / "snapshot_test", tmp_path / "shop")
        command = "python -m pytest --snapshot-update"
        assert f"(cd examples/snapshot_test && uv run {command})\n" in self.TEXT
        assert "snapshot generated" in run(command.split(), folder)
        assert "2 passed" in run(command.split()[:-1], folder)


def run(command: list[str], folder: Path) -> str:
    # A pytest that this one starts is no worker of it.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    finished = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.mark.parametrize(("block", "imports"), list(examples()))
def test_python_example_runs(block: str, imports: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "examples" / "snapshot_test")
    Template.from_stack(Example(block, imports))


def test_finds_the_examples() -> None:
    ids = [parameters.id for parameters in examples()]
    assert sum(name.startswith("README.md") for name in ids) > 5
    assert sum(name.startswith("docs/") for name in ids) > 30
    assert "EcsTaskEventLogger 1" in ids
    assert "EcsTaskEventLogger.metric_failures 1" in ids
