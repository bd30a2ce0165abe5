"""What every check needs: the days that it looks at, the warehouse that it reads, and the job that its queries belong to."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from ai_usage_assets.curated.select import tables_read
from ai_usage_assets.days import ALL_DAYS, Days
from ai_usage_assets.defs.partitions import days_tagged
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables


def days_of_run(tags: Mapping[str, str]) -> Days:
    """The days that the run's tags name; all days if the check runs by itself."""
    return days_tagged(tags) or ALL_DAYS


def days_text(days: Days) -> str:
    """The days as they are shown in metadata."""
    return "all days" if days == ALL_DAYS else str(days)


def check_job(context: dg.AssetCheckExecutionContext, table: Table, name: str) -> WriteContext:
    """The job of a check's queries; its labels name the asset that is checked."""
    days = days_of_run(context.run.tags)
    labels = {"asset": table.name, "run": context.run.run_id}
    if table.partition and days != ALL_DAYS:
        labels["partition"] = str(days)
    return WriteContext(context.run.run_id, f"{table.name}-{name}", labels=labels)


def fetch_rows(
    context: dg.AssetCheckExecutionContext, engine: Engine, table: Table, name: str, sql: str
) -> list[dict[str, Any]]:
    """The rows of a check's query. The tables that it reads are created first if they do not exist."""
    with engine.session(check_job(context, table, name)) as session:
        ensure_tables(engine, session, tables_read(sql))
        rows: list[dict[str, Any]] = session.fetch(sql).to_pylist()
    return rows
