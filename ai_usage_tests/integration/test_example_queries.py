"""The queries of docs/queries.md over a month of the sample company on each engine, compared with the raw tables."""

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ai_usage_assets.curated.select import tables_read
from ai_usage_assets.curated.tables_page import example_queries
from ai_usage_assets.ops.reader_dataset import READABLE
from ai_usage_assets.schema.ddl import create_plain_table
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.detail_facts import FCT_SEATS_DAILY
from ai_usage_assets.schema.tables.restatements import FCT_RESTATEMENTS
from ai_usage_assets.warehouse.translations import to_duckdb
from ai_usage_tests.support.analyzer import Gate
from ai_usage_tests.support.harness import NOW, Rows
from ai_usage_tests.support.month_run import MonthRun
from ai_usage_tests.support.time_zones import without_zone

PAGE = Path(__file__).parents[2] / "docs" / "queries.md"
QUERIES = example_queries(PAGE.read_text(encoding="utf-8"))
NOTHING_IN_THE_MONTH = {
    # nobody closed a month or restated a day, there is no invoice, and everybody used their seat
    "Which seats are idle, and what do they cost?",
    "What is the sheet of a closed month?",
    "Does the cost equal the invoices?",
    "What changed after it was published?",
    "What changed after a month was closed?",
}
CENT = Decimal("0.01")
"""Facts have four decimals and raw tables have nine, so sums of dollars differ by less than a cent."""

ANTHROPIC_INPUT = "uncached_input_tokens + cache_read_input_tokens + cache_creation_tokens"
ANTHROPIC_TOKENS = f"{ANTHROPIC_INPUT} + output_tokens"
CHARGED = "is_chargeable is not false and lower(replace(kind, '-', ' ')) in ('usage based', 'on demand', 'usage_event_kind_usage_based')"
RAW = {
    "What did each month cost, in total and per vendor?": """
        select 'anthropic' as platform, sum(amount_usd) as cost_usd from raw_anthropic_cost""",
    "What did each workspace cost?": """
        select workspace_id, sum(amount_usd) as cost_usd from raw_anthropic_cost group by workspace_id""",
    "What is unattributed, and why?": """
        select 'no_matching_usage' as unattributed_reason, sum(cost.amount_usd) as cost_usd
        from raw_anthropic_cost as cost
        left join (select distinct ingest_date, workspace_id, model from raw_anthropic_usage) as metered
          on metered.ingest_date = cost.ingest_date and metered.workspace_id = cost.workspace_id
          and metered.model = cost.model
        where metered.model is null and cost.cost_type != 'web_search'""",
    "How many seats are paid, and how many are used?": """
        select date '2026-11-19' as seat_date, count(*) as seats from raw_cursor_members
        where is_current and role != 'free-owner'""",
    "What is the list value of the calls that Cursor's seats include?": f"""
        select sum(charged_usd) as included_value_usd from raw_cursor_events
        where kind != 'User API Key' and not ({CHARGED})""",
    "How many sessions, commits, and pull requests does each person make with Claude Code?": """
        select sum(sessions) as sessions, sum(commits) as commits, sum(pull_requests) as pull_requests
        from raw_claude_code_usage where actor_type = 'user_actor'""",
    "How many tokens does a commit of Claude Code take?": """
        select sum(output_tokens) as output_tokens from raw_claude_code_models
        where actor_type = 'user_actor' and lower(actor_email) in (
          select lower(actor_email) from raw_claude_code_usage
          where actor_type = 'user_actor' group by lower(actor_email) having sum(commits) > 0)""",
    "What share of suggestions is accepted?": """
        select 'claude_code' as platform, sum(tool_accepts) as accepts, sum(tool_rejects) as rejects
        from raw_claude_code_usage
        union all
        select 'cursor', sum(total_accepts), sum(total_rejects) from raw_cursor_usage""",
    "How many tokens of Claude does each model family use?": f"""
        select sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens from (
          select {ANTHROPIC_INPUT} as input_tokens, output_tokens from raw_anthropic_usage
          union all
          select input_tokens + cache_read_tokens + cache_creation_tokens, output_tokens
          from raw_claude_code_models where customer_type = 'subscription') as tokens""",
    "What share of Claude's input comes from the cache?": f"""
        select model, sum(cache_read_input_tokens) as cache_read_tokens, sum({ANTHROPIC_INPUT}) as input_tokens
        from raw_anthropic_usage group by model""",
    "How much runs as batch, and how much as standard?": f"""
        select service_tier, sum({ANTHROPIC_TOKENS}) as tokens from raw_anthropic_usage group by service_tier""",
    "What does a million tokens cost, by model?": f"""
        select model, sum({ANTHROPIC_TOKENS}) as tokens from raw_anthropic_usage
        where service_tier not like 'priority%' and model != 'unknown' group by model""",
    "How many web searches are there, and what do they cost?": """
        select sum(web_search_requests) as web_search_requests,
          (select sum(amount_usd) from raw_anthropic_cost where cost_type = 'web_search') as web_search_cost_usd
        from raw_anthropic_usage""",
    "What do headless and background agents of Cursor use?": f"""
        select is_headless, count(*) as requests, sum(case when {CHARGED} then charged_usd end) as cost_usd
        from raw_cursor_events group by is_headless""",
    "What does Max mode of Cursor cost?": f"""
        select max_mode as is_max_mode, count(*) as requests,
          sum(case when {CHARGED} then charged_usd end) as cost_usd
        from raw_cursor_events group by max_mode""",
}
"""Of a question, the same figures from raw tables. Columns that are no figures say which rows of the answer they sum."""


def on_the_day_after(question: str) -> str:
    """The query of a question, as it is on the day after the month."""
    return QUERIES[question].replace("current_date('UTC')", f"date '{NOW:%Y-%m-%d}'")


def answer(month: MonthRun, question: str) -> Rows:
    return month.fetch(on_the_day_after(question))


def is_figure(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def summed(rows: Rows, raw: dict[str, Any]) -> dict[str, Any]:
    """The figures of a raw row, as sums over the rows of the answer that agree with it in the other columns."""
    same = [row for row in rows if all(row[name] == of for name, of in raw.items() if not is_figure(of))]
    return {name: sum(row[name] or 0 for row in same) for name, of in raw.items() if is_figure(of)}


def test_every_question_has_one_query() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(QUERIES) == page.count("\n### ") == page.count("```sql")
    assert RAW.keys() | NOTHING_IN_THE_MONTH <= QUERIES.keys()


@pytest.mark.parametrize("question", QUERIES)
def test_a_query_reads_only_what_readers_may_read(question: str) -> None:
    read = tables_read(QUERIES[question])
    assert read
    assert [table.name for table in read if table not in READABLE] == []


def test_no_query_means_another_day_in_a_project_with_a_time_zone_of_its_own() -> None:
    assert {question: found for question, sql in QUERIES.items() if (found := without_zone(sql))} == {}


def test_googles_analyzer_accepts_every_query(gate: Gate) -> None:
    assert {question: why for question, sql in QUERIES.items() if (why := gate.refusal(sql))} == {}


def test_the_pages_command_runs_a_query_on_the_demos_file(
    month_run_on_duckdb: MonthRun, tmp_path: Path
) -> None:
    found = re.search(r'\.venv/bin/python -c "(.*?)"\n```', PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    shutil.copytree(month_run_on_duckdb.folder, tmp_path / ".local" / "demo")
    (tmp_path / "query.sql").write_text(QUERIES["Is a day missing?"], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", found[1]],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PAGE.parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "fct_cost_daily" in done.stdout


def test_every_query_answers_its_question(month_run: MonthRun) -> None:
    answers = {question: answer(month_run, question) for question in QUERIES}
    assert {question for question, rows in answers.items() if not rows} <= NOTHING_IN_THE_MONTH
    for question, sql in RAW.items():
        for raw in month_run.fetch(sql):
            found = summed(answers[question], raw)
            off = {name: (found[name], raw[name]) for name in found if abs(found[name] - raw[name]) >= CENT}
            assert found, question
            assert off == {}, (question, raw)


def answer_to(question: str, table: Table, columns: str, rows: str) -> list[tuple[Any, ...]]:
    """The answer to a question that reads one table, over rows in SQL."""
    with duckdb.connect() as connection:
        connection.execute(to_duckdb(create_plain_table(table)))
        connection.execute(f"insert into {table.name} ({columns}) values {rows}")
        return connection.execute(to_duckdb(on_the_day_after(question))).fetchall()


def test_a_seat_is_idle_by_the_newest_day_and_costs_its_last_thirty_days() -> None:
    assert answer_to(
        "Which seats are idle, and what do they cost?",
        FCT_SEATS_DAILY,
        "seat_date, platform, tier, user_email, seats, cost_usd, last_active_date",
        """
        ('2026-10-01', 'cursor', 'standard', 'idle@example.com', 1, 9, null),
        ('2026-11-18', 'cursor', 'standard', 'idle@example.com', 1, 1.25, '2026-10-20'),
        ('2026-11-19', 'cursor', 'standard', 'idle@example.com', 1, 1.5, null),
        ('2026-11-18', 'cursor', 'standard', 'left@example.com', 1, 1.25, null),
        ('2026-11-18', 'cursor', 'standard', 'back@example.com', 1, 1.25, null),
        ('2026-11-19', 'cursor', 'standard', 'back@example.com', 1, 1.5, '2026-11-19')
        """,
    ) == [("cursor", "standard", "idle@example.com", 1, date(2026, 11, 18), Decimal("2.75"))]


def test_a_change_after_publication_is_counted_once() -> None:
    changes = answer_to(
        "What changed after it was published?",
        FCT_RESTATEMENTS,
        "day, platform, measure, first_value, previous_value, current_value, restated_at, restatements, user_email",
        """
        ('2026-11-10', 'anthropic', 'cost_usd', 10, 12, 13, '2026-11-12', 2, null),
        ('2026-11-10', 'anthropic', 'cost_usd', 4, 5, 1, '2026-11-12', 2, 'ann@example.com')
        """,
    )
    assert [(row[0], row[5]) for row in changes] == [(date(2026, 11, 10), Decimal(3))]
