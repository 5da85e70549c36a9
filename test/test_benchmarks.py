"""A quick subset of the benchmarks. Exact figures must hold; times depend on the machine."""

import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

import stored_bytes
import synthesis
from container_logs import LookUps, measure
from cost import billed_milliseconds, cost
from figures import figures
from function_time import ColdStart, Warm, measure_cold_starts, measure_warm
from functions import OURS, POWERTOOLS, PRINT_JSON, deployed
from handler_cpu import measure_cpu
from load import Load
from recordings import EXAMPLE, is_stopped, read_task_events
from report import report
from results import BARE, BY_HAND, FIRST_EVENTS, WITH_LOGGER, Results, first_events
from stored_bytes import FORWARDED, OVERHEAD, Stored, platform_lines
from synthesis import Run, Whole
from turns import in_turns, ratios

on_linux = pytest.mark.skipif(
    find_spec("awslambdaric") is None or not Path("/proc/self/status").exists(),
    reason="Lambda's runtime client and /proc need Linux",
)

EVENTS = read_task_events([EXAMPLE])
STOPPED = list(filter(is_stopped, EVENTS))

# Slightly above the present ratio, which is the same in every run.
MAX_BYTES_RATIO = 0.26


# -- exact figures ----------------------------------------------------------------------------


@on_linux
def test_tail_of_a_log_adds_its_lines_only() -> None:
    (look_ups,) = measure(STOPPED[0], 1)
    assert 20 * 100 < look_ups.line - look_ups.without < 4096 + 200


@on_linux
def test_a_line_has_about_a_quarter_of_the_rivals_bytes() -> None:
    with deployed() as functions:
        stored = stored_bytes.measure(functions, EVENTS)
    for rival in set(stored) - {OURS}:
        assert stored_bytes.against(stored, rival).median <= MAX_BYTES_RATIO
    assert stored[OURS].platform == stored[FORWARDED].platform == 0
    assert stored[PRINT_JSON].platform > 3 * OVERHEAD


def test_platform_lines_have_the_format_of_lambda() -> None:
    start, end, report = platform_lines(1)
    request_id = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(rf"START RequestId: {request_id} Version: \$LATEST\n", start)
    assert re.fullmatch(rf"END RequestId: {request_id}\n", end)
    assert re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\t\n",
        report,
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Run, Path]]:
    """A run and a template of the app with one logger, and of the hand-written app."""
    apps = {WITH_LOGGER: synthesis.WITH_LOGGER, BY_HAND: synthesis.BY_HAND}
    directories = {name: tmp_path_factory.mktemp("cdk") for name in apps}
    with pytest.MonkeyPatch.context() as patch:
        run = {}
        for name, app in apps.items():
            patch.setenv("CDK_OUTDIR", str(directories[name]))
            run[name] = synthesis.run(app)
    return {name: (run[name], directories[name] / "Stack.template.json") for name in apps}


def test_hand_written_app_has_the_resources_of_the_construct(
    runs: dict[str, tuple[Run, Path]],
) -> None:
    (logger, its_template), (by_hand, other_template) = runs[WITH_LOGGER], runs[BY_HAND]
    assert logger.resources == by_hand.resources
    assert resources_in(its_template) == resources_in(other_template)
    assert logger.template_bytes <= 1.05 * by_hand.template_bytes


def resources_in(file: Path) -> list[str]:
    """Return a template's resources without the logical IDs, which depend on construct paths."""
    resources = json.loads(file.read_text())["Resources"]
    bodies = []
    for resource in resources.values():
        body = json.dumps(resource, sort_keys=True)
        for logical_id, other in resources.items():
            body = body.replace(f'"{logical_id}"', json.dumps(other["Type"]))
        bodies.append(re.sub(r'"AllowEventRule\w+"', '"AllowEventRule"', body))
    return sorted(bodies)


def test_logger_loads_the_same_cdk_modules_as_hand_written_code(
    runs: dict[str, tuple[Run, Path]],
) -> None:
    (logger, _), (by_hand, _) = runs[WITH_LOGGER], runs[BY_HAND]
    assert logger.modules == by_hand.modules


def test_ten_loggers_need_no_more_round_trips_each_than_one() -> None:
    one, ten = (synthesis.run(synthesis.many_loggers(count)) for count in (1, 10))
    assert ten.working_round_trips <= 10 * one.working_round_trips
    assert sum(ten.resources.values()) == 10 * sum(one.resources.values())


# -- noisy figures ----------------------------------------------------------------------------


@on_linux
def test_cold_start_takes_little_more_memory_than_printing() -> None:
    with deployed() as functions:
        starts = {
            first: measure_cold_starts(functions, event, rounds=2)
            for first, event in first_events(EVENTS).items()
        }
    for each in starts.values():
        ours, theirs = each[OURS], each[PRINT_JSON]
        assert ratios([s.peak_rss for s in ours], [s.peak_rss for s in theirs]).median <= 1.5
        assert all(start.cpu > 0 and start.seconds > 0 for start in ours)


@on_linux
def test_warm_events_are_measured_for_each_function() -> None:
    with deployed() as functions:
        handler = measure_cpu(functions, EVENTS, rounds=1)
        warm = measure_warm(functions, EVENTS, count=20, rounds=1)
    for name in (OURS, PRINT_JSON):
        assert min(handler[name]) > 0
        assert [len(each.seconds) for each in warm[name]] == [20]


def test_logger_makes_about_twice_the_round_trips_of_hand_written_code(
    runs: dict[str, tuple[Run, Path]],
) -> None:
    (logger, _), (by_hand, _) = runs[WITH_LOGGER], runs[BY_HAND]
    assert logger.working_round_trips <= 2.1 * by_hand.working_round_trips


def test_fifty_loggers_share_one_function() -> None:
    ours, by_hand = map(synthesis.run, (synthesis.FIFTY_LOGGERS, synthesis.FIFTY_RULES))
    assert ours.resources["AWS::Events::Rule"] == by_hand.resources["AWS::Events::Rule"] == 50
    assert sum(ours.resources.values()) == 64


# -- the cost, and the report ------------------------------------------------------------------


def test_a_million_events_cost_the_list_price() -> None:
    # 0.5 ms of a whole CPU take 6.91 ms at 128 MB. Lambda bills 7.
    assert billed_milliseconds(0.0005) == 7
    each = cost(cpu=0.0005, stored=1000, compression=0.1)
    assert each.requests == pytest.approx(0.20)
    assert each.duration == pytest.approx(1e6 * 0.007 * 0.125 * 0.0000133334)
    assert each.ingestion == pytest.approx(0.50)
    assert each.storage == pytest.approx(0.003)
    assert each.total == pytest.approx(0.7147, abs=0.0001)


def test_forwarding_costs_no_lambda_and_infrequent_access_half_price() -> None:
    each = cost(cpu=None, stored=2000, compression=0, log_class="Infrequent Access")
    assert each.total == each.ingestion == pytest.approx(0.50)


def test_each_one_comes_first_in_some_round() -> None:
    order: list[str] = []
    in_turns({name: lambda name=name: order.append(name) for name in "ab"}, rounds=2)  # type: ignore[misc]
    assert order == ["a", "b", "b", "a"]


def test_ratios_compare_measurements_of_the_same_round() -> None:
    assert ratios([1, 20, 3], [2, 10, 3]).median == 1
    assert ratios([1, 20, 3], [2, 10, 3]).spread == "0.500 … 2.000, 3 rounds"


def test_report_has_every_figure_and_marks_missed_targets() -> None:
    lines = report(results(), {"CPU": "one"}).splitlines()
    rows = lines[2 : lines.index("")]
    assert len(rows) == len(list(figures(results())))
    (bytes_row,) = (row for row in rows if "against (c) forwarded" in row and "bytes" in row)
    assert bytes_row.endswith("| ≤ 0.28 | 0.250 | exact | yes |")
    (trips_row,) = (row for row in rows if "round trips" in row)
    assert trips_row.endswith("| ≤ 1.10 | 1.500 | exact | **no** |")
    assert [row for row in rows if "not measured here" in row] == [
        row for row in rows if POWERTOOLS in row or "in instructions" in row
    ]


def results() -> Results:
    """Return invented results."""
    names = (OURS, PRINT_JSON)
    stored = {
        OURS: Stored(100, 0, 0.1),
        PRINT_JSON: Stored(420, 30, 0.1),
        FORWARDED: Stored(400, 0, 0.1),
    }
    apps = {BARE: 10, WITH_LOGGER: 40, BY_HAND: 30}
    return Results(
        events=8,
        stopped_share=0.25,
        stored=stored,
        stored_stopped=stored,
        cold_starts={
            first: {name: [ColdStart(0.05, 0.04, 2**24)] * 2 for name in names}
            for first in FIRST_EVENTS
        },
        warm={name: [Warm([0.001, 0.002], 0.0005, 2**24)] * 2 for name in names},
        handler={name: [2e-5, 3e-5] for name in names},
        instructions={},
        cold_instructions={first: {} for first in FIRST_EVENTS},
        imports={"aws_cdk": [0.3]},
        whole={name: [Whole(3.0, 4.0)] * 2 for name in (WITH_LOGGER, BY_HAND)},
        fifty={name: [Whole(4.0, 5.0)] * 2 for name in (WITH_LOGGER, BY_HAND)},
        runs={name: [app_run(1, trips)] * 2 for name, trips in apps.items()},
        loggers={count: [app_run(count, 40 * count)] * 2 for count in (0, 1, 10, 100)},
        load=Load(10, 10, 0, 0, 1000.0, 0.5, 1.0, 2**24, 2**24, 2**24),
        look_ups=[LookUps(0.25, 0.004, 0.26, 0.005, 2**25, 3500, 1250)] * 2,
    )


def app_run(loggers: int, round_trips: int) -> Run:
    return Run(
        seconds={"import": 1.0, "construct": 1.0 * loggers, "synth": 1.0},
        round_trips={"import": 0, "construct": round_trips, "synth": 0},
        modules=[],
        template_bytes=1000 * loggers,
        resources={"AWS::SQS::Queue": loggers},
    )
