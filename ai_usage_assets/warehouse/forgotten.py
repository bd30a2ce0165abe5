"""Rows of forgotten people as they land: under a number in place of the address, and without a name."""

from typing import TYPE_CHECKING

import pyarrow as pa

from ai_usage_assets.forgotten import Forgotten
from ai_usage_assets.schema.model import Table
from ai_usage_assets.spool import FetchedRows, SpooledRows, spool
from ai_usage_assets.warehouse.personal import SOURCES, email_columns, name_columns

if TYPE_CHECKING:
    from collections.abc import Iterator


def cleaned(table: Table, rows: FetchedRows, forgotten: Forgotten) -> FetchedRows:
    """The rows of a vendor's or a file's table without the addresses and names of forgotten people."""
    if not forgotten.digests or table.layer not in SOURCES or not email_columns(table):
        return rows
    if isinstance(rows, SpooledRows):
        return spool(rows.schema, _batches(table, rows, forgotten))
    return _cleaned(table, rows, forgotten)


def _batches(table: Table, rows: SpooledRows, forgotten: Forgotten) -> "Iterator[pa.Table]":
    for batch in rows.reader():
        yield _cleaned(table, pa.Table.from_batches([batch]), forgotten)


def _cleaned(table: Table, rows: pa.Table, forgotten: Forgotten) -> pa.Table:
    is_forgotten = [False] * rows.num_rows
    for name in email_columns(table):
        if name not in rows.column_names:
            continue
        values = rows.column(name)
        distinct = [value for value in values.unique().to_pylist() if value and "@" in value]
        tokens = {value: token for value in distinct if (token := forgotten.token(value))}
        if tokens:
            written = values.to_pylist()
            is_forgotten = [
                found or value in tokens for found, value in zip(is_forgotten, written, strict=True)
            ]
            rows = _with(rows, name, [tokens.get(value, value) for value in written])
    if any(is_forgotten):
        for name in name_columns(table):
            written = rows.column(name).to_pylist()
            kept = [None if gone else value for gone, value in zip(is_forgotten, written, strict=True)]
            rows = _with(rows, name, kept)
    return rows


def _with(rows: pa.Table, name: str, values: list[str | None]) -> pa.Table:
    place = rows.schema.get_field_index(name)
    field = rows.schema.field(place)
    return rows.set_column(place, field, pa.chunked_array([pa.array(values, field.type)]))
