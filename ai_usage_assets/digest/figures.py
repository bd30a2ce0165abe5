"""The figures of a digest, as frozen data without a person and without a key. Money is in US dollars.

Those of a month are the page's (`report.figures`), read by few statements and without pandas.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ai_usage_assets.days import Days
from ai_usage_assets.report.budgets import NO_BUDGETS, Budgets
from ai_usage_assets.report.currency import Rate
from ai_usage_assets.report.figures import Change, IdleSeats

Amounts = Mapping[str, Decimal]
"""US dollars by what they are of, the largest first."""


@dataclass(frozen=True)
class Compared:
    """An amount and an earlier one, over equally many days."""

    usd: Decimal
    earlier_usd: Decimal
    days_in: int
    """The days of each that are loaded, and so compared."""

    @property
    def change_usd(self) -> Decimal:
        return self.usd - self.earlier_usd


@dataclass(frozen=True)
class UnusualDay:
    """The day that differs most from the usual of its weekday."""

    day: date
    change_usd: Decimal


@dataclass(frozen=True)
class MonthSoFar:
    """The days of a month until the end of the week."""

    days: Days
    days_in: int
    """Days that are loaded for every platform."""
    usd: Decimal
    compared: Compared | None
    """With the same days of the month before; None unless all of them are loaded."""
    rate: Rate | None = None
    """What stands beside US dollars; None if fx.csv has no rate of any month."""


@dataclass(frozen=True)
class Invoices:
    """Some invoices whose days are loaded to the last: what the cost explains of them."""

    invoices: int
    unexplained_invoices: int
    """Invoices of which more is unexplained than the check `invoice_is_explained` tolerates."""
    invoiced_usd: Decimal
    metered_usd: Decimal
    """What the facts say for the periods of these invoices, seats included."""
    unexplained_usd: Decimal
    """Of all these invoices, too high and too low taken together: the rest of a sum."""
    unexplained_invoices_usd: Decimal
    """Of the unexplained invoices, each without its sign: what is to be looked into."""

    @property
    def other_usd(self) -> Decimal:
        """Tax, credits, refunds, later changes, and rounding."""
        return self.invoiced_usd - self.metered_usd - self.unexplained_usd


@dataclass(frozen=True)
class Tasks:
    """What needs a person."""

    missing_days: tuple[date, ...] = ()
    missing_tables: tuple[str, ...] = ()
    """The tables that a missing day is of."""
    unowned_keys: int = 0
    """Keys that have cost and no owner."""
    open_month: date | None = None
    """The first day of the month that should be closed by now."""
    failing_checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class WeekFigures:
    """A week, from Monday."""

    week: Days
    days_in: int
    """Days that are loaded for every platform."""
    total_usd: Decimal
    by_platform: Amounts
    compared: Compared | None
    """With the week before, over the weekdays that are loaded in both; None if there is none."""
    usual: Compared | None
    """With the median of the same weekdays of the four weeks before; None unless two of these are loaded."""
    unusual_day: UnusualDay | None
    causes: Amounts
    """The change from the week before, by platform and model or cost type."""
    month: MonthSoFar
    invoices: Invoices
    """Those issued in the last two months."""
    unattributed: Amounts
    """By the reason of v_cost."""
    idle_seats: IdleSeats | None
    """None if no seat is known."""
    tasks: Tasks
    budgets: Budgets = NO_BUDGETS
    """Of the month, on its newest loaded day until the end of the week. They have numbers for names."""


@dataclass(frozen=True)
class CloseFigures:
    """A month as it was closed."""

    month: Days
    revision: int
    own_usd: Decimal
    """The cost of the month's own days."""
    total_usd: Decimal
    """With the adjustments of earlier months."""
    former_usd: Decimal | None
    """The total of the revision before; None if there is none."""
    by_platform: Amounts
    adjustments: Mapping[date, Decimal]
    """By the first day of the earlier month that they are of."""
    change: Change | None
    """None without a month before."""
    invoices: Invoices
    """Those with a period in the month."""
    unattributed_usd: Decimal
    """Of the month's own cost."""
    idle_seats: IdleSeats | None
    """In the last week that begins in the month; None if no seat is known."""
    tasks: Tasks = field(default_factory=Tasks)
    rate: Rate | None = None
    """What stands beside US dollars; None if fx.csv has no rate of any month."""
    budgets: Budgets = NO_BUDGETS
    """Of the month on its last loaded day. They have numbers for names."""
