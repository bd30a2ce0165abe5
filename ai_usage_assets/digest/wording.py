"""Amounts, shares and lists as a digest writes them. No locale changes a figure, and no text of a vendor's changes a line."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

from ai_usage_assets.digest.figures import Amounts, Compared

MAX_NAME = 60
MAX_LISTED = 3
CENT = Decimal("0.01")
MINUS = "\N{MINUS SIGN}"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PLATFORMS = {"anthropic": "Anthropic API", "claude_code": "Claude seats", "cursor": "Cursor"}


def usd(value: Decimal, *, is_signed: bool = False) -> str:
    """Dollars and cents: $1,234.50."""
    rounded = value.quantize(CENT, ROUND_HALF_EVEN)
    sign = MINUS if rounded < 0 else "+" if is_signed and rounded > 0 else ""
    return f"{sign}${abs(rounded):,.2f}"


def percent(dividend: Decimal, divisor: Decimal, *, is_signed: bool = False) -> str:
    """A share with one decimal: 12.3%."""
    share = (dividend / divisor * 100).quantize(Decimal("0.1"), ROUND_HALF_EVEN)
    sign = MINUS if share < 0 else "+" if is_signed and share > 0 else ""
    return f"{sign}{abs(share):,}%"


def plural(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def platform(value: str) -> str:
    return PLATFORMS.get(value, plain(value))


def change(compared: Compared) -> str:
    """+$120.00 (+5.1%)."""
    text = usd(compared.change_usd, is_signed=True)
    if compared.earlier_usd <= 0:
        return text
    return f"{text} ({percent(compared.change_usd, compared.earlier_usd, is_signed=True)})"


def with_share(value: Decimal, total_usd: Decimal) -> str:
    """The amount with its share of a total: $120.00 (3.5%)."""
    return f"{usd(value)} ({percent(value, total_usd)})" if total_usd > 0 else usd(value)


def listed(platforms: Amounts) -> str:
    """Anthropic API $1,400.00, Cursor $56.78."""
    return ", ".join(f"{platform(name)} {usd(value)}" for name, value in platforms.items())


def causes(amounts: Amounts, most: int = MAX_LISTED) -> str:
    """The largest, in either direction, and the sum of the others; what is below a cent is left out."""
    by_size = sorted(amounts.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    largest, rest = by_size[:most], sum((value for _, value in by_size[most:]), Decimal())
    named = [*largest, *([("all other", rest)] if len(by_size) > most else [])]
    return ", ".join(
        f"{plain(name)} {usd(value, is_signed=True)}" for name, value in named if value.quantize(CENT)
    )


def names(texts: Iterable[str], most: int = MAX_LISTED) -> str:
    """The first few, and how many more there are."""
    known = [plain(text) for text in texts]
    more = [f"{len(known) - most} more"] if len(known) > most else []
    return ", ".join([*known[:most], *more])


def plain(text: str) -> str:
    """A text of a vendor's without line breaks, links, mentions and markup."""
    return re.sub(r"[^\w .,/()+-]", "?", " ".join(text.split()), flags=re.ASCII)[:MAX_NAME]
