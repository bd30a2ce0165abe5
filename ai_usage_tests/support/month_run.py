"""Thirty days of the whole graph on each engine, run once a test session and once again, and what that sent to BigQuery."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.schema.ddl import names
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_assets.warehouse.sql import within
from ai_usage_tests.support.emulator.recording import Call, recording
from ai_usage_tests.support.engines import emulated
from ai_usage_tests.support.graph import environment, materialise

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = Days(date(2026, 10, 21), date(2026, 11, 19))
MOVING = {"fetched_at", "processed_at", "last_seen_at", "loaded_at"}
Content = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Again:
    """The same days a second time: every statement is as on any other day, because the tables are there."""

    before: Content
    result: dg.ExecuteInProcessResult
    calls: list[Call]
    after: Content


class Month:
    """The month as it landed, and what it took."""

    def __init__(self, engine: Engine, sandbox: Sandbox, folder: Path) -> None:
        self.engine, self.sandbox = engine, sandbox
        write_identity(sandbox.company, folder / "identity")
        # nothing of before is missed, and nothing has happened since
        self.env = environment(sandbox, engine, folder) | {"AI_USAGE_START_DATE": str(DAYS.first)}
        with recording() as self.calls:
            self.result = materialise(self.env, DAYS, clock=lambda: NOW)
        self.requests = dict(sandbox.requests)

    @cached_property
    def again(self) -> Again:
        before = self._everything()
        with recording() as calls:
            result = materialise(self.env, DAYS, clock=lambda: NOW)
        return Again(before, result, calls, self._everything())

    def sums(self, table: str, day: str, where: str = "true", **measures: str) -> dict[date, dict[str, Any]]:
        wanted = ", ".join(f"sum({sql}) as {name}" for name, sql in measures.items())
        with self.engine.session() as session:
            rows = session.fetch(
                f"select {day} as day, {wanted} from {table} where {where} and {within(day, DAYS)} group by 1"
            ).to_pylist()
        found = {row["day"]: {name: row[name] for name in measures} for row in rows}
        return {day: found.get(day, dict.fromkeys(measures, 0)) for day in DAYS}

    def content(self, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
        with self.engine.session() as session:
            partition = next((t.partition for t in TABLES if t.name == table), None)
            where = f" where {within(partition, DAYS)}" if partition else ""
            rows = session.fetch(f"select {names(columns)} from `{table}`{where}").to_pylist()
        return sorted((tuple(row.values()) for row in rows), key=repr)

    def _everything(self) -> Content:
        return {t.name: self.content(t.name, [c for c in t.column_names if c not in MOVING]) for t in TABLES}


def of(engine: Engine, folder: Path) -> Iterator[Month]:
    with running(now=NOW) as sandbox:
        yield Month(engine, sandbox, folder)


@pytest.fixture(scope="session")
def month_on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    folder = tmp_path_factory.mktemp("month")
    yield from of(DuckDBEngine(folder / "ai_usage.duckdb"), folder)


@pytest.fixture(scope="session")
def month_on_bigquery(emulator: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    yield from of(emulated(emulator), tmp_path_factory.mktemp("month"))


@pytest.fixture(scope="module", params=["duckdb", pytest.param("bigquery", marks=pytest.mark.emulator)])
def month(request: pytest.FixtureRequest) -> Month:
    found: Month = request.getfixturevalue(f"month_on_{request.param}")
    return found
