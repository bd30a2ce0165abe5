"""Locations and limits: what is refused, and the readers' dataset in another location."""

import pytest

from ai_usage_assets.ops.reader_dataset import READABLE, script
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.errors import WarehouseUnavailableError
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.live.project import deleted_afterwards, temporary_dataset
from ai_usage_tests.support.live.target import Target
from ai_usage_tests.support.sample_tables import MONDAY, ONE, PLAYS, play, rows

ONE_TABLE_BYTES = 10 * 1024 * 1024
"""What BigQuery bills at least for a table that a query reads."""


def other_location(target: Target) -> str:
    return "EU" if target.location.upper() == "US" else "US"


def test_another_location_is_refused_by_both_names(target: Target) -> None:
    elsewhere = other_location(target)
    with (
        pytest.raises(
            WarehouseUnavailableError, match=f"is in {target.location}, and BIGQUERY_LOCATION is {elsewhere}"
        ),
        target.another(location=elsewhere).session(),
    ):
        pass


def test_a_statement_over_the_maximum_of_bytes_is_refused_with_the_reason(target: Target) -> None:
    target.needs_bigquery("maximum_bytes_billed (the emulator bills 0 bytes)")
    replace(target.engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY), WriteContext("live", "limits"))
    with (
        pytest.raises(WarehouseUnavailableError, match="bytesBilledLimitExceeded"),
        target.another(max_bytes_billed=ONE_TABLE_BYTES - 1).session() as session,
    ):
        session.fetch("select count(song) as n from plays where day >= date '2000-01-01'")


def test_the_readers_dataset_is_created_in_another_location(target: Target) -> None:
    """Without its GRANT, for which the suite knows no member."""
    target.needs_bigquery("the location of a dataset that a script creates (the emulator has one location)")
    location = other_location(target)
    with temporary_dataset(target.client, location) as engine:
        with engine.session(WriteContext("live", "reader")) as session:
            ensure_tables(engine, session, [table for table in TABLES if table.layer is not Layer.VIEW])
        name = f"{engine.dataset}_finance"
        with deleted_afterwards(target.client, name):
            printed = script(target.client.project, engine.dataset, location, "group:finance@example.com")
            statements = [
                part for part in printed.removesuffix(";\n").split(";\n\n") if not part.startswith("GRANT")
            ]
            # the script as a whole, as `bq query` sends it
            target.run(";\n".join(statements), location)
            assert target.client.get_dataset(name).location == location
            assert len(list(target.client.list_tables(name))) == len(READABLE)
