"""The key figures of a month, which the page and the digest share: total, change, forecast, tie-out and what is open.

All amounts are exact decimals in US dollars. A figure that is not known is None.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ai_usage_assets.days import Days, month_before
from ai_usage_assets.report.budgets import Budget, Budgets, budgets
from ai_usage_assets.report.currency import Rate, rate_of
from ai_usage_assets.report.folding import shown_groups
from ai_usage_assets.report.forecast import Forecast
from ai_usage_assets.report.frames import Frames
from ai_usage_assets.report.invoices import TieOut, tie_out

if TYPE_CHECKING:
    import pandas as pd

ZERO = Decimal(0)
CAUSES = {
    "calendar_usd": "More or fewer days",
    "people_usd": "People with usage",
    "use_usd": "Use per person",
    "mix_usd": "Mix of models",
    "price_usd": "Price per token",
    "seats_usd": "Seats",
    "new_and_gone_usd": "New and gone models",
    "restatements_usd": "Restated days",
}
"""The parts of a change (agg_cost_change), in their order."""


@dataclass(frozen=True)
class Change:
    """Why the month costs more or less than the month before."""

    earlier_usd: Decimal
    change_usd: Decimal
    """Of the platforms that have loaded days in both months."""
    causes: dict[str, Decimal]
    """By the column of agg_cost_change. They add up to change_usd."""


@dataclass(frozen=True)
class Comparison:
    """What the change leaves out: platforms with loaded days in one month only. And what a day costs."""

    earlier_usd: Decimal
    """The cost of the month before, of all platforms."""
    not_compared: dict[str, Decimal]
    """By platform that has cost in one of the months and is not compared: the cost minus that of the month before."""
    day_usd: Decimal
    """The cost of a day of the compared platforms: for each, over its own loaded days."""
    earlier_day_usd: Decimal

    @property
    def per_day_usd(self) -> Decimal:
        """By how many dollars a day of the month costs more than a day of the month before."""
        return self.day_usd - self.earlier_day_usd

    @property
    def per_day_share(self) -> Decimal | None:
        """The same as a share of a day of the month before; None if that cost nothing."""
        return self.per_day_usd / self.earlier_day_usd if self.earlier_day_usd else None


@dataclass(frozen=True)
class IdleSeats:
    """Seats, and those without use in 30 days, in the newest week: what they cost is an exposure, not a saving."""

    week: date
    seats: int
    idle: int
    idle_usd: Decimal


@dataclass(frozen=True)
class Closed:
    """The newest close of the month."""

    closed_at: datetime
    revision: int
    changed_usd: Decimal
    """What changed in the month since, which a later month books."""


@dataclass(frozen=True)
class Figures:
    """The month in one look."""

    month: Days
    today: date
    until: date | None
    """The last day of the month that is loaded for every platform with cost; None if none is."""
    gaps: tuple[date, ...]
    """The days of the month that are over, and not loaded for every platform with cost."""
    own_usd: Decimal
    """The cost of the month's own days, as the facts have it now."""
    by_platform: dict[str, Decimal]
    adjustments_usd: Decimal
    """The changes of earlier closed months that this month books."""
    closed: Closed | None
    change: Change | None
    """None if no platform has loaded days in both months."""
    comparison: Comparison
    budget: Budget | None
    """The company's row of fct_budget_daily, with or without a budget; None if no day of the month is loaded."""
    tie_out: TieOut
    unattributed_usd: Decimal
    idle_seats: IdleSeats | None
    """None if the seats of no platform are known."""
    rate: Rate | None = None
    """What stands beside US dollars; None if fx.csv has no rate of any month."""

    @property
    def total_usd(self) -> Decimal:
        """The month's sheet: its own cost, as closed if it is closed, and the adjustments of earlier months."""
        return self.own_usd - (self.closed.changed_usd if self.closed else ZERO) + self.adjustments_usd

    @property
    def forecast(self) -> Forecast | None:
        """None if the month is over or loaded to its end, or if too few days are known."""
        found = self.budget.forecast if self.budget else None
        return found if found and found.days_left and not self.is_over else None

    @property
    def is_over(self) -> bool:
        return self.today > self.month.last

    @property
    def has_data(self) -> bool:
        return bool(self.by_platform) or self.until is not None


def figures(frames: Frames, month: Days, today: date) -> Figures:
    """The month's figures.

    Args:
        frames: the tables of INPUTS.
        month: the days of a calendar month.
        today: the present day (UTC).
    """
    days = of(frames["agg_report_days"], month)
    by_platform = totals(days, "platform")
    with_cost = {platform for platform, cost in by_platform.items() if cost}
    until = loaded_until(days, with_cost)
    changes = frames["agg_cost_change"]
    compared = changes[(changes["month"] == month.first) & changes["change_usd"].notna()]
    return Figures(
        month=month,
        today=today,
        until=until,
        gaps=tuple(_gaps(days, with_cost, month, today)),
        own_usd=total(days["cost_usd"]),
        by_platform={platform: cost for platform, cost in by_platform.items() if cost},
        adjustments_usd=_adjustments(frames["agg_adjustments"], month),
        closed=_closed(frames, month),
        change=_change(compared),
        comparison=_comparison(compared, frames["agg_report_days"], month),
        budget=budgets_of(frames, month).company,
        tie_out=tie_out(frames["fct_invoice_reconciliation"], month, by_platform, today),
        unattributed_usd=total(of(frames["agg_report_unattributed"], month)["cost_usd"]),
        idle_seats=_idle_seats(frames["agg_adoption"], month),
        rate=rate_of(frames["agg_monthly_rates"].to_dict("records"), month.first),
    )


def budgets_of(frames: Frames, month: Days, *, has_names: bool = False) -> Budgets:
    """The month's budgets on their newest day; without names, none of people and of groups of few people is shown."""
    people = of(frames["agg_report_people"], month)
    rows = of(frames["fct_budget_daily"], month).to_dict("records")
    return budgets(rows, None if has_names else lambda group: shown_groups(people, group))


def of(frame: "pd.DataFrame", month: Days, day: str = "day") -> "pd.DataFrame":
    """The rows of the month's days."""
    return frame.loc[[each in month for each in frame[day]]]


def grouped(frame: "pd.DataFrame", *columns: str) -> Iterator[tuple[Any, "pd.DataFrame"]]:
    """The rows of each combination of values, in the values' order."""
    for key, rows in frame.groupby(list(columns)):
        yield (key[0] if len(columns) == 1 and isinstance(key, tuple) else key), rows


def total(values: Iterable[Decimal | None]) -> Decimal:
    """The exact sum of what is known."""
    return sum((value for value in values if value is not None), ZERO)


def totals(frame: "pd.DataFrame", column: str, value: str = "cost_usd") -> dict[str, Decimal]:
    """The exact sums by the values of a column, the largest first."""
    sums: dict[str, Decimal] = {}
    for key, amount in zip(frame[column], frame[value], strict=True):
        sums[key] = sums.get(key, ZERO) + amount
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def loaded_until(days: "pd.DataFrame", platforms: set[str]) -> date | None:
    """The last day that is loaded for all of these platforms; for any platform if none is given."""
    loaded = days[days["cost_type"] == "none"]
    newest = {
        platform: max(loaded["day"][loaded["platform"] == platform])
        for platform in set(loaded["platform"])
        if not platforms or platform in platforms
    }
    return min(newest.values()) if newest and platforms <= newest.keys() else None


def _gaps(days: "pd.DataFrame", platforms: set[str], month: Days, today: date) -> Iterator[date]:
    loaded = days[days["cost_type"] == "none"]
    known = set(zip(loaded["day"], loaded["platform"], strict=True))
    for day in month:
        if day < today and any((day, platform) not in known for platform in platforms):
            yield day


def _adjustments(frame: "pd.DataFrame", month: Days) -> Decimal:
    booked = frame[(frame["booking_month"] == month.first) & (frame["closed_month"] < month.first)]
    return total(booked["cost_usd"])


def _closed(frames: Frames, month: Days) -> Closed | None:
    rows = frames["closed_months"]
    rows = rows[(rows["month"] == month.first) & rows["is_current"].astype(bool)]
    if rows.empty:
        return None
    changes = frames["agg_adjustments"]
    changed = total(changes["cost_usd"][changes["closed_month"] == month.first])
    return Closed(rows["closed_at"].max(), int(rows["revision"].max()), changed)


def _change(rows: "pd.DataFrame") -> Change | None:
    if rows.empty:
        return None
    return Change(
        earlier_usd=total(rows["earlier_cost_usd"]),
        change_usd=total(rows["change_usd"]),
        causes={cause: total(rows[cause]) for cause in CAUSES},
    )


def _comparison(rows: "pd.DataFrame", days: "pd.DataFrame", month: Days) -> Comparison:
    """What agg_cost_change does not say: it has no row of a platform that is gone, and no change of a new one."""
    now = totals(of(days, month), "platform")
    earlier = totals(of(days, month_before(month.first)), "platform")
    differences = {
        platform: now.get(platform, ZERO) - earlier.get(platform, ZERO)
        for platform in sorted({*now, *earlier} - set(rows["platform"]))
        if now.get(platform) or earlier.get(platform)
    }
    each_day = list(
        zip(
            *(rows[name] for name in ("earlier_cost_usd", "change_usd", "days_in", "earlier_days_in")),
            strict=True,
        )
    )
    return Comparison(
        earlier_usd=total(earlier.values()),
        not_compared=differences,
        day_usd=total((before + change) / int(days_in) for before, change, days_in, _ in each_day),
        earlier_day_usd=total(before / int(days_in) for before, _, _, days_in in each_day),
    )


def newest_seats(frame: "pd.DataFrame", month: Days) -> "pd.DataFrame":
    """The rows of agg_adoption with seats, of the newest week that begins before the month ends.

    In the first days of a month, that is a week which began in the month before.
    """
    rows = frame[frame["seats"].notna()]
    rows = rows.loc[[week <= month.last for week in rows["week"]]]
    return rows if rows.empty else rows[rows["week"] == rows["week"].max()]


def _idle_seats(frame: "pd.DataFrame", month: Days) -> IdleSeats | None:
    newest = newest_seats(frame, month)
    if newest.empty:
        return None
    return IdleSeats(
        newest["week"].max(),
        int(newest["seats"].sum()),
        int(newest["idle_seats"].dropna().sum()),
        total(newest["idle_seats_usd"]),
    )
