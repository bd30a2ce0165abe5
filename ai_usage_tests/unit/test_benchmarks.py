"""The benchmarks measure what they say: one work, the same true sums, and the fewest requests."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.resources import Settings
from ai_usage_assets.schema.registry import TABLES
from benchmarks import bigquery_cost, homes, scale, targets, truth
from benchmarks.bigquery_sizes import Size
from benchmarks.bound import bound, fewest, finished
from benchmarks.contestants import data_plane, floor
from benchmarks.contestants.given import SCHEMA, Given
from benchmarks.document import DOCUMENT, fill
from benchmarks.feed import PATH as EVENTS
from benchmarks.line_up import LINE_UP
from benchmarks.results import Figure, Results, exponent
from benchmarks.sampling import given_for
from benchmarks.serving import Served, serving
from benchmarks.work import FULL, QUICK, START_DATE, Work

WORK = Work(days=3, people=12)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    before = Path.cwd()
    # recordings are kept below the working folder
    os.chdir(tmp_path_factory.mktemp("benchmarks"))
    try:
        with patch.dict(os.environ, {"PYTHONPATH": str(homes.ROOT)}), serving(WORK) as answers:
            yield answers
    finally:
        os.chdir(before)


def home(served: Served, folder: Path) -> Given:
    homes.prepare(folder, WORK, "bare")
    served.reset()
    return given_for(WORK, WORK.window, served.url, folder)


def test_floor_and_data_plane_land_the_companys_own_sums_with_the_same_requests(
    served: Served, tmp_path: Path
) -> None:
    plain = home(served, tmp_path / "floor")
    floor.run(plain)
    asked = served.state()["requests"]

    ours = home(served, tmp_path / "ours")
    with patch.dict(os.environ, ours.environment(START_DATE)):
        settings = Settings.from_env()
        data_plane.run(ours, settings, build_defs(settings))
    state = served.state()

    true = truth.expected(WORK, WORK.window)
    for given in (plain, ours):
        truth.verify(truth.measured(given.database, SCHEMA, LINE_UP["ours"].sums), true)
    assert state["requests"] == asked
    assert state["misses"] == 0, "the second contestant was answered from memory"


def test_a_sum_that_is_off_by_one_token_does_not_count() -> None:
    true = truth.expected(WORK, WORK.window)
    with pytest.raises(truth.SumsDiffer, match="output_tokens is"):
        truth.verify({**true, "output_tokens": true["output_tokens"] + 1}, true)


def test_every_round_names_contestants_that_exist() -> None:
    assert {name for turn in (*FULL, *QUICK) for name in turn.contestants} <= set(LINE_UP)


def test_waiting_is_bounded_by_lanes_and_by_the_minute() -> None:
    assert [finished(8, 0.5, None), finished(9, 0.5, None), finished(0, 0.5, None)] == [0.5, 1.0, 0.0]
    assert finished(61, 0.5, 60, at_once=60) == pytest.approx(60.5)
    assert bound(Work(latency_ms=300, limits=True), {EVENTS: 130}) == pytest.approx(120 + 2 * 0.3)


def test_the_fewest_requests_follow_from_the_windows() -> None:
    assert fewest(365, people=25, events_a_day=275) == {
        "/v1/organizations/usage_report/messages": 2 * 12,
        "/v1/organizations/cost_report": 12,
        "/v1/organizations/usage_report/claude_code": 365,
        "/teams/daily-usage-data": 13,
        EVENTS: 12 * 9 + 2,
    }


def test_a_target_that_nobody_measured_is_not_met() -> None:
    assert targets._row("speed", targets.LEAST, 3, None)["met"] == "no"
    assert targets.rows(Results([])) == []


def test_time_in_rows_has_exponent_one_if_it_is_linear_and_two_if_it_is_square() -> None:
    assert exponent([(10, 1), (100, 10), (1000, 100)]) == pytest.approx(1)
    assert exponent([(10, 1), (100, 100)]) == pytest.approx(2)


def test_a_figure_shows_its_spread() -> None:
    assert str(Figure((1.0, 2.0, 4.0))) == "2.00 (1.00 to 4.00)"


def test_more_keys_shorten_the_queue_and_more_workers_alone_do_not() -> None:
    one, workers, keys = (scale.drain([70] * 8, workers=w, keys=k) for w, k in ((1, 1), (8, 1), (8, 8)))
    assert one == pytest.approx(workers, rel=0.05)
    assert keys < workers / 4


def test_a_small_day_on_bigquery_is_billed_by_its_statements_and_a_large_one_by_its_bytes() -> None:
    tiny = bigquery_cost.statement(1.0)
    assert tiny.billed == bigquery_cost.LEAST_BYTES
    huge = bigquery_cost.statement(float(bigquery_cost.TIB))
    assert huge.usd == pytest.approx(bigquery_cost.USD_PER_TIB)


def test_a_longer_backfill_sends_more_statements_but_fewer_than_one_a_day() -> None:
    size = {table.name: Size(10, 1000) for table in TABLES}
    day, year = bigquery_cost.run(size, 1), bigquery_cost.run(size, 365)
    assert day.jobs < year.jobs < day.jobs * 20


def test_the_performance_page_has_a_place_for_every_table() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in (
        "session",
        "picture",
        "targets",
        "measured",
        "serving",
        "bigquery",
        "pruning",
        "scale",
        "queue",
    ):
        assert "| new |" in fill(text, name, "| new |")
