"""A figure that moves after it was published is seen in the graph, and not in the ledger's table alone."""

from datetime import date

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_tests.support.harness import Harness

DAY = date(2026, 11, 3)
LEDGER = dg.AssetKey("fct_restatements")
TABLES = "raw_cursor_events,raw_cursor_usage,fct_usage_daily"


def test_the_ledgers_asset_shows_the_table_and_the_number_of_changed_totals(own_harness: Harness) -> None:
    for _ in range(2):
        assert own_harness.errors(TABLES, Days.one(DAY)) == {}
        assert own_harness.instance.get_latest_materialization_event(LEDGER) is None

    own_harness.sandbox.restate(DAY, "cursor", 1.5)
    own_harness.materialize(TABLES, Days.one(DAY))

    event = own_harness.instance.get_latest_materialization_event(LEDGER)
    assert event and event.asset_materialization
    shown = {name: value.value for name, value in event.asset_materialization.metadata.items()}
    assert (shown["table"], shown["window"]) == ("fct_usage_daily", str(Days.one(DAY)))
    assert shown["restated_totals"] == 4
