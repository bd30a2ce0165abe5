"""Which days a check looks at, and what its queries are called and labeled with; they create the tables that they read."""

from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.days import ALL_DAYS, Days
from ai_usage_assets.defs.checks.scope import check_job, days_of_run, days_text, fetch_rows
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.schema.tables.curated import DIM_USERS, FCT_COST_DAILY
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine

DAYS = Days(date(2026, 10, 1), date(2026, 10, 3))
LABELS = {"asset": "fct_cost_daily", "run": "run-1"}


class Context:
    """The part of a check's context that is used: the run."""

    def __init__(self, days: Days | None) -> None:
        self.run = dg.DagsterRun(job_name="checks", run_id="run-1", tags=range_tags(days) if days else {})


def context(days: Days | None) -> Any:
    return Context(days)


def test_a_check_looks_at_the_days_of_its_run_and_at_all_days_if_it_runs_by_itself() -> None:
    assert days_of_run(range_tags(DAYS)) == DAYS
    assert days_of_run({}) == ALL_DAYS
    assert (days_text(DAYS), days_text(ALL_DAYS)) == ("2026-10-01...2026-10-03", "all days")


@pytest.mark.parametrize(
    ("table", "days", "labels"),
    [
        (FCT_COST_DAILY, DAYS, LABELS | {"partition": "2026-10-01...2026-10-03"}),
        (FCT_COST_DAILY, None, LABELS),
        # a table without days has the same rows whatever the days of the run
        (DIM_USERS, DAYS, LABELS | {"asset": "dim_users"}),
    ],
)
def test_a_query_is_labeled_with_the_asset_the_run_and_the_days(
    table: Any, days: Days | None, labels: dict[str, str]
) -> None:
    job = check_job(context(days), table, "metrics")

    assert (job.run_id, job.step, job.labels) == ("run-1", f"{table.name}-metrics", labels)


def test_a_check_of_an_empty_warehouse_creates_the_tables_that_it_reads(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path / "w.duckdb")
    sql = f"select count(*) as n from `{DIM_USERS.name}`"

    assert fetch_rows(context(None), engine, DIM_USERS, "counted", sql) == [{"n": 0}]
