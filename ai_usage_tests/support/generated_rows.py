"""Rows for every table that curated SQL reads, within their declarations: few names, so that rows meet in joins."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from ai_usage_assets.days import Days, midnight
from ai_usage_assets.schema.model import RATE, Column, Layer, Table
from ai_usage_tests.support.rule_cases import Row

DAYS = Days(date(2026, 10, 30), date(2026, 11, 2))
PEOPLE = ["ann@example.com", "ben@example.com", "cy@example.com", "a.b@example.com"]
SPELLED = [*PEOPLE, "Ann@Example.com ", "BEN@example.com", "", "eve@elsewhere.example"]
WORDS: dict[str, list[Any]] = {
    "email": SPELLED,
    "actor_email": SPELLED,
    "alias": PEOPLE,
    "user_email": [*PEOPLE, "unattributed"],
    "user_id": ["u1", "u2", "u3"],
    "member_id": ["u1", "u2", "u4"],
    "principal_id": ["u1", "u2", "u9"],
    "created_by_id": ["u1", "u3"],
    "api_key_id": ["k1", "k2", "k3", "no_api_key"],
    "api_key_name": ["ci", "laptop", "both"],
    "workspace_id": ["default", "w1", "Claude Code"],
    "model": ["claude-sonnet-5-5", "claude-5.5-sonnet", "gpt-5", "unknown"],
    "most_used_model": ["gpt-5", ""],
    "name": ["ci", "laptop", "both", "Ann van der Berg", "  Ben ", ""],
    "service_tier": ["standard", "batch", "flex", "priority", "flex_discount"],
    "context_window": ["0-200k", "200k-1M"],
    "cost_type": ["tokens", "web_search", "session_usage"],
    "token_type": [
        "uncached_input_tokens",
        "output_tokens",
        "cache_creation.ephemeral_5m_input_tokens",
        "dream",
    ],
    "kind": ["Usage-based", "Included in Business", "Errored"],
    "customer_type": ["api", "subscription"],
    "role": ["owner", "member", "free-owner"],
    "platform": ["anthropic", "claude_code", "cursor"],
    "tier": ["standard", "premium", "free"],
    "table_name": ["raw_cursor_members", "raw_anthropic_users", "raw_anthropic_api_keys"],
    "entry_id": ["u1", "u2", "u4", "k1"],
    "attribute": ["email", "role", "is_current", "principal_id", "created_by_type"],
    "old_value": ["true", "false", "free-owner", "member", "Ann@Example.com ", "u1", "service_account"],
    "status": ["active", "archived"],
    "account_id": ["u1", "u2", "u7"],
    "service_account_id": ["sa1"],
    "actor_type": ["person", "service"],
}


RANGES = {"occurrence": (1, 99_999), "billing_day": (1, 29)}


def tables(inputs: tuple[Table, ...], most: int) -> st.SearchStrategy[dict[Table, list[Row]]]:
    """Rows of every input, from one number: hypothesis varies it, and shows the one that fails."""
    return st.integers(0, 2**32).map(
        lambda seed: {table: rows(table, Random(f"{seed}{table.name}"), most) for table in inputs}
    )


def rows(table: Table, chance: Random, most: int) -> list[Row]:
    made: dict[tuple[Any, ...], Row] = {}
    for _ in range(chance.randrange(most + 1)):
        row = {column.name: value(column, chance) for column in table.columns}
        if table.layer is Layer.VIEW:
            raise ValueError(f"{table.name} is a view, and no input")
        made[tuple(row.get(part) for part in table.key)] = row
    return list(made.values())


def value(column: Column, chance: Random) -> Any:
    if not column.is_required and chance.random() < 0.2:
        return None
    if column.name in RANGES:
        return chance.randrange(*RANGES[column.name])
    kinds = {
        "STRING": lambda: chance.choice(WORDS.get(column.name, ["x", "y", "z"])),
        "INT64": lambda: chance.choice([0, 1, 7, chance.randrange(90_000_000_000)]),
        "BOOLEAN": lambda: chance.random() < 0.5,
        "DATE": lambda: chance.choice(list(DAYS)),
        "TIMESTAMP": lambda: datetime(2026, 10, 30, tzinfo=UTC) + timedelta(hours=chance.randrange(96)),
        "NUMERIC": lambda: amount(column, chance),
        "FLOAT64": chance.random,
    }
    found = kinds[column.type.name]()
    if column.name == "starting_at":
        return midnight(DAYS.first)
    return found


def amount(column: Column, chance: Random) -> Decimal:
    """A rate lies within 0 and 1; money may be negative."""
    scale = column.type.scale or 0
    digits = chance.randrange(10**scale + 1) if column.rule is RATE else chance.randrange(-(10**5), 10**9)
    return Decimal(digits).scaleb(-scale)
