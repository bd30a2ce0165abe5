"""Arrow columns as fields of staged tables in BigQuery, and a changed declaration as statements."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from google.cloud import bigquery

from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.warehouse.bigquery.access import DAY_MS, refuse_dataset
from ai_usage_assets.warehouse.bigquery.engine import BigQuerySession
from ai_usage_assets.warehouse.bigquery.schema import googlesql_type, schema_drift, schema_field
from ai_usage_assets.warehouse.errors import WarehouseUnavailableError
from ai_usage_assets.warehouse.schema_drift import Conflict, SchemaDrift
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
    with pytest.raises(InvalidRowsError) as refused:
        schema_field(pa.field("tempo", found))
    assert f": column tempo is {found}, which no column can hold." in str(refused.value)


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


@pytest.fixture
def plays() -> bigquery.Table:
    """The table as it is declared."""
    found = bigquery.Table(
        "project.dataset.plays",
        [
            bigquery.SchemaField(
                column.name,
                column.type.name.split("(")[0],
                "REQUIRED" if column.is_required else "NULLABLE",
                description=column.description,
            )
            for column in PLAYS.columns
        ],
    )
    found.description = PLAYS.full_description
    found.time_partitioning = bigquery.TimePartitioning(field="day")
    found.clustering_fields = ["song"]
    return found


def test_a_table_as_it_is_declared_has_no_drift(plays: bigquery.Table) -> None:
    assert schema_drift(PLAYS, plays) == SchemaDrift()


def test_another_layout_and_expirations_are_conflicts_unless_another_asset_owns_the_table(
    plays: bigquery.Table,
) -> None:
    plays.time_partitioning = bigquery.TimePartitioning(field="played_at", expiration_ms=3 * DAY_MS // 2)
    plays.clustering_fields = ["song", "listener"]
    plays.expires = datetime(2099, 1, 2, 3, 4, tzinfo=UTC)

    assert schema_drift(PLAYS, plays).conflicts == (
        Conflict("it is partitioned by played_at, declared day"),
        Conflict("it is clustered by ('song', 'listener'), declared ('song',)"),
        Conflict(
            "it expires at 2099-01-02 03:04 UTC",
            "ALTER TABLE {table} SET OPTIONS (expiration_timestamp = NULL)",
        ),
        Conflict(
            "its days expire after 1.5 days",
            "ALTER TABLE {table} SET OPTIONS (partition_expiration_days = NULL)",
        ),
    )
    assert schema_drift(replace(PLAYS, layer=Layer.OTHER), plays).conflicts == ()


def test_a_table_without_days_and_clusters_is_not_as_declared(plays: bigquery.Table) -> None:
    plays.time_partitioning = plays.clustering_fields = None

    assert [str(conflict) for conflict in schema_drift(PLAYS, plays).conflicts] == [
        "it is partitioned by None, declared day",
        "it is clustered by (), declared ('song',)",
    ]


@pytest.fixture
def dataset() -> bigquery.Dataset:
    """A dataset in which nothing expires."""
    found = bigquery.Dataset("project.dataset")
    found.location = "EU"
    return found


def test_a_dataset_in_its_location_or_in_an_unknown_one_is_accepted(dataset: bigquery.Dataset) -> None:
    refuse_dataset(dataset, "eu")
    refuse_dataset(bigquery.Dataset("project.dataset"), "US")


def test_a_dataset_in_another_location_is_refused(dataset: bigquery.Dataset) -> None:
    with pytest.raises(WarehouseUnavailableError) as refused:
        refuse_dataset(dataset, "US")
    assert str(refused.value) == (
        "dataset project.dataset is in EU, and BIGQUERY_LOCATION is US. Nothing was written. "
        "Set BIGQUERY_LOCATION to EU, or use another BIGQUERY_DATASET."
    )


@pytest.mark.parametrize("what", ["table", "partition"])
def test_a_dataset_that_expires_is_refused(dataset: bigquery.Dataset, what: str) -> None:
    setattr(dataset, f"default_{what}_expiration_ms", 60 * DAY_MS)
    with pytest.raises(WarehouseUnavailableError) as refused:
        refuse_dataset(dataset, "EU")
    assert str(refused.value) == (
        f"dataset project.dataset lets every new {what} expire after 60 days, and usage would be lost. Nothing was "
        f"written. Run: ALTER SCHEMA `project.dataset` SET OPTIONS (default_{what}_expiration_days = NULL); "
        "or use another BIGQUERY_DATASET."
    )


def test_bigquery_has_the_time_of_a_tables_change_and_the_emulator_is_not_queried(
    plays: bigquery.Table,
) -> None:
    plays._properties["lastModifiedTime"] = "1767225600123"
    queried = []

    def table(name: str) -> bigquery.Table | None:
        queried.append(name)
        return plays if name == "plays" else None

    def changed_at(name: str, *, has_change_times: bool) -> datetime | None:
        session: Any = SimpleNamespace(_get_table=table, _has_change_times=has_change_times)
        return BigQuerySession.changed_at(session, name)

    assert changed_at("plays", has_change_times=True) == datetime(2026, 1, 1, 0, 0, 0, 123000, UTC)
    assert changed_at("songs", has_change_times=True) is None
    assert changed_at("plays", has_change_times=False) is None
    assert queried == ["plays", "songs"]
