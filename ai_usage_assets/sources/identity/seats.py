"""seats.csv and seat_tiers.csv: the price of a seat, and the people who have another tier than the standard one."""

import re
from pathlib import Path
from typing import Any

from ai_usage_assets.sources.identity.cells import Cell, count, email, one_of, optional_count, price, required
from ai_usage_assets.sources.identity.files import read
from ai_usage_assets.sources.identity.people import aliases
from ai_usage_assets.sources.identity.periods import PERIOD, Periods

PLATFORMS = ("cursor", "claude_code", "anthropic")
COUNTED = "cursor"
"""The platform that lists its seat holders."""
STANDARD, FREE = "standard", "free"
PRICES = ("platform", "usd_per_seat_month", "seats", *PERIOD)
HOLDERS = ("platform", "email", "tier", *PERIOD)


def seats(folder: Path) -> list[dict[str, Any]]:
    """Rows of identity_seats; a tier of a platform has one price on each day."""
    prices: list[dict[str, Any]] = []
    periods = Periods()
    for row in read(folder / "seats.csv", PRICES, optional=("tier", "billing_day")):
        platform, tier = one_of(row["platform"], *PLATFORMS), _tier(row["tier"])
        usd = price(row["usd_per_seat_month"])
        if tier == FREE and usd:
            raise row["usd_per_seat_month"].refuse(f"a seat of tier {FREE} costs nothing")
        prices.append(
            {
                "platform": platform,
                "tier": tier,
                "usd_per_seat_month": usd,
                "seats": optional_count(row["seats"]) if platform == COUNTED else count(row["seats"]),
                "billing_day": _billing_day(row["billing_day"]),
                **periods.read((platform, tier), row),
            }
        )
    return prices


def seat_tiers(folder: Path) -> list[dict[str, Any]]:
    """Rows of identity_seat_tiers; a person, by all their addresses, has one tier of a platform on each day."""
    path = folder / "seat_tiers.csv"
    if not path.exists():
        return []
    priced = {(row["platform"], row["tier"]) for row in seats(folder)}
    main = {row["alias"]: row["email"] for row in aliases(folder)}
    tiers: list[dict[str, Any]] = []
    periods = Periods()
    for row in read(path, HOLDERS):
        platform, address = one_of(row["platform"], *PLATFORMS), email(row["email"])
        required(row["tier"])
        tier = _tier(row["tier"])
        if tier != FREE and (platform, tier) not in priced:
            raise row["tier"].refuse(f"seats.csv has no price for this tier of {platform}; add it there")
        person = main.get(address, address)
        tiers.append(
            {"platform": platform, "email": address, "tier": tier, **periods.read((platform, person), row)}
        )
    return tiers


def _tier(cell: Cell) -> str:
    tier = cell.text.lower() or STANDARD
    if not re.fullmatch(r"[a-z0-9][a-z0-9 _.+-]{0,39}", tier):
        raise cell.refuse("this is not the name of a tier, such as standard or premium")
    return tier


def _billing_day(cell: Cell) -> int:
    if not cell.text:
        return 1
    if not re.fullmatch(r"0?[1-9]|1\d|2[0-8]", cell.text, re.ASCII):
        raise cell.refuse("this is not a day of the month from 1 to 28")
    return int(cell.text)
