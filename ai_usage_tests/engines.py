"""One fixture, two engines: a new DuckDB file, and a new dataset on BigQuery's emulator."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from ai_usage_assets.warehouse.bigquery import BigQueryEngine
from ai_usage_assets.warehouse.duckdb import DuckDBEngine
from ai_usage_assets.warehouse.protocol import Engine


@pytest.fixture
def duckdb(tmp_path: Path) -> DuckDBEngine:
    return DuckDBEngine(tmp_path / "warehouse.duckdb")


@pytest.fixture
def bigquery(emulator: str) -> BigQueryEngine:
    return BigQueryEngine("local", f"ai_usage_{uuid4().hex[:12]}", emulator_host=emulator)


@pytest.fixture(params=["duckdb", "bigquery"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    yield request.getfixturevalue(request.param)
