"""Backfills: one run a contiguous range, the fewest requests, finished windows kept, and days that cannot be had refused."""

from collections import Counter
from datetime import date, timedelta

import dagster as dg
import pytest
from dagster._core.definitions.automation_tick_evaluation_context import (
    build_run_requests_with_backfill_policies,
)
from dagster._core.definitions.events import AssetKeyPartitionKey

from ai_usage_assets.days import Days
from ai_usage_assets.defs import materializations as records
from ai_usage_assets.defs.partitions import InvalidDaysError, days_tagged
from ai_usage_assets.demo.sandbox import faults
from ai_usage_assets.warehouse.duckdb import engine as duckdb_engine
from ai_usage_tests.support.harness import Harness, Rows, run_error, step_errors

pytestmark = pytest.mark.slow

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


def day_counts(harness: Harness, table: str) -> Rows:
    """The days that the table has rows of, and how many."""
    return harness.rows(table, "ingest_date as day, count(*) as n", "true group by 1 order by 1")


# how many runs, how many requests


def test_a_contiguous_range_is_one_run_with_the_fewest_requests(harness: Harness) -> None:
    # on no page of these windows is the last call equal to the next page's first, which takes a second reading
    days = Days(date(2026, 9, 21), date(2026, 11, 19))
    assert harness.materialize(RAW, days).success
    expected = harness.sandbox.company.totals(days)
    pages = sum(-(-sum(expected[day].cursor.events for day in window) // 1000) for window in days.chunks(30))
    assert harness.sandbox.requests == {USAGE: 4, COST: 2, CLAUDE_CODE: 60, ACTIVITY: 2, EVENTS: pages}
    assert all(harness.materialized_days(table) == set(days) for table in RAW.split(","))


def test_a_backfill_with_gaps_is_one_run_a_range_and_requests_no_day_between(harness: Harness) -> None:
    ranges = [
        Days(date(2026, 10, 1), date(2026, 10, 5)),
        Days.one(date(2026, 10, 8)),
        Days(date(2026, 10, 20), date(2026, 10, 31)),
    ]
    wanted = {
        AssetKeyPartitionKey(dg.AssetKey("raw_anthropic_usage"), str(day)) for days in ranges for day in days
    }
    with harness.code_location() as defs:
        graph = defs.resolve_asset_graph()
        requests = build_run_requests_with_backfill_policies(wanted, graph, harness.instance)
    runs = [days for days in (days_tagged(request.tags) for request in requests) if days]
    assert sorted(runs) == ranges
    assert all(harness.materialize("raw_anthropic_usage", days).success for days in runs)
    assert harness.sandbox.requests == {USAGE: 3}
    assert harness.materialized_days("raw_anthropic_usage") == {day for days in ranges for day in days}


def test_days_before_the_vendor_has_data_are_loaded_as_empty_days(harness: Harness) -> None:
    harness.env["AI_USAGE_START_DATE"] = "2024-09-01"
    first = harness.sandbox.company.first_day
    days = Days(first - timedelta(days=12), first + timedelta(days=6))
    assert harness.materialize(RAW, days).success
    for table in RAW.split(","):
        assert harness.materialized_days(table) == set(days)
        assert {row["day"] for row in day_counts(harness, table)} <= set(Days(first, days.last))
    assert day_counts(harness, "raw_anthropic_usage")


# what a failure keeps


@pytest.mark.parametrize(
    ("table", "path", "answered"),
    [("raw_anthropic_usage", USAGE, 2), ("raw_claude_code_models", CLAUDE_CODE, 62)],
)
def test_a_failure_in_the_third_window_keeps_the_first_two_in_warehouse_and_record(
    harness: Harness, table: str, path: str, answered: int
) -> None:
    select = "raw_claude_code_usage,raw_claude_code_models" if path == CLAUDE_CODE else table
    harness.sandbox.faults.next(path, faults.Fault(), times=answered)
    harness.sandbox.faults.next(path, faults.html(), times=9)
    assert path in str(step_errors(harness.materialize(select, QUARTER)))
    kept = Days(QUARTER.first, QUARTER.first + timedelta(days=61))
    for each in select.split(","):
        assert harness.materialized_days(each) == set(kept)
        assert day_counts(harness, each)[-1]["day"] == max(day for day in kept if day.weekday() < 5)
    harness.sandbox.faults.clear()
    assert harness.materialize(select, Days(kept.end, QUARTER.last)).success
    assert all(harness.materialized_days(each) == set(QUARTER) for each in select.split(","))


@pytest.mark.parametrize(("seconds", "times"), [(60.0, 1), (-1.0, 2)])
def test_a_day_is_recorded_twice_only_if_the_step_takes_long(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, seconds: float, times: int
) -> None:
    monkeypatch.setattr(records, "MAX_UNRECORDED_SECONDS", seconds)
    monkeypatch.setattr(duckdb_engine, "MAX_DAYS_PER_WRITE", 92)
    days = Days(date(2026, 5, 1), date(2026, 11, 18))
    assert harness.materialize("fct_cursor_requests_daily", days).success
    found = harness.instance.fetch_materializations(dg.AssetKey("fct_cursor_requests_daily"), limit=1000)
    assert Counter(record.partition_key for record in found.records) == dict.fromkeys(map(str, days), times)


def test_days_published_and_not_yet_recorded_are_published_again_unchanged(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = Days(date(2026, 11, 1), date(2026, 11, 5))
    with monkeypatch.context() as killed:
        killed.setattr(records, "remember", lambda *_, **__: 1 / 0)
        killed.setattr(records.Unrecorded, "store", lambda _: [])
        assert not harness.materialize("raw_cursor_events", days).success
    published = day_counts(harness, "raw_cursor_events")
    assert (bool(published), harness.materialized_days("raw_cursor_events")) == (True, set())
    assert harness.materialize("raw_cursor_events", days).success
    assert day_counts(harness, "raw_cursor_events") == published
    assert harness.materialized_days("raw_cursor_events") == set(days)


# days that cannot be had


@pytest.mark.parametrize(
    ("days", "select"),
    [
        (Days(date(2026, 11, 17), date(2026, 11, 20)), "*"),
        (Days.one(date(2026, 11, 20)), "fct_usage_daily"),
        (Days(date(2026, 11, 21), date(2026, 11, 22)), "raw_cursor_members,raw_cursor_events"),
    ],
    ids=["a range into today", "today", "days to come"],
)
def test_a_day_that_is_not_over_is_refused_before_any_request_or_write(
    harness: Harness, days: Days, select: str
) -> None:
    message = run_error(harness.materialize(select, days))
    assert message.startswith(f"{days} cannot be fetched: {max(days.first, date(2026, 11, 20))} is not over")
    assert "the last closed day is 2026-11-19 (UTC)" in message
    assert not harness.sandbox.requests
    assert not (harness.folder / "ai_usage.duckdb").exists()


def test_a_range_that_starts_before_the_start_date_is_refused_with_its_variable(harness: Harness) -> None:
    message = run_error(
        harness.materialize("raw_anthropic_usage", Days(date(2024, 12, 30), date(2025, 1, 2)))
    )
    assert "the first day is 2025-01-01" in message
    assert "AI_USAGE_START_DATE" in message
    assert not harness.sandbox.requests


def test_a_partition_that_is_requested_by_its_key_is_refused_with_the_same_message(harness: Harness) -> None:
    with harness.code_location() as defs:
        job = defs.resolve_implicit_global_asset_job_def()
        with pytest.raises(InvalidDaysError, match="the last closed day is 2026-11-19"):
            job.execute_in_process(partition_key="2026-11-20")
        with pytest.raises(InvalidDaysError, match=r"'yesterday' is not a day like 2026-10-31"):
            job.execute_in_process(partition_key="yesterday")
