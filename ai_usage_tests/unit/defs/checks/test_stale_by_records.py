"""Which days are old by Dagster's records alone, and of which days the rows are compared."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from ai_usage_assets.defs.checks.staleness import SINCE_LAST_CHECK, log_statement, stale_by_records
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS
from ai_usage_tests.support.small_warehouse import SmallWarehouse

DAY = date(2026, 10, 1)


def test_a_fact_that_was_never_built_is_old_by_the_first_event_that_there_is() -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    with dg.DagsterInstance.ephemeral() as instance:

        def materialize(table: str) -> set[date]:
            instance.report_runless_asset_event(dg.AssetMaterialization(table, partition=DAY.isoformat()))
            return stale_by_records(instance, FCT_COST_DAILY, [RAW_CURSOR_EVENTS], later)

        assert materialize(RAW_CURSOR_EVENTS.name) == {DAY}
        assert materialize(FCT_COST_DAILY.name) == set()
        assert materialize(RAW_CURSOR_EVENTS.name) == {DAY}


@pytest.mark.parametrize(
    ("raw_hours", "fact_hours", "is_compared"),
    [
        # the fact was logged before its raw table, or never
        (100, 101, True),
        (100, None, True),
        (100, 99, False),
        # loaded while the fact was written, just after the check of the day before
        (25, 24, True),
        (1, 0, True),
        (48, 47, False),
    ],
)
def test_the_rows_of_a_day_are_compared_if_it_was_loaded_after_its_fact_or_since_the_check_of_yesterday(
    tmp_path: Path, raw_hours: int, fact_hours: int | None, is_compared: bool
) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    logged = {RAW_CURSOR_EVENTS: raw_hours, FCT_COST_DAILY: fact_hours}
    warehouse = SmallWarehouse(tmp_path, ["load_log"], views=[])
    warehouse.given(
        "load_log",
        [
            {"table_name": table.name, "day": str(DAY), "loaded_at": str(now - timedelta(hours=hours))}
            for table, hours in logged.items()
            if hours is not None
        ],
    )
    sql = log_statement(FCT_COST_DAILY, [RAW_CURSOR_EVENTS], now - SINCE_LAST_CHECK)
    with warehouse.engine.session() as session:
        found = session.fetch(sql).to_pylist()
    assert found == ([{"day": DAY}] if is_compared else [])
