"""How the page writes figures, days and names. The rule is ours, so that no locale of the machine changes it."""

import re
import unicodedata
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")
MINUS = "\N{MINUS SIGN}"
UNKNOWN = "\N{EN DASH}"
MAX_NAME = 60
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
PLATFORMS = {"anthropic": "Anthropic API", "claude_code": "Claude seats", "cursor": "Cursor"}
REASONS = {
    "no_key": "Usage without a key",
    "no_matching_usage": "Cost without usage",
    "unused_seat": "Seat without a holder",
    "call_without_person": "Call without a person",
    "no_owner_on_the_day": "No owner on that day",
    "no_creator": "Key without a creator",
    "creator_not_listed": "Creator not listed",
    "service_account": "Key of a service",
    "key_not_listed": "Key not listed",
}
"""How the reasons of v_cost are written."""
HIDDEN = re.compile(
    "[\N{ARABIC LETTER MARK}\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\u202a-\u202e\u2066-\u2069\ufeff]"
)
"""Characters that change the direction of the text around them, and show nothing."""


def usd(value: Decimal | None, *, is_signed: bool = False) -> str:
    """Dollars and cents: $1,234.50; a dash if the value is not known."""
    if value is None:
        return UNKNOWN
    rounded = value.quantize(CENT, ROUND_HALF_EVEN)
    sign = MINUS if rounded < 0 else "+" if is_signed and rounded > 0 else ""
    return f"{sign}${abs(rounded):,.2f}"


def count(value: int | None) -> str:
    """A whole number: 12,345; a dash if it is not known."""
    return UNKNOWN if value is None else f"{value:,}".replace("-", MINUS)


def percent(dividend: Decimal | int, divisor: Decimal | int, *, is_signed: bool = False) -> str:
    """A share with one decimal: 12.3%; a dash if the divisor is 0."""
    if not divisor:
        return UNKNOWN
    share = (Decimal(dividend) / Decimal(divisor) * 100).quantize(Decimal("0.1"), ROUND_HALF_EVEN)
    sign = MINUS if share < 0 else "+" if is_signed and share > 0 else ""
    return f"{sign}{abs(share):,}%"


def month_name(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


def day_name(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def plural(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def name(text: object) -> str:
    """A name from a file or a vendor on one line, without characters that change the text around it."""
    visible = HIDDEN.sub("", str(text))
    kept = "".join(" " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each for each in visible)
    joined = " ".join(kept.split())
    return joined if len(joined) <= MAX_NAME else joined[: MAX_NAME - 1] + "\N{HORIZONTAL ELLIPSIS}"


def platform(value: str) -> str:
    return PLATFORMS.get(value, name(value))


def reason(value: str) -> str:
    return REASONS.get(value, name(value))


def tool(value: str) -> str:
    """A platform where it is about use: Claude Code is a tool, on every plan."""
    return "Claude Code" if value == "claude_code" else platform(value)
