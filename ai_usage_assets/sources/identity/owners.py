"""api_key_owners.csv: the owner of an API key, and whether a person or a service uses it."""

from pathlib import Path
from typing import Any

from ai_usage_assets.sources.identity.cells import email, one_of, optional, required
from ai_usage_assets.sources.identity.files import read
from ai_usage_assets.sources.identity.periods import PERIOD, Periods

COLUMNS = ("api_key_id", "email", "purpose", *PERIOD)
ALL_COLUMNS = (*COLUMNS, "actor_type")
ACTOR_TYPES = ("person", "service")


def api_key_owners(folder: Path) -> list[dict[str, Any]]:
    """Rows of identity_api_key_owners; a key has one owner on each day."""
    owners: list[dict[str, Any]] = []
    periods = Periods()
    for row in read(folder / "api_key_owners.csv", COLUMNS, optional=("actor_type",)):
        key, actor = required(row["api_key_id"]), row["actor_type"]
        owners.append(
            {
                "api_key_id": key,
                **periods.read(key, row),
                "email": email(row["email"]),
                "purpose": optional(row["purpose"]),
                "actor_type": one_of(actor, *ACTOR_TYPES) if actor.text else None,
            }
        )
    return owners
