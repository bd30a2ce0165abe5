"""Which invoices and keys the figures of a digest count, on a warehouse of a few rows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.digest.figures import Invoices
from ai_usage_assets.digest.read import close_figures, week_figures
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_tests.support.harness import NOW
from ai_usage_tests.support.small_warehouse import SmallWarehouse

JOB = WriteContext("run", "digest")
WEEK, OCTOBER = Days(date(2026, 11, 9), date(2026, 11, 15)), Days(date(2026, 10, 1), date(2026, 10, 31))
ZERO = Decimal()


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[SmallWarehouse]:
    """October is closed, without cost."""
    tables = ["identity_invoices", "load_log", "closed_months", "fct_cost_daily"]
    found = SmallWarehouse(tmp_path, tables, [])
    loaded = {"loaded_at": datetime(2026, 12, 1, tzinfo=UTC), "rows": 1, "state": "rows"}
    found.given("load_log", [{"table_name": "fct_cost_daily", "day": date(2026, 11, 30), **loaded}])
    closed = {"month": OCTOBER.first, "cost_month": OCTOBER.first, "platform": "cursor", "is_current": True}
    found.given("closed_months", [{**closed, "revision": 1, "cost_usd": ZERO, "tokens": 0}])
    yield found
    found.engine.close()


def invoice(usd: int, issued_on: date, period: Days) -> dict[str, object]:
    """An invoice of one line. Without any cost, no part of it is explained."""
    return {
        "platform": "cursor",
        "invoice_id": f"C{usd}",
        "line": 1,
        "issued_on": issued_on,
        "period_start": period.first,
        "period_end": period.last,
        "kind": "usage",
        "amount_usd": Decimal(usd),
    }


def unexplained(*usd: int) -> Invoices:
    total = Decimal(sum(usd))
    return Invoices(len(usd), len(usd), total, ZERO, total, total)


def test_a_week_counts_the_invoices_issued_in_the_sixty_two_days_until_its_sunday(
    warehouse: SmallWarehouse,
) -> None:
    issued = {10: date(2026, 9, 14), 20: date(2026, 9, 15), 40: WEEK.last, 80: date(2026, 11, 16)}
    warehouse.given("identity_invoices", [invoice(usd, day, OCTOBER) for usd, day in issued.items()])

    found = week_figures(warehouse.engine, JOB, WEEK, WEEK.first, datetime(2026, 11, 16, 14, tzinfo=UTC))

    assert found.invoices == unexplained(20, 40)


def test_a_close_counts_the_invoices_with_a_day_of_the_month(warehouse: SmallWarehouse) -> None:
    september, november = date(2026, 9, 1), date(2026, 11, 30)
    periods = {
        10: Days(september, date(2026, 9, 30)),
        20: Days(september, OCTOBER.first),
        40: Days(OCTOBER.last, november),
        80: Days(date(2026, 11, 1), november),
    }
    warehouse.given("identity_invoices", [invoice(usd, november, days) for usd, days in periods.items()])

    found = close_figures(warehouse.engine, JOB, OCTOBER)

    assert found.invoices == unexplained(20, 40)


def test_keys_with_unattributed_cost_are_counted_whoever_shared_the_cost_out(
    warehouse: SmallWarehouse,
) -> None:
    def cost(
        key: str | None, allocation: str, email: str | None = "unattributed", day: str = "2026-10-31"
    ) -> dict[str, object]:
        return {
            "cost_date": day,
            "platform": "anthropic",
            "api_key_id": key,
            "allocation": allocation,
            "user_email": email,
        }

    warehouse.given(
        "fct_cost_daily",
        [
            cost("by_us", "key"),
            cost("by_us", "key", day="2026-10-30"),
            cost("by_the_vendor", "vendor", None),
            cost("owned", "key", "ann@example.com"),
            cost("of_november", "key", day="2026-11-01"),
            cost("no_api_key", "no_key"),
            cost(None, "seat"),
        ],
    )
    assert close_figures(warehouse.engine, JOB, OCTOBER).tasks.unowned_keys == 2
    week = Days(date(2026, 10, 26), date(2026, 11, 1))
    assert week_figures(warehouse.engine, JOB, week, OCTOBER.first, NOW).tasks.unowned_keys == 3
