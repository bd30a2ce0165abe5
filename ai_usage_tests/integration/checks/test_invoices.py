"""The sample company's invoices against its own cost: what is explained, and what a planted error is called."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ai_usage_assets.curated.invoices import explained
from ai_usage_assets.curated.select import select
from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company import invoices, seats
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.invoices import Lines
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.schema.tables.identity import IDENTITY_INVOICES, IDENTITY_SEATS
from ai_usage_assets.schema.tables.invoices import FCT_INVOICE_RECONCILIATION
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.sources.identity.cells import IdentityFileError
from ai_usage_assets.sources.identity.invoices import invoices as read_invoices
from ai_usage_assets.warehouse.translations import to_duckdb
from ai_usage_tests.support.rule_cases import Row, inlined

OCTOBER, CYCLE_BEFORE, CYCLE = date(2026, 10, 1), date(2026, 10, 17), date(2026, 11, 17)
DAYS = Days(date(2026, 9, 1), date(2026, 12, 16))
VIEW = select(FCT_INVOICE_RECONCILIATION)

Given = dict[Table, list[Row]]


@pytest.fixture(scope="module")
def company() -> Company:
    return Company(people=12)


@pytest.fixture(scope="module")
def facts(company: Company) -> Given:
    """The company's cost by day, as fct_cost_daily has it, and the prices of its seats."""
    metered_days = Days(DAYS.first, CYCLE)
    cost: list[Row] = []
    for day, totals in company.totals(metered_days).items():
        for platform, kind, cents in (
            ("anthropic", "usage", totals.anthropic.total_cents),
            ("cursor", "overage", totals.cursor.chargeable_cents),
        ):
            cost.append(
                {"cost_date": day, "platform": platform, "cost_type": kind, "cost_usd": round(cents / 100, 4)}
            )
    for tier, number in seats.seats(company, CYCLE).items():
        month = Days(CYCLE, DAYS.last)
        price = number * seats.SEAT_USD[tier]
        shares = [round(price * n / len(month), 4) for n in range(len(month) + 1)]
        for n, day in enumerate(month):
            seat = {"cost_date": day, "platform": "cursor", "cost_type": "subscription", "model": tier}
            cost.append({**seat, "cost_usd": shares[n + 1] - shares[n]})
    prices = [
        {"platform": "cursor", "tier": tier, "usd_per_seat_month": usd}
        for tier, usd in seats.SEAT_USD.items()
    ]
    loaded = [{"table_name": "fct_cost_daily", "day": day, "state": "rows"} for day in DAYS]
    return {FCT_COST_DAILY: cost, IDENTITY_SEATS: prices, LOAD_LOG: loaded}


def reconciled(facts: Given, lines: Lines, folder: Path) -> dict[str, Row]:
    """Per invoice, what the check reads."""
    invoices.write(lines, folder / "invoices.csv")
    given = {**facts, IDENTITY_INVOICES: read_invoices(folder)}
    sql = to_duckdb(inlined(explained(VIEW.sql), VIEW.inputs, given))
    return {row["invoice_id"]: row for row in fetched(sql)}


def fetched(sql: str) -> Iterator[dict[str, Any]]:
    with duckdb.connect() as connection:
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        for values in cursor.fetchall():
            yield dict(zip(names, values, strict=True))


def test_both_vendors_invoices_are_explained_to_the_cent(
    company: Company, facts: Given, tmp_path: Path
) -> None:
    lines = [
        *invoices.anthropic(company, OCTOBER),
        *invoices.cursor_seats(company, CYCLE),
        *invoices.cursor_usage(company, CYCLE_BEFORE),
    ]
    found = reconciled(facts, lines, tmp_path)
    assert {name: row["unexplained_usd"] for name, row in found.items()} == {
        "ANT-2026-10": 0,
        "CUR-SEATS-2026-11-17": 0,
        "CUR-USAGE-2026-11-17": 0,
    }
    assert not any(row["is_unexplained"] for row in found.values())
    assert found["ANT-2026-10"]["invoiced_usd"] > 100


SEPTEMBER = Days(date(2026, 9, 1), date(2026, 9, 30))
DAY = date(2026, 10, 14)
Plant = Callable[[Company], tuple[Lines, Decimal]]


def missing_day(company: Company) -> tuple[Lines, Decimal]:
    lines = invoices.anthropic(company, OCTOBER)
    error = -invoices.metered_usd(company, "anthropic", Days.one(DAY))
    return invoices.without_day(lines, company, DAY), error


def wrong_period(company: Company) -> tuple[Lines, Decimal]:
    lines = invoices.anthropic(company, OCTOBER)
    error = invoices.metered_usd(company, "anthropic", SEPTEMBER) - lines[0].amount_usd
    return invoices.with_usage_of(lines, company, SEPTEMBER), error


def seat_too_many(company: Company) -> tuple[Lines, Decimal]:
    return invoices.with_a_seat_too_many(invoices.cursor_seats(company, CYCLE)), Decimal(40)


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (missing_day, "equals the metered cost of 2026-10-14, which the invoice does not have"),
        (wrong_period, "the usage equals that of 2026-09-01 to 2026-09-30, another billing period"),
        (seat_too_many, "equals the price of 1 seat(s) of tier standard more than"),
    ],
)
def test_a_planted_error_is_unexplained_by_exactly_its_amount_and_named(
    company: Company, facts: Given, tmp_path: Path, plant: Plant, named: str
) -> None:
    lines, error = plant(company)
    (found,) = reconciled(facts, lines, tmp_path).values()
    assert found["unexplained_usd"] == error
    assert found["is_unexplained"]
    assert str(found["candidates"]).startswith(named)


def test_a_day_that_is_not_loaded_is_named(company: Company, facts: Given, tmp_path: Path) -> None:
    without = {
        FCT_COST_DAILY: [row for row in facts[FCT_COST_DAILY] if row["cost_date"] != DAY],
        IDENTITY_SEATS: facts[IDENTITY_SEATS],
        LOAD_LOG: [row for row in facts[LOAD_LOG] if row["day"] != DAY],
    }
    (found,) = reconciled(without, invoices.anthropic(company, OCTOBER), tmp_path).values()
    assert found["unexplained_usd"] == invoices.metered_usd(company, "anthropic", Days.one(DAY))
    assert found["candidates"] == "1 day(s) of the period are not loaded, the first is 2026-10-14"


def test_an_invoice_in_advance_is_judged_when_its_last_day_is_loaded(
    company: Company, facts: Given, tmp_path: Path
) -> None:
    lines = invoices.with_a_seat_too_many(invoices.cursor_seats(company, CYCLE))
    outcomes = []
    for last in (DAYS.last, DAYS.last - timedelta(days=1)):
        loaded = {
            FCT_COST_DAILY: [row for row in facts[FCT_COST_DAILY] if row["cost_date"] <= last],
            IDENTITY_SEATS: facts[IDENTITY_SEATS],
            LOAD_LOG: [row for row in facts[LOAD_LOG] if row["day"] <= last],
        }
        (found,) = reconciled(loaded, lines, tmp_path).values()
        outcomes.append((found["is_over"], found["is_unexplained"], found["unexplained_usd"] > 0))
    assert outcomes == [(True, True, True), (False, False, True)]


def test_another_currency_is_refused_by_name(company: Company, tmp_path: Path) -> None:
    invoices.write(
        invoices.in_currency(invoices.anthropic(company, OCTOBER), "EUR"), tmp_path / "invoices.csv"
    )
    with pytest.raises(IdentityFileError, match=r"line 2, column currency: EUR is not USD"):
        read_invoices(tmp_path)


@pytest.mark.parametrize("seed", range(5))
def test_the_components_of_random_invoices_add_up(seed: int) -> None:
    draw = random.Random(seed)

    def usd(decimals: int, least: int = -3000) -> Decimal:
        return Decimal(draw.randrange(least, 90000)).scaleb(-decimals)

    lines: list[Row] = []
    for number, platform in enumerate(["anthropic", "cursor", "claude_code"] * 2):
        first = OCTOBER + timedelta(days=draw.randrange(30))
        for line in range(1, draw.randrange(2, 7)):
            kind = draw.choice(["usage", "seats", "tax", "credit", "refund", "other"])
            lines.append(
                {
                    "platform": platform,
                    "invoice_id": f"I{number}",
                    "line": line,
                    "issued_on": date(2026, 11, 5),
                    "period_start": first,
                    "period_end": first + timedelta(days=20),
                    "kind": kind,
                    "amount_usd": usd(2),
                }
            )
    cost = [
        {"cost_date": day, "platform": platform, "cost_type": kind, "cost_usd": usd(4)}
        for day in Days(OCTOBER, CYCLE)
        for platform in ("anthropic", "cursor", "claude_code")
        for kind in ("usage", "credit", "overage", "subscription")
        if draw.random() < 0.5
    ]
    given = {IDENTITY_INVOICES: lines, FCT_COST_DAILY: cost}
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in fetched(to_duckdb(inlined(VIEW.sql, VIEW.inputs, given))):
        sums[row["invoice_id"]][row["component"] == "invoiced"] += row["amount_usd"]
        if row["component"] == "rounding":
            own = [line for line in lines if line["invoice_id"] == row["invoice_id"]]
            assert abs(row["amount_usd"]) <= Decimal("0.005") * max(len(own), 1)
    assert len(sums) == 6
    for parts, invoiced in sums.values():
        assert parts == invoiced
