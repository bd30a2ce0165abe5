"""Snapshot tables: a vendor's list of people, keys or workspaces, with every entry that was ever listed."""

from ai_usage_assets.schema.columns import FETCHED_AT, FIRST_SEEN_AT, LAST_SEEN_AT
from ai_usage_assets.schema.model import BOOLEAN, Column, Layer, Table

IS_CURRENT = Column(
    "is_current",
    BOOLEAN,
    "Whether the vendor's newest list has the entry, and not as removed.",
    is_required=True,
)
SNAPSHOT_COLUMNS = (FETCHED_AT, FIRST_SEEN_AT, LAST_SEEN_AT, IS_CURRENT)


def snapshot_table(
    name: str,
    vendor: str,
    grain: str,
    description: str,
    *columns: Column,
    key: tuple[str, ...] = (),
    tracked_columns: tuple[str, ...] = (),
) -> Table:
    """A snapshot table.

    Args:
        name: the table's name.
        vendor: the vendor whose list it is.
        grain: what one row is.
        description: where the list comes from.
        columns: the columns of the list; the snapshot columns follow them.
        key: the unique columns, by default the first column. The first one must be NOT NULL.
        tracked_columns: columns whose changes `raw_list_changes` records.
    """
    return Table(
        name=name,
        layer=Layer.SNAPSHOT,
        vendor=vendor,
        grain=grain,
        description=f"{description} Entries that the vendor no longer lists stay, with is_current = false.",
        columns=(*columns, *SNAPSHOT_COLUMNS),
        key=key or (columns[0].name,),
        tracked_columns=tracked_columns,
    )
