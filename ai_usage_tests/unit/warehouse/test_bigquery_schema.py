"""Arrow columns as fields of staged tables in BigQuery, and a changed declaration as statements."""

from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from google.cloud import bigquery

from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.warehouse.bigquery.engine import BigQuerySession
from ai_usage_assets.warehouse.bigquery.schema import googlesql_type, schema_field
from ai_usage_assets.warehouse.schema_drift import SchemaDrift
from ai_usage_tests.support.sample_tables import PLAYS


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (pa.int64(), "INT64"),
        (pa.int32(), "INT64"),
        (pa.uint8(), "INT64"),
        (pa.float64(), "FLOAT64"),
        (pa.float32(), "FLOAT64"),
        (pa.bool_(), "BOOLEAN"),
        (pa.string(), "STRING"),
        (pa.large_string(), "STRING"),
        (pa.dictionary(pa.int32(), pa.string()), "STRING"),
        (pa.date32(), "DATE"),
        (pa.date64(), "DATE"),
        (pa.timestamp("us", tz="UTC"), "TIMESTAMP"),
        (pa.decimal128(10, 4), "NUMERIC"),
        (pa.decimal128(38, 9), "NUMERIC"),
    ],
    ids=str,
)
def test_arrow_type_has_its_type_in_bigquery(found: pa.DataType, name: str) -> None:
    field = schema_field(pa.field("a", found))
    assert field.field_type == name
    if name == "NUMERIC":
        assert (field.precision, field.scale) == (found.precision, found.scale)


@pytest.mark.parametrize(
    "found",
    [
        pa.timestamp("us"),
        pa.time64("us"),
        pa.duration("s"),
        pa.binary(),
        pa.list_(pa.int64()),
        pa.struct({"a": pa.int64()}),
        pa.decimal128(38, 10),
        pa.null(),
    ],
    ids=str,
)
def test_other_arrow_type_is_refused_by_name(found: pa.DataType) -> None:
    with pytest.raises(InvalidRowsError, match="column tempo is") as refused:
        schema_field(pa.field("tempo", found))
    assert str(found) in str(refused.value)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (bigquery.SchemaField("a", "INTEGER"), "INT64"),
        (bigquery.SchemaField("a", "FLOAT"), "FLOAT64"),
        (bigquery.SchemaField("a", "BOOL"), "BOOLEAN"),
        (bigquery.SchemaField("a", "STRING"), "STRING"),
        (bigquery.SchemaField("a", "NUMERIC"), "NUMERIC(38,9)"),
        (bigquery.SchemaField("a", "NUMERIC", precision=20, scale=4), "NUMERIC(20,4)"),
        (bigquery.SchemaField("a", "NUMERIC", precision=12), "NUMERIC(12,0)"),
    ],
)
def test_a_stored_field_has_the_type_of_its_declaration(field: bigquery.SchemaField, name: str) -> None:
    assert googlesql_type(field) == name


def test_a_changed_declaration_adds_columns_and_sets_descriptions_and_a_table_or_view_is_one_statement() -> (
    None
):
    statements: list[str] = []
    session: Any = SimpleNamespace(execute=statements.append)
    drift = SchemaDrift(
        missing_columns=("plays", "live"), reworded_columns=("song", "rating"), is_reworded=True
    )

    BigQuerySession.create_table(session, PLAYS, "create table")
    BigQuerySession.update_definition(session, PLAYS, drift)
    BigQuerySession.create_view(session, PLAYS, "create or replace view")

    assert statements == [
        "create table",
        "ALTER TABLE `plays` ADD COLUMN IF NOT EXISTS `plays` INT64 OPTIONS (description = 'How often the song was played.'), ADD COLUMN IF NOT EXISTS `live` BOOLEAN OPTIONS (description = 'Whether the song was played live.')",
        "ALTER TABLE `plays` ALTER COLUMN `plays` SET DEFAULT 0",
        "ALTER TABLE `plays` ALTER COLUMN `song` SET OPTIONS (description = 'The song.'), ALTER COLUMN `rating` SET OPTIONS (description = 'The rating of the performance.')",
        "ALTER TABLE `plays` SET OPTIONS (description = 'One row is a day, song and listener. Songs that were played.')",
        "create or replace view",
    ]
