"""A figure that moves after it was published is seen in the graph, and not in the ledger's table alone."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.graph import environment, materialise

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 3)
LEDGER = dg.AssetKey("fct_restatements")
TABLES = "raw_cursor_events,raw_cursor_usage,fct_usage_daily"


def test_the_ledger_shows_which_table_moved_how_much_and_only_when_it_did(tmp_path: Path) -> None:
    with running(now=NOW) as sandbox, dg.DagsterInstance.ephemeral() as instance:
        env = environment(sandbox, DuckDBEngine(tmp_path / "ai_usage.duckdb"), tmp_path)
        for _ in range(2):
            materialise(env, Days.one(DAY), TABLES, instance, clock=lambda: NOW)
            assert instance.get_latest_materialization_event(LEDGER) is None

        sandbox.restate(DAY, "cursor", 1.5)
        materialise(env, Days.one(DAY), TABLES, instance, clock=lambda: NOW)

        event = instance.get_latest_materialization_event(LEDGER)
        assert event and event.asset_materialization
        shown = {name: value.value for name, value in event.asset_materialization.metadata.items()}
        assert (shown["table"], shown["window"]) == ("fct_usage_daily", str(Days.one(DAY)))
        assert shown["restated_totals"] == 4
