"""The totals that a competitor's tables must have, from the sample company's records, and the totals that they do have."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import duckdb

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.totals import DayTotals, cursor_totals
from benchmarks import generated_events
from benchmarks.recording import folder
from benchmarks.workload import Workload

Totals: TypeAlias = dict[str, Decimal]

CENT = Decimal("0.01")
"""The tolerance for money: rows are rounded to nine decimals, days of a fact to four."""

RAW = {
    "uncached_input_tokens": "sum(uncached_input_tokens) from raw_anthropic_usage",
    "output_tokens": "sum(output_tokens) from raw_anthropic_usage",
    "cost_usd": "sum(amount_usd) from raw_anthropic_cost",
    "code_sessions": "sum(sessions) from raw_claude_code_usage",
    "code_output_tokens": "sum(output_tokens) from raw_claude_code_models",
    "cursor_events": "count(*) from raw_cursor_events",
    "cursor_output_tokens": "sum(output_tokens) from raw_cursor_events",
    "cursor_accepts": "sum(total_accepts) from raw_cursor_usage",
}
FACTS = {
    "fact_input_tokens": "sum(input_tokens) from fct_usage_daily where platform = 'anthropic'",
    "fact_cursor_input_tokens": "sum(input_tokens) from fct_usage_daily where platform = 'cursor'",
    "fact_usage_usd": "sum(cost_usd) from fct_cost_daily where platform = 'anthropic'",
    "fact_overage_usd": "sum(cost_usd) from fct_cost_daily where cost_type = 'overage'",
}
DLT = {
    "uncached_input_tokens": "sum(uncached_input_tokens) from messages_usage",
    "output_tokens": "sum(output_tokens) from messages_usage",
    "cost_usd": "sum(cast(amount as decimal(38, 18))) / 100 from cost_report",
    "code_sessions": "sum(core_metrics__num_sessions) from claude_code",
    "code_output_tokens": "sum(tokens__output) from claude_code__model_breakdown",
    "cursor_events": "count(*) from usage_events",
    "cursor_output_tokens": "sum(token_usage__output_tokens) from usage_events",
    "cursor_accepts": "sum(total_accepts) from daily_usage",
}


class TotalsDifferError(Exception):
    """A competitor's tables do not have the expected totals."""


def measured(path: Path, schema: str, queries: dict[str, str]) -> Totals:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"set search_path = '{schema}'")
        found = {}
        for name, query in queries.items():
            row = connection.execute(f"select {query}").fetchone()
            assert row is not None
            found[name] = Decimal(str(row[0] or 0))
    return found


def verify(found: Totals, expected: Totals) -> None:
    """Compare each measured total with the expected one.

    Raises:
        SumsDiffer: at least one total differs; the message names each of them.
    """
    differences = [
        f"{name} is {total}, not {expected[name]}"
        for name, total in found.items()
        if not _is_equal(name, total, expected)
    ]
    if differences:
        raise TotalsDifferError("; ".join(differences))


def _is_equal(name: str, found: Decimal, expected: Totals) -> bool:
    return abs(found - expected[name]) <= (CENT if name.endswith("_usd") else 0)


def expected(work: Workload, days: Days) -> Totals:
    """The totals of some days of a workload."""
    cached = _of_each_day(Company(work.people), folder(work.people), days)
    totals = {name: sum((cached[day][name] for day in days), Decimal(0)) for name in (*RAW, *FACTS)}
    if work.events:
        totals |= _generated(work, len(days))
    return totals


def _of_each_day(company: Company, folder_of_company: Path, days: Days) -> dict[date, Totals]:
    """The totals of each day, stored because a company of thousands of people takes seconds per day."""
    folder_of_company.mkdir(parents=True, exist_ok=True)
    file = folder_of_company / "totals.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    known = {
        date.fromisoformat(day): {name: Decimal(text) for name, text in totals.items()}
        for day, totals in map(json.loads, lines)
    }
    for day in days:
        if day not in known:
            known[day] = _of(company.totals(Days.one(day))[day])
            with file.open("a", encoding="utf-8") as out:
                out.write(
                    json.dumps([str(day), {name: str(value) for name, value in known[day].items()}]) + "\n"
                )
    return known


def _of(day: DayTotals) -> Totals:
    vendor, cursor, code = day.anthropic, day.cursor, day.claude_code.values()
    written = vendor.ephemeral_5m_input_tokens + vendor.ephemeral_1h_input_tokens
    totals: dict[str, int | Decimal] = {
        "uncached_input_tokens": vendor.uncached_input_tokens,
        "output_tokens": vendor.output_tokens,
        "cost_usd": vendor.total_cents / 100,
        "code_sessions": sum(of.num_sessions for of in code),
        "code_output_tokens": sum(of.output for of in code),
        "cursor_events": cursor.events,
        "cursor_output_tokens": cursor.output_tokens,
        "cursor_accepts": cursor.total_accepts,
        "fact_input_tokens": vendor.uncached_input_tokens + vendor.cache_read_input_tokens + written,
        "fact_cursor_input_tokens": cursor.input_tokens
        + cursor.cache_read_tokens
        + cursor.cache_write_tokens,
        "fact_usage_usd": round(vendor.total_cents / 100, 4),
        "fact_overage_usd": round(cursor.chargeable_cents / 100, 4),
    }
    return {name: Decimal(value) for name, value in totals.items()}


def _generated(work: Workload, days: int) -> Totals:
    company = Company(work.people)
    events = generated_events.generate(company, work)
    once, times = (
        cursor_totals(generated_events.template_events(company), []),
        events.per_day // len(events.template),
    )
    read = once.input_tokens + once.cache_read_tokens + once.cache_write_tokens
    return {
        "cursor_events": Decimal(events.events // work.days * days),
        "cursor_output_tokens": Decimal(once.output_tokens * times * days),
        "fact_cursor_input_tokens": Decimal(read * times * days),
        "fact_overage_usd": round(once.chargeable_cents * times / 100, 4) * days,
    }
