"""A vendor's list that comes back without anybody on it is not believed: nobody becomes inactive by it."""

from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import Engine, Session
from ai_usage_assets.warehouse.errors import EmptyListError
from ai_usage_assets.warehouse.override import HOW


def refuse_empty(engine: Engine, session: Session, table: Table, staged: str) -> None:
    """Refuse a list without a current entry where the table has some.

    Raises:
        EmptyListError: nothing of the list was written.
    """
    current = f"(select countif(is_current) from `{table.name}`)"
    listed = f"(select countif(is_current) from `{staged}`)"
    [row] = session.fetch(f"select {current} as known, {listed} as listed").to_pylist()
    if row["known"] and not row["listed"]:
        raise EmptyListError(
            f"the vendor's list for {engine.qualified(table.name)} came back without a current entry, and "
            f"{row['known']} entries of the table are current. Nothing was written, and no entry became inactive. Check "
            f"that the vendor's key belongs to the same organization or team as before, and run it again. If the list "
            f"is meant to be empty, {HOW}."
        )
