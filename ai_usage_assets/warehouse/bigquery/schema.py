"""BigQuery's own terms for a table, to and from the declaration's: types, fields, labels, and what differs."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
from google.cloud import bigquery

from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.warehouse.bigquery.access import DAY_MS
from ai_usage_assets.warehouse.schema_drift import Conflict, Differences, Found, compare

GOOGLESQL_TYPES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOL": "BOOLEAN"}
ARROW_TYPES = {
    "int64": "INT64",
    "string": "STRING",
    "bool": "BOOLEAN",
    "date32[day]": "DATE",
    "double": "FLOAT64",
}


def googlesql_type(field: bigquery.SchemaField) -> str:
    name = GOOGLESQL_TYPES.get(field.field_type, field.field_type)
    if field.precision is None:
        # BigQuery keeps no parameters for the type's own widest form
        return "NUMERIC(38,9)" if name == "NUMERIC" else name
    return f"{name}({field.precision},{field.scale or 0})"


def schema_field(field: pa.Field) -> bigquery.SchemaField:
    if pa.types.is_decimal(field.type):
        return bigquery.SchemaField(
            field.name, "NUMERIC", precision=field.type.precision, scale=field.type.scale
        )
    return bigquery.SchemaField(field.name, ARROW_TYPES.get(str(field.type), "TIMESTAMP"))


def label(text: str) -> str:
    """What BigQuery takes as a label's value: small letters, digits, - and _, at most 63."""
    return re.sub(r"[^a-z0-9_-]+", "_", text.lower())[:63]


def found(known: bigquery.Table) -> Found:
    """A table's columns and descriptions as they are."""
    return Found(
        {field.name: (_found_type(field), field.mode == "REQUIRED") for field in known.schema},
        known.description,
        {field.name: field.description for field in known.schema},
    )


def _found_type(field: bigquery.SchemaField) -> str:
    type_ = googlesql_type(field)
    return f"ARRAY<{type_}>" if field.mode == "REPEATED" else type_


def differences(table: Table, known: bigquery.Table) -> Differences:
    """How a table differs from its declaration: columns, descriptions, and what only BigQuery knows."""
    columns = compare(table, found(known))
    # how the table of another's asset is laid out, and when it expires, is for its owner to decide
    layout = () if table.layer is Layer.OTHER else _layout(table, known)
    return replace(columns, conflicts=(*columns.conflicts, *layout))


def _layout(table: Table, found: bigquery.Table) -> Iterator[Conflict]:
    """What only BigQuery knows of a table: partitions, clusters, and when it forgets."""
    partitioning = found.time_partitioning
    partition = partitioning.field if partitioning else None
    cluster = tuple(found.clustering_fields or ())
    if partition != table.partition:
        yield Conflict(f"it is partitioned by {partition}, declared {table.partition}")
    if cluster != table.cluster:
        yield Conflict(f"it is clustered by {cluster}, declared {table.cluster}")
    forgets = "ALTER TABLE {{table}} SET OPTIONS ({} = NULL)"
    if found.expires:
        yield Conflict(
            f"it expires at {found.expires:%Y-%m-%d %H:%M} UTC", forgets.format("expiration_timestamp")
        )
    if partitioning and partitioning.expiration_ms:
        says = f"its days expire after {partitioning.expiration_ms / DAY_MS:g} days"
        yield Conflict(says, forgets.format("partition_expiration_days"))


def described(table: Table, known: bigquery.Table) -> bigquery.Table:
    """The table as it is, with the declaration's descriptions: one call changes them all."""
    fields = [
        field.to_api_repr() | {"description": table.by_name[field.name].description} for field in known.schema
    ]
    worded = bigquery.Table(known.reference, schema=[*map(bigquery.SchemaField.from_api_repr, fields)])
    worded.description = table.says
    return worded
