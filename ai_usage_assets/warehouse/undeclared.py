"""Tables of assets that `schema/` does not declare: a declaration derived from the rows and from the table as it is.

A type is never guessed from values. Once the table exists, its types hold: rows are brought to them or refused.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.arrow import arrow_schema, column_type
from ai_usage_assets.schema.model import DATE, Column, Layer, Table, Type
from ai_usage_assets.warehouse.errors import TableOwnedError
from ai_usage_assets.warehouse.schema_drift import StoredTable

if TYPE_CHECKING:
    import pandas as pd

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,299}", re.ASCII)
KNOWN_TYPE = re.compile(r"(STRING|INT64|BOOLEAN|FLOAT64|DATE|TIMESTAMP)|(NUMERIC)\((\d+),(\d+)\)")
WRITTEN_BY = "Written by the Dagster asset "
"""How the description of such a table begins; the asset's key follows, in backquotes."""


def declare(
    name: str, asset: str, rows: "pa.Table | pd.DataFrame", found: StoredTable | None, partition: str | None
) -> Table:
    """The declaration of an asset's table.

    Args:
        name: the table's name, without its dataset.
        asset: the asset's key, as Dagster shows it.
        rows: what the asset returned.
        found: the table as it is; None if it does not exist.
        partition: the column of type DATE by whose days rows are replaced.

    Raises:
        InvalidRowsError: names each column that cannot be stored, and says what to change.
        TableOwnedError: another asset writes this table.
    """
    description = _description(name, asset, found)
    known = found.shape if found else {}
    inferred = dict(_types(rows))
    reasons = [*_refused_names(rows, inferred), *_missing(known, inferred, partition)]
    columns = []
    for column in [*known, *(each for each in inferred if each not in known)]:
        type_ = (
            _known_type(known[column][0])
            if column in known
            else _new_type(inferred[column], is_partition=column == partition)
        )
        if type_ is None:
            reasons.append(
                f"column {column} is {known[column][0]} in the warehouse, which cannot be written here"
                if column in known
                else _unsupported(column, inferred[column])
            )
            continue
        required = known[column][1] if column in known else column == partition
        described = (found.column_descriptions.get(column) if found else None) or ""
        columns.append(Column(column, type_, described, required))
    if reasons:
        raise InvalidRowsError(name, reasons)
    by_name = {column.name: column for column in columns}
    if partition and by_name[partition].type != DATE:
        reason = f"column {partition}, the partition_expr of the asset, is {by_name[partition].type} and has to be DATE"
        raise InvalidRowsError(name, [reason])
    return Table(name, Layer.OTHER, "", description, tuple(columns), key=(), partition=partition)


def typed(table: Table, rows: "pa.Table | pd.DataFrame") -> "pa.Table | pd.DataFrame":
    """The rows; a frame without rows and columns becomes one with the table's columns."""
    return rows if len(_names(rows)) else arrow_schema(table).empty_table()


def _description(name: str, asset: str, found: StoredTable | None) -> str:
    ours = f"{WRITTEN_BY}`{asset}`."
    described = (found.description if found else None) or ours
    if described.startswith(WRITTEN_BY) and not described.startswith(ours):
        raise TableOwnedError(name, asset, described.removeprefix(WRITTEN_BY).split("`")[1])
    return described


def _names(rows: "pa.Table | pd.DataFrame") -> list[object]:
    return list(rows.column_names) if isinstance(rows, pa.Table) else list(rows.columns)


def _types(rows: "pa.Table | pd.DataFrame") -> Iterator[tuple[str, pa.DataType | None]]:
    """The Arrow type of each column; None if the values have no common type."""
    if isinstance(rows, pa.Table):
        yield from zip(rows.column_names, rows.schema.types, strict=True)
        return
    for position, name in enumerate(rows.columns):
        try:
            yield str(name), pa.Array.from_pandas(rows.iloc[:, position]).type
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            yield str(name), None


def _refused_names(rows: "pa.Table | pd.DataFrame", inferred: dict[str, pa.DataType | None]) -> list[str]:
    names = _names(rows)
    reasons = [
        f"column {name!r} has no name that a table can have: use letters, digits and underscores"
        for name in names
        if not (isinstance(name, str) and NAME.fullmatch(name))
    ]
    if len({str(name).lower() for name in names}) < len(names):
        reasons.append("two columns have the same name; upper and lower case count as the same")
    if not isinstance(rows, pa.Table) and any(name is not None for name in rows.index.names):
        index = ", ".join(str(name) for name in rows.index.names)
        reasons.append(f"the index ({index}) would be lost: make it columns with reset_index()")
    return reasons


def _missing(
    known: dict[str, tuple[str, bool]], inferred: dict[str, pa.DataType | None], partition: str | None
) -> list[str]:
    if not inferred:
        return [] if known else ["they have no columns, and the table does not exist yet"]
    reasons = [
        f"column {name} of the table is missing: return it, with nulls where it has no value, or drop it with "
        f"ALTER TABLE ... DROP COLUMN {name}"
        for name in known
        if name not in inferred
    ]
    if partition and partition not in inferred:
        reasons.append(f"column {partition}, the partition_expr of the asset, is missing")
    return reasons


def _known_type(text: str) -> Type | None:
    found = KNOWN_TYPE.fullmatch(text)
    if found is None:
        return None
    return Type("NUMERIC", int(found[3]), int(found[4])) if found[2] else Type(text)


def _new_type(found: pa.DataType | None, *, is_partition: bool) -> Type | None:
    if found is None:
        return None
    if is_partition and pa.types.is_timestamp(found) and found.tz is None:
        # pandas has no type for days: its midnights are taken for them, and other times are refused
        return DATE
    return column_type(found)


def _unsupported(column: str, found: pa.DataType | None) -> str:
    if found is None:
        return (
            f"column {column} holds values of several types: convert it to one, such as with astype('string')"
        )
    if pa.types.is_null(found):
        return f"column {column} holds no value, so its type is not known: give it one, such as with astype('Int64')"
    if pa.types.is_timestamp(found):
        return (
            f"column {column} holds times without a time zone: use .dt.tz_localize('UTC') for instants in UTC, "
            "or .dt.date for days"
        )
    return f"column {column} is {found}, which no column can hold: convert it, for example to text, or leave it out"
