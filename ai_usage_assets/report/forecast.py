"""The forecast of a running month, as fct_budget_daily has it: nothing is computed here."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ai_usage_assets.report.text import usd


@dataclass(frozen=True)
class Forecast:
    """What a month is expected to cost."""

    usd: Decimal
    """What is loaded, and the two below."""
    expected_usd: Decimal
    """Metered cost of the days that are left."""
    seats_usd: Decimal
    """Cost of seats on the days that are left."""
    days_left: int
    interval: tuple[Decimal, Decimal] | None
    """The ends of the 80 % interval; None without two earlier months to learn from, and if no day is left."""

    @property
    def interval_text(self) -> str:
        return f"{usd(self.interval[0])} to {usd(self.interval[1])}" if self.interval else ""

    @property
    def text(self) -> str:
        """The forecast with its interval: forecast $120.00 ($100.00 to $140.00)."""
        return f"forecast {usd(self.usd)}{f' ({self.interval_text})' if self.interval else ''}"


def forecast(row: Mapping[Any, Any]) -> Forecast | None:
    """The forecast of a row of fct_budget_daily; None if too few days are known."""
    if not isinstance(row["forecast_usd"], Decimal):
        return None
    days_left = int(row["days_left"])
    has_interval = days_left > 0 and isinstance(row["low_usd"], Decimal)
    return Forecast(
        usd=row["forecast_usd"],
        expected_usd=row["expected_usd"],
        seats_usd=row["expected_seats_usd"],
        days_left=days_left,
        interval=(row["low_usd"], row["high_usd"]) if has_interval else None,
    )
