"""What a running month will cost: the weekday medians of the last 28 loaded days, and the seats as they are now."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from ai_usage_assets.days import ONE_DAY, Days

if TYPE_CHECKING:
    import pandas as pd

BASIS_DAYS = 28
MIN_BASIS_DAYS = 14
"""With fewer loaded days, a weekday has one value or none, and nothing is forecast."""
SEATS = "subscription"


@dataclass(frozen=True)
class Forecast:
    """The expected cost of a month that is not over."""

    usd: Decimal
    """What is loaded until the last day that every platform has, and the two below for the days that are left."""
    metered_usd: Decimal
    seats_usd: Decimal
    days_left: int
    basis: Days
    """The days whose medians are taken."""


def forecast(days: "pd.DataFrame", month: Days, until: date | None, today: date) -> Forecast | None:
    """The expected cost of the month; None if it is over or loaded to its end, or if too few days are loaded.

    Args:
        days: agg_report_days of the month and the month before.
        month: the month's days.
        until: the last day of the month that is loaded for every platform. What some platforms have of later days is
            not counted: those days are forecast.
        today: the present day (UTC).
    """
    if until is None or until >= month.last or today > month.last:
        return None
    basis = Days(until - ONE_DAY * (BASIS_DAYS - 1), until)
    metered: dict[date, Decimal] = {}
    seats = so_far = Decimal(0)
    for day, cost_type, cost in zip(days["day"], days["cost_type"], days["cost_usd"], strict=True):
        if month.first <= day <= until:
            so_far += cost
        if day in basis:
            # a loaded day without cost counts as a day of 0
            metered.setdefault(day, Decimal(0))
            if cost_type != SEATS:
                metered[day] += cost
            elif day == until:
                seats += cost
    if len(metered) < MIN_BASIS_DAYS:
        return None
    by_weekday: dict[int, list[Decimal]] = defaultdict(list)
    for day, cost in metered.items():
        by_weekday[day.weekday()].append(cost)
    left = Days(until + ONE_DAY, month.last)
    expected = sum((median(by_weekday.get(day.weekday()) or [Decimal(0)]) for day in left), Decimal(0))
    return Forecast(so_far + expected + seats * len(left), expected, seats * len(left), len(left), basis)
