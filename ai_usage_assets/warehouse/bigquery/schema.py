"""Translates between a declaration and BigQuery's types, fields and labels, and finds schema drift."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
from google.cloud import bigquery

from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.arrow import column_type
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.warehouse.bigquery.access import DAY_MS
from ai_usage_assets.warehouse.schema_drift import Conflict, SchemaDrift, StoredTable, compare

GOOGLESQL_TYPES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOL": "BOOLEAN"}


def googlesql_type(field: bigquery.SchemaField) -> str:
    name = GOOGLESQL_TYPES.get(field.field_type, field.field_type)
    if field.precision is None:
        # BigQuery stores no parameters for the widest form of a type
        return "NUMERIC(38,9)" if name == "NUMERIC" else name
    return f"{name}({field.precision},{field.scale or 0})"


def schema_field(field: pa.Field) -> bigquery.SchemaField:
    """The field of a staged table that holds an Arrow column.

    Raises:
        InvalidRowsError: no type of BigQuery that the project knows holds such values.
    """
    type_ = column_type(field.type)
    if type_ is None:
        raise InvalidRowsError(
            "a staged table", [f"column {field.name} is {field.type}, which no column can hold"]
        )
    if pa.types.is_decimal(field.type):
        return bigquery.SchemaField(
            field.name, "NUMERIC", precision=field.type.precision, scale=field.type.scale
        )
    return bigquery.SchemaField(field.name, type_.name)


def label(text: str) -> str:
    """A text as BigQuery accepts it as a label's value: small letters, digits, `-` and `_`, at most 63 characters."""
    return re.sub(r"[^a-z0-9_-]+", "_", text.lower())[:63]


def stored_table(found: bigquery.Table) -> StoredTable:
    """The columns and descriptions of a table."""
    return StoredTable(
        {field.name: (_stored_type(field), field.mode == "REQUIRED") for field in found.schema},
        found.description,
        {field.name: field.description for field in found.schema},
    )


def _stored_type(field: bigquery.SchemaField) -> str:
    type_ = googlesql_type(field)
    return f"ARRAY<{type_}>" if field.mode == "REPEATED" else type_


def schema_drift(table: Table, found: bigquery.Table) -> SchemaDrift:
    """How a table differs from its declaration: columns, descriptions, partitions, clusters and expiration."""
    columns = compare(table, stored_table(found))
    # the owner of an undeclared table decides about its layout and expiration
    layout = () if table.layer is Layer.OTHER else _layout(table, found)
    return replace(columns, conflicts=(*columns.conflicts, *layout))


def _layout(table: Table, found: bigquery.Table) -> Iterator[Conflict]:
    """The conflicts in what only BigQuery has: partitions, clusters and expiration."""
    partitioning = found.time_partitioning
    partition = partitioning.field if partitioning else None
    cluster = tuple(found.clustering_fields or ())
    if partition != table.partition:
        yield Conflict(f"it is partitioned by {partition}, declared {table.partition}")
    if cluster != table.cluster:
        yield Conflict(f"it is clustered by {cluster}, declared {table.cluster}")
    no_expiration = "ALTER TABLE {{table}} SET OPTIONS ({} = NULL)"
    if found.expires:
        yield Conflict(
            f"it expires at {found.expires:%Y-%m-%d %H:%M} UTC", no_expiration.format("expiration_timestamp")
        )
    if partitioning and partitioning.expiration_ms:
        description = f"its days expire after {partitioning.expiration_ms / DAY_MS:g} days"
        yield Conflict(description, no_expiration.format("partition_expiration_days"))
