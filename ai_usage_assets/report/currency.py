"""What a month's dollars are in the currency of the company's books, for the page and the digest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from ai_usage_assets.report.text import CENT, MINUS


@dataclass(frozen=True)
class Rate:
    """A month's rate. `currency` and `per_usd` are None if fx.csv has rates, and none of this month."""

    month: date
    currency: str | None = None
    per_usd: Decimal | None = None
    is_frozen: bool = False
    """Whether the rate is that of the close."""
    file_currency: str | None = None
    file_per_usd: Decimal | None = None
    """What fx.csv has for the month now."""

    def amount(self, usd: Decimal) -> str | None:
        """EUR 1,234.50; None without a rate."""
        if self.currency is None or self.per_usd is None:
            return None
        rounded = (usd * self.per_usd).quantize(CENT, ROUND_HALF_EVEN)
        return f"{self.currency} {MINUS if rounded < 0 else ''}{abs(rounded):,.2f}"

    @property
    def sentence(self) -> str:
        """Where the rate is from, or that it is missing."""
        if self.per_usd is None:
            return f"fx.csv has no rate of {self.month:%Y-%m}, so amounts are in US dollars alone."
        stated = f"At {plain(self.per_usd)} {self.currency} for 1 USD"
        if not self.is_frozen:
            return f"{stated} (fx.csv)."
        now = (self.file_per_usd, self.file_currency)
        changed = (
            f" fx.csv has {plain(self.file_per_usd)} {self.file_currency} now, which changes nothing of a closed month."
            if self.file_per_usd is not None and now != (self.per_usd, self.currency)
            else ""
        )
        return f"{stated}, as the month was closed.{changed}"


def rate_of(rows: Iterable[Mapping[Any, Any]], month: date) -> Rate | None:
    """The rate of the month that begins on this day, from rows of agg_monthly_rates; None if no month has a rate."""
    by_month = {row["month"]: row for row in rows}
    if not by_month:
        return None
    found = by_month.get(month)
    if found is None:
        return Rate(month)
    return Rate(
        month,
        found["currency"],
        found["fx_rate"],
        bool(found["is_frozen"]),
        found["file_currency"] or None,
        found["file_rate"],
    )


def plain(rate: Decimal | None) -> str:
    """0.92 for 0.920000000."""
    return f"{(rate or Decimal()).normalize():f}"
