"""The company's own CSV files about its people, invoices, rates and budgets, as rows. A malformed file is refused by file, line and column."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ai_usage_assets.sources.identity.budgets import budgets
from ai_usage_assets.sources.identity.fx import rates
from ai_usage_assets.sources.identity.invoices import invoices
from ai_usage_assets.sources.identity.owners import api_key_owners
from ai_usage_assets.sources.identity.people import aliases, people
from ai_usage_assets.sources.identity.seats import seat_tiers, seats

Reader = Callable[[Path], list[dict[str, Any]]]

READERS: dict[str, Reader] = {
    "identity_people": people,
    "identity_aliases": aliases,
    "identity_api_key_owners": api_key_owners,
    "identity_seats": seats,
    "identity_seat_tiers": seat_tiers,
    "identity_invoices": invoices,
    "identity_fx": rates,
    "identity_budgets": budgets,
}
"""For each table, the function that reads its rows from the folder of the files."""
