"""What a digest says where the sample company has nothing to show: whole texts, made of figures."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from ai_usage_assets.curated.select import MIN_BYTES_BILLED, tables_read
from ai_usage_assets.days import Days
from ai_usage_assets.digest import statements, text
from ai_usage_assets.digest.comparisons import with_month_before, with_usual, with_week_before
from ai_usage_assets.digest.figures import (
    CloseFigures,
    Compared,
    Invoices,
    MonthSoFar,
    Tasks,
    UnusualDay,
    WeekFigures,
)
from ai_usage_assets.digest.read import summed_invoices
from ai_usage_assets.report.budgets import Budget, Budgets
from ai_usage_assets.report.currency import Rate
from ai_usage_assets.report.figures import CAUSES, Change, IdleSeats
from ai_usage_assets.report.forecast import Forecast

WEEK, OCTOBER = Days(date(2026, 11, 9), date(2026, 11, 15)), Days(date(2026, 10, 1), date(2026, 10, 31))
ZERO = Decimal()
PAGE = Path(__file__).parents[3] / "docs" / "digest.md"
EMPTY = WeekFigures(
    week=WEEK,
    days_in=0,
    total_usd=ZERO,
    by_platform={},
    compared=None,
    usual=None,
    unusual_day=None,
    causes={},
    month=MonthSoFar(Days(date(2026, 11, 1), WEEK.last), 0, ZERO, None),
    invoices=Invoices(0, 0, ZERO, ZERO, ZERO, ZERO),
    unattributed={},
    idle_seats=None,
    tasks=Tasks(),
)
DAYS = [date(2026, 11, 1 + n) for n in range(15)]


def test_a_week_without_data() -> None:
    assert (
        text.of_week(EMPTY, None)
        == """\
*Claude and Cursor: week 2026-11-09...2026-11-15, 0 of 7 days are loaded*
Total: $0.00.
Change: the week before is not loaded.
2026-11 so far: $0.00, 0 of 15 days are loaded.
Invoices of the last two months: none is in invoices.csv.
Unattributed: $0.00.
Needs a person: no day of the week is loaded."""
    )


def test_a_week_with_everything_in_it_is_ten_lines_and_a_link_and_a_vendors_text_stays_text() -> None:
    figures = replace(
        EMPTY,
        days_in=5,
        total_usd=Decimal("1000.005"),
        by_platform={"cursor": Decimal(900), "<!channel>": Decimal("100.005")},
        compared=Compared(Decimal(1000), Decimal(1100), 5),
        usual=Compared(Decimal(1000), Decimal(800), 4),
        unusual_day=UnusualDay(date(2026, 11, 12), Decimal("1234.5")),
        causes={"Cursor *b*\n<https://x|y>": Decimal(-150), "a": Decimal(50), "c": Decimal("0.001")},
        month=MonthSoFar(EMPTY.month.days, 15, Decimal(2000), Compared(Decimal(2000), Decimal(1000), 15)),
        invoices=Invoices(3, 2, Decimal(5120), Decimal(5000), ZERO, Decimal(80)),
        unattributed={"service_account": Decimal(60), "no_key": Decimal(40)},
        idle_seats=IdleSeats(WEEK.first, 44, 7, Decimal("65.33")),
        tasks=Tasks(
            missing_days=(date(2026, 11, 12), date(2026, 11, 13)),
            missing_tables=("a", "b", "c", "d", "e"),
            unowned_keys=1,
            open_month=OCTOBER.first,
            failing_checks=("no_stale_days (fct_cost_daily)",),
        ),
    )
    assert (
        text.of_week(figures, "https://x/assets/v_cost")
        == """\
*Claude and Cursor: week 2026-11-09...2026-11-15, 5 of 7 days are loaded*
Total: $1,000.00 (Cursor $900.00, ??channel? $100.00).
Change: −$100.00 (−9.1%) from the week before, over 5 days. The usual for these weekdays is $800.00, over 4 days: +$200.00 \
(+25.0%). Thursday differs most, by +$1,234.50.
Why: Cursor ?b? ?https?//x?y? −$150.00, a +$50.00.
2026-11 so far: $2,000.00 in 15 days, +$1,000.00 (+100.0%) from the same days of the month before.
Invoices of the last two months: 2 of 3 not explained, $80.00 of $5,120.00.
Unattributed: $100.00 (10.0%), the largest part: key of a service ($60.00).
Idle seats: 7 of 44 seats without use in 30 days; they cost $65.33 in the week of 2026-11-09 (an exposure, not a saving).
Needs a person: 2 days are not loaded: 2026-11-12...2026-11-13 (a, b, c, 2 more); 1 key without an owner has cost; \
2026-10 is not closed; failing checks: no_stale_days (fct_cost_daily).
https://x/assets/v_cost"""
    )


def test_a_close_whose_total_went_down_and_whose_invoices_are_explained() -> None:
    figures = CloseFigures(
        month=OCTOBER,
        revision=3,
        own_usd=Decimal(200),
        total_usd=Decimal(210),
        former_usd=Decimal(260),
        by_platform={"claude_code": Decimal(200)},
        adjustments={date(2026, 9, 1): Decimal(30), date(2026, 8, 1): Decimal(-20)},
        change=None,
        invoices=Invoices(2, 0, Decimal(205), Decimal(200), ZERO, ZERO),
        unattributed_usd=Decimal(1),
        idle_seats=None,
    )
    assert (
        text.of_close(figures, None)
        == """\
*Claude and Cursor: 2026-10 is closed again (revision 3)*
Total: $210.00 (Claude seats $200.00), −$50.00 from the revision before.
Change: the month before is not loaded.
Invoices of the month: invoiced $205.00, metered $200.00, tax, credits and later changes $5.00, unexplained $0.00; \
0 of 2 invoices not explained.
Adjustments of earlier months in the total: −$20.00 of 2026-08, +$30.00 of 2026-09.
Unattributed: $1.00 (0.5%).
Needs a person: nothing."""
    )


def budget(scope: str, usd: int | None, forecast: Forecast | None, state: str) -> Budget:
    return Budget(scope, "1", WEEK.last, None if usd is None else Decimal(usd), Decimal(150), forecast, state)


def test_the_month_stands_against_its_budgets_or_has_its_forecast_and_nobody_is_named() -> None:
    soon = Forecast(Decimal(300), Decimal(140), Decimal(10), 15, (Decimal(280), Decimal("320.5")))
    company = budget("company", 250, soon, "will_exceed")
    person, team = budget("person", 100, None, "exceeded"), budget("team", 500, soon, "under_75_percent")
    without = budget("company", None, soon, "no_budget")
    over = replace(budget("company", 100, replace(soon, days_left=0), "exceeded"), day=OCTOBER.last)
    said = [
        (
            Budgets(company, [company], []),
            "Budget of 2026-11: $150.00 of $250.00 spent (60.0%) until 2026-11-15, forecast $300.00 ($280.00 to $320.50).",
        ),
        (
            Budgets(without, [person, team], []),
            (
                "Budget of 2026-11: none for the company; $150.00 spent until 2026-11-15, forecast $300.00 "
                "($280.00 to $320.50). Of 2 other budgets, 1 is exceeded or will be."
            ),
        ),
        (
            Budgets(over, [over], []),
            "Budget of 2026-10: $150.00 of $100.00 spent (150.0%) until 2026-10-31.",
        ),
        (
            Budgets(without, [], []),
            "Month's end: forecast $300.00 ($280.00 to $320.50) for 2026-11; it has no budget.",
        ),
    ]
    for budgets, line in said:
        assert line in text.of_week(replace(EMPTY, budgets=budgets), None).splitlines()
    nothing = Budgets(replace(without, forecast=None), [], [])
    assert text.of_week(replace(EMPTY, budgets=nothing), None) == text.of_week(EMPTY, None)


def test_amounts_of_a_month_stand_in_the_currency_of_its_rate() -> None:
    month = replace(EMPTY.month, usd=Decimal(2000), days_in=15)
    at_rate = Rate(month.days.first, "EUR", Decimal("0.9200"), is_frozen=True)
    lines = [
        text.of_week(replace(EMPTY, month=replace(month, rate=rate)), None).splitlines()[3]
        for rate in (at_rate, Rate(month.days.first))
    ]
    assert lines == [
        "2026-11 so far: $2,000.00 in 15 days. EUR 1,840.00: at 0.92 EUR for 1 USD, as the month was closed.",
        "2026-11 so far: $2,000.00 in 15 days. fx.csv has no rate of 2026-11, so amounts are in US dollars alone.",
    ]


def test_an_invoice_that_is_too_high_does_not_hide_one_that_is_too_low() -> None:
    rows = [
        {"is_over": is_over, "is_unexplained": is_unexplained, "unexplained_usd": Decimal(usd), **amounts}
        for is_over, is_unexplained, usd in ((1, 1, 40), (1, 1, -40), (1, 0, "0.5"), (0, 0, 300))
        for amounts in [{"invoiced_usd": Decimal(1000), "metered_usd": Decimal(1000)}]
    ]
    assert summed_invoices(rows) == Invoices(3, 2, Decimal(3000), Decimal(3000), Decimal("0.5"), Decimal(80))


def test_only_days_that_are_loaded_are_compared() -> None:
    usd = {day: Decimal(day.day) for day in DAYS}
    loaded = set(DAYS) - {date(2026, 11, 3), date(2026, 11, 14)}
    # without Tuesday, whose 3rd is missing, and Saturday, whose 14th is
    assert with_week_before(usd, loaded, WEEK) == Compared(
        Decimal(9 + 11 + 12 + 13 + 15), Decimal(2 + 4 + 5 + 6 + 8), 5
    )
    assert with_week_before(usd, {date(2026, 11, 9)}, WEEK) is None
    # one earlier Monday is no usual
    assert with_usual(usd, loaded, WEEK) == (
        Compared(Decimal(15), Decimal("4.5"), 1),
        UnusualDay(WEEK.last, Decimal("10.5")),
    )


def test_a_month_is_compared_with_as_many_days_as_the_month_before_has() -> None:
    march = Days(date(2026, 3, 1), date(2026, 3, 31))
    both = Days(date(2026, 2, 1), march.last)
    usd = dict.fromkeys(both, Decimal(1))
    assert with_month_before(usd, set(both), march) == Compared(Decimal(28), Decimal(28), 28)
    assert with_month_before(usd, set(both) - {date(2026, 2, 28)}, march) is None


def test_the_page_shows_the_messages_as_they_are() -> None:
    interval = (Decimal("4771.20"), Decimal("5435.60"))
    forecast = Forecast(Decimal("5103.40"), Decimal("2500.67"), Decimal(40), 16, interval)
    of_company = replace(budget("company", 6000, forecast, "under_75_percent"), spent_usd=Decimal("2562.73"))
    others = [budget("team", 100, None, state) for state in ("exceeded", *["over_75_percent"] * 3)]
    week = replace(
        EMPTY,
        days_in=6,
        total_usd=Decimal("1188.47"),
        by_platform={"anthropic": Decimal("747.06"), "cursor": Decimal("441.41")},
        compared=Compared(Decimal("1188.47"), Decimal("1238.38"), 6),
        usual=Compared(Decimal("1188.47"), Decimal("1181.89"), 6),
        unusual_day=UnusualDay(WEEK.last, Decimal("-56.42")),
        causes={
            "Anthropic API claude-sonnet-5-5": Decimal("-71.15"),
            "Cursor claude-sonnet-5-5": Decimal("22.10"),
            "Anthropic API claude-opus-5-5": Decimal("-16.01"),
            "Cursor gpt-5": Decimal("15.15"),
        },
        month=MonthSoFar(EMPTY.month.days, 14, Decimal("2562.73"), None),
        budgets=Budgets(of_company, [of_company, *others], []),
        invoices=Invoices(3, 1, Decimal(5120), Decimal(5064), Decimal("43.72"), Decimal("43.72")),
        unattributed={"service_account": Decimal("35.01"), "no_key": Decimal("10.76")},
        idle_seats=IdleSeats(WEEK.first, 15, 2, Decimal("18.66")),
        tasks=Tasks(
            (date(2026, 11, 12),), ("raw_cursor_events",), 4, None, ("no_stale_days (fct_cost_daily)",)
        ),
    )
    causes = ("-169.92", "0", "76.15", "-647.97", "259.34", "0", "-188.64", "-5.19")
    changed = sum(map(Decimal, causes), ZERO)
    close = CloseFigures(
        month=OCTOBER,
        revision=1,
        own_usd=Decimal("4421.46"),
        total_usd=Decimal("4428.96"),
        former_usd=None,
        by_platform={"anthropic": Decimal("3847.75"), "cursor": Decimal("573.71")},
        adjustments={date(2026, 9, 1): Decimal("7.50")},
        change=Change(
            Decimal("4421.46") - changed,
            changed,
            dict(zip(CAUSES, map(Decimal, causes), strict=True)),
        ),
        invoices=Invoices(2, 1, Decimal(4480), Decimal("4421.46"), Decimal("46.54"), Decimal("46.54")),
        unattributed_usd=Decimal("379.36"),
        idle_seats=IdleSeats(date(2026, 10, 26), 8, 0, ZERO),
        tasks=Tasks(unowned_keys=4),
    )
    link = "https://dagster.example.com/assets/usage_report"
    shown = re.findall(r"```\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown == [text.of_week(week, link), text.of_close(close, link)]


def test_the_page_says_what_a_digest_is_billed_for_at_least() -> None:
    of_both = [
        statements.invoices(),
        statements.seats(WEEK),
        statements.closed_months(OCTOBER),
        statements.unowned_keys(WEEK),
        statements.newest_budgets(OCTOBER),
        statements.rates(),
    ]
    week = [*of_both, statements.costs(WEEK), statements.loaded_days(WEEK), statements.missing_days(WEEK)]
    close = [*of_both, statements.month_change(OCTOBER.first, date(2026, 9, 1))]
    week_mib, close_mib = (
        sum(len(tables_read(sql)) for sql in sqls) * MIN_BYTES_BILLED // 1024**2 for sqls in (week, close)
    )
    page = PAGE.read_text(encoding="utf-8")
    assert (
        f"a week's digest is billed for at least {week_mib} MiB and a close's for at least {close_mib} MiB"
        in page
    )
