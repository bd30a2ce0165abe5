"""The company's own CSV files about its people, read strictly: a malformed one is refused by file, line and column."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ai_usage_assets.sources.identity.cells import IdentityFileError
from ai_usage_assets.sources.identity.owners import api_key_owners
from ai_usage_assets.sources.identity.people import people
from ai_usage_assets.sources.identity.seats import seat_tiers, seats

__all__ = [
    "READERS",
    "IdentityFileError",
    "Reader",
    "api_key_owners",
    "people",
    "seat_tiers",
    "seats",
]

Reader = Callable[[Path], list[dict[str, Any]]]

READERS: dict[str, Reader] = {
    "identity_people": lambda folder: people(folder)[0],
    "identity_aliases": lambda folder: people(folder)[1],
    "identity_api_key_owners": api_key_owners,
    "identity_seats": seats,
    "identity_seat_tiers": seat_tiers,
}
"""Per table, its rows as the files say them."""
