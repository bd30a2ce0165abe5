"""Declared tables: they are created as declared, and a second look sends nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.schema_drift import SchemaDrift
from ai_usage_tests.support.emulator.recording import recording
from ai_usage_tests.support.live.target import Target
from ai_usage_tests.support.sample_tables import MONDAY, play, rows

STORED = [table for table in TABLES if table.layer is not Layer.VIEW]


@pytest.fixture(scope="module")
def created(target: Target) -> Target:
    with target.engine.session(WriteContext("live", "create")) as session:
        ensure_tables(target.engine, session, STORED)
    return target


def test_every_table_is_as_declared(created: Target) -> None:
    with created.engine.session() as session:
        drifts = {table.name: session.schema_drift(table) for table in STORED}
    assert {name: drift for name, drift in drifts.items() if drift != SchemaDrift()} == {}


def test_a_second_look_sends_no_statement(created: Target) -> None:
    with recording() as calls, created.engine.session(WriteContext("live", "look")) as session:
        ensure_tables(created.engine, session, STORED)
    assert {call.method for call in calls} == {"GET"}
    assert len(calls) == len(STORED)


def test_every_default_is_as_declared_and_no_day_expires(created: Target) -> None:
    created.needs_bigquery(
        "default expressions and expirations of a table (the emulator's get_table has neither)"
    )
    for table in STORED:
        found = created.client.get_table(created.engine.qualified(table.name))
        defaults = {field.name for field in found.schema if field.default_value_expression is not None}
        assert defaults == {column.name for column in table.columns if column.default is not None}
        assert found.time_partitioning is None or found.time_partitioning.expiration_ms is None
        assert found.encryption_configuration is None


def test_staged_tables_expire_within_a_day(target: Target) -> None:
    with target.engine.session(WriteContext("live", "stage")) as session:
        session.stage("staged_rows", rows(play(MONDAY, "b")))
        session.stage("staged_select", "select 1 as one")
    for name in ("staged_rows", "staged_select"):
        expires = target.client.get_table(target.engine.qualified(name)).expires
        assert expires is not None
        assert timedelta(hours=23) < expires - datetime.now(UTC) <= timedelta(hours=24)
