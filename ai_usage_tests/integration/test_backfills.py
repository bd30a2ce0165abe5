"""Backfills: one run a contiguous range, the fewest requests, finished windows kept, and days that cannot be had refused."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.automation_tick_evaluation_context import (
    build_run_requests_with_backfill_policies,
)
from dagster._core.definitions.events import AssetKeyPartitionKey

from ai_usage_assets.days import ONE_DAY, Days, last_closed
from ai_usage_assets.defs import materializations as records
from ai_usage_assets.defs.partitions import DaysRefused, days_tagged
from ai_usage_assets.demo.sandbox import faults
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.graph import environment, exported, materialise, refusals, run_refusal

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
USAGE = "/v1/organizations/usage_report/messages"
COST = "/v1/organizations/cost_report"
CLAUDE_CODE = "/v1/organizations/usage_report/claude_code"
ACTIVITY = "/teams/daily-usage-data"
EVENTS = "/teams/filtered-usage-events"
RAW = (
    "raw_anthropic_usage,raw_anthropic_account_usage,raw_anthropic_cost,"
    "raw_claude_code_usage,raw_claude_code_models,"
    "raw_cursor_usage,raw_cursor_events"
)
QUARTER = Days(date(2026, 8, 20), date(2026, 11, 18))


class Backfill:
    """One sandbox, one warehouse and Dagster's record of it."""

    def __init__(self, sandbox: Sandbox, folder: Path, instance: dg.DagsterInstance) -> None:
        self.sandbox, self.folder, self.instance = sandbox, folder, instance
        self.engine = DuckDBEngine(folder / "ai_usage.duckdb")
        self.env = environment(sandbox, self.engine, folder)

    def run(self, days: Days, select: str) -> dg.ExecuteInProcessResult:
        return materialise(self.env, days, select, self.instance, clock=lambda: NOW)

    def recorded(self, table: str) -> set[str]:
        return set(self.instance.get_materialized_partitions(dg.AssetKey(table)))

    def rows(self, table: str) -> list[dict[str, Any]]:
        with self.engine.session() as session:
            rows: list[dict[str, Any]] = session.fetch(
                f"select ingest_date as day, count(*) as n from {table} group by 1 order by 1"
            ).to_pylist()
        return rows


@pytest.fixture(scope="module")
def company() -> Iterator[Sandbox]:
    with running(now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def backfill(company: Sandbox, tmp_path: Path) -> Iterator[Backfill]:
    company.requests.clear()
    with dg.DagsterInstance.ephemeral() as instance:
        yield Backfill(company, tmp_path, instance)
    company.faults.clear()


def keys(days: Days) -> set[str]:
    return set(map(str, days))


# how many runs, how many requests


def test_a_contiguous_range_is_one_run_with_the_fewest_requests(backfill: Backfill) -> None:
    days = Days(date(2026, 9, 20), date(2026, 11, 18))
    assert backfill.run(days, RAW).success
    told = backfill.sandbox.company.totals(days)
    pages = sum(-(-sum(told[day].cursor.events for day in window) // 1000) for window in days.chunks(30))
    assert backfill.sandbox.requests == {USAGE: 2 * 2, COST: 2, CLAUDE_CODE: 60, ACTIVITY: 2, EVENTS: pages}
    assert all(backfill.recorded(table) == keys(days) for table in RAW.split(","))


def test_a_backfill_with_gaps_is_one_run_a_range_and_asks_for_no_day_between(backfill: Backfill) -> None:
    ranges = [
        Days(date(2026, 10, 1), date(2026, 10, 5)),
        Days.one(date(2026, 10, 8)),
        Days(date(2026, 10, 20), date(2026, 10, 31)),
    ]
    wanted = {
        AssetKeyPartitionKey(dg.AssetKey("raw_anthropic_usage"), str(day)) for days in ranges for day in days
    }
    with exported(backfill.env) as defs:
        graph = defs.resolve_asset_graph()
        requests = build_run_requests_with_backfill_policies(wanted, graph, backfill.instance)
    runs = [days for days in (days_tagged(request.tags) for request in requests) if days]
    assert sorted(runs) == ranges
    assert all(backfill.run(days, "raw_anthropic_usage").success for days in runs)
    assert backfill.sandbox.requests == {USAGE: 3}
    assert backfill.recorded("raw_anthropic_usage") == {key.partition_key for key in wanted}


def test_days_before_the_vendor_has_data_land_as_empty_days(backfill: Backfill) -> None:
    backfill.env["AI_USAGE_START_DATE"] = "2024-09-01"
    first = backfill.sandbox.company.first_day
    days = Days(first - timedelta(days=12), first + timedelta(days=6))
    assert backfill.run(days, RAW).success
    for table in RAW.split(","):
        assert backfill.recorded(table) == keys(days)
        assert {row["day"] for row in backfill.rows(table)} <= set(Days(first, days.last))
    assert backfill.rows("raw_anthropic_usage")


# what a failure keeps


@pytest.mark.parametrize(
    ("table", "path", "answered"),
    [("raw_anthropic_usage", USAGE, 2), ("raw_claude_code_models", CLAUDE_CODE, 62)],
)
def test_a_failure_in_the_third_window_keeps_the_first_two_in_warehouse_and_record(
    backfill: Backfill, table: str, path: str, answered: int
) -> None:
    select = "raw_claude_code_usage,raw_claude_code_models" if path == CLAUDE_CODE else table
    backfill.sandbox.faults.next(path, faults.Fault(), times=answered)
    backfill.sandbox.faults.next(path, faults.html(), times=9)
    assert path in str(refusals(backfill.run(QUARTER, select)))
    kept = Days(QUARTER.first, QUARTER.first + timedelta(days=61))
    for each in select.split(","):
        assert backfill.recorded(each) == keys(kept)
        assert backfill.rows(each)[-1]["day"] == max(day for day in kept if day.weekday() < 5)
    backfill.sandbox.faults.clear()
    assert backfill.run(Days(kept.end, QUARTER.last), select).success
    assert all(backfill.recorded(each) == keys(QUARTER) for each in select.split(","))


def test_days_published_and_not_yet_recorded_are_published_again_without_a_trace(
    backfill: Backfill, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = Days(date(2026, 11, 1), date(2026, 11, 5))
    with monkeypatch.context() as killed:
        killed.setattr(records, "remember", lambda *_, **__: 1 / 0)
        assert not backfill.run(days, "raw_cursor_events").success
    published = backfill.rows("raw_cursor_events")
    assert (bool(published), backfill.recorded("raw_cursor_events")) == (True, set())
    assert backfill.run(days, "raw_cursor_events").success
    assert backfill.rows("raw_cursor_events") == published
    assert backfill.recorded("raw_cursor_events") == keys(days)


# days that cannot be had


@pytest.mark.parametrize("select", ["*", "fct_usage_daily", "raw_cursor_members,raw_cursor_events"])
@pytest.mark.parametrize(
    "days",
    [
        Days(date(2026, 11, 17), date(2026, 11, 20)),
        Days.one(date(2026, 11, 20)),
        Days(date(2026, 11, 21), date(2026, 11, 22)),
    ],
    ids=["a range into today", "today", "days to come"],
)
def test_a_day_that_is_not_over_is_refused_with_the_last_closed_day_before_anything_is_asked_or_written(
    backfill: Backfill, days: Days, select: str
) -> None:
    said = run_refusal(backfill.run(days, select))
    assert said.startswith(f"{days} cannot be fetched: {max(days.first, date(2026, 11, 20))} is not over")
    assert "the last closed day is 2026-11-19 (UTC)" in said
    assert not backfill.sandbox.requests
    assert not (backfill.folder / "ai_usage.duckdb").exists()


def test_a_range_that_starts_before_the_start_date_is_refused_with_its_variable(backfill: Backfill) -> None:
    said = run_refusal(backfill.run(Days(date(2024, 12, 30), date(2025, 1, 2)), "*"))
    assert "the first day is 2025-01-01" in said
    assert "AI_USAGE_START_DATE" in said
    assert not backfill.sandbox.requests


def test_a_partition_asked_for_by_its_key_is_refused_in_the_same_words(backfill: Backfill) -> None:
    tomorrow = last_closed(datetime.now(UTC)) + 2 * ONE_DAY
    with exported(backfill.env) as defs:
        job = defs.resolve_implicit_global_asset_job_def()
        with pytest.raises(
            DaysRefused, match=rf"the last closed day is ({tomorrow - 2 * ONE_DAY}|{tomorrow - ONE_DAY})"
        ):
            job.execute_in_process(partition_key=str(tomorrow))
        with pytest.raises(DaysRefused, match=r"'yesterday' is not a day like 2026-10-31"):
            job.execute_in_process(partition_key="yesterday")
