"""The first screen in words: the days that a page is about, and each key figure with what stands below it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.report import summary
from ai_usage_assets.report.currency import Rate
from ai_usage_assets.report.figures import CAUSES, Change, Closed, Comparison, Figures, IdleSeats, figures
from ai_usage_assets.report.invoices import Invoice, TieOut
from ai_usage_assets.report.layout import Tile
from ai_usage_assets.report.text import UNKNOWN
from ai_usage_tests.support.report_pages import OCTOBER, Company

LAST, OVER = date(2026, 10, 31), date(2026, 11, 1)
CLOSED = Closed(datetime(2026, 11, 3, 23, tzinfo=UTC), 4, Decimal(0))
COMPARED = Comparison(Decimal("90.5"), {}, Decimal(12), Decimal(10))


def of(**more: Any) -> Figures:
    """The figures of a month without rows, but for these."""
    made: dict[str, Any] = {"until": date(2026, 10, 30), "by_platform": {"cursor": Decimal(3)}, **more}
    return replace(figures(Company().frames(), OCTOBER, LAST), **made)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (of(until=None, by_platform={}), "No day of this month is loaded."),
        (of(until=None, by_platform={}, today=OVER), "No day of this month is loaded."),
        (of(until=None), "Not every platform has a loaded day in this month."),
        (of(), "Running, until 30 October 2026 (UTC)."),
        (of(by_platform={}), "Running, until 30 October 2026 (UTC)."),
        (of(today=OVER), "The month is over, and it is not closed yet."),
        (of(today=OVER, closed=CLOSED), "Closed on 3 November 2026, revision 4."),
        (
            of(today=OVER, gaps=(LAST,)),
            "The month is over, and it is not closed yet. 1 day is not loaded for every platform: 2026-10-31.",
        ),
        (
            of(today=OVER, closed=CLOSED, gaps=(date(2026, 10, 1), date(2026, 10, 2), LAST)),
            ("Closed on 3 November 2026, revision 4. 3 days are not loaded for every platform: 2026-10-01...2026-10-02, "
            "2026-10-31."),
        ),
    ],
)  # fmt: skip
def test_the_page_says_which_days_it_is_about(found: Figures, said: str) -> None:
    assert summary.period(found) == said


def test_gaps_are_days_that_are_over_and_not_loaded_for_every_platform_with_cost() -> None:
    given = Company().load([date(2026, 10, 1), date(2026, 10, 2)]).load([date(2026, 10, 4)], ["cursor"])
    given.spend("a@example.com", "1", [date(2026, 10, 1)], platform="cursor")
    for day, gaps in ((3, []), (4, [3]), (5, [3]), (6, [3, 5])):
        found = figures(given.frames(), OCTOBER, date(2026, 10, day))
        assert found.gaps == tuple(date(2026, 10, gap) for gap in gaps)
    given.spend("a@example.com", "1", [date(2026, 10, 1)], platform="anthropic")
    found = figures(given.frames(), OCTOBER, date(2026, 10, 5))
    assert (found.gaps, found.until) == ((date(2026, 10, 3), date(2026, 10, 4)), date(2026, 10, 2))


def tile(found: Figures, *labels: str) -> Tile:
    """The tile with one of these labels."""
    [tile] = [each for each in summary.tiles(found) if each.label in labels]
    return tile


def test_the_total_has_its_adjustments_and_platforms_and_the_currency_of_the_books() -> None:
    found = of(
        own_usd=Decimal(100),
        closed=replace(CLOSED, changed_usd=Decimal("-2.5")),
        adjustments_usd=Decimal("7.25"),
        by_platform={"anthropic": Decimal(60), "cursor": Decimal(40)},
    )
    assert tile(found, "Total") == Tile(
        "Total",
        "$109.75",
        "−$2.50 since the close is booked later; with +$7.25 adjustments of earlier months; Anthropic API $60.00; Cursor $40.00",
    )
    assert tile(of(own_usd=Decimal(3)), "Total") == Tile("Total", "$3.00", "Cursor $3.00")
    assert [each.label for each in summary.tiles(found)][:2] == ["Total", "Budget"]
    rate = Rate(OCTOBER.first, "EUR", Decimal("0.5"))
    assert tile(replace(found, rate=rate), "Total in EUR") == Tile(
        "Total in EUR", "EUR 54.88", "At 0.5 EUR for 1 USD (fx.csv)."
    )
    assert Rate(OCTOBER.first, "EUR").amount(Decimal(1)) is None
    missing = Rate(OCTOBER.first)
    assert tile(replace(found, rate=missing), "Total in another currency") == Tile(
        "Total in another currency",
        UNKNOWN,
        "fx.csv has no rate of 2026-10, so amounts are in US dollars alone.",
    )


def caused(**usd: int) -> Change:
    return Change(
        Decimal(1),
        Decimal(1),
        {**dict.fromkeys(CAUSES, Decimal(0)), **{name: Decimal(n) for name, n in usd.items()}},
    )


@pytest.mark.parametrize(
    ("change", "compared", "expected"),
    [
        (
            caused(calendar_usd=-99, use_usd=5, price_usd=-8),
            COMPARED,
            ("+20.0%", "+$2.00 a day; September 2026 was $90.50. The largest part: price per token, −$8.00."),
        ),
        (caused(calendar_usd=-99), COMPARED, ("+20.0%", "+$2.00 a day; September 2026 was $90.50.")),
        (
            caused(seats_usd=1),
            replace(COMPARED, earlier_day_usd=Decimal(0), not_compared={"cursor": Decimal(1), "new": Decimal(2)}),
            (
                UNKNOWN,
                ("+$12.00 a day; September 2026 was $90.50. Not compared: Cursor, new (loaded days in one of the months only). "
                "The largest part: seats, +$1.00."),
            ),
        ),
    ],
)  # fmt: skip
def test_a_day_is_compared_with_one_of_the_month_before(
    change: Change, compared: Comparison, expected: tuple[str, str]
) -> None:
    label = "A day, against September 2026"
    assert tile(of(change=change, comparison=compared), label) == Tile(label, *expected)


def test_what_cannot_be_compared_is_said_and_why() -> None:
    label = "Against the month before"
    nothing = replace(COMPARED, earlier_usd=Decimal(0))
    found = of(change=None, comparison=nothing)
    assert tile(found, label) == Tile(label, UNKNOWN, "The month before has no loaded days.")
    assert list(summary.why(found).notes) == ["The month before has no loaded days."]
    gone = of(change=None, comparison=replace(COMPARED, not_compared={"cursor": Decimal(-9)}))
    said = "No platform has loaded days in both months. Not compared: Cursor (loaded days in one of the months only)."
    assert tile(gone, label) == Tile(label, UNKNOWN, said)
    assert list(summary.why(gone).notes) == [said]


def invoice(usd: str, unexplained: str, *, is_over: bool = True) -> Invoice:
    period = Days(OCTOBER.first, LAST)
    return Invoice("cursor", usd, OVER, period, Decimal(usd), Decimal(unexplained), {}, None, is_over)


@pytest.mark.parametrize(
    ("invoices", "without", "value", "detail", "state"),
    [
        ([], ["cursor"], "None yet", "Add them to identity/invoices.csv.", ""),
        ([invoice("5", "0", is_over=False)], ["cursor"], "None is over", "1 invoice of days to come", ""),
        ([invoice("5", "0"), invoice("7", "-1")], [], "Tie out", "$1.00 unexplained of $12.00 in 2 invoices", "good"),
        (
            [invoice("5", "0")], ["anthropic", "claude_code"], "Tie out",
            "$0.00 unexplained of $5.00 in 1 invoice; no invoice of Anthropic API; no invoice of Claude seats", "warn",
        ),
        (
            [invoice("5", "0"), invoice("7", "-2"), invoice("9", "3"), invoice("8", "5", is_over=False)], ["cursor"], "$5.00",
            "unexplained in 2 of 3 invoices, whether too high or too low; no invoice of Cursor", "warn",
        ),
    ],
)  # fmt: skip
def test_invoices_tie_out_or_their_errors_are_added(
    invoices: list[Invoice], without: list[str], value: str, detail: str, state: str
) -> None:
    found = of(tie_out=TieOut(tuple(invoices), tuple(without)))
    assert tile(found, "Invoices") == Tile("Invoices", value, detail, state)


def test_what_is_unattributed_and_idle_has_its_share_and_week() -> None:
    found = of(
        own_usd=Decimal(80),
        unattributed_usd=Decimal(10),
        idle_seats=IdleSeats(date(2026, 10, 26), 1200, 1001, Decimal("99.5")),
    )
    assert summary.tiles(found)[-2:] == [
        Tile("Unattributed", "$10.00", "12.5% of the cost"),
        Tile("Idle seats", "1,001 of 1,200", "Not used in 30 days; $99.50 in the week of 26 October 2026"),
    ]
    assert tile(of(), "Idle seats") == Tile(
        "Idle seats", UNKNOWN, "No list of seats is loaded for this month or the month before."
    )
