"""A declaration as an Arrow schema, which rows have when they are written; and the types of Arrow columns."""

import pyarrow as pa

from ai_usage_assets.schema.model import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT64,
    MONEY_DIGITS,
    MONEY_SCALE,
    STRING,
    TIMESTAMP,
    Column,
    Table,
    Type,
    numeric,
)

_PLAIN = {
    "STRING": pa.string(),
    "INT64": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "FLOAT64": pa.float64(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
}

_KINDS = (
    (pa.types.is_boolean, BOOLEAN),
    (pa.types.is_integer, INT64),
    (pa.types.is_floating, FLOAT64),
    (pa.types.is_date, DATE),
    (pa.types.is_string, STRING),
    (pa.types.is_large_string, STRING),
    (pa.types.is_string_view, STRING),
)


def arrow_type(column: Column) -> pa.DataType:
    if column.type.precision is not None:
        return pa.decimal128(column.type.precision, column.type.scale)
    return _PLAIN[column.type.name]


def arrow_schema(table: Table) -> pa.Schema:
    """Columns in declared order; NULLs are tested by the audit, which can name the offending rows."""
    return pa.schema([pa.field(column.name, arrow_type(column)) for column in table.columns])


def staged_schema(table: Table) -> pa.Schema:
    """The types of staged rows. Decimals have every digit of a NUMERIC, so that the audit can name a row with too many."""
    widest = pa.decimal128(MONEY_SCALE + MONEY_DIGITS, MONEY_SCALE)
    return pa.schema(
        [pa.field(f.name, widest if pa.types.is_decimal(f.type) else f.type) for f in arrow_schema(table)]
    )


def column_type(found: pa.DataType) -> Type | None:
    """The type of a column that holds these Arrow values; None if there is none, or if the values are ambiguous.

    Every decimal becomes `NUMERIC(38,9)`, because the digits of one day's values say nothing about the next day's.
    """
    if pa.types.is_dictionary(found):
        return column_type(found.value_type)
    if pa.types.is_decimal(found):
        fits = 0 <= found.scale <= MONEY_SCALE and found.precision - found.scale <= MONEY_DIGITS
        return numeric(38, 9) if fits else None
    if pa.types.is_timestamp(found):
        return TIMESTAMP if found.tz else None
    return next((type_ for is_kind, type_ in _KINDS if is_kind(found)), None)
