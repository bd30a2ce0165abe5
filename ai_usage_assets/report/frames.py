"""What the report is made of: which tables and views it reads, and which months of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ai_usage_assets.days import Days, with_months_before

if TYPE_CHECKING:
    import pandas as pd

Frames: TypeAlias = "Mapping[str, pd.DataFrame]"
"""By the name of the table: its rows of the months that are read."""


@dataclass(frozen=True)
class Input:
    """How a table is read."""

    day: str | None = None
    """The column by which only some months are read; None reads the whole table, which is small."""
    months_before: int = 0
    """How many months before the page's own are read too."""
    columns: tuple[str, ...] | None = None
    """The columns that are read; None reads all."""

    def days(self, month: Days) -> Days | None:
        """The days of the table that a page of this month needs; None for all."""
        return with_months_before(month, self.months_before) if self.day else None


INPUTS: Mapping[str, Input] = {
    "agg_report_days": Input("day", 1),
    "agg_report_groups": Input("day", 1),
    "agg_report_models": Input("day", 1),
    "agg_report_people": Input("day", 1),
    "agg_report_tokens": Input("day", 1),
    "agg_report_unattributed": Input("day", 0),
    "agg_report_activity": Input("day", 0),
    "agg_anomalies": Input("day", 0),
    "agg_cost_change": Input("month", 0),
    # a week begins on a Monday, which may be of the month before
    "agg_adoption": Input("week", 1),
    "agg_missing_days": Input("day", 0),
    "agg_coverage": Input("month", 0),
    "agg_adjustments": Input(columns=("closed_month", "booking_month", "is_booked", "platform", "cost_usd")),
    "closed_months": Input("month", 0, ("month", "closed_at", "revision", "is_current")),
    "fct_budget_daily": Input("day", 0),
    "fct_restatements": Input("day", 0),
    "fct_invoice_reconciliation": Input(),
    "agg_monthly_rates": Input(),
}
"""The tables and views that a page reads, by name."""
