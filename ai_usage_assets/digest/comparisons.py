"""Sums of the rows of a statement, and their comparison with earlier days. Only days that are loaded are compared."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from ai_usage_assets.days import Days, month_before
from ai_usage_assets.digest.figures import Amounts, Compared, UnusualDay
from ai_usage_assets.report.text import platform

WEEK = timedelta(days=7)
EARLIER_WEEKS = 4
"""The usual of a weekday is the median of so many, of which two are loaded at least."""

Row = Mapping[str, Any]
ByDay = Mapping[date, Decimal]


def total(rows: Iterable[Row], column: str = "cost_usd") -> Decimal:
    return sum((row[column] for row in rows), Decimal())


def amounts(rows: Iterable[Row], by: str) -> Amounts:
    """The dollars by the values of a column, the largest first; without NULL, and without what sums to zero."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row[by] is not None:
            sums[row[by]] += row["cost_usd"]
    return dict(
        sorted(((name, usd) for name, usd in sums.items() if usd), key=lambda pair: (-pair[1], pair[0]))
    )


def by_day(rows: Iterable[Row]) -> ByDay:
    """The dollars of each day; a day without rows has none."""
    sums: dict[date, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["day"]] += row["cost_usd"]
    return sums


def of_days(usd: ByDay, days: Iterable[date]) -> Decimal:
    return sum((usd.get(day, Decimal()) for day in days), Decimal())


def in_both_weeks(loaded: Collection[date], week: Days) -> list[date]:
    """The days of the week that are loaded, and loaded in the week before."""
    return [day for day in week if day in loaded and day - WEEK in loaded]


def with_week_before(usd: ByDay, loaded: Collection[date], week: Days) -> Compared | None:
    days = in_both_weeks(loaded, week)
    earlier = of_days(usd, (day - WEEK for day in days))
    return Compared(of_days(usd, days), earlier, len(days)) if days else None


def causes_of_week(rows: Iterable[Row], loaded: Collection[date], week: Days) -> Amounts:
    """The change from the week before, by platform and model or cost type."""
    days = set(in_both_weeks(loaded, week))
    changes: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        name = f"{platform(row['platform'])} {row['cause']}"
        if row["day"] in days:
            changes[name] += row["cost_usd"]
        elif row["day"] + WEEK in days:
            changes[name] -= row["cost_usd"]
    return dict(changes)


def with_usual(usd: ByDay, loaded: Collection[date], week: Days) -> tuple[Compared | None, UnusualDay | None]:
    """The week against the median of the same weekdays before it, and the day that differs most."""
    usual = {}
    for day in week:
        earlier = [
            usd.get(each, Decimal())
            for n in range(1, EARLIER_WEEKS + 1)
            if (each := day - n * WEEK) in loaded
        ]
        if day in loaded and len(earlier) >= 2:
            usual[day] = median(earlier)
    if not usual:
        return None, None
    changes = {day: usd.get(day, Decimal()) - usual_usd for day, usual_usd in usual.items()}
    day = max(changes, key=lambda each: abs(changes[each]))
    compared = Compared(of_days(usd, usual), sum(usual.values(), Decimal()), len(usual))
    return compared, UnusualDay(day, changes[day]) if changes[day] else None


def with_month_before(usd: ByDay, loaded: Collection[date], month: Days) -> Compared | None:
    """The days of a month from its first against the same days of the month before, which may have fewer."""
    earlier = list(month_before(month.first))[: len(month)]
    days = list(month)[: len(earlier)]
    if not {*earlier, *days} <= set(loaded):
        return None
    return Compared(of_days(usd, days), of_days(usd, earlier), len(days))
