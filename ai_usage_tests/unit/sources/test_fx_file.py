"""fx.csv: what is read of it, and what is refused by line and column."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ai_usage_assets.sources.identity.cells import IdentityFileError
from ai_usage_assets.sources.identity.fx import rates
from ai_usage_tests.support.messages import refused_cell

NOT_A_RATE = (
    "this is not a rate like 0.9234: units of the currency for one US dollar, above 0, at most 9 decimals"
)
NOT_A_MONTH = "this is not a month like 2026-01"


def write(folder: Path, lines: str, header: str = "month,currency,rate\n") -> Path:
    (folder / "fx.csv").write_text(header + lines, encoding="utf-8")
    return folder


def test_a_month_has_a_currency_and_units_of_it_for_a_dollar(tmp_path: Path) -> None:
    assert rates(tmp_path) == []
    assert rates(write(tmp_path, "2026-10,EUR,0.9201\n2026-11,JPY,151\n")) == [
        {"month": date(2026, 10, 1), "currency": "EUR", "rate": Decimal("0.9201")},
        {"month": date(2026, 11, 1), "currency": "JPY", "rate": Decimal(151)},
    ]


@pytest.mark.parametrize(
    ("line", "column", "why"),
    [
        ("2026-13,EUR,1", "month", NOT_A_MONTH),
        ("2026-10-01,EUR,1", "month", NOT_A_MONTH),
        (",EUR,1", "month", "a value is needed"),
        ("2026-10,Euro,1", "currency", "this is not a currency like EUR: three capital letters (ISO 4217)"),
        ("2026-10,USD,1", "currency", "the amounts are in US dollars already; leave the line out"),
        ("2026-10,EUR,", "rate", NOT_A_RATE),
        ("2026-10,EUR,0.0", "rate", NOT_A_RATE),
        ("2026-10,EUR,-1", "rate", NOT_A_RATE),
        ("2026-10,EUR,0.1234567891", "rate", NOT_A_RATE),
        (
            '2026-10,EUR,"0,92"',
            "rate",
            "the comma is read as a decimal separator, which is not supported; write 0.9234",
        ),
        (
            "2026-09,EUR,0.9",
            "month",
            "line 2 already has a rate of this month; a month has one currency and one rate",
        ),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, line: str, column: str, why: str
) -> None:
    with pytest.raises(
        IdentityFileError, match=refused_cell(tmp_path / "fx.csv", f"line 3, column {column}", why)
    ):
        rates(write(tmp_path, f"2026-09,GBP,0.8\n{line}\n"))
