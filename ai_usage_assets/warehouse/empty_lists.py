"""Refuses a vendor's list without a current entry: otherwise every person or key would become inactive."""

from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import Engine, Session
from ai_usage_assets.warehouse.errors import EmptyListError
from ai_usage_assets.warehouse.override import OVERRIDE_HINT


def refuse_empty(engine: Engine, session: Session, table: Table, staged: str) -> None:
    """Refuse a staged list that has no current entry if the table has some.

    Raises:
        EmptyListError: nothing of the list was written.
    """
    current = f"(select countif(is_current) from `{table.name}`)"
    listed = f"(select countif(is_current) from `{staged}`)"
    [row] = session.fetch(f"select {current} as known, {listed} as listed").to_pylist()
    if row["known"] and not row["listed"]:
        raise EmptyListError(
            f"the vendor's list for {engine.qualified(table.name)} has no current entry, and "
            f"{row['known']} entries of the table are current. Nothing was written, and no entry became inactive.",
            f"Check that the vendor's key belongs to the same organization or team as before, and run it again. If the "
            f"list is meant to be empty, {OVERRIDE_HINT}.",
        )
