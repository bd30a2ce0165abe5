"""How the page writes figures, days and names, at the edges of rounding and of the longest name."""

from datetime import date
from decimal import Decimal

import pytest

from ai_usage_assets.report import text


@pytest.mark.parametrize(
    ("amount", "plain", "signed"),
    [
        (None, text.UNKNOWN, text.UNKNOWN),
        ("1234.5", "$1,234.50", "+$1,234.50"),
        ("-1234.567", "−$1,234.57", "−$1,234.57"),
        # halves are rounded to the even cent
        ("0.125", "$0.12", "+$0.12"),
        ("0.135", "$0.14", "+$0.14"),
        ("-0.004", "$0.00", "$0.00"),
        ("0", "$0.00", "$0.00"),
    ],
)
def test_dollars_are_rounded_to_the_even_cent(amount: str | None, plain: str, signed: str) -> None:
    value = None if amount is None else Decimal(amount)
    assert (text.usd(value), text.usd(value, is_signed=True)) == (plain, signed)


@pytest.mark.parametrize(
    ("part", "whole", "plain", "signed"),
    [
        (1, 0, text.UNKNOWN, text.UNKNOWN),
        (1, 3, "33.3%", "+33.3%"),
        (-1, 8, "−12.5%", "−12.5%"),
        (Decimal("0.0625"), 1, "6.2%", "+6.2%"),
        (Decimal("0.0675"), 1, "6.8%", "+6.8%"),
        (Decimal("0.0004"), 1, "0.0%", "0.0%"),
        (25, 2, "1,250.0%", "+1,250.0%"),
    ],
)
def test_shares_have_one_decimal(part: Decimal | int, whole: int, plain: str, signed: str) -> None:
    assert (text.percent(part, whole), text.percent(part, whole, is_signed=True)) == (plain, signed)


def test_counts_and_days_are_written_without_a_locale() -> None:
    assert [text.count(each) for each in (None, 0, 12345, -12345)] == [text.UNKNOWN, "0", "12,345", "−12,345"]
    assert [text.plural(n, "day") for n in (0, 1, 1000)] == ["0 days", "1 day", "1,000 days"]
    assert [text.plural(n, "person", "people") for n in (1, 2)] == ["1 person", "2 people"]
    assert (text.month_name(date(2026, 12, 1)), text.day_name(date(2026, 1, 9))) == (
        "December 2026",
        "9 January 2026",
    )


def test_names_are_one_line_of_sixty_characters_without_hidden_ones() -> None:
    assert text.name("a\u202eb\ufeff\tc\n d\u2028e") == "ab c d e"
    assert text.name("x" * 60) == "x" * 60
    assert text.name("x" * 61) == "x" * 59 + "…"
    assert [text.platform(each) for each in ("anthropic", "claude_code", "cursor", "new\n")] == [
        "Anthropic API",
        "Claude seats",
        "Cursor",
        "new",
    ]
    assert [text.tool(each) for each in ("claude_code", "cursor")] == ["Claude Code", "Cursor"]
    assert [text.reason(each) for each in ("no_matching_usage", "of\ttomorrow")] == [
        "Cost without usage",
        "of tomorrow",
    ]
