"""The invoices of the demo: those of the last full month and of the month before, some of them with a planted error."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from ai_usage_assets.days import ONE_DAY, Days, month_before
from ai_usage_assets.demo.sandbox.company import invoices
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.invoices import Lines
from ai_usage_assets.demo.sandbox.company.seats import SEAT_USD, billing_month
from ai_usage_assets.demo.sandbox.cursor.cycle import BILLING_DAY

MISSING_ON = 14
"""The day of the month before whose usage its invoice does not have."""


@dataclass(frozen=True)
class Planted:
    """An error of an invoice: what is wrong, by how much, and how the candidate that names it begins."""

    error: str
    usd: Decimal
    candidate: str


@dataclass(frozen=True)
class SampleInvoices:
    lines: Lines
    planted: dict[str, Planted]
    """By invoice_id; the other invoices are right."""


def sample_invoices(company: Company, days: Days, month: Days) -> SampleInvoices:
    """The invoices whose usage and seats begin in the loaded days.

    Without any if the days do not have the last full month and the month before.
    """
    before = month_before(month.first)
    if before.first not in days or month.last not in days:
        return SampleInvoices([], {})
    first = billing_month(before.first.replace(day=BILLING_DAY))
    second = billing_month(first.last + ONE_DAY)
    third = billing_month(second.last + ONE_DAY)
    right = [
        *invoices.anthropic(company, month.first),
        *invoices.cursor_seats(company, second.first),
        *(invoices.cursor_usage(company, second.first) if second.last in days else []),
        *(invoices.cursor_seats(company, third.first) if third.first in days else []),
    ]
    wrong = [
        _missing_day(company, before),
        _seat_too_many(company, first),
        _other_period(company, first, before),
    ]
    return SampleInvoices(
        [*right, *(line for lines, _ in wrong for line in lines)],
        {lines[0].invoice_id: planted for lines, planted in wrong},
    )


def _missing_day(company: Company, month: Days) -> tuple[Lines, Planted]:
    day = month.first + timedelta(days=MISSING_ON - 1)
    return invoices.without_day(invoices.anthropic(company, month.first), company, day), Planted(
        f"without the usage of {day}",
        -invoices.metered_usd(company, "anthropic", Days.one(day)),
        f"equals the metered cost of {day}, which the invoice does not have",
    )


def _seat_too_many(company: Company, month: Days) -> tuple[Lines, Planted]:
    return invoices.with_a_seat_too_many(invoices.cursor_seats(company, month.first)), Planted(
        "with a seat too many",
        SEAT_USD["standard"],
        "equals the price of 1 seat(s) of tier standard more than the seats of people that are counted",
    )


def _other_period(company: Company, month: Days, billed: Days) -> tuple[Lines, Planted]:
    right = invoices.cursor_usage(company, month.first)
    wrong = invoices.with_usage_of(right, company, billed)
    return wrong, Planted(
        f"with the usage of {billed.first} to {billed.last}",
        sum((line.amount_usd for line in wrong), Decimal(0))
        - sum((line.amount_usd for line in right), Decimal(0)),
        f"the usage equals that of {billed.first} to {billed.last}, another billing period",
    )
