"""Raw assets run against the sandbox into a new DuckDB file; a fault says what the vendor answers instead."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ai_usage_assets.days import Clock, Days, utc_now
from ai_usage_assets.demo.sandbox.faults import Fault
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.graph import environment, materialise, refusals

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 18)


class Landing:
    """One warehouse, and what is landed in it."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.engine = DuckDBEngine(folder / "ai_usage.duckdb")
        self.env = environment(sandbox, self.engine, folder)

    def run(self, tables: str, days: Days, clock: Clock = utc_now) -> dict[str, str]:
        """What each failed step said; nothing if all went well."""
        return refusals(materialise(self.env, days, tables, clock=clock))

    def answered(self, path: str, change: Callable[[dict[str, Any]], None]) -> None:
        """The next answer of a path, changed on its way."""
        self.sandbox.faults.next(path, Fault(damage=lambda said, _: change(said)))

    def rows(self, table: str, columns: str = "*", where: str = "true") -> list[dict[str, Any]]:
        with self.engine.session() as session:
            if not session.fetch(f"select 1 as one from duckdb_tables where table_name = '{table}'").num_rows:
                return []
            found: list[dict[str, Any]] = session.fetch(
                f"select {columns} from {table} where {where}"
            ).to_pylist()
            return found


@pytest.fixture(scope="session")
def company() -> Iterator[Sandbox]:
    with running(now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def landing(company: Sandbox, tmp_path: Path) -> Iterator[Landing]:
    company.requests.clear()
    company.last_requests.clear()
    yield Landing(company, tmp_path)
    company.faults.clear()
    company.now = NOW
