"""A quick subset of the benchmarks. Exact figures must hold; times depend on the machine."""

import json
import re
from collections import ChainMap
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest

import stored_bytes
import synthesis
from benchmark import FIGURES
from cost import billed_milliseconds, cost
from ecs_events import ROOT
from function_time import measure_cold_starts, measure_container_logs, measure_warm
from functions import BY_HAND, FORWARDED, OURS, PRINT_JSON, deployed
from handler_cpu import measure_masking
from recordings import EXAMPLE, is_stopped, read_task_events
from report import Figure, report, spread
from results import Results
from stored_bytes import OVERHEAD, PLATFORM_LINES

EVENTS = read_task_events([EXAMPLE])
STOPPED = list(filter(is_stopped, EVENTS))

ONE_LOGGER, HAND_WRITTEN = "loggers.py 1", "by_hand.py"

# Slightly above the present ratio, which is the same in every run.
MAX_BYTES_RATIO = 0.26


# -- exact figures ----------------------------------------------------------------------------


@pytest.mark.linux
def test_tail_of_a_log_adds_its_lines_only() -> None:
    results = Results()
    with deployed() as functions:
        measure_container_logs(results, functions[OURS], STOPPED[0], rounds=1)
    ((with_tail,), (without,)) = (
        results["bytes of a line", name] for name in ("20 log lines", "no log lines")
    )
    assert 20 * 100 < with_tail - without < 4096 + 200


@pytest.mark.linux
def test_a_line_has_about_a_quarter_of_the_rivals_bytes() -> None:
    with deployed() as functions:
        stored = stored_bytes.measure(functions, EVENTS)
    ours = stored.pop(OURS).bytes
    assert all(ours <= MAX_BYTES_RATIO * rival.bytes for rival in stored.values())
    assert FORWARDED in stored
    printed = [stored[f"{PRINT_JSON} {how} platform lines"].bytes for how in ("without", "with")]
    assert printed[1] - printed[0] > 3 * OVERHEAD


def test_platform_lines_have_the_format_of_lambda() -> None:
    start, end, of_report = PLATFORM_LINES
    request_id = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(rf"START RequestId: {request_id} Version: \$LATEST\n", start)
    assert re.fullmatch(rf"END RequestId: {request_id}\n", end)
    assert re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\t\n",
        of_report,
    )


class App(NamedTuple):
    """What an app costs, and the resources in its templates."""

    counts: synthesis.Counts
    resources: dict[str, Any]
    size: int


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], App]:
    """Runs an app, once for all tests."""

    @cache
    def run_once(app: str) -> App:
        directory = tmp_path_factory.mktemp("cdk.out")
        counts = synthesis.count(app, str(directory))
        texts = [file.read_text() for file in directory.glob("*.template.json")]
        resources = [json.loads(text).get("Resources", {}) for text in texts]
        return App(counts, dict(ChainMap(*resources)), sum(map(len, texts)))

    return run_once


def test_hand_written_app_has_the_resources_of_the_construct(run: Callable[[str], App]) -> None:
    ours, by_hand = run(ONE_LOGGER), run(HAND_WRITTEN)
    assert without_ids(ours.resources) == without_ids(by_hand.resources)
    assert len(ours.resources) == 14
    assert max(ours.size, by_hand.size) <= 1.05 * min(ours.size, by_hand.size)


def without_ids(resources: dict[str, Any]) -> list[str]:
    """Return resources without the logical IDs, which depend on construct paths."""
    bodies = []
    for resource in resources.values():
        body = json.dumps(resource, sort_keys=True)
        for logical_id, other in resources.items():
            body = body.replace(f'"{logical_id}"', json.dumps(other["Type"]))
        bodies.append(re.sub(r'"AllowEventRule\w+"', '"AllowEventRule"', body))
    return sorted(bodies)


def test_logger_loads_the_same_cdk_modules_as_hand_written_code(run: Callable[[str], App]) -> None:
    ours, by_hand = run(ONE_LOGGER).counts.modules, run(HAND_WRITTEN).counts.modules
    assert "aws_cdk.aws_ecs" in ours
    assert ours == by_hand


def test_ten_loggers_need_no_more_round_trips_each_than_one(run: Callable[[str], App]) -> None:
    apps = ("loggers.py 0", ONE_LOGGER, "loggers.py 10", HAND_WRITTEN)
    none, one, ten, by_hand = (run(app).counts.round_trips for app in apps)
    # Each further logger has a cluster of its own, which is one more call.
    assert ten - none <= 10 * (one - none) + 9
    assert one - none <= 2.1 * (by_hand - none)


def test_ten_loggers_have_ten_times_the_resources(run: Callable[[str], App]) -> None:
    one, ten = (len(run(app).resources) for app in (ONE_LOGGER, "loggers.py 10"))
    assert ten == 10 * one


def test_fifty_loggers_share_one_function(run: Callable[[str], App]) -> None:
    for app, resources in {"loggers.py 50 shared": 64, "by_hand.py 50": 63}.items():
        types = [each["Type"] for each in run(app).resources.values()]
        assert types.count("AWS::Events::Rule") == 50
        assert types.count("AWS::Lambda::Function") == 1
        assert len(types) == resources


# -- noisy figures ----------------------------------------------------------------------------


@pytest.mark.linux
def test_cold_start_takes_little_more_memory_than_printing() -> None:
    results = Results()
    with deployed() as functions:
        measure_cold_starts(results, functions, "STOPPED", STOPPED[0], rounds=2)
    ratios = results.ratios("peak RSS after a first event STOPPED", OURS, PRINT_JSON)
    assert len(ratios) == 2
    assert max(ratios) <= 1.5
    assert min(results["CPU time of a cold start, first event STOPPED", OURS]) > 0


@pytest.mark.linux
def test_warm_events_and_masking_are_measured() -> None:
    results = Results()
    with deployed() as functions:
        measure_warm(results, functions, EVENTS, rounds=1, count=20)
        measure_masking(results, functions[OURS], rounds=1)
    assert min(map(min, results.values())) > 0
    assert ("warm CPU per event on the runtime client", PRINT_JSON) in results


# -- the cost, and the report ------------------------------------------------------------------


def test_a_million_events_cost_the_list_price() -> None:
    # 0.5 ms of a whole CPU take 6.91 ms at 128 MB. Lambda bills 7.
    assert billed_milliseconds(0.0005) == 7
    requests, duration = 0.20, 1e6 * 0.007 * 0.125 * 0.0000133334
    assert cost(cpu=0.0005, stored=0, compression=0) == pytest.approx(requests + duration)
    ingestion, storage = 0.50, 0.003
    assert cost(cpu=None, stored=1000, compression=0.1) == pytest.approx(ingestion + storage)
    assert cost(cpu=0.0005, stored=1000, compression=0.1) == pytest.approx(0.7147, abs=0.0001)


def test_forwarding_costs_no_lambda_and_infrequent_access_half_price() -> None:
    dollars = cost(cpu=None, stored=2000, compression=0, log_class="Infrequent Access")
    assert dollars == pytest.approx(0.50)


def test_ratios_compare_measurements_of_the_same_round() -> None:
    results = Results()
    ours, theirs = iter([0, 1, 20, 3]), iter([0, 2, 10, 3])
    measures = {OURS: lambda: {"time": next(ours)}, "theirs": lambda: {"time": next(theirs)}}
    results.in_turns(measures, rounds=3)
    assert results.ratios("time", OURS, "theirs") == [0.5, 2, 1]
    assert spread([0.5, 2, 1]) == "0.500 … 2.000 in 0.500 … 2.000, 3 rounds"


def test_report_marks_exact_figures_and_missed_targets() -> None:
    results = Results()
    for subject, trips, size in ((OURS, 60, 100), (BY_HAND, 40, 400)):
        results.add(subject, {"round trips": trips, "bytes": size})
    figures = [Figure("round trips", BY_HAND, 1.1), Figure("bytes", BY_HAND, 0.28)]
    _, _, trips_row, bytes_row, *_ = report(figures, results).splitlines()
    assert trips_row.endswith("| ≤ 1.10 | 1.500 | exact | **no** |")
    assert bytes_row.endswith("| ≤ 0.28 | 0.250 | exact | yes |")


def test_documentation_has_every_figure_with_its_target() -> None:
    documented = (ROOT / "docs" / "performance.md").read_text()
    rows = re.findall(r"^\| (.+?) \| (≤ .+?) \|", documented, re.MULTILINE)
    expected = [(f"{each.name}, against {each.rival}", each.target) for each in FIGURES]
    assert rows == [(name, f"≤ {target:.2f}") for name, target in expected]
