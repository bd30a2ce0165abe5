"""Whatever the lines and the keys: a day's shares sum to the bill, and no row is off by more than 0.0001."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_usage_assets.curated.select import select
from ai_usage_assets.days import Days, midnight
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.schema.tables.anthropic import RAW_ANTHROPIC_COST, RAW_ANTHROPIC_USAGE
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.schema.tables.detail_facts import FCT_ANTHROPIC_TOKENS_DAILY
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import for_window

DAY = date(2026, 10, 1)
Row = dict[str, Any]
KINDS = {
    "uncached_input_tokens": "uncached_input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_input_tokens",
    "cache_creation.ephemeral_5m_input_tokens": "cache_creation_5m_tokens",
    "cache_creation.ephemeral_1h_input_tokens": "cache_creation_1h_tokens",
}
INSTANTS = {"fetched_at": midnight(DAY), "starting_at": midnight(DAY), "ending_at": midnight(DAY)}

workspaces, models = st.sampled_from(["default", "w1"]), st.sampled_from(["m1", "m2"])
windows = st.sampled_from([None, "0-200k", "200k-1M"])
amounts = st.one_of(
    st.decimals("-0.0005", "0.0005", places=9),
    st.decimals("-90", "90000", places=9),
    st.just(Decimal("0.0001")),
)
counts = st.one_of(st.none(), st.integers(0, 3), st.integers(0, 90_000_000_000))
lines = st.fixed_dictionaries(
    {
        "workspace_id": workspaces,
        "cost_type": st.sampled_from(["tokens"] * 6 + ["web_search", "code_execution", None]),
        "token_type": st.sampled_from([*KINDS, "dream_tokens", None]),
        "model": models | st.none(),
        "service_tier": st.sampled_from([None, "standard", "batch", "flex_discount"]),
        "context_window": windows,
        "amount_usd": amounts,
    }
)
used = st.fixed_dictionaries(
    {
        "api_key_id": st.sampled_from(["no_api_key", "k1", "k2", "k3", "k4"]),
        "workspace_id": workspaces,
        "model": models | st.just("unknown"),
        "service_tier": st.sampled_from([None, "standard", "batch", "flex", "flex_discount", "priority"]),
        "context_window": windows,
        "web_search_requests": counts,
        **dict.fromkeys(KINDS.values(), counts),
    }
)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    engine = DuckDBEngine(tmp_path_factory.mktemp("sharing") / "sharing.duckdb")
    with engine.session() as opened:
        ensure_tables(engine, opened, TABLES)
        yield opened


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines, min_size=1, max_size=12), st.lists(used, max_size=15))
def test_the_sum_is_the_bill_and_no_row_is_far_off(
    session: Session, bill: list[Row], usage: list[Row]
) -> None:
    rows = shared(session, bill, usage)

    expected = by_rule(bill, usage)
    total = sum((line["amount_usd"] for line in bill), Decimal(0))
    assert sum(row["cost_usd"] for row in rows) == total.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    found = {
        (row["workspace_id"], row["api_key_id"], row["cost_type"], row["model"], row["allocation"]): row[
            "cost_usd"
        ]
        for row in rows
    }
    assert set(found) == set(expected)
    # money has nine decimals, so each line of a row may add one unit of the ninth
    bound = Fraction(1, 10_000) + Fraction(len(bill), 10**9)
    assert all(abs(Fraction(found[key]) - expected[key]) <= bound for key in found)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines, min_size=1, max_size=12), st.lists(used, max_size=15))
def test_the_detailed_fact_has_the_whole_bill_and_the_same_cost_for_each_key(
    session: Session, bill: list[Row], usage: list[Row]
) -> None:
    detailed = shared(session, bill, usage, FCT_ANTHROPIC_TOKENS_DAILY)

    assert sum(row["cost_usd"] or 0 for row in detailed) == sum(line["amount_usd"] for line in bill)
    by_key: dict[tuple[str, str | None], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in detailed:
        by_key[row["workspace_id"], row["api_key_id"]][0] += row["cost_usd"] or 0
    coarse = shared(session, bill, usage)
    for row in coarse:
        by_key[row["workspace_id"], row["api_key_id"]][1] += row["cost_usd"]
    bound = Decimal("0.0001") * len(coarse)
    assert all(abs(ours - theirs) <= bound for ours, theirs in by_key.values())


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines, min_size=1, max_size=12), st.lists(used, max_size=15))
def test_cost_stands_on_usage_of_its_model_and_tier(
    session: Session, bill: list[Row], usage: list[Row]
) -> None:
    there = {
        (row["workspace_id"], row["api_key_id"], row["model"], row["service_tier"], row["context_window"])
        for row in usage
    }
    for row in shared(session, bill, usage, FCT_ANTHROPIC_TOKENS_DAILY):
        if row["cost_usd"] is not None and row["api_key_id"]:
            cell = ("workspace_id", "api_key_id", "model", "service_tier", "context_window")
            assert tuple(row[name] for name in cell) in there


def shared(session: Session, bill: list[Row], usage: list[Row], fact: Table = FCT_COST_DAILY) -> list[Row]:
    """The fact's rows for this bill and usage: the real SELECT, over rows held beside the real tables."""
    common = {"ingest_date": DAY, "currency": "USD", **INSTANTS}
    given_rows = {RAW_ANTHROPIC_COST: bill, RAW_ANTHROPIC_USAGE: usage}
    for table, rows in given_rows.items():
        full = [{name: (common | row).get(name) for name in table.column_names} for row in rows]
        session.stage(table.name, pa.Table.from_pylist(full, schema=arrow_schema(table)))
    try:
        answer: list[Row] = session.fetch(for_window(select(fact).sql, Days.one(DAY))).to_pylist()
    finally:
        for table in given_rows:
            session.discard(table.name)
    return answer


def by_rule(bill: list[Row], usage: list[Row]) -> dict[tuple[str | None, ...], Fraction]:
    """What each row ought to be, exactly, line by line, as the rules are worded."""
    out: dict[tuple[str | None, ...], Fraction] = defaultdict(Fraction)
    for line in bill:
        claims: dict[str, int] = defaultdict(int)
        for row in usage:
            claims[row["api_key_id"]] += claim(line, row, bill)
        kind = "usage" if line["cost_type"] == "tokens" else line["cost_type"] or "unknown"
        kind = "credit" if line["amount_usd"] < 0 else kind
        amount, whole = Fraction(line["amount_usd"]), sum(claims.values())
        if not whole:
            out[line["workspace_id"], None, kind, line["model"], "unmatched"] += amount
        for key, part in claims.items():
            if part:
                bare, how = (None, "no_key") if key == "no_api_key" else (key, "key")
                out[line["workspace_id"], bare, kind, line["model"], how] += amount * part / whole
    return out


def claim(line: Row, row: Row, bill: list[Row]) -> int:
    """How much of the line's cell a usage row is."""
    if row["workspace_id"] != line["workspace_id"]:
        return 0
    if line["cost_type"] == "web_search":
        return row["web_search_requests"] or 0
    if line["cost_type"] != "tokens" or line["token_type"] not in KINDS or row["service_tier"] == "priority":
        return 0
    named = {
        other["service_tier"]
        for other in bill
        if other["cost_type"] == "tokens"
        and (other["workspace_id"], other["model"] or "unknown") == (row["workspace_id"], row["model"])
    }
    tier = row["service_tier"]
    tier = "standard" if tier in ("flex", "flex_discount") and tier not in named else tier
    alike = (
        row["model"] == (line["model"] or "unknown")
        and line["service_tier"] in (None, tier)
        and line["context_window"] in (None, row["context_window"])
    )
    return (row[KINDS[line["token_type"]]] or 0) if alike else 0
