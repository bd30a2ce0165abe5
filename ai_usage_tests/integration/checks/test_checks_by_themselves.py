"""Checks that run by themselves, without a run's days: they look at all days, and say so."""

from datetime import date

import dagster as dg
import pytest

from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_tests.support.harness import code_location
from ai_usage_tests.support.rule_cases import insert

SHARES = {date(2025, 12, 3): 10, date(2026, 9, 1): 50, date(2026, 10, 31): 100}
"""By day, how many of 100 dollars are attributed to a person."""


@pytest.fixture(scope="module")
def evaluations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dg.AssetCheckEvaluation]:
    """The checks of fct_cost_daily, run by themselves over a warehouse with three days."""
    path = tmp_path_factory.mktemp("warehouse") / "ai_usage.duckdb"
    engine = DuckDBEngine(path)
    rows = [
        {"cost_date": day, "platform": "cursor", "user_email": email, "cost_usd": usd, "allocation": "event"}
        for day, share in SHARES.items()
        for email, usd in (("ana@example.com", share), ("unattributed", 100 - share))
    ]
    with engine.session() as session:
        ensure_tables(engine, session, TABLES)
        session.execute(insert(FCT_COST_DAILY, rows))
    with code_location({"AI_USAGE_DUCKDB_PATH": str(path)}) as defs:
        keys = {
            key
            for key in defs.resolve_asset_graph().asset_check_keys
            if key.asset_key.path == [FCT_COST_DAILY.name]
        }
        job = defs.resolve_implicit_global_asset_job_def()
        result = job.get_subset(asset_selection=set(), asset_check_selection=keys).execute_in_process(
            # there are no raw tables to reconcile with
            raise_on_error=False
        )
    return {found.check_name: found for found in result.get_asset_check_evaluations()}


def test_the_trend_has_the_newest_months_that_there_are(
    evaluations: dict[str, dg.AssetCheckEvaluation],
) -> None:
    assert evaluations["cost_is_attributed"].metadata["trend"].value == (
        "- 2025-12: 10.0%\n- 2026-09: 50.0%\n- 2026-10: 100.0%"
    )


@pytest.mark.parametrize("check", ["cost_is_attributed", "sums_equal_source", "key_unique"])
def test_all_days_are_called_all_days(evaluations: dict[str, dg.AssetCheckEvaluation], check: str) -> None:
    assert evaluations[check].metadata["window"].value == "all days"
