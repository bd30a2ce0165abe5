"""The benchmarks: competitors load the same totals with the same requests, and the figures are computed correctly."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from ai_usage_assets.definitions import build_defs
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import Settings
from benchmarks import bigquery_cost, instances, scale, targets, totals
from benchmarks.bigquery_sizes import Size
from benchmarks.competitors import data_plane, floor
from benchmarks.competitors.parameters import SCHEMA, Parameters
from benchmarks.document import DOCUMENT, fill
from benchmarks.generated_events import PATH as EVENTS
from benchmarks.lower_bound import lower_bound, min_requests, seconds_until_done
from benchmarks.registry import COMPETITORS
from benchmarks.results import Figure, Results, exponent
from benchmarks.running_server import ReplayServer, running_server
from benchmarks.sampling import parameters_for
from benchmarks.workload import FULL, QUICK, START_DATE, Workload

WORK = Workload(days=3, people=12)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplayServer]:
    before = Path.cwd()
    # recordings are stored below the working directory
    os.chdir(tmp_path_factory.mktemp("benchmarks"))
    try:
        with patch.dict(os.environ, {"PYTHONPATH": str(instances.ROOT)}), running_server(WORK) as replay:
            yield replay
    finally:
        os.chdir(before)


def prepare(server: ReplayServer, folder: Path) -> Parameters:
    instances.prepare(folder, WORK, "bare")
    server.reset()
    return parameters_for(WORK, WORK.window, server.url, folder)


def test_floor_and_data_plane_load_the_expected_totals_with_the_same_requests(
    server: ReplayServer, tmp_path: Path
) -> None:
    plain = prepare(server, tmp_path / "floor")
    floor.run(plain)
    requests = server.state()["requests"]

    ours = prepare(server, tmp_path / "ours")
    with patch.dict(os.environ, ours.environment(START_DATE)):
        settings = Settings.from_env()
        data_plane.run(ours, settings, build_defs(settings))
    state = server.state()

    expected = totals.expected(WORK, WORK.window)
    for parameters in (plain, ours):
        totals.verify(totals.measured(parameters.database, SCHEMA, COMPETITORS["ours"].totals), expected)
    assert state["requests"] == requests
    assert state["misses"] == 0, "every response to the second competitor was recorded"


def test_a_total_that_is_off_by_one_token_is_refused() -> None:
    expected = totals.expected(WORK, WORK.window)
    with pytest.raises(totals.TotalsDifferError, match="output_tokens is"):
        totals.verify({**expected, "output_tokens": expected["output_tokens"] + 1}, expected)


def test_every_round_names_registered_competitors() -> None:
    assert {name for one_round in (*FULL, *QUICK) for name in one_round.competitors} <= set(COMPETITORS)


def test_the_lower_bound_follows_from_concurrency_and_rate_limits() -> None:
    assert [
        seconds_until_done(8, 0.5, None),
        seconds_until_done(9, 0.5, None),
        seconds_until_done(0, 0.5, None),
    ] == [0.5, 1.0, 0.0]
    assert seconds_until_done(61, 0.5, 60, concurrency=60) == pytest.approx(60.5)
    assert lower_bound(Workload(latency_ms=300, limits=True), {EVENTS: 130}) == pytest.approx(120 + 2 * 0.3)


def test_the_minimum_of_requests_follows_from_the_windows() -> None:
    assert min_requests(365, people=25, events_a_day=275) == {
        "/v1/organizations/usage_report/messages": 2 * 12,
        "/v1/organizations/cost_report": 12,
        "/v1/organizations/usage_report/claude_code": 365,
        "/teams/daily-usage-data": 13,
        EVENTS: 12 * 9 + 2,
    }


def test_a_target_that_was_not_measured_is_not_met() -> None:
    assert targets._row("speed", targets.AT_LEAST, 3, None)["met"] == "no"
    assert targets.rows(Results([])) == []


def test_the_exponent_is_one_for_linear_and_two_for_quadratic_time() -> None:
    assert exponent([(10, 1), (100, 10), (1000, 100)]) == pytest.approx(1)
    assert exponent([(10, 1), (100, 100)]) == pytest.approx(2)


def test_a_figure_shows_median_minimum_and_maximum() -> None:
    assert str(Figure((1.0, 2.0, 4.0))) == "2.00 (1.00 to 4.00)"


def test_more_keys_shorten_the_queue_but_more_workers_alone_do_not() -> None:
    one, workers, keys = (scale.drain([70] * 8, workers=w, keys=k) for w, k in ((1, 1), (8, 1), (8, 8)))
    assert one == pytest.approx(workers, rel=0.05)
    assert keys < workers / 4


def test_bigquery_bills_a_minimum_for_small_statements_and_bytes_for_large_ones() -> None:
    tiny = bigquery_cost.statement(1.0)
    assert tiny.billed == bigquery_cost.MIN_BILLED_BYTES
    huge = bigquery_cost.statement(float(bigquery_cost.TIB))
    assert huge.usd == pytest.approx(bigquery_cost.USD_PER_TIB)


def test_a_longer_backfill_sends_more_statements_but_fewer_than_one_run_per_day() -> None:
    size = {table.name: Size(10, {"column": 1000.0}) for table in TABLES}
    day, year = bigquery_cost.run(size, 1), bigquery_cost.run(size, 365)
    assert day.jobs < year.jobs < day.jobs * 20


def test_the_performance_page_has_markers_for_every_table() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in (
        "session",
        "picture",
        "targets",
        "measured",
        "serving",
        "bigquery",
        "scheduled",
        "pruning",
        "scale",
        "queue",
    ):
        assert "| new |" in fill(text, name, "| new |")
