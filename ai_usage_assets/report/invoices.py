"""Whether the month ties to its invoices: what each invoice leaves unexplained."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ai_usage_assets.days import Days
from ai_usage_assets.schema.tables.invoices import MAX_UNEXPLAINED_SHARE, MIN_UNEXPLAINED_USD

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Invoice:
    """An invoice, and what the cost does not explain of it."""

    platform: str
    invoice_id: str
    issued_on: date
    period: Days
    invoiced_usd: Decimal
    unexplained_usd: Decimal
    components: Mapping[str, Decimal]
    """The other components by name: they and `unexplained` add up to what is invoiced."""
    candidates: str | None
    is_over: bool
    """Seats are invoiced in advance: before its last day is over, an invoice has no cost to explain it."""

    @property
    def is_explained(self) -> bool:
        limit = max(MIN_UNEXPLAINED_USD, abs(self.invoiced_usd) * MAX_UNEXPLAINED_SHARE)
        return abs(self.unexplained_usd) <= limit


@dataclass(frozen=True)
class TieOut:
    """The invoices with a period in the month, and the platforms that cost money and have none."""

    invoices: tuple[Invoice, ...]
    without_invoice: tuple[str, ...]

    @property
    def over(self) -> tuple[Invoice, ...]:
        """The invoices whose days are over. The amounts are of these."""
        return tuple(each for each in self.invoices if each.is_over)

    @property
    def unexplained_usd(self) -> Decimal:
        """What is unexplained, too high or too low: the amounts are added without their signs."""
        return sum((abs(each.unexplained_usd) for each in self.over), Decimal(0))

    @property
    def invoiced_usd(self) -> Decimal:
        return sum((each.invoiced_usd for each in self.over), Decimal(0))

    @property
    def is_explained(self) -> bool:
        """Whether there are invoices that are over, and all of them are explained."""
        return bool(self.over) and all(each.is_explained for each in self.over)


def tie_out(rows: "pd.DataFrame", month: Days, by_platform: Mapping[str, Decimal], today: date) -> TieOut:
    """The month's invoices.

    Args:
        rows: fct_invoice_reconciliation.
        month: the month's days.
        by_platform: the cost of the month.
        today: the present day (UTC): which invoices are over.
    """
    found = [
        _invoice(str(platform), str(invoice_id), group, today)
        for (platform, invoice_id), group in rows.groupby(["platform", "invoice_id"])
    ]
    ours = [each for each in found if each.period.first <= month.last and each.period.last >= month.first]
    invoiced = {each.platform for each in ours}
    return TieOut(
        tuple(sorted(ours, key=lambda each: (each.platform, each.issued_on, each.invoice_id))),
        tuple(platform for platform, cost in by_platform.items() if cost and platform not in invoiced),
    )


def _invoice(platform: str, invoice_id: str, rows: "pd.DataFrame", today: date) -> Invoice:
    by_component: dict[str, Decimal] = {}
    for component, amount in zip(rows["component"], rows["amount_usd"], strict=True):
        by_component[component] = by_component.get(component, Decimal(0)) + amount
    invoiced = by_component.pop("invoiced", Decimal(0))
    unexplained = by_component.pop("unexplained", Decimal(0))
    candidates = [each for each in rows["candidates"] if isinstance(each, str)]
    whole = rows[rows["component"] == "invoiced"].iloc[0]
    return Invoice(
        platform,
        invoice_id,
        whole["issued_on"],
        Days(whole["period_start"], whole["period_end"]),
        invoiced,
        unexplained,
        by_component,
        candidates[0] if candidates else None,
        is_over=whole["period_end"] < today,
    )
