"""Whatever the rows: every curated SELECT answers on BigQuery's emulator what it answers on DuckDB."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_usage_assets.curated.select import select
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES, layer
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import for_window
from ai_usage_tests.support.generated_rows import DAYS, tables
from ai_usage_tests.support.rule_cases import Row, comparable, in_order, inlined

CURATED = (*layer(Layer.CURATED), *layer(Layer.VIEW))
EVERY = pytest.mark.parametrize("table", CURATED, ids=lambda table: table.name)
QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    engine = DuckDBEngine(tmp_path_factory.mktemp("generated") / "generated.duckdb")
    with engine.session() as opened:
        ensure_tables(engine, opened, [table for table in TABLES if table.layer is not Layer.VIEW])
        yield opened


@pytest.fixture(scope="module")
def on_bigquery(emulator: str) -> Iterator[Session]:
    with BigQueryEngine("local", f"generated_{uuid4().hex[:8]}", emulator_host=emulator).session() as opened:
        yield opened


def answered(rows: list[Row], since: datetime) -> list[Row]:
    return in_order([rounded(comparable(row, since)) for row in rows])


def rounded(row: Row) -> Row:
    """Shares and rates are floats, whose last bit is nobody's."""
    return {name: round(value, 9) if isinstance(value, float) else value for name, value in row.items()}


def held(session: Session, table: Table, rows: dict[Table, list[Row]]) -> list[Row]:
    """The answer over rows that stand beside the real tables, under their names."""
    for read, filled in rows.items():
        session.stage(read.name, pa.Table.from_pylist(filled, schema=arrow_schema(read)))
    try:
        found: list[Row] = session.fetch(for_window(select(table).sql, DAYS)).to_pylist()
    finally:
        for read in rows:
            session.discard(read.name)
    return found


@EVERY
@settings(max_examples=4, deadline=None, suppress_health_check=QUIET, derandomize=True)
@given(data=st.data())
def test_both_engines_answer_alike(
    table: Table, on_duckdb: Session, on_bigquery: Session, data: st.DataObject
) -> None:
    inputs = select(table).inputs
    rows = data.draw(tables(inputs, 40))
    since = datetime.now(UTC)
    written_out = inlined(for_window(select(table).sql, DAYS), inputs, rows)
    assert answered(on_bigquery.fetch(written_out).to_pylist(), since) == answered(
        held(on_duckdb, table, rows), since
    )
