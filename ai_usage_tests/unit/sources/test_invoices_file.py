"""invoices.csv: what is read of it, and what is refused by line and column."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ai_usage_assets.sources.identity.cells import IdentityFileError
from ai_usage_assets.sources.identity.invoices import invoices
from ai_usage_tests.support.messages import refused_cell

HEADER = "platform,invoice_id,issued_on,period_start,period_end,kind,amount_usd,note\n"
USAGE = "cursor,C1,2026-11-17,2026-10-17,2026-11-16,usage,12.50,\n"
NOT_AN_AMOUNT = (
    "this is not an amount like 1234.56 or -20.00: whole cents, without currency sign and separators"
)
COMMA = "the comma is read as a decimal separator, which is not supported; write 1234.56"


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
        (
            USAGE.replace("cursor", "copilot"),
            "line 2, column platform",
            "this is not one of cursor, claude_code, anthropic",
        ),
        (USAGE.replace("C1", ""), "line 2, column invoice_id", "a value is needed"),
        (
            USAGE.replace("usage", "fees"),
            "line 2, column kind",
            "this is not one of usage, seats, tax, credit, refund, other",
        ),
        (USAGE.replace("2026-10-17", ""), "line 2, column period_start", "a value is needed"),
        (
            USAGE.replace("2026-10-17", "2026-11-18"),
            "line 2, column period_end",
            "2026-11-16 is before period_start 2026-11-18",
        ),
        (USAGE.replace("12.50", '"1.234,56"'), "line 2, column amount_usd", COMMA),
        (USAGE.replace("12.50", '"12,5"'), "line 2, column amount_usd", COMMA),
        (USAGE.replace("12.50", '"1,234.56"'), "line 2, column amount_usd", NOT_AN_AMOUNT),
        (USAGE.replace("12.50", "12.505"), "line 2, column amount_usd", NOT_AN_AMOUNT),
        (USAGE.replace("12.50", "1" * 21), "line 2, column amount_usd", NOT_AN_AMOUNT),
        (USAGE.replace("12.50", "$12"), "line 2, column amount_usd", NOT_AN_AMOUNT),
        # one invoice
        (
            USAGE + USAGE.replace("2026-11-17", "2026-11-18"),
            "line 3, column issued_on",
            "line 2 of the same invoice has 2026-11-17; all lines of an invoice have one issued_on",
        ),
        (
            USAGE + USAGE.replace("2026-10-17", "2026-10-18"),
            "line 3, column period_start",
            "line 2 of the same invoice has 2026-10-17; the usage lines of an invoice have one period_start",
        ),
        (
            USAGE + USAGE.replace("2026-11-16", "2026-11-15"),
            "line 3, column period_end",
            "line 2 of the same invoice has 2026-11-16; the usage lines of an invoice have one period_end",
        ),
        # two invoices that bill one day
        (
            USAGE + USAGE.replace("C1", "C2").replace("2026-10-17", "2026-11-16"),
            "line 3, column period_start",
            "the period overlaps the one of line 2",
        ),
    ],
)
def test_a_malformed_invoices_file_is_refused_by_line_and_column(
    tmp_path: Path, lines: str, where: str, why: str
) -> None:
    with pytest.raises(IdentityFileError, match=refused_cell(tmp_path / "invoices.csv", where, why)):
        invoices(write(tmp_path, lines))


@pytest.mark.parametrize(
    ("currency", "named"), [("EUR", "EUR"), ("eur", "EUR"), ("Ann", "ANN"), ("ann@x.org", "this currency")]
)
def test_a_currency_other_than_usd_is_refused_by_name(tmp_path: Path, currency: str, named: str) -> None:
    header = HEADER.replace("note", "note,currency")
    lines = USAGE.replace("\n", ",usd\n") + USAGE.replace("\n", f",{currency}\n")
    why = f"{named} is not USD; convert the amount as the vendor's invoice states it in US dollars"
    with pytest.raises(
        IdentityFileError, match=refused_cell(tmp_path / "invoices.csv", "line 3, column currency", why)
    ):
        invoices(write(tmp_path, lines, header))
