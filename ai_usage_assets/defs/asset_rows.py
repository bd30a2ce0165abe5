"""The rows of an asset's table as another asset takes them: which columns and days are read, and in which types."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from ai_usage_assets.days import Days
from ai_usage_assets.defs.asset_tables import Location
from ai_usage_assets.errors import AssetTableError
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse import sql as statements
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.schema_drift import StoredTable

if TYPE_CHECKING:
    import pandas as pd


def rows_in(
    session: Session, table: Table, days: Days | None, columns: Sequence[str] = (), *, is_empty: bool = False
) -> pa.Table:
    """The rows of some days and columns of a table or view; with `is_empty`, its columns alone."""
    sql = statements.rows_of(table, table.name, days, columns)
    return session.read(f"{sql} limit 0" if is_empty else sql)


def is_frame(value: object) -> bool:
    """Whether a value is a DataFrame. Nobody has one who has not imported pandas."""
    # another thread may be importing it
    frame = getattr(sys.modules.get("pandas"), "DataFrame", None)
    return frame is not None and isinstance(value, frame)


def as_frame(rows: pa.Table) -> "pd.DataFrame":
    """The rows as a DataFrame: whole numbers are `Int64` and truth values `boolean`, so that NULLs stay NULLs."""
    import pandas as pd

    # pandas would otherwise turn NULL into a fraction or an object
    types = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    # a column's Arrow values are freed when the column is converted, so that the rows are held once
    frame: pd.DataFrame = rows.to_pandas(types_mapper=types.get, split_blocks=True, self_destruct=True)
    return frame


def refuse_missing(location: Location, columns: Sequence[str], found: StoredTable) -> None:
    """Refuse to read columns that are declared and not in the table yet. A read adds none.

    Raises:
        AssetTableError: it names the columns.
    """
    missing = [name for name in columns if name not in found.shape]
    if missing:
        raise AssetTableError(
            f"the table {location.dataset}.{location.name} was written by an older version and does not have the columns "
            f"{', '.join(missing)} yet.",
            f"Materialize the asset {location.name}, any day of it: this adds them. Or read other columns, with the "
            "metadata `columns` of the input.",
        )
