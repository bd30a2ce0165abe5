"""Which days are old by Dagster's records alone."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg

from ai_usage_assets.defs.checks.staleness import stale_by_records
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS

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
