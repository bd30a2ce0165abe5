"""docs/bigquery.md has the recorded calls, permissions and costs."""

import re
from collections import Counter
from datetime import date

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.sources.anthropic import claude_code
from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
from ai_usage_assets.sources.cursor.client import CursorAdmin
from ai_usage_assets.warehouse.chunks import MAX_DAYS_PER_WRITE
from ai_usage_tests.support.analyzer import Gate
from ai_usage_tests.support.bigquery_page import documented_role, kind, listed, marked
from ai_usage_tests.support.emulator.recording import Call
from ai_usage_tests.support.month_run import MonthRun

TWO_YEARS = Days(date(2024, 10, 21), date(2026, 10, 20))


def test_page_lists_exactly_the_recorded_calls(recorded_calls: list[Call]) -> None:
    assert {call.endpoint for call in recorded_calls} == listed("calls")


def test_page_lists_exactly_the_kinds_of_statements(recorded_calls: list[Call]) -> None:
    assert {kind(call.sql) for call in recorded_calls if call.sql} == listed("statements")


def test_permissions_are_those_that_the_rows_of_calls_and_statements_need() -> None:
    assert listed("permissions") == documented_role()
    # each row is complete by itself
    assert not re.search(r"`\.\w+`", marked("calls") + marked("statements"))


def test_query_over_the_jobs_is_accepted_by_googles_analyzer(gate: Gate) -> None:
    query = re.search(r"```sql\n(.*?)```", marked("jobs"), re.DOTALL)[1]  # type: ignore[index]
    jobs = (
        "SELECT CURRENT_TIMESTAMP() AS creation_time, 1 AS total_bytes_billed, "
        "[STRUCT('asset' AS key, 'dim_users' AS value)] AS labels"
    )
    view = "`region-us`.INFORMATION_SCHEMA.JOBS"
    assert view in query
    assert gate.refusal(f"WITH jobs AS ({jobs}) {query.replace(view, 'jobs')}") is None
    assert gate.refusal(
        f"WITH jobs AS ({jobs}) {query.replace(view, 'jobs').replace('UNNEST(labels)', 'labels')}"
    )


def chunk_days(table: Table) -> int | None:
    if not table.partition:
        return None
    if table.layer is Layer.CURATED:
        return MAX_DAYS_PER_WRITE
    if table in claude_code.TABLES:
        return claude_code.MAX_DAYS
    return CursorAdmin.MAX_DAYS if table.vendor == "cursor" else AnthropicAdmin.MAX_DAYS


def costs(calls: list[Call]) -> str:
    """For each table, load jobs, statements and DML: of a chunk, of the checks, and of 730 days."""
    lines = [
        "| table | loads | statements | DML among them | sent by checks | 730 days: loads | statements | DML |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    total: Counter[int] = Counter()
    for table in (table for table in TABLES if table.layer is not Layer.CLOSED):
        own = [c for c in calls if c.configuration.get("labels", {}).get("asset") == table.name]
        asked = [c for c in own if any(name.startswith("defs/checks/") for name, _ in c.places)]
        wrote = [c for c in own if c not in asked]
        loads = sum(1 for c in wrote if c.loads_into)
        statements = sum(1 for c in wrote if c.sql)
        dml = sum(1 for c in wrote if c.sql and c.sql.startswith(f"merge `{table.name}`"))
        days = chunk_days(table)
        times = len(list(TWO_YEARS.chunks(days))) if days else 1
        row = (
            loads,
            statements,
            dml,
            len(asked),
            loads * times,
            statements * times + len(asked),
            dml * times,
        )
        total.update(dict(enumerate(row)))
        lines.append(f"| `{table.name}` | {' | '.join(f'{n:,}' for n in row)} |")
    lines.append(f"| all | {' | '.join(f'{total[n]:,}' for n in range(7))} |")
    return "\n".join(lines) + "\n"


def test_page_has_the_costs_of_a_recorded_run(month_run_on_bigquery: MonthRun) -> None:
    assert len(TWO_YEARS) == 730
    assert marked("costs") == costs(month_run_on_bigquery.second_run.calls)


def test_run_over_existing_tables_changes_no_definition(month_run_on_bigquery: MonthRun) -> None:
    again = month_run_on_bigquery.second_run.calls
    assert not [
        call.sql for call in again if call.sql and kind(call.sql).startswith(("CREATE TABLE", "ALTER"))
    ]
    assert not [call.endpoint for call in again if call.method == "PATCH"]


def test_no_write_replaces_more_than_max_days(recorded_calls: list[Call]) -> None:
    merges = [call.sql for call in recorded_calls if call.sql and call.sql.startswith("merge")]
    assert len(merges) > 36
    for sql in merges:
        guard = re.search(r">= DATE '([\d-]+)' and `\w+` < DATE '([\d-]+)' then delete", sql)
        if guard:
            first, end = map(date.fromisoformat, guard.groups())
            assert (end - first).days <= MAX_DAYS_PER_WRITE


def test_every_load_has_its_own_staging_table(recorded_calls: list[Call]) -> None:
    loads = [
        call.configuration["load"]["destinationTable"]["tableId"]
        for call in recorded_calls
        if call.loads_into
    ]
    assert len(loads) == len(set(loads))
    assert all(name.startswith("staged_") for name in loads)
