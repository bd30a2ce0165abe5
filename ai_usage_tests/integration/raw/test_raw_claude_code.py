"""Claude Code's two tables: a call a day, both tables as far as each other, and nothing before the vendor tells all of it."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ai_usage_assets.days import ONE_DAY, Days, midnight
from ai_usage_assets.demo.sandbox import faults
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.sources.anthropic import claude_code
from ai_usage_assets.sources.anthropic.records import ClaudeCodeRecord
from ai_usage_assets.sources.http import decode
from ai_usage_tests.support.hang import MAX_SECONDS
from ai_usage_tests.support.harness import DAY, NOW, Harness

PATH = "/v1/organizations/usage_report/claude_code"
TABLES = "raw_claude_code_usage,raw_claude_code_models"
USED = {
    "model": "claude-opus-5-5",
    "tokens": {"input": 1, "output": 2, "cache_read": 3, "cache_creation": 4},
    "estimated_cost": {"amount": 105, "currency": "USD"},
}
RECORD: dict[str, Any] = {
    "date": f"{DAY}T00:00:00Z",
    "actor": {"type": "user_actor", "email_address": "Dev@Example.com"},
    "organization_id": "2f1c",
    "customer_type": "api",
    "subscription_type": None,
    "terminal_type": "vscode",
    "is_remote": False,
    "core_metrics": {
        "num_sessions": 4,
        "lines_of_code": {"added": 512, "removed": 77},
        "commits_by_claude_code": 3,
        "pull_requests_by_claude_code": 1,
    },
    "tool_actions": {"edit_tool": {"accepted": 21, "rejected": 2}, "of_2027": {"accepted": 4, "rejected": 5}},
    "model_breakdown": [USED],
}


def load(harness: Harness, *records: dict[str, Any]) -> dict[str, str]:
    """What was refused, of a day on which the vendor tells these records alone."""
    harness.change_response(PATH, lambda body: body.update(data=[deepcopy(record) for record in records]))
    return harness.errors(TABLES, Days.one(DAY))


# what a row is


def test_a_record_is_a_row_and_each_of_its_models_one_with_tools_summed_and_cents_in_dollars(
    harness: Harness,
) -> None:
    sonnet = {**USED, "model": "claude-sonnet-5-5", "estimated_cost": {"amount": 0.5, "currency": "USD"}}
    assert load(harness, {**RECORD, "model_breakdown": [USED, sonnet]}) == {}
    actor = {
        "ingest_date": DAY,
        "actor_type": "user_actor",
        "actor_email": "Dev@Example.com",
        "api_key_name": None,
        "customer_type": "api",
        "subscription_type": None,
        "terminal_type": "vscode",
        "is_remote": False,
    }
    counts = {"sessions": 4, "lines_added": 512, "lines_removed": 77, "commits": 3, "pull_requests": 1}
    tokens = {"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3, "cache_creation_tokens": 4}
    assert harness.rows("raw_claude_code_usage", "* except (fetched_at)") == [
        {**actor, **counts, "tool_accepts": 25, "tool_rejects": 7}
    ]
    assert harness.rows("raw_claude_code_models", "* except (fetched_at)", "true order by model") == [
        {**actor, "model": "claude-opus-5-5", **tokens, "estimated_cost_usd": Decimal("1.05")},
        {**actor, "model": "claude-sonnet-5-5", **tokens, "estimated_cost_usd": Decimal("0.005")},
    ]


def test_records_with_the_same_key_are_summed_in_both_tables(harness: Harness) -> None:
    assert load(harness, RECORD, {**RECORD, "model_breakdown": [USED, USED]}) == {}
    assert harness.rows("raw_claude_code_usage", "sessions, tool_accepts") == [
        {"sessions": 8, "tool_accepts": 50}
    ]
    assert harness.rows("raw_claude_code_models", "output_tokens, estimated_cost_usd") == [
        {"output_tokens": 6, "estimated_cost_usd": Decimal("3.15")}
    ]


def test_records_that_differ_in_any_dimension_stay_apart(harness: Harness) -> None:
    untold = {name: value for name, value in RECORD.items() if name != "is_remote"}
    others = [
        {**RECORD, "actor": {"type": "user_actor", "email_address": "other@example.com"}},
        {**RECORD, "actor": {"type": "api_actor", "api_key_name": "ci"}},
        {**RECORD, "actor": {"type": "api_actor", "api_key_name": "nightly"}},
        {**RECORD, "customer_type": "subscription", "subscription_type": "team"},
        {**RECORD, "customer_type": "subscription", "subscription_type": "enterprise"},
        {**RECORD, "terminal_type": "tmux"},
        {**RECORD, "is_remote": True},
        untold,
    ]
    assert load(harness, RECORD, *others) == {}
    for table in TABLES.split(","):
        assert len(harness.rows(table)) == 1 + len(others)


def test_a_record_without_tools_or_models_counts_nothing_of_them(harness: Harness) -> None:
    assert load(harness, {**RECORD, "tool_actions": {}, "model_breakdown": []}) == {}
    assert harness.rows("raw_claude_code_usage", "tool_accepts, tool_rejects") == [
        {"tool_accepts": 0, "tool_rejects": 0}
    ]
    assert harness.rows("raw_claude_code_models") == []


# how the vendor is asked


def test_a_range_is_requested_day_by_day_and_every_day_is_loaded(harness: Harness) -> None:
    days = Days(date(2026, 9, 20), date(2026, 11, 18))
    assert harness.errors(TABLES, days) == {}
    requested = sorted(q.query for q in harness.sandbox.last_requests if q.path == PATH)
    assert requested == [f"starting_at={day}&limit=1000" for day in days]
    expected = harness.sandbox.company.totals(days)
    found = harness.rows("raw_claude_code_usage", "ingest_date as day, sum(sessions) as n", "true group by 1")
    assert {row["day"]: row["n"] for row in found} == {
        day: n for day, t in expected.items() if (n := sum(of.num_sessions for of in t.claude_code.values()))
    }


def test_a_long_range_is_loaded_a_month_at_a_time(harness: Harness) -> None:
    harness.now = None  # each chunk has a time of its own
    assert harness.errors(TABLES, Days(date(2026, 9, 10), DAY)) == {}
    for table in TABLES.split(","):
        months = harness.rows(table, "fetched_at, count(distinct ingest_date) as days", "true group by 1")
        assert len(months) == 3
        assert max(month["days"] for month in months) <= 31


def test_a_day_of_more_records_than_a_page_is_loaded_completely(tmp_path: Path) -> None:
    with running(Company(people=1200), now=NOW) as sandbox:
        harness = Harness(sandbox, tmp_path)
        assert harness.errors(TABLES, Days.one(DAY)) == {}
        expected = sandbox.company.totals(Days.one(DAY))[DAY].claude_code
        assert sum(of.records for of in expected.values()) > 1000
        assert sandbox.requests[PATH] > 1
        [found] = harness.rows("raw_claude_code_usage", "sum(sessions) as n")
        assert found["n"] == sum(of.num_sessions for of in expected.values())


class Slow:
    """A vendor whose answers wait for something, and that notes how many days it is asked at once."""

    def __init__(self, waits: Callable[[date], object]) -> None:
        self.asked: list[date] = []
        self.now = self.most = 0
        self._waits, self._lock = waits, threading.Lock()

    def __call__(self, day: date) -> Iterator[ClaudeCodeRecord]:
        with self._lock:
            self.asked.append(day)
            self.now += 1
            self.most = max(self.most, self.now)
        self._waits(day)
        with self._lock:
            self.now -= 1
        yield decode.decode_json(json.dumps({**RECORD, "date": str(day)}).encode(), ClaudeCodeRecord)


OCTOBER = Days(date(2026, 10, 1), date(2026, 10, 31))


def test_eight_days_are_requested_at_once_and_stay_in_order() -> None:
    all_asked = threading.Barrier(8)
    answered = {day: threading.Event() for day in OCTOBER}

    def the_last_first(day: date) -> None:
        if day.day <= 8:
            all_asked.wait(MAX_SECONDS)
        if day.day < 8:
            assert answered[day + ONE_DAY].wait(MAX_SECONDS)
        answered[day].set()

    vendor = Slow(the_last_first)
    usage, _ = claude_code.fetch(vendor, OCTOBER, NOW)
    assert vendor.most == 8
    assert usage["ingest_date"].to_pylist() == list(OCTOBER)


def test_a_day_that_fails_ends_the_fetch_and_later_days_are_not_requested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()

    class Pool(ThreadPoolExecutor):
        def shutdown(self, *given: Any, **more: Any) -> None:
            over.set()
            super().shutdown(*given, **more)

    def first_fails(day: date) -> None:
        if day == OCTOBER.first:
            raise ConnectionError("no answer")
        assert over.wait(MAX_SECONDS)

    monkeypatch.setattr(claude_code, "ThreadPoolExecutor", Pool)
    vendor = Slow(first_fails)
    with pytest.raises(ConnectionError):
        claude_code.fetch(vendor, OCTOBER, NOW)
    # the thread of the failed day may have begun one more
    assert len(vendor.asked) <= 9


# both as far as each other


def test_a_range_that_breaks_off_keeps_the_finished_months_of_both_tables(harness: Harness) -> None:
    days = Days(date(2026, 9, 20), date(2026, 11, 18))
    harness.sandbox.faults.next(PATH, faults.Fault(), times=45)
    harness.sandbox.faults.next(PATH, faults.html(), times=5)
    message = harness.errors(TABLES, days)
    assert PATH in message["raw_claude_code"]
    month = Days(days.first, date(2026, 10, 20))
    expected = {
        day
        for day, t in harness.sandbox.company.totals(month).items()
        if any(of.records for of in t.claude_code.values())
    }
    for table in TABLES.split(","):
        assert {row["ingest_date"] for row in harness.rows(table, "distinct ingest_date")} == expected


# the hour after midnight


def test_a_day_is_refused_until_an_hour_after_it_ends_with_the_time_to_retry(harness: Harness) -> None:
    closed = midnight(DAY) + timedelta(days=1, hours=1)
    harness.sandbox.now = closed - timedelta(seconds=1)
    message = harness.errors(TABLES, Days(date(2026, 11, 1), DAY), now=harness.sandbox.now)
    assert "2026-11-18 is not final before 2026-11-19 01:00 UTC" in message["raw_claude_code"]
    assert harness.sandbox.requests[PATH] == 0
    assert harness.rows("raw_claude_code_usage") == []

    harness.sandbox.now = closed
    assert harness.errors(TABLES, Days.one(DAY), now=harness.sandbox.now) == {}
    expected = harness.sandbox.company.totals(Days.one(DAY))[DAY].claude_code.values()
    [found] = harness.rows("raw_claude_code_usage", "sum(sessions) as n, max(fetched_at) as at")
    assert found == {
        "n": sum(of.num_sessions for of in expected),
        "at": datetime(2026, 11, 19, 1, tzinfo=UTC),
    }
