"""The contents of loaded tables, compared with the sample company's own totals."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company.totals import DayTotals
from ai_usage_assets.demo.sandbox.cursor.groups import groups
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_assets.warehouse.sql import within


def _memberships(sandbox: Sandbox) -> list[Any]:
    listed = groups(sandbox.company.directory, sandbox.now.date(), {})
    return [member for group in listed for member in (*group["currentMembers"], *group["formerMembers"])]


SNAPSHOTS: dict[str, Callable[[Sandbox], list[Any]]] = {
    "raw_anthropic_users": lambda sandbox: sandbox.company.directory.user_list(sandbox.now),
    "raw_anthropic_api_keys": lambda sandbox: sandbox.company.directory.api_key_list(sandbox.now),
    "raw_anthropic_workspaces": lambda sandbox: sandbox.company.directory.workspace_list(sandbox.now),
    "raw_cursor_members": lambda sandbox: sandbox.company.directory.member_list(sandbox.now),
    "raw_cursor_groups": _memberships,
}

TOLERANCE = Decimal("0.000001")
"""Of a day's dollars, because each row has nine decimals. It is less than one token or call, so those must be exact."""

DAILY: dict[str, tuple[str, Callable[[DayTotals], tuple[Any, ...]]]] = {
    "raw_anthropic_usage": (
        "sum(uncached_input_tokens), sum(cache_read_input_tokens), sum(cache_creation_tokens), sum(output_tokens)",
        lambda t: (
            t.anthropic.uncached_input_tokens,
            t.anthropic.cache_read_input_tokens,
            t.anthropic.ephemeral_5m_input_tokens + t.anthropic.ephemeral_1h_input_tokens,
            t.anthropic.output_tokens,
        ),
    ),
    "raw_anthropic_account_usage": (
        "sum(uncached_input_tokens + cache_read_input_tokens + cache_creation_tokens + output_tokens)",
        lambda t: (sum(t.anthropic.account_tokens.values()),),
    ),
    "raw_anthropic_cost": ("sum(amount_usd)", lambda t: (t.anthropic.total_cents / 100,)),
    "raw_claude_code_usage": (
        "sum(sessions), sum(lines_added), sum(tool_accepts)",
        lambda t: (
            sum(part.num_sessions for part in t.claude_code.values()),
            sum(part.lines_added for part in t.claude_code.values()),
            sum(part.accepted for part in t.claude_code.values()),
        ),
    ),
    "raw_claude_code_models": (
        "sum(input_tokens), sum(output_tokens), sum(estimated_cost_usd)",
        lambda t: (
            sum(part.input for part in t.claude_code.values()),
            sum(part.output for part in t.claude_code.values()),
            sum((part.estimated_cents for part in t.claude_code.values()), Decimal(0)) / 100,
        ),
    ),
    "raw_cursor_usage": (
        "count(*), sum(total_lines_added), sum(total_accepts)",
        lambda t: (t.cursor.members, t.cursor.total_lines_added, t.cursor.total_accepts),
    ),
    "raw_cursor_events": (
        "count(*), sum(output_tokens), sum(charged_usd)",
        lambda t: (
            t.cursor.events,
            t.cursor.output_tokens,
            (t.cursor.chargeable_cents + t.cursor.included_cents) / 100,
        ),
    ),
}


def row_count(engine: Engine, table: str) -> int:
    """The number of rows. 0 if the table does not exist."""
    with engine.session() as session:
        if not session.fetch(f"select 1 as one from duckdb_tables where table_name = '{table}'").num_rows:
            return 0
        (found,) = session.fetch(f"select count(*) as n from `{table}`").to_pylist()
        return int(found["n"])


def equals_company_totals(engine: Engine, table: str, sandbox: Sandbox, days: Days) -> bool:
    """Whether the table holds exactly the company's totals of these days, or its current entries."""
    if table in SNAPSHOTS:
        return row_count(engine, table) == len(SNAPSHOTS[table](sandbox))
    measures, totals_of = DAILY[table]
    with engine.session() as session:
        found = session.fetch(
            f"select ingest_date, {measures} from `{table}` where {within('ingest_date', days)} group by 1"
        ).to_pylist()
    loaded = {row.pop("ingest_date"): [value or 0 for value in row.values()] for row in found}
    expected = {day: totals_of(totals) for day, totals in sandbox.company.totals(days).items()}
    expected = {day: values for day, values in expected.items() if any(values)}
    return loaded.keys() == expected.keys() and all(
        abs(found_value - expected_value) <= TOLERANCE
        for day, values in expected.items()
        for found_value, expected_value in zip(loaded[day], values, strict=True)
    )
