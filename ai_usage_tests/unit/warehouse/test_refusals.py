"""Errors of the engines have our own message, and no value of a row."""

import traceback
from pathlib import Path

import pytest
from google.api_core.exceptions import BadRequest, Forbidden
from google.auth.exceptions import DefaultCredentialsError, RefreshError

from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import WriteContext
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


class Client:
    """A client that raises an error for every query."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def query(self, *_: object, **__: object) -> None:
        raise self.error


def refused_by(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> pytest.ExceptionInfo[WarehouseUnavailableError]:
    engine = BigQueryEngine("a-project", "ai_usage")
    monkeypatch.setitem(vars(engine), "_client", Client(error))
    with (
        pytest.raises(WarehouseUnavailableError) as refused,
        engine.session(WriteContext("run", "step", nonce="n")) as session,
    ):
        session.execute("select 1")
    return refused


def test_bigquery_error_has_code_reason_location_and_job_but_no_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    detail = {"reason": "invalidQuery", "location": "query", "message": f"Bad int64 value: {PERSON}"}
    error = BadRequest(f"Bad int64 value: {PERSON}", errors=[detail])
    refused = refused_by(monkeypatch, error)
    assert "a-project.ai_usage: code 400, reason invalidQuery, location query, job run-step-0-n-1." in str(
        refused.value
    )
    assert PERSON not in printed(refused)


def test_bigquery_error_without_details_has_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "code 403, reason Forbidden" in str(refused_by(monkeypatch, Forbidden("no")).value)


@pytest.mark.parametrize("error", [DefaultCredentialsError("long advice"), RefreshError("expired")])
def test_missing_credentials_have_a_hint(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def unauthenticated(**_: object) -> None:
        raise error

    monkeypatch.setattr("google.cloud.bigquery.Client", unauthenticated)
    with pytest.raises(WarehouseUnavailableError) as refused, BigQueryEngine("a-project").session():
        pass
    for advice in ("gcloud auth application-default login", "GOOGLE_APPLICATION_CREDENTIALS", "impersonat"):
        assert advice in str(refused.value)
