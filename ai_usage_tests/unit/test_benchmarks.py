"""The benchmarks: competitors load the same totals with the same requests, and the figures are computed correctly."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from typing import Any
from unittest.mock import patch

import duckdb
import pytest

from ai_usage_assets.definitions import build_defs
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import Settings
from benchmarks import bigquery_cost, instances, scale, targets, totals
from benchmarks.bigquery_sizes import Size
from benchmarks.competitors import data_plane, floor
from benchmarks.competitors.parameters import SCHEMA, Parameters
from benchmarks.dbt import checks
from benchmarks.document import fill
from benchmarks.generated_events import PATH as EVENTS
from benchmarks.lower_bound import lower_bound, seconds_until_done
from benchmarks.registry import COMPETITORS, STARTS
from benchmarks.report import COMPUTED, DOCS, measured_parts
from benchmarks.results import Figure, Results
from benchmarks.running_server import ReplayServer, running_server
from benchmarks.sampling import parameters_for
from benchmarks.workload import FULL, QUICK, YEAR, Workload

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


@dataclass(frozen=True)
class Loaded:
    """What a competitor has loaded, and what the vendors saw of it."""

    database: Path
    state: dict[str, Any]


@pytest.fixture(scope="module")
def plain(server: ReplayServer, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    parameters = prepare(server, tmp_path_factory.mktemp("plain") / "floor")
    floor.run(parameters)
    return Loaded(parameters.database, server.state())


@pytest.fixture(scope="module")
def ours(server: ReplayServer, plain: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    parameters = prepare(server, tmp_path_factory.mktemp("ours") / "data-plane")
    with patch.dict(os.environ, parameters.environment()):
        settings = Settings.from_env()
        data_plane.run(parameters, settings, build_defs(settings))
    return Loaded(parameters.database, server.state())


def test_floor_and_data_plane_load_the_expected_totals_with_the_same_requests(
    plain: Loaded, ours: Loaded
) -> None:
    expected = totals.expected(WORK, WORK.window)
    for loaded in (plain, ours):
        totals.verify(totals.measured(loaded.database, SCHEMA, COMPETITORS["ours"].totals), expected)
    assert ours.state["requests"] == plain.state["requests"]
    assert ours.state["misses"] == 0, "every response to the second competitor was recorded"


def test_dbt_has_the_tests_of_at_least_95_percent_of_our_checks_and_no_others() -> None:
    both = {"ANTHROPIC_ADMIN_API_KEY": "a-key", "CURSOR_ADMIN_API_KEY": "a-key"}
    keys = build_defs(Settings.from_env(both)).resolve_asset_graph().asset_check_keys
    ours = {f"{key.asset_key.path[-1]}__{key.name}" for key in keys}
    tests = set(checks.tests(WORK.window))
    assert tests <= ours
    assert len(tests) >= 0.95 * len(ours), ours - tests


def test_dbts_tests_pass_on_our_tables_and_fail_on_a_row_that_is_there_twice(
    ours: Loaded, tmp_path: Path
) -> None:
    statements = json.loads(ours.database.with_name("statements.json").read_text(encoding="utf-8"))
    database = Path(copy(ours.database, tmp_path))

    def failures() -> set[str]:
        with duckdb.connect(str(database)) as connection:
            connection.execute(f"set search_path = '{SCHEMA}'; set TimeZone = 'UTC'")
            for create in statements["create"].values():
                connection.execute(create)
            plain = {name: sql.removeprefix(checks.WARNS) for name, sql in tests.items()}
            return {name for name, sql in plain.items() if connection.execute(sql).fetchall()}

    tests = checks.tests(WORK.window)
    assert failures() == set()
    with duckdb.connect(str(database)) as connection:
        fact = f"{SCHEMA}.fct_cost_daily"
        connection.execute(f"insert into {fact} select * from {fact} where cost_type = 'overage' limit 1")
    assert failures() >= {"fct_cost_daily__key_unique", "fct_cost_daily__sums_equal_source"}


def test_a_total_that_is_off_by_one_token_is_refused() -> None:
    expected = totals.expected(WORK, WORK.window)
    with pytest.raises(totals.TotalsDifferError, match="output_tokens is"):
        totals.verify({**expected, "output_tokens": expected["output_tokens"] + 1}, expected)


def test_the_rounds_measure_every_registered_competitor() -> None:
    measured = {name for one_round in (*FULL, *QUICK) for name in one_round.competitors}
    assert measured == set(COMPETITORS)
    assert {part for name, parts in STARTS.items() for part in (name, *parts)} <= measured


def test_the_lower_bound_follows_from_concurrency_and_rate_limits() -> None:
    assert [
        seconds_until_done(8, 0.5, None),
        seconds_until_done(9, 0.5, None),
        seconds_until_done(0, 0.5, None),
    ] == [0.5, 1.0, 0.0]
    assert seconds_until_done(61, 0.5, 60, concurrency=60) == pytest.approx(60.5)
    assert lower_bound(Workload(latency_ms=300, limits=True), {EVENTS: 130}) == pytest.approx(120 + 2 * 0.3)


def sample(competitor: str, wall: float) -> dict[str, Any]:
    return {
        "work": YEAR.as_json(),
        "competitor": competitor,
        "measured": {"wall": wall, "error": ""},
    }


def test_a_target_that_was_not_measured_is_not_met_and_a_measured_one_is_the_ratio_of_medians() -> None:
    assert {row["met"] for row in targets.rows(Results([]))} == {"no"}
    walls = {"ours": (7.0, 8.0, 30.0), "dlt-dbt": (10.0, 9.0, 40.0), "floor": (1.0, 1.0, 1.0)}
    rows = targets.rows(Results([sample(name, wall) for name, each in walls.items() for wall in each]))
    assert [(row["measured"], row["met"]) for row in rows[:3]] == [
        ("0.80", "yes"),
        ("8.00", "no"),
        ("not measured", "no"),
    ]


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


def test_the_pages_have_markers_for_every_part() -> None:
    for page, parts in (COMPUTED | measured_parts(Results([]))).items():
        text = (DOCS / page).read_text(encoding="utf-8")
        for name in parts:
            assert "| new |" in fill(text, name, "| new |")
