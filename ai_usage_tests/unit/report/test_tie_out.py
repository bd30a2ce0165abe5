"""Which invoices are of a month, and which of them tie out, on both sides of each edge."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.report.currency import Rate
from ai_usage_assets.report.forecast import forecast
from ai_usage_assets.report.invoices import Invoice, TieOut, tie_out

OCTOBER = Days(date(2026, 10, 1), date(2026, 10, 31))
TODAY = date(2026, 11, 3)
ONE_DAY = timedelta(days=1)


def rows(
    invoice: str, first: date, last: date, invoiced: str, unexplained: str, **more: Any
) -> list[dict[str, Any]]:
    given = {"platform": "cursor", "invoice_id": invoice, "issued_on": date(2026, 11, 1), "candidates": None}
    period = {"period_start": first, "period_end": last}
    amounts = {"usage": "7", "invoiced": invoiced, "unexplained": unexplained}
    return [
        {**given, **period, "component": name, "amount_usd": Decimal(usd), **more}
        for name, usd in amounts.items()
    ]


def found(*lines: list[dict[str, Any]], today: date = TODAY, **by_platform: Decimal) -> TieOut:
    return tie_out(pd.DataFrame([row for each in lines for row in each]), OCTOBER, by_platform, today)


def test_an_invoice_is_of_each_month_that_has_a_day_of_its_period() -> None:
    before, after = OCTOBER.first - ONE_DAY, OCTOBER.last + ONE_DAY
    ours = found(
        rows("ended before", date(2026, 9, 1), before, "1", "0"),
        rows("last day", date(2026, 9, 2), OCTOBER.first, "1", "0"),
        rows("first day", OCTOBER.last, date(2026, 11, 29), "1", "0", issued_on=date(2026, 10, 31)),
        rows("begins after", after, date(2026, 11, 30), "1", "0"),
        rows("other", OCTOBER.first, OCTOBER.last, "1", "0", platform="anthropic"),
        cursor=Decimal(5),
        claude_code=Decimal(3),
        new=Decimal(0),
    )
    # by platform, day and id
    assert [each.invoice_id for each in ours.invoices] == ["other", "first day", "last day"]
    assert ours.without_invoice == ("claude_code",)


@pytest.mark.parametrize(
    ("invoiced", "unexplained", "is_explained"),
    [
        # a dollar, or half a percent if that is more
        ("130", "1", True),
        ("130", "-1.01", False),
        ("200", "1", True),
        ("1000", "5", True),
        ("1000", "5.01", False),
        ("-1000", "-5", True),
    ],
)
def test_an_invoice_ties_out_up_to_its_tolerance(invoiced: str, unexplained: str, is_explained: bool) -> None:
    one = found(rows("i", OCTOBER.first, OCTOBER.last, invoiced, unexplained, candidates="a seat"))
    assert one.is_explained is is_explained
    assert one.invoices == (
        Invoice(
            "cursor",
            "i",
            date(2026, 11, 1),
            OCTOBER,
            Decimal(invoiced),
            Decimal(unexplained),
            {"usage": Decimal(7)},
            "a seat",
            is_over=True,
        ),
    )


def test_only_invoices_whose_days_are_over_are_judged_and_their_errors_do_not_cancel_out() -> None:
    given = (
        rows("high", OCTOBER.first, OCTOBER.last, "500", "40"),
        rows("low", OCTOBER.first, OCTOBER.last, "300", "-40.5"),
        rows("of days to come", OCTOBER.last, TODAY, "800", "400"),
    )
    now = found(*given)
    assert (now.invoiced_usd, now.unexplained_usd, now.is_explained) == (Decimal(800), Decimal("80.5"), False)
    tomorrow = found(*given, today=TODAY + ONE_DAY)
    assert (tomorrow.invoiced_usd, tomorrow.unexplained_usd) == (Decimal(1600), Decimal("480.5"))
    assert not found(given[2]).is_explained


# what stands beside them


def test_an_amount_of_the_books_is_rounded_to_the_even_cent_and_a_rate_says_where_it_is_from() -> None:
    rate = Rate(OCTOBER.first, "EUR", Decimal("0.5"), file_currency="EUR", file_per_usd=Decimal("0.500"))
    assert [rate.amount(Decimal(usd)) for usd in ("2469.01", "2469.03", "-0.5", "-0.001")] == [
        "EUR 1,234.50",
        "EUR 1,234.52",
        "EUR \N{MINUS SIGN}0.25",
        "EUR 0.00",
    ]
    closed = "At 0.5 EUR for 1 USD, as the month was closed."
    frozen = Rate(OCTOBER.first, "EUR", Decimal("0.5"), True, "EUR", Decimal("0.500"))
    assert frozen.sentence == closed
    other = Rate(OCTOBER.first, "EUR", Decimal("0.5"), True, "CHF", Decimal("0.5"))
    assert other.sentence == f"{closed} fx.csv has 0.5 CHF now, which changes nothing of a closed month."
    gone = Rate(OCTOBER.first, "EUR", Decimal("0.5"), True)
    assert gone.sentence == closed


def test_a_forecast_has_an_interval_only_while_days_are_left() -> None:
    row = {
        "forecast_usd": Decimal(120),
        "expected_usd": Decimal(15),
        "expected_seats_usd": Decimal(5),
        "low_usd": Decimal(100),
        "high_usd": Decimal("140.5"),
        "days_left": 1,
    }
    running, over = forecast(row), forecast(row | {"days_left": 0})
    assert running
    assert over
    assert (running.text, over.text) == ("forecast $120.00 ($100.00 to $140.50)", "forecast $120.00")
    assert (running.expected_usd, running.seats_usd, running.days_left) == (Decimal(15), Decimal(5), 1)
    unknown = forecast(row | {"low_usd": None, "high_usd": None})
    assert unknown
    assert unknown.text == "forecast $120.00"
    assert forecast(row | {"forecast_usd": None}) is None
