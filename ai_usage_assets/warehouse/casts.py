"""Rows in the types of their table: what would lose or invent a value is refused, whatever brought it."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.arrow import staged_schema
from ai_usage_assets.schema.model import Table

if TYPE_CHECKING:
    import pandas as pd

HINTS = {
    "DATE": " (a datetime is accepted only if it is midnight and has no time zone)",
    "NUMERIC": " (give Decimals: a float is not an exact amount; whole numbers are accepted)",
    "TIMESTAMP": " (an instant needs a time zone: use .dt.tz_localize('UTC') if it is UTC)",
}
"""What a DataFrame's author most often has to change, by the declared type."""


def refuse_columns(table: Table, given: Iterable[str]) -> None:
    """Refuse rows whose columns are not the declared ones.

    Raises:
        InvalidRowsError: a column is missing or not declared.
    """
    have, want = set(given), set(table.column_names)
    reasons = [f"column {name} is missing" for name in sorted(want - have)]
    reasons += [f"column {name} is not declared" for name in sorted(have - want)]
    if reasons:
        raise InvalidRowsError(table.name, reasons)


def as_declared(table: Table, rows: "pa.Table | pd.DataFrame") -> pa.Table:
    """The rows in the declared order and types, with every digit of their decimals: the audit looks at these.

    Raises:
        InvalidRowsError: a column is missing, not declared, or holds a value that is not of the declared type.
    """
    refuse_columns(table, rows.column_names if isinstance(rows, pa.Table) else rows.columns)
    wanted = staged_schema(table)
    if isinstance(rows, pa.Table) and rows.select(wanted.names).schema.equals(wanted):
        return rows.select(wanted.names)
    arrays, reasons = [], []
    for field in wanted:
        try:
            arrays.append(_column(rows, field))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            declared = table.by_name[field.name].type
            hint = HINTS.get(declared.name, "")
            reasons.append(f"column {field.name} holds values that are not {declared}{hint}")
    if reasons:
        raise InvalidRowsError(table.name, reasons)
    return pa.table(arrays, schema=wanted)


def _column(rows: "pa.Table | pd.DataFrame", field: pa.Field) -> pa.Array | pa.ChunkedArray:
    if isinstance(rows, pa.Table):
        return cast(rows.column(field.name), field.type)
    # loading pandas takes longer than a daily write, which has no DataFrame
    import pandas as pd

    column = rows[field.name]
    if column.isna().all():
        return pa.nulls(len(column), field.type)
    is_amount = pa.types.is_decimal(field.type) and pd.api.types.is_integer_dtype(column.dtype)
    if is_amount or column.dtype.kind == "M" or isinstance(column.dtype, pd.ArrowDtype):
        return cast(pa.Array.from_pandas(column), field.type)
    if pa.types.is_temporal(field.type):
        _refuse_other_times(column, field.type)
    return pa.Array.from_pandas(column, type=field.type, safe=True)


def _refuse_other_times(column: "pd.Series[Any]", wanted: pa.DataType) -> None:
    """Refuse Python values that Arrow would take for a date or an instant, with another meaning."""
    accepted = _is_day if pa.types.is_date(wanted) else _is_instant
    if not all(accepted(value) for value in column.dropna()):
        raise pa.ArrowTypeError(f"a value is not {wanted}")


def _is_day(value: object) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is None and value.time() == time.min and not getattr(value, "nanosecond", 0)
    return isinstance(value, date)


def _is_instant(value: object) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def cast(column: pa.Array | pa.ChunkedArray, wanted: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """An Arrow column in the wanted type, if both are of one kind and no value changes.

    Raises:
        ArrowInvalid: a value does not fit. `ArrowTypeError` if the kinds differ.
    """
    found = column.type
    if pa.types.is_dictionary(found):
        return cast(column.cast(found.value_type), wanted)
    if pa.types.is_null(found):
        return pa.nulls(len(column), wanted)
    if pa.types.is_timestamp(found) and found.tz is None and pa.types.is_date(wanted):
        # a safe cast still cuts the time of day off
        days = column.cast(wanted)
        if not pc.all(pc.equal(days.cast(found), column)).as_py():
            raise pa.ArrowInvalid("a time of day is lost")
        return days
    if pa.types.is_integer(found) and pa.types.is_decimal(wanted):
        # Arrow compares the types and not the values, so the first step is to a type that every integer fits
        return column.cast(pa.decimal128(38, wanted.scale)).cast(wanted)
    if not (found.equals(wanted) or _are_one_kind(found, wanted)):
        raise pa.ArrowTypeError(f"{found} is not {wanted}")
    return column.cast(wanted)


def _are_one_kind(found: pa.DataType, wanted: pa.DataType) -> bool:
    if pa.types.is_timestamp(wanted):
        return pa.types.is_timestamp(found) and found.tz is not None
    kinds = (
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_date,
        _is_string,
    )
    return any(of_kind(found) and of_kind(wanted) for of_kind in kinds)


def _is_string(found: pa.DataType) -> bool:
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(of_kind(found) for of_kind in kinds)
