"""The company's own CSV files as assets. A file that cannot be read fails its own asset and nothing else."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from ai_usage_assets.days import Clock
from ai_usage_assets.defs.asset_functions import Deployment, Now, asset_of, functions_of
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.identity import (
    IDENTITY_ALIASES,
    IDENTITY_API_KEY_OWNERS,
    IDENTITY_BUDGETS,
    IDENTITY_FX,
    IDENTITY_INVOICES,
    IDENTITY_PEOPLE,
    IDENTITY_SEAT_TIERS,
    IDENTITY_SEATS,
)
from ai_usage_assets.settings import PSEUDONYM_KEY, Settings
from ai_usage_assets.sources import identity


class IdentityFiles(dg.ConfigurableResource[Any]):
    """The folder with the company's CSV files."""

    folder: str
    pseudonym_key: str | None = Field(default=None, repr=False)
    """With it, the budgets of persons land under their pseudonyms, as the facts name them."""

    def rows(self, table: Table, fetched_at: datetime) -> Any:
        """An Arrow table of the declared columns.

        Raises:
            IdentityFileError: a file is malformed; its line and column are named.
        """
        import pyarrow as pa

        from ai_usage_assets.schema.arrow import arrow_schema

        rows = [{**row, "fetched_at": fetched_at} for row in identity.READERS[table.name](Path(self.folder))]
        return pa.Table.from_pylist(rows, schema=arrow_schema(table))

    def with_pseudonyms(self, budgets: Any) -> Any:
        """Budgets with the pseudonyms of persons, if there is a key."""
        if not self.pseudonym_key:
            return budgets

        from ai_usage_assets.warehouse.pseudonyms import Pseudonyms

        of = Pseudonyms(self.pseudonym_key.encode()).of
        names = [of(row["name"]) if row["scope"] == "person" else row["name"] for row in budgets.to_pylist()]
        place = budgets.schema.get_field_index("name")
        return budgets.set_column(place, budgets.schema.field(place), [names])


@asset_of(IDENTITY_PEOPLE)
def identity_people(identity_files: IdentityFiles, now: Now) -> Any:
    """`people.csv`: names and departments."""
    return identity_files.rows(IDENTITY_PEOPLE, now())


@asset_of(IDENTITY_ALIASES)
def identity_aliases(identity_files: IdentityFiles, now: Now) -> Any:
    """`people.csv`: other addresses of the same people."""
    return identity_files.rows(IDENTITY_ALIASES, now())


@asset_of(IDENTITY_API_KEY_OWNERS)
def identity_api_key_owners(identity_files: IdentityFiles, now: Now) -> Any:
    """`api_key_owners.csv`: who answers for a key."""
    return identity_files.rows(IDENTITY_API_KEY_OWNERS, now())


@asset_of(IDENTITY_SEATS)
def identity_seats(identity_files: IdentityFiles, now: Now) -> Any:
    """`seats.csv`: what a seat costs, and when."""
    return identity_files.rows(IDENTITY_SEATS, now())


@asset_of(IDENTITY_SEAT_TIERS)
def identity_seat_tiers(identity_files: IdentityFiles, now: Now) -> Any:
    """`seat_tiers.csv`: who has another seat than the standard one."""
    return identity_files.rows(IDENTITY_SEAT_TIERS, now())


@asset_of(IDENTITY_INVOICES)
def identity_invoices(identity_files: IdentityFiles, now: Now) -> Any:
    """`invoices.csv`: what the vendors invoiced."""
    return identity_files.rows(IDENTITY_INVOICES, now())


@asset_of(IDENTITY_FX)
def identity_fx(identity_files: IdentityFiles, now: Now) -> Any:
    """`fx.csv`: what a US dollar is in the currency of the company's books, by month."""
    return identity_files.rows(IDENTITY_FX, now())


@asset_of(IDENTITY_BUDGETS)
def identity_budgets(identity_files: IdentityFiles, now: Now) -> Any:
    """`budgets.csv`: what a month may cost."""
    return identity_files.with_pseudonyms(identity_files.rows(IDENTITY_BUDGETS, now()))


def definitions(settings: Settings, clock: Clock) -> dg.Definitions:
    deployment = Deployment.of(settings, clock)
    assets = [function.asset(deployment) for function in functions_of(sys.modules[__name__])]
    return dg.Definitions(assets=assets, resources={"identity_files": resource(settings)})


def resource(settings: Settings) -> IdentityFiles:
    key = {"pseudonym_key": dg.EnvVar(PSEUDONYM_KEY)} if settings.has_pseudonym_key else {}
    return IdentityFiles(folder=str(settings.identity_dir), **key)
