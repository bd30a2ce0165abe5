"""Tests that need BigQuery itself. They are collected only if `BIGQUERY_LIVE_PROJECT` is set: see `CONTRIBUTING.md`."""

from datetime import UTC, datetime, timedelta

from google.cloud import bigquery

from ai_usage_assets.days import Days
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.schema_drift import SchemaDrift
from ai_usage_assets.warehouse.sql import merge
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.sample_tables import MONDAY, ONE, PLAYS, THURSDAY, play, rows

WEEK = Days(MONDAY, THURSDAY)


def filled(live: BigQueryEngine) -> None:
    replace(live, PLAYS, rows(*(play(day, "a" * 1000) for day in WEEK)), WEEK, WriteContext("live", "week"))


def scanned_bytes(client: bigquery.Client, live: BigQueryEngine, sql: str) -> int:
    config = bigquery.QueryJobConfig(default_dataset=live._dataset, dry_run=True, use_query_cache=False)
    return int(client.query(sql, job_config=config).total_bytes_processed)


def test_each_day_is_one_partition(live: BigQueryEngine, live_client: bigquery.Client) -> None:
    filled(live)
    assert live_client.list_partitions(live.qualified("plays")) == [f"{day:%Y%m%d}" for day in WEEK]


def test_one_day_read_or_replaced_scans_that_day_only(
    live: BigQueryEngine, live_client: bigquery.Client
) -> None:
    filled(live)
    with live.session(WriteContext("live", "stage")) as session:
        session.stage("staged_plays", rows(play(MONDAY, "b")))
    all_days = scanned_bytes(live_client, live, "select song from plays where day >= date '2000-01-01'")
    one_day = scanned_bytes(live_client, live, "select song from plays where day = date '2026-03-02'")
    assert 0 < one_day <= all_days / len(WEEK)
    of_one = scanned_bytes(live_client, live, merge(PLAYS, "staged_plays", ONE(MONDAY)))
    assert of_one < scanned_bytes(live_client, live, merge(PLAYS, "staged_plays", WEEK))


def test_replacement_works_where_a_partition_filter_is_required(live: BigQueryEngine) -> None:
    filled(live)
    with live.session() as session:
        session.execute("alter table plays set options (require_partition_filter = true)")
    replace(live, PLAYS, rows(play(MONDAY, "b")), ONE(MONDAY), WriteContext("live", "filtered"))


def test_staged_tables_expire_within_a_day(live: BigQueryEngine, live_client: bigquery.Client) -> None:
    with live.session(WriteContext("live", "stage")) as session:
        session.stage("staged_rows", rows(play(MONDAY, "b")))
        session.stage("staged_select", "select 1 as one")
    for name in ("staged_rows", "staged_select"):
        expires = live_client.get_table(live.qualified(name)).expires
        assert expires is not None
        assert timedelta(hours=23) < expires - datetime.now(UTC) <= timedelta(hours=24)


def test_every_table_is_created_as_declared_with_defaults(
    live: BigQueryEngine, live_client: bigquery.Client
) -> None:
    stored = [table for table in TABLES if table.layer.value != "view"]
    with live.session() as session:
        ensure_tables(live, session, stored)
        for table in stored:
            found = session.schema_drift(table)
            assert found == SchemaDrift()
    for table in stored:
        kept = live_client.get_table(live.qualified(table.name))
        defaults = {f.name for f in kept.schema if f.default_value_expression is not None}
        assert defaults == {column.name for column in table.columns if column.default is not None}
        assert kept.time_partitioning is None or kept.time_partitioning.expiration_ms is None
        assert kept.encryption_configuration is None
