"""The look at the warehouse before it is used, on both engines and against BigQuery's refusals."""

import pytest

from ai_usage_assets.findings import Finding, State
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_assets.warehouse.preflight import findings
from ai_usage_tests.support.bigquery_answers import DATASET, SoonGivenUp, refusal
from ai_usage_tests.support.scripted_server import Answer, ScriptedServer


def looked_at(engine: Engine) -> list[Finding]:
    return list(findings(engine, "the warehouse of the test"))


def refused(server: ScriptedServer, *answers: Answer) -> Finding:
    server.respond_with(*answers)
    engine = BigQueryEngine("a-project", "ai_usage", emulator_host=server.url)
    engine._timeouts = SoonGivenUp(call_seconds=0.5, job_seconds=0.2, attempts=3, first_wait_seconds=0.001)
    [found] = looked_at(engine)
    return found


def test_rights_and_tables_are_tried_and_nothing_stays(engine: Engine) -> None:
    if isinstance(engine, DuckDBEngine):
        assert [found.state for found in looked_at(engine)] == [State.WARN]
        with engine.session():
            pass
    warehouse, schema = looked_at(engine)
    assert warehouse.text == "the warehouse of the test can be read and written."
    assert schema.text == f"0 of {len(TABLES)} tables exist, as they are declared."
    with engine.session() as session:
        session.execute("create table `fct_cost_daily` (cost_date string)")
        assert session.stored_table("fct_cost_daily")
    _, schema = looked_at(engine)
    assert schema.state is State.FAIL
    assert "column cost_date is STRING, declared DATE NOT NULL" in schema.text
    assert "RENAME TO fct_cost_daily_old" in schema.hint


def test_a_right_that_is_missing_is_named_with_the_role(server: ScriptedServer) -> None:
    sentence = "Access Denied: Project a-project: User does not have bigquery.jobs.create permission in project a-project."
    found = refused(server, Answer(DATASET), refusal(403, "accessDenied", sentence))
    assert found.state is State.FAIL
    assert "bigquery.jobs.create" in found.text
    assert "Grant roles/bigquery.jobUser on the project" in found.hint


def test_another_location_is_named(server: ScriptedServer) -> None:
    found = refused(server, Answer({**DATASET, "location": "EU"}))
    assert found.text.startswith("dataset a-project.ai_usage is in EU, and BIGQUERY_LOCATION is US.")
    assert "Set BIGQUERY_LOCATION to EU" in found.hint


def test_a_dataset_that_does_not_exist_is_created_by_the_first_load(server: ScriptedServer) -> None:
    found = refused(server, refusal(404, "notFound", "Not found: Dataset a-project:ai_usage"))
    assert found.state is State.WARN
    assert found.hint == "The first load creates it."
    assert [request.method for request in server.requests] == ["GET"]


@pytest.mark.parametrize("reason", ["notFound", "accessDenied"])
def test_a_project_that_cannot_be_seen_fails(server: ScriptedServer, reason: str) -> None:
    code = 404 if reason == "notFound" else 403
    answer = refusal(
        code, reason, "Access Denied: Dataset a-project:ai_usage: Permission bigquery.datasets.get denied"
    )
    found = refused(server, *([answer] if code == 404 else [answer] * 3))
    assert found.state is (State.WARN if code == 404 else State.FAIL)
