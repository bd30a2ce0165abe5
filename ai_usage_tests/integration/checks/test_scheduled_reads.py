"""An hourly check reads a table again only after a change of the table, and nothing that is sent daily reads all days."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks import freshness, retention
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.warehouse.duckdb.engine import DuckDBSession
from ai_usage_tests.support.harness import Harness
from benchmarks.statement_reads import reads

TABLE = "raw_cursor_events"
FIRST = datetime(2026, 11, 20, 1, tzinfo=UTC)


class ChangeTimes:
    """DuckDB as if it said, like BigQuery, when a table was changed; and the statements that read the table's days."""

    def __init__(self) -> None:
        self.changed_at, self.reads = FIRST, list[str]()

    def change(self) -> None:
        self.changed_at += timedelta(hours=1)


@pytest.fixture
def times() -> Iterator[ChangeTimes]:
    times, fetch = ChangeTimes(), DuckDBSession.fetch

    def recorded(session: DuckDBSession, sql: str) -> Any:
        if sql.startswith("select distinct") and TABLE in sql:
            times.reads.append(sql)
        return fetch(session, sql)

    with (
        patch.object(DuckDBSession, "fetch", recorded),
        patch.object(DuckDBSession, "changed_at", lambda _, name: times.changed_at),
    ):
        yield times


@pytest.fixture
def warehouse(harness: Harness) -> Harness:
    assert harness.materialize(TABLE, Days(date(2026, 11, 17), date(2026, 11, 18))).success
    return harness


@pytest.mark.parametrize("check", [freshness.CHECK, retention.CHECK])
def test_a_table_that_did_not_change_is_read_once(warehouse: Harness, times: ChangeTimes, check: str) -> None:
    first = warehouse.check(check)[TABLE]
    again = warehouse.check(check)[TABLE]

    assert len(times.reads) == 1
    assert (first.passed, first.metadata) == (again.passed, again.metadata)


def test_rows_that_are_deleted_by_hand_are_noticed(warehouse: Harness, times: ChangeTimes) -> None:
    assert warehouse.check(freshness.CHECK)[TABLE].passed
    warehouse.execute(f"delete from {TABLE} where ingest_date = date '2026-11-18'")
    times.change()

    assert not warehouse.check(freshness.CHECK)[TABLE].passed


def test_for_a_week_a_missing_day_is_noticed_without_a_read(warehouse: Harness, times: ChangeTimes) -> None:
    warehouse.check(freshness.CHECK)
    later = [
        (
            warehouse.check(freshness.CHECK, datetime(2026, 11, day, 12, tzinfo=UTC))[TABLE].passed,
            len(times.reads),
        )
        for day in (27, 28)
    ]

    assert later == [(False, 1), (False, 2)]


MAX_DAYS = 200
"""The trend of the finance checks covers half a year. Everything else reads fewer days."""
VIEWS = {view.name for view in layer(Layer.VIEW)}


def test_no_daily_statement_reads_more_of_a_long_history(harness: Harness) -> None:
    """A run of every table and every scheduled check, two years after the first day. Views are created once."""
    harness.env["AI_USAGE_START_DATE"] = "2024-11-20"
    harness.materialize("*", Days.one(date(2026, 11, 18)))
    sent: dict[str, str] = {}
    plain = {name: getattr(DuckDBSession, name) for name in ("fetch", "execute", "stage")}

    def recorded(name: str) -> Any:
        def call(session: Any, *given: Any) -> Any:
            asset = session._context.labels["asset"] if session._context else ""
            if asset not in VIEWS and isinstance(given[-1], str):
                sent.setdefault(given[-1], asset)
            return plain[name](session, *given)

        return call

    with ExitStack() as stack:
        for name in plain:
            stack.enter_context(patch.object(DuckDBSession, name, recorded(name)))
        harness.materialize("*", Days.one(date(2026, 11, 19)))
        for check in scheduled_checks(harness):
            harness.check(check)

    unbounded = {
        (asset, read.table.name, None if read.days is None else len(read.days))
        for sql, asset in sent.items()
        if sql.startswith(("select", "with", "merge", "--"))
        for read in reads(sql, date(2026, 11, 20))
        if read.table.partition and not read.is_staged
        if read.days is None or len(read.days) > MAX_DAYS
    }
    assert len(sent) > 100
    assert unbounded == set()


def scheduled_checks(harness: Harness) -> set[str]:
    with harness.code_location() as defs:
        graph = defs.resolve_asset_graph()
        return {key.name for key in graph.asset_check_keys if graph.get(key).automation_condition}
