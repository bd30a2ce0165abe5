"""A run over thirty days of every table on each engine, once a test session, and a second run with what both sent to BigQuery."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from google.cloud import bigquery

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.schema.ddl import names
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.schema.tables.seen_values import SEEN_VALUES
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_assets.warehouse.sql import within
from ai_usage_tests.support.emulator.recording import Call, recording
from ai_usage_tests.support.engines import ENGINES, emulated
from ai_usage_tests.support.harness import NOW, Harness
from ai_usage_tests.support.live.project import temporary_dataset

DAYS = Days(date(2026, 10, 21), date(2026, 11, 19))
CHANGING_COLUMNS = {"fetched_at", "processed_at", "last_seen_at", "loaded_at", "read_until"}
Content = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class SecondRun:
    """The same days a second time, when the tables exist: every statement is as on any other day."""

    before: Content
    result: dg.ExecuteInProcessResult
    calls: list[Call]
    after: Content


class MonthRun(Harness):
    """The warehouse after the run, its result, and the requests that it took."""

    def __init__(self, engine: Engine, sandbox: Sandbox, folder: Path) -> None:
        write_identity(sandbox.company, folder / "identity")
        # the tables begin on the first of the thirty days, so that no check misses an earlier one
        super().__init__(sandbox, folder, engine=engine, env={"AI_USAGE_START_DATE": str(DAYS.first)})
        self.started_at = datetime.now(UTC)
        with recording() as self.calls:
            self.result = self.materialize("*", DAYS)
        self.seconds = (datetime.now(UTC) - self.started_at).total_seconds()
        self.requests = dict(sandbox.requests)

    @cached_property
    def second_run(self) -> SecondRun:
        for _ in range(2):
            began_on = datetime.now(UTC).date()
            before = self._content_of_all()
            with recording() as calls:
                result = self.materialize("*", DAYS)
            run = SecondRun(before, result, calls, self._content_of_all())
            # some views are about today: what changed over midnight UTC is not the run's
            if datetime.now(UTC).date() == began_on:
                break
        return run

    def sums(self, table: str, day: str, where: str = "true", **measures: str) -> dict[date, dict[str, Any]]:
        """By day, the sum of each measure; zeros for a day without rows."""
        columns = ", ".join(f"sum({sql}) as {name}" for name, sql in measures.items())
        rows = self.fetch(
            f"select {day} as day, {columns} from {table} where {where} and {within(day, DAYS)} group by 1"
        )
        found = {row["day"]: {name: row[name] for name in measures} for row in rows}
        return {day: found.get(day, dict.fromkeys(measures, 0)) for day in DAYS}

    def content(self, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
        partition = next((t.partition for t in TABLES if t.name == table), None)
        where = f" where {within(partition, DAYS)}" if partition else ""
        if table == SEEN_VALUES.name:
            # the rows of `read` say what the last refresh read, and not what was seen
            where = " where attribute != 'read'"
        rows = self.fetch(f"select {names(columns)} from `{table}`{where}")
        return sorted((tuple(row.values()) for row in rows), key=repr)

    def _content_of_all(self) -> Content:
        return {
            t.name: self.content(t.name, [c for c in t.column_names if c not in CHANGING_COLUMNS])
            for t in TABLES
        }


def month_run_on(engine: Engine, folder: Path) -> Iterator[MonthRun]:
    with running(now=NOW) as sandbox:
        yield MonthRun(engine, sandbox, folder)


@pytest.fixture(scope="session")
def month_run_on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MonthRun]:
    folder = tmp_path_factory.mktemp("month")
    yield from month_run_on(DuckDBEngine(folder / "ai_usage.duckdb"), folder)


@pytest.fixture(scope="session")
def month_run_on_bigquery(emulator: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MonthRun]:
    yield from month_run_on(emulated(emulator), tmp_path_factory.mktemp("month"))


@pytest.fixture(scope="session")
def month_run_on_live(
    live_client: bigquery.Client, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MonthRun]:
    with temporary_dataset(live_client) as engine:
        yield from month_run_on(engine, tmp_path_factory.mktemp("month"))


@pytest.fixture(scope="module", params=ENGINES)
def month_run(request: pytest.FixtureRequest) -> MonthRun:
    found: MonthRun = request.getfixturevalue(f"month_run_on_{request.param}")
    return found
