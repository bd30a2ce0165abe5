"""One fixture, two engines: a new DuckDB file, and a new dataset on BigQuery's emulator."""

from pathlib import Path
from uuid import uuid4

import pytest

from ai_usage_assets.warehouse.bigquery import BigQueryEngine
from ai_usage_assets.warehouse.duckdb import DuckDBEngine
from ai_usage_assets.warehouse.protocol import Engine


def engine_of(request: pytest.FixtureRequest, folder: Path) -> Engine:
    """The engine that a fixture's parameter names, with nothing in it."""
    if request.param == "duckdb":
        return DuckDBEngine(folder / "ai_usage.duckdb")
    emulator = request.getfixturevalue("emulator")
    return BigQueryEngine("local", f"ai_usage_{uuid4().hex[:12]}", emulator_host=emulator)


@pytest.fixture(params=["duckdb", "bigquery"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    return engine_of(request, tmp_path)
