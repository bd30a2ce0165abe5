"""The invoices of the sample company, from its own totals: as the vendors write them, and with planted errors.

Anthropic bills a calendar month in arrears, with credits and tax. Cursor bills on its anniversary day: the seats of the
coming month, and apart from them on-demand usage of the month before, with prorations and a refund.
"""

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from ai_usage_assets.days import ONE_DAY, Days, month_of
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.seats import SEAT_USD, holders, seats

CENT = Decimal("0.01")
TAX_RATE = Decimal("0.0825")


@dataclass(frozen=True)
class Line:
    """A line of invoices.csv; both days of the period belong to it."""

    platform: str
    invoice_id: str
    issued_on: date
    period_start: date
    period_end: date
    kind: str
    amount_usd: Decimal
    note: str = ""
    currency: str = "USD"


Lines = list[Line]


def anthropic(company: Company, month: date) -> Lines:
    """The invoice of a calendar month, given by its first day: usage, promotional credit, tax."""
    period = month_of(month)
    usage = metered_usd(company, "anthropic", period)
    header = ("anthropic", f"ANT-{month:%Y-%m}", period.end, period.first, period.last)
    return [
        Line(*header, "usage", usage, "Usage of the API"),
        Line(*header, "credit", Decimal("-25.00"), "Promotional credit"),
        Line(*header, "tax", _cents((usage - 25) * TAX_RATE), "Sales tax"),
    ]


def cursor_seats(company: Company, start: date) -> Lines:
    """The invoice of the seats of a billing month, which begins on `start`, an anniversary day: in advance."""
    header = ("cursor", f"CUR-SEATS-{start}", start, start, _next_month(start) - ONE_DAY)
    return [
        Line(*header, "seats", number * SEAT_USD[tier], f"{number} {tier} seats")
        for tier, number in sorted(seats(company, start).items())
    ]


def cursor_usage(company: Company, start: date) -> Lines:
    """The invoice of the billing month that begins on `start`, in arrears: on-demand usage, prorations, a refund."""
    days = Days(start, _next_month(start) - ONE_DAY)
    issued = days.last + ONE_DAY
    header = ("cursor", f"CUR-USAGE-{issued}", issued, days.first, days.last)
    return [
        Line(*header, "usage", metered_usd(company, "cursor", days), "On-demand"),
        *(
            Line(*header, "other", usd, f"Proration: a seat added on {joined}")
            for joined, usd in prorations(company, days)
        ),
        Line(*header, "refund", Decimal("-7.50"), "Refund of an outage"),
    ]


def prorations(company: Company, month: Days) -> list[tuple[date, Decimal]]:
    """The day and the price of each standard seat that was added within a billing month."""
    joined = (person.joined for person in holders(company) if month.first < person.joined <= month.last)
    return [
        (day, _cents(SEAT_USD["standard"] * len(Days(day, month.last)) / len(month)))
        for day in sorted(joined)
    ]


def metered_usd(company: Company, platform: str, days: Days) -> Decimal:
    """The metered cost of some days in whole cents, from daily amounts of four decimals."""
    totals = company.totals(days).values()
    cents = (
        day.anthropic.total_cents if platform == "anthropic" else day.cursor.chargeable_cents
        for day in totals
    )
    return _cents(sum((round(of_day / 100, 4) for of_day in cents), Decimal(0)))


def without_day(lines: Lines, company: Company, day: date) -> Lines:
    """The invoice without the usage of one day."""
    missing = metered_usd(company, lines[0].platform, Days.one(day))
    return [replace(x, amount_usd=x.amount_usd - missing) if x.kind == "usage" else x for x in lines]


def with_a_seat_too_many(lines: Lines) -> Lines:
    """The invoice with one more standard seat."""
    standard = next(line for line in lines if line.note.endswith("standard seats"))
    more = replace(standard, amount_usd=standard.amount_usd + SEAT_USD["standard"])
    return [more if line is standard else line for line in lines]


def with_usage_of(lines: Lines, company: Company, days: Days) -> Lines:
    """The invoice with the usage of another period."""
    usage = metered_usd(company, lines[0].platform, days)
    return [replace(line, amount_usd=usage) if line.kind == "usage" else line for line in lines]


def in_currency(lines: Lines, currency: str) -> Lines:
    return [replace(line, currency=currency) for line in lines]


def write(lines: Iterable[Line], path: Path) -> None:
    """Write invoices.csv."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(Line)])
        writer.writerows(map(astuple, lines))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=day.day)
