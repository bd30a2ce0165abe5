"""A declaration as an Arrow schema: the shape in which rows reach the warehouse."""

import pyarrow as pa

from ai_usage_assets.schema.model import Column, Table

_PLAIN = {
    "STRING": pa.string(),
    "INT64": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "FLOAT64": pa.float64(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
}


def arrow_type(column: Column) -> pa.DataType:
    if column.type.precision is not None:
        return pa.decimal128(column.type.precision, column.type.scale)
    return _PLAIN[column.type.name]


def arrow_schema(table: Table) -> pa.Schema:
    """Columns in declared order; REQUIRED is left to the audit, which names the culprits."""
    return pa.schema([pa.field(column.name, arrow_type(column)) for column in table.columns])
