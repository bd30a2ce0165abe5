"""The rows of agg_anomalies for a company's usage, from the view's own statement on DuckDB."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd

from ai_usage_assets.curated.select import select
from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.schema.tables.anomalies import AGG_ANOMALIES
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from benchmarks.anomalies.companies import Cell

FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)
SHARED = ("platform", "user_email", "actor_type", "api_key_id", "model")
COST_TYPES = {"anthropic": "usage", "cursor": "overage", "claude_code": "usage"}


def anomalies_of(cells: list[Cell], days: Days) -> list[dict[str, Any]]:
    """The rows of agg_anomalies, as if these days were loaded."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "company.duckdb"
        engine = DuckDBEngine(path)
        rows = rows_of(cells, days)
        with engine.session() as session:
            ensure_tables(engine, session, [BY_NAME[name] for name in rows])
        engine.close()
        with duckdb.connect(str(path)) as connection:
            for name, found in rows.items():
                connection.register("rows_of_company", found)
                connection.execute(f"insert into ai_usage.{name} by name select * from rows_of_company")
        with engine.session() as session:
            anomalies: list[dict[str, Any]] = session.fetch(select(AGG_ANOMALIES).sql).to_pylist()
        engine.close()
    return anomalies


def rows_of(cells: list[Cell], days: Days) -> dict[str, pd.DataFrame]:
    """The tables that the view reads, by name."""
    usage = pd.DataFrame([vars(each) for each in cells])
    shared = {**{name: usage[name] for name in SHARED}, "model_family": usage["model"]}
    loaded = {"loaded_at": datetime(2026, 1, 1, tzinfo=UTC), "rows": 1, "state": "rows"}
    return {
        "fct_cost_daily": pd.DataFrame(
            {
                "cost_date": usage["day"],
                "cost_usd": usage["cost_usd"],
                "cost_type": usage["platform"].map(COST_TYPES),
                **shared,
            }
        ),
        "fct_usage_daily": pd.DataFrame(
            {
                "usage_date": usage["day"],
                "input_tokens": usage["input_tokens"],
                "output_tokens": usage["output_tokens"],
                "cache_read_tokens": usage["cache_read_tokens"],
                **shared,
            }
        ),
        "dim_user_history": pd.DataFrame(departments(cells)),
        "load_log": pd.DataFrame([{"table_name": "fct_cost_daily", "day": day, **loaded} for day in days]),
    }


def departments(cells: list[Cell]) -> Iterator[dict[str, Any]]:
    """Rows of dim_user_history."""
    ordered = sorted(cells, key=lambda each: (each.user_email, each.day))
    for email, of_person in groupby(ordered, key=lambda each: each.user_email):
        runs = [
            (department, next(run).day)
            for department, run in groupby(of_person, key=lambda each: each.department)
        ]
        for place, (department, day) in enumerate(runs):
            is_last = place == len(runs) - 1
            yield {
                "email": email,
                "department": department,
                "valid_from": day if place else FIRST,
                "valid_to": LAST if is_last else runs[place + 1][1] - ONE_DAY,
            }
