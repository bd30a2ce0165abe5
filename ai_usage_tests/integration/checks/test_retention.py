"""A day that Cursor is about to forget is told while it can be fetched; one that is gone is warned of for a week."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.retention import CHECK
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.graph import environment, materialise
from ai_usage_tests.support.watched_checks import Answers, ask, said

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TABLE = "raw_cursor_events"
KEPT = {"CURSOR_RETENTION_DAYS": "20"}
"""So that the days from 31 October are still to be had, and those to 14 November are at risk."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(now=NOW) as sandbox:
        yield sandbox


class Warehouse:
    def __init__(self, sandbox: Sandbox, folder: Path, instance: dg.DagsterInstance) -> None:
        self.env = environment(sandbox, DuckDBEngine(folder / "ai_usage.duckdb"), folder) | KEPT
        self.env["AI_USAGE_START_DATE"] = "2026-10-25"
        self.instance = instance

    def land(self, first: date, last: date) -> None:
        assert materialise(self.env, Days(first, last), TABLE, self.instance).success

    def ask(self, now: datetime = NOW, **env: str) -> Answers:
        return ask({**self.env, **env}, self.instance, CHECK, now)


@pytest.fixture
def warehouse(sandbox: Sandbox, tmp_path: Path) -> Iterator[Warehouse]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Warehouse(sandbox, tmp_path, instance)


def test_days_that_are_about_to_leave_fail_with_their_deadline_and_lost_ones_are_only_told(
    warehouse: Warehouse,
) -> None:
    answer = warehouse.ask()[TABLE]

    assert not answer.passed
    assert said(answer, "at_risk") == "2026-10-31...2026-11-14"
    assert said(answer, "deadline") == "2026-11-20"
    assert str(said(answer, "lost")).startswith("2026-10-25...2026-10-30:")
    assert TABLE in str(said(answer, "hint"))


def test_only_the_missing_days_are_named_and_a_fetch_ends_it(warehouse: Warehouse) -> None:
    warehouse.land(date(2026, 10, 31), date(2026, 11, 5))
    warehouse.land(date(2026, 11, 7), date(2026, 11, 14))
    gap = warehouse.ask()[TABLE]
    assert (gap.passed, said(gap, "at_risk"), said(gap, "deadline")) == (False, "2026-11-06", "2026-11-26")

    warehouse.land(date(2026, 11, 6), date(2026, 11, 6))

    mended = warehouse.ask()[TABLE]
    assert mended.severity is dg.AssetCheckSeverity.WARN
    assert said(mended, "at_risk") is None
    assert "2026-10-25...2026-10-30" in str(said(mended, "lost"))


def test_a_day_that_was_missed_becomes_a_loss_that_is_warned_of_for_a_week(warehouse: Warehouse) -> None:
    warehouse.land(date(2026, 11, 1), date(2026, 11, 19))
    assert warehouse.ask()[TABLE].severity is dg.AssetCheckSeverity.ERROR

    lost = warehouse.ask(NOW + timedelta(days=1))[TABLE]
    assert (lost.passed, lost.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert lost.description == (
        "raw_cursor_events: 2026-10-25...2026-10-31 not loaded, and no longer in Cursor's history"
    )

    a_week_later = warehouse.ask(CURSOR_RETENTION_DAYS="12")[TABLE]
    assert a_week_later.passed
    assert "2026-10-25...2026-10-31" in str(said(a_week_later, "lost"))


def test_an_empty_day_that_was_fetched_is_not_missing(warehouse: Warehouse, sandbox: Sandbox) -> None:
    sandbox.empty(date(2026, 11, 2), "cursor")

    warehouse.land(date(2026, 10, 25), date(2026, 11, 19))

    assert warehouse.ask()[TABLE].passed


def test_days_before_the_first_day_do_not_count(warehouse: Warehouse) -> None:
    answer = warehouse.ask(AI_USAGE_START_DATE="2026-11-13")[TABLE]
    assert (said(answer, "at_risk"), said(answer, "lost")) == ("2026-11-13...2026-11-14", None)


def test_ninety_days_are_the_default(warehouse: Warehouse) -> None:
    answer = warehouse.ask(CURSOR_RETENTION_DAYS="")[TABLE]
    assert (answer.passed, said(answer, "oldest_day_at_the_vendor")) == (True, "2026-08-22")
