"""fx.csv: the rate of each month between the US dollar and the currency in which the company keeps its books."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ai_usage_assets.sources.identity.cells import Cell, required
from ai_usage_assets.sources.identity.files import read

COLUMNS = ("month", "currency", "rate")


def rates(folder: Path) -> list[dict[str, Any]]:
    """Rows of identity_fx; a month has one rate.

    Raises:
        IdentityFileError: a value cannot be used, or a month has two rates.
    """
    lines: dict[date, int] = {}
    found: list[dict[str, Any]] = []
    for row in read(folder / "fx.csv", COLUMNS):
        month = _month(row["month"])
        if month in lines:
            raise row["month"].refuse(
                f"line {lines[month]} already has a rate of this month; a month has one currency and one rate"
            )
        lines[month] = row["month"].line
        found.append({"month": month, "currency": _currency(row["currency"]), "rate": _rate(row["rate"])})
    return found


def _month(cell: Cell) -> date:
    if not re.fullmatch(r"(?!0000)\d{4}-(0[1-9]|1[0-2])", required(cell), re.ASCII):
        raise cell.refuse("this is not a month like 2026-01")
    return date.fromisoformat(f"{cell.text}-01")


def _currency(cell: Cell) -> str:
    if not re.fullmatch(r"[A-Z]{3}", required(cell), re.ASCII):
        raise cell.refuse("this is not a currency like EUR: three capital letters (ISO 4217)")
    if cell.text == "USD":
        raise cell.refuse("the amounts are in US dollars already; leave the line out")
    return cell.text


def _rate(cell: Cell) -> Decimal:
    """Units of the currency for one US dollar."""
    if "," in cell.text:
        raise cell.refuse("the comma is read as a decimal separator, which is not supported; write 0.9234")
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", cell.text, re.ASCII) or not Decimal(cell.text):
        raise cell.refuse(
            "this is not a rate like 0.9234: units of the currency for one US dollar, above 0, at most 9 decimals"
        )
    return Decimal(cell.text)
