"""A day that Cursor is about to forget is told while it can be fetched; one that is gone is warned of for a week."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.retention import CHECK
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_tests.support.harness import NOW, Harness, check_metadata

TABLE = "raw_cursor_events"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def warehouse(harness: Harness) -> Harness:
    # the vendor has the days from 31 October; those to 14 November are at risk
    harness.env |= {"AI_USAGE_START_DATE": "2026-10-25", "CURSOR_RETENTION_DAYS": "20"}
    return harness


def load(warehouse: Harness, first: date, last: date) -> None:
    assert warehouse.materialize(TABLE, Days(first, last)).success


def check(
    warehouse: Harness, now: datetime = NOW, env: Mapping[str, str] | None = None
) -> dg.AssetCheckEvaluation:
    return warehouse.check(CHECK, now, env=env)[TABLE]


def test_days_that_are_about_to_leave_fail_with_their_deadline_and_lost_ones_are_only_told(
    warehouse: Harness,
) -> None:
    answer = check(warehouse)

    assert not answer.passed
    assert check_metadata(answer, "at_risk") == "2026-10-31...2026-11-14"
    assert check_metadata(answer, "deadline") == "2026-11-20"
    assert str(check_metadata(answer, "lost")).startswith("2026-10-25...2026-10-30:")
    assert TABLE in str(check_metadata(answer, "hint"))


def test_only_the_missing_days_are_named_and_a_fetch_ends_it(warehouse: Harness) -> None:
    load(warehouse, date(2026, 10, 31), date(2026, 11, 5))
    load(warehouse, date(2026, 11, 7), date(2026, 11, 14))
    gap = check(warehouse)
    assert (gap.passed, check_metadata(gap, "at_risk"), check_metadata(gap, "deadline")) == (
        False,
        "2026-11-06",
        "2026-11-26",
    )

    load(warehouse, date(2026, 11, 6), date(2026, 11, 6))

    mended = check(warehouse)
    assert mended.severity is dg.AssetCheckSeverity.WARN
    assert check_metadata(mended, "at_risk") is None
    assert "2026-10-25...2026-10-30" in str(check_metadata(mended, "lost"))


def test_an_empty_day_that_was_fetched_is_not_missing(warehouse: Harness, sandbox: Sandbox) -> None:
    sandbox.empty(date(2026, 11, 2), "cursor")

    load(warehouse, date(2026, 10, 25), date(2026, 11, 19))

    assert check(warehouse).passed


def test_days_before_the_first_day_do_not_count(warehouse: Harness) -> None:
    answer = check(warehouse, env={"AI_USAGE_START_DATE": "2026-11-13"})
    assert (check_metadata(answer, "at_risk"), check_metadata(answer, "lost")) == (
        "2026-11-13...2026-11-14",
        None,
    )


def test_ninety_days_are_the_default(warehouse: Harness) -> None:
    answer = check(warehouse, env={"CURSOR_RETENTION_DAYS": ""})
    assert (answer.passed, check_metadata(answer, "oldest_day_at_the_vendor")) == (True, "2026-08-22")
