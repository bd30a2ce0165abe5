"""invoices.csv: what is read of it, and what is refused by line and column."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ai_usage_assets.sources.identity.cells import IdentityFileError
from ai_usage_assets.sources.identity.invoices import invoices

HEADER = "platform,invoice_id,issued_on,period_start,period_end,kind,amount_usd,note\n"
USAGE = "cursor,C1,2026-11-17,2026-10-17,2026-11-16,usage,12.50,\n"


def write(folder: Path, lines: str, header: str = HEADER) -> Path:
    (folder / "invoices.csv").write_text(header + lines, encoding="utf-8")
    return folder


def test_no_file_is_no_invoice(tmp_path: Path) -> None:
    assert invoices(tmp_path) == []


def test_the_lines_of_an_invoice_are_numbered_and_seats_have_a_period_of_their_own(tmp_path: Path) -> None:
    lines = (
        "cursor,C1,2026-11-17,2026-11-17,2026-12-16,seats,120,\n"
        "anthropic,A1,2026-11-01,2026-10-01,2026-10-31,usage,1234.56,\n"
        + USAGE
        + "cursor,C1,2026-11-17,2026-01-01,2026-11-16,refund,-7.50,Outage\n"
    )
    seats, _, usage, refund = found = invoices(write(tmp_path, lines))
    assert [(row["invoice_id"], row["line"]) for row in found] == [("C1", 1), ("A1", 1), ("C1", 2), ("C1", 3)]
    assert (seats["period_start"], usage["period_start"]) == (date(2026, 11, 17), date(2026, 10, 17))
    assert (refund["amount_usd"], refund["note"]) == (Decimal("-7.50"), "Outage")


@pytest.mark.parametrize(
    ("lines", "where", "why"),
    [
        (USAGE.replace("cursor", "copilot"), "line 2, column platform", "not one of cursor"),
        (USAGE.replace("C1", ""), "line 2, column invoice_id", "value is needed"),
        (USAGE.replace("usage", "fees"), "line 2, column kind", "not one of usage, seats, tax"),
        (USAGE.replace("2026-10-17", ""), "line 2, column period_start", "value is needed"),
        (USAGE.replace("2026-10-17", "2026-11-18"), "line 2, column period_end", "before period_start"),
        (USAGE.replace("12.50", '"1.234,56"'), "line 2, column amount_usd", "comma is read as a decimal"),
        (USAGE.replace("12.50", '"12,5"'), "line 2, column amount_usd", "comma is read as a decimal"),
        (USAGE.replace("12.50", '"1,234.56"'), "line 2, column amount_usd", "not an amount like 1234.56"),
        (USAGE.replace("12.50", "12.505"), "line 2, column amount_usd", "whole cents"),
        (USAGE.replace("12.50", "$12"), "line 2, column amount_usd", "not an amount like 1234.56"),
        # one invoice
        (USAGE + USAGE.replace("2026-11-17", "2026-11-18"), "line 3, column issued_on", "line 2 of the same"),
        (
            USAGE + USAGE.replace("2026-10-17", "2026-10-18"),
            "line 3, column period_start",
            "line 2 of the same",
        ),
        (
            USAGE + USAGE.replace("2026-11-16", "2026-11-15"),
            "line 3, column period_end",
            "line 2 of the same",
        ),
        # two invoices that bill one day
        (
            USAGE + USAGE.replace("C1", "C2").replace("2026-10-17", "2026-11-16"),
            "line 3, column period_start",
            "overlaps the one of line 2",
        ),
    ],
)
def test_a_malformed_invoices_file_is_refused_by_line_and_column(
    tmp_path: Path, lines: str, where: str, why: str
) -> None:
    with pytest.raises(IdentityFileError, match=why) as refused:
        invoices(write(tmp_path, lines))
    assert f"invoices.csv, {where}" in str(refused.value)


def test_a_currency_other_than_usd_is_refused_by_name(tmp_path: Path) -> None:
    header = HEADER.replace("note", "note,currency")
    lines = USAGE.replace("\n", ",usd\n") + USAGE.replace("\n", ",EUR\n")
    with pytest.raises(IdentityFileError, match="line 3, column currency: EUR is not USD"):
        invoices(write(tmp_path, lines, header))
