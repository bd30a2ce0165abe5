"""Which invoices and keys the figures of a digest count."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.digest.figures import Invoices
from ai_usage_assets.digest.read import close_figures, week_figures
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_tests.support.harness import NOW
from ai_usage_tests.support.small_warehouse import SmallWarehouse

OCTOBER = Days(date(2026, 10, 1), date(2026, 10, 31))
JOB = WriteContext("run", "digest")


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[SmallWarehouse]:
    """Days that are loaded from August to the middle of November, and October as a closed month."""
    made = SmallWarehouse(
        tmp_path, ["load_log", "closed_months", "fct_cost_daily", "identity_invoices"], views=[]
    )
    loaded = Days(date(2026, 8, 1), date(2026, 11, 15))
    made.given(
        "load_log", [{"table_name": "fct_cost_daily", "day": str(day), "state": "rows"} for day in loaded]
    )
    month = {"month": "2026-10-01", "cost_month": "2026-10-01", "revision": 1, "is_current": True}
    made.given("closed_months", [{**month, "platform": "cursor"}])
    yield made
    made.engine.close()


def test_a_close_has_the_invoices_whose_period_has_a_day_of_the_month(warehouse: SmallWarehouse) -> None:
    periods = [
        ("2026-09-01", "2026-09-30", 1),
        ("2026-09-02", "2026-10-01", 20),
        ("2026-10-31", "2026-11-10", 300),
        ("2026-11-01", "2026-11-10", 4000),
    ]
    warehouse.given(
        "identity_invoices",
        [
            {
                "platform": platform,
                "invoice_id": str(usd),
                "line": 1,
                "issued_on": "2026-11-11",
                "period_start": first,
                "period_end": last,
                "kind": "usage",
                "amount_usd": usd,
            }
            for platform, (first, last, usd) in zip(
                ("cursor", "cursor", "anthropic", "anthropic"), periods, strict=True
            )
        ],
    )
    both = Decimal(320)
    assert close_figures(warehouse.engine, JOB, OCTOBER).invoices == Invoices(
        2, 2, both, Decimal(), both, both
    )


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
