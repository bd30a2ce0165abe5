"""invoices.csv: the lines of the vendors' invoices. An invoice has many lines, each with its own period."""

import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ai_usage_assets.sources.identity.cells import Cell, Row, one_of, optional, optional_date, required
from ai_usage_assets.sources.identity.files import read
from ai_usage_assets.sources.identity.periods import Periods, period
from ai_usage_assets.sources.identity.seats import PLATFORMS

COLUMNS = ("platform", "invoice_id", "issued_on", "period_start", "period_end", "kind", "amount_usd", "note")
PERIOD = ("period_start", "period_end")
COMPARED = ("usage", "seats")
"""The kinds that are compared with the facts of their period."""
KINDS = (*COMPARED, "tax", "credit", "refund", "other")
CURRENCY = "USD"


def invoices(folder: Path) -> list[dict[str, Any]]:
    """Rows of identity_invoices, numbered within their invoice from 1, in the order of the file.

    Raises:
        IdentityFileError: a value cannot be used, the lines of an invoice contradict each other, or two invoices of a
            platform bill the same kind for the same day.
    """
    lines: list[dict[str, Any]] = []
    first_of: dict[tuple[str, ...], Row] = {}
    numbers: dict[tuple[str, str], int] = defaultdict(int)
    billed = Periods(*PERIOD)
    for row in read(folder / "invoices.csv", COLUMNS, optional=("currency",)):
        _refuse_currency(row["currency"])
        platform, invoice = one_of(row["platform"], *PLATFORMS), required(row["invoice_id"])
        kind = one_of(row["kind"], *KINDS)
        issued_on, first_day, last_day = (_date(row[name]) for name in ("issued_on", *PERIOD))
        period(row["period_start"], row["period_end"])
        _same(row, first_of.setdefault((platform, invoice), row), "issued_on")
        if kind in COMPARED:
            first = first_of.setdefault((platform, invoice, kind), row)
            if first is row:
                billed.read((platform, kind), row)
            for column in PERIOD:
                _same(row, first, column)
        numbers[platform, invoice] += 1
        lines.append(
            {
                "platform": platform,
                "invoice_id": invoice,
                "line": numbers[platform, invoice],
                "issued_on": issued_on,
                "period_start": first_day,
                "period_end": last_day,
                "kind": kind,
                "amount_usd": _amount(row["amount_usd"]),
                "note": optional(row["note"]),
            }
        )
    return lines


def _same(row: Row, first: Row, column: str) -> None:
    if _date(row[column]) != _date(first[column]):
        lines = "all lines" if column == "issued_on" else f"the {row['kind'].text} lines"
        raise row[column].refuse(
            f"line {first[column].line} of the same invoice has {first[column].text}; {lines} of an invoice have one "
            f"{column}"
        )


def _refuse_currency(cell: Cell) -> None:
    if cell.text and cell.text.upper() != CURRENCY:
        shown = cell.text.upper() if re.fullmatch(r"[A-Za-z]{3}", cell.text, re.ASCII) else "this currency"
        raise cell.refuse(
            f"{shown} is not USD; convert the amount as the vendor's invoice states it in US dollars"
        )


def _date(cell: Cell) -> date:
    required(cell)
    found = optional_date(cell)
    assert found
    return found


def _amount(cell: Cell) -> Decimal:
    """US dollars, negative for credits and refunds."""
    if re.fullmatch(r"[-+]?[\d.]*,\d{1,2}", cell.text, re.ASCII):
        raise cell.refuse("the comma is read as a decimal separator, which is not supported; write 1234.56")
    if not re.fullmatch(r"-?\d{1,20}(\.\d{1,2})?", cell.text, re.ASCII):
        raise cell.refuse(
            "this is not an amount like 1234.56 or -20.00: whole cents, without currency sign and separators"
        )
    return Decimal(cell.text)
