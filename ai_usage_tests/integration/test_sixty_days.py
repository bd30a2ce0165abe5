"""Sixty days of money: what the facts say is what the company's own records say, to the hundredth of a cent."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pytest

from ai_usage_assets.curated.select import select
from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.company.totals import DayTotals
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.schema.ddl import names
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.warehouse import write as writing
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.sql import rows_of, within
from ai_usage_tests.support.harness import NOW, Harness, failed_checks, step_errors

pytestmark = pytest.mark.slow

DAYS = Days(date(2026, 9, 21), date(2026, 11, 19))
ZERO = Decimal(0)


@dataclass(frozen=True)
class SixtyDays:
    """A harness with sixty days of every table, the result of the run, and what the company recorded."""

    harness: Harness
    result: dg.ExecuteInProcessResult
    truth: dict[date, DayTotals]

    def rows(self, table: Table, days: Days | None = None) -> pa.Table:
        with self.harness.engine.session() as session:
            return session.fetch(rows_of(table, table.name, days))

    def cost(self, where: str) -> dict[date, Decimal]:
        rows = self.harness.fetch(
            f"select cost_date, sum(cost_usd) as usd from fct_cost_daily where {where} "
            f"and {within('cost_date', DAYS)} group by 1"
        )
        return dict.fromkeys(DAYS, ZERO) | {row["cost_date"]: row["usd"] for row in rows}


@pytest.fixture(scope="module")
def sixty(shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> SixtyDays:
    folder = tmp_path_factory.mktemp("sixty")
    write_identity(shared_sandbox.company, folder / "identity")
    # the tables begin on the first of the sixty days, so that no check misses an earlier one
    harness = Harness(shared_sandbox, folder, env={"AI_USAGE_START_DATE": str(DAYS.first)})
    # the members were listed before one of them left: the seat of a member who left before the first list ends with
    # their last active day, which a day run by itself does not know yet
    shared_sandbox.now = datetime(2026, 10, 22, 12, tzinfo=UTC)
    try:
        assert harness.errors("raw_cursor_members", DAYS, now=shared_sandbox.now) == {}
    finally:
        shared_sandbox.now = NOW
    return SixtyDays(harness, harness.materialize("*", DAYS), shared_sandbox.company.totals(DAYS))


def test_every_step_and_every_check_succeeds(sixty: SixtyDays) -> None:
    assert len(DAYS) == 60
    assert step_errors(sixty.result) == {}
    assert failed_checks(sixty.result) == []


def test_anthropics_cost_is_the_companys_day_by_day_to_four_decimals(sixty: SixtyDays) -> None:
    found = sixty.cost("platform = 'anthropic'")

    off = {day: found[day] - round(t.anthropic.total_cents / 100, 4) for day, t in sixty.truth.items()}

    assert max(map(abs, off.values())) == 0


def test_every_cost_type_is_the_companys_within_its_rounding(sixty: SixtyDays) -> None:
    names = {"tokens": "usage"}
    rows = sixty.harness.fetch(
        "select cost_type, sum(cost_usd) as usd from fct_cost_daily where platform = 'anthropic' "
        f"and {within('cost_date', DAYS)} group by 1"
    )
    found = {row["cost_type"]: row["usd"] for row in rows}
    true: dict[str, Decimal] = {}
    for t in sixty.truth.values():
        for kind, cents in t.anthropic.cost_cents.items():
            name = names.get(kind, kind)
            true[name] = true.get(name, ZERO) + cents / 100
    credit = sum((t.anthropic.credit_cents for t in sixty.truth.values()), ZERO) / 100

    # the credits of the sample company are on tokens
    assert credit < 0
    true |= {"credit": credit, "usage": true["usage"] - credit}
    assert set(found) == set(true)
    for kind, usd in found.items():
        # a day's rounding can move 0.0001 from one type to another
        assert abs(usd - true[kind]) <= Decimal("0.01")


def test_cursors_cost_is_the_companys_overage_and_a_whole_number_of_seats(sixty: SixtyDays) -> None:
    overage = sixty.cost("cost_type = 'overage'")
    month = sixty.harness.fetch(
        "select user_email, sum(cost_usd) as usd, count(cost_date) as days from fct_cost_daily "
        "where allocation = 'seat' and cost_date >= date '2026-10-17' and cost_date < date '2026-11-17' group by 1"
    )
    whole = {row["user_email"].split("@")[0]: row["usd"] for row in month if row["days"] == 31}

    assert overage == {day: round(t.cursor.chargeable_cents / 100, 4) for day, t in sixty.truth.items()}
    assert len(whole) > 10
    assert {name for name, usd in whole.items() if usd == 120} == {"jide.okafor", "xiaoming.wang"}
    assert set(whole.values()) == {Decimal(40), Decimal(120)}
    # the admin's seat is free
    assert "hanna.weiss" not in {row["user_email"].split("@")[0] for row in month}


def test_claude_codes_sessions_and_tokens_are_the_companys(sixty: SixtyDays) -> None:
    rows = sixty.harness.fetch(
        "select usage_date, sum(sessions) as sessions, sum(loc_added) as lines, sum(accepts) as accepts, "
        "sum(input_tokens) as input, sum(output_tokens) as output from fct_usage_daily "
        f"where platform = 'claude_code' and {within('usage_date', DAYS)} group by 1"
    )
    found = {row.pop("usage_date"): row for row in rows}
    nothing = {"sessions": 0, "lines": 0, "accepts": 0, "input": 0, "output": 0}

    for day, t in sixty.truth.items():
        both, own = t.claude_code.values(), t.claude_code["subscription"]
        # API customers' tokens are NULL here, and so is a day that has no others
        assert nothing | {name: n or 0 for name, n in found.get(day, nothing).items()} == {
            "sessions": sum(code.num_sessions for code in both),
            "lines": sum(code.lines_added for code in both),
            "accepts": sum(code.accepted for code in both),
            "input": own.input + own.cache_read + own.cache_creation,
            "output": own.output,
        }


def test_most_dollars_reach_a_person(sixty: SixtyDays) -> None:
    (row,) = sixty.harness.fetch(
        "select sum(if(user_email != 'unattributed', cost_usd, 0)) as known, sum(cost_usd) as usd "
        f"from fct_cost_daily where {within('cost_date', DAYS)}"
    )

    assert row["known"] / row["usd"] > Decimal("0.5"), row


def test_each_day_run_by_itself_gives_the_facts_of_the_range_row_for_row(
    sixty: SixtyDays, tmp_path: Path
) -> None:
    alone = DuckDBEngine(tmp_path / "alone.duckdb")
    facts = [table for table in layer(Layer.CURATED) if table.partition]
    for table in (*layer(Layer.IDENTITY), *layer(Layer.SNAPSHOT), *layer(Layer.LIST_LOG)):
        rows = sixty.rows(table)
        writing.replace(alone, table, rows, None, WriteContext("alone", table.name))

    for day in DAYS:
        # nothing of a later day is there yet
        for table in layer(Layer.RAW):
            if table.partition:
                rows = sixty.rows(table, Days.one(day))
                writing.replace(
                    alone, table, rows, Days.one(day), WriteContext("alone", f"{table.name} {day}")
                )
        for fact in facts:
            writing.replace(
                alone, fact, select(fact), Days.one(day), WriteContext("alone", f"{fact.name} {day}")
            )

    rows = {}
    for fact in facts:
        with alone.session() as session:
            found = session.fetch(content(fact, DAYS)).to_pylist()
        assert found == sixty.harness.fetch(content(fact, DAYS))
        rows[fact.name] = len(found)
    assert min(rows.values()) > 900


def content(table: Table, days: Days) -> str:
    columns = [name for name in table.column_names if name != "processed_at"]
    return f"select {names(columns)} from `{table.name}` where {within(str(table.partition), days)} order by {names(columns)}"
