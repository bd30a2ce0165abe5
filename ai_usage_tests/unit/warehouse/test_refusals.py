"""Errors of DuckDB have our own message, and no value of a row. BigQuery's are in `test_bigquery_refusals.py`."""

import traceback
from pathlib import Path

import pytest

from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.errors import WarehouseUnavailableError

PERSON = "nobody.sees@example.com"


def printed(refused: pytest.ExceptionInfo[WarehouseUnavailableError]) -> str:
    """The error with its causes, as Dagster stores it."""
    return "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    "sql",
    [
        f"select cast('{PERSON}' as int64) as n",
        f"select cast(text as date) as day from (select '{PERSON}' as text)",
        f"select error('{PERSON}') as refused",
    ],
)
def test_no_error_has_a_value_that_duckdb_quotes(tmp_path: Path, sql: str) -> None:
    engine = DuckDBEngine(tmp_path / "w.duckdb")
    with (
        pytest.raises(
            WarehouseUnavailableError, match=r"DuckDB refused a statement on .*w\.duckdb: \w+Exception"
        ) as refused,
        engine.session() as session,
    ):
        session.fetch(sql)
    assert PERSON not in printed(refused)


def test_duckdb_message_about_a_statement_is_shown(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path / "w.duckdb")
    with (
        pytest.raises(WarehouseUnavailableError, match="Table with name nowhere does not exist"),
        engine.session() as session,
    ):
        session.execute("delete from nowhere where true")
