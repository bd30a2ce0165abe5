"""Changes and lists as a digest writes them, of amounts as the page writes them. A vendor's text is never markup or a link."""

import re
from collections.abc import Iterable
from decimal import Decimal

from ai_usage_assets.digest.figures import Amounts
from ai_usage_assets.report.text import name, percent, platform, usd

MAX_LISTED = 3
CENT = Decimal("0.01")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def change(change_usd: Decimal, earlier_usd: Decimal) -> str:
    """+$120.00 (+5.1%)."""
    text = usd(change_usd, is_signed=True)
    return f"{text} ({percent(change_usd, earlier_usd, is_signed=True)})" if earlier_usd > 0 else text


def with_share(value: Decimal, total_usd: Decimal) -> str:
    """The amount with its share of a total: $120.00 (3.5%)."""
    return f"{usd(value)} ({percent(value, total_usd)})" if total_usd > 0 else usd(value)


def listed(platforms: Amounts) -> str:
    """Anthropic API $1,400.00, Cursor $56.78."""
    return ", ".join(f"{plain(platform(each))} {usd(value)}" for each, value in platforms.items())


def causes(amounts: Amounts, most: int = MAX_LISTED) -> str:
    """The largest, in either direction, and the sum of the others; what is below a cent is left out."""
    by_size = sorted(amounts.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    largest, rest = by_size[:most], sum((value for _, value in by_size[most:]), Decimal())
    named = [*largest, *([("all other", rest)] if len(by_size) > most else [])]
    return ", ".join(
        f"{plain(each)} {usd(value, is_signed=True)}" for each, value in named if value.quantize(CENT)
    )


def names(texts: Iterable[str], most: int = MAX_LISTED) -> str:
    """The first few, and how many more there are."""
    known = [plain(text) for text in texts]
    more = [f"{len(known) - most} more"] if len(known) > most else []
    return ", ".join([*known[:most], *more])


def plain(text: str) -> str:
    """A text of a vendor's without line breaks, links, mentions and markup."""
    return re.sub(r"[^\w .,/()+-]", "?", name(text), flags=re.ASCII)
