"""The example of `docs/extending.md`, run as it is written, on DuckDB and BigQuery's emulator."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.write import replace

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
DAYS = Days(date(2026, 3, 2), date(2026, 3, 3))


def example() -> str:
    found = re.search(r"<!-- example -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_the_example_reads_the_costs_of_its_days_and_writes_its_own_table(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {"AI_USAGE_START_DATE": "2026-03-01", "AI_USAGE_DUCKDB_PATH": str(tmp_path / "ai_usage.duckdb")}
    if isinstance(engine, BigQueryEngine):
        project, dataset, _ = engine.qualified("t").split(".")
        env |= {"BIGQUERY_PROJECT": project, "BIGQUERY_DATASET": dataset}
        env |= {"BIGQUERY_EMULATOR_HOST": engine.emulator_host or ""}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    common = {"platform": "cursor", "allocation": "key", "processed_at": datetime(2026, 3, 4, tzinfo=UTC)}
    costs = [
        common | {"cost_date": day, "cost_usd": Decimal(usd), "model": f"m{usd}"}
        for day in DAYS
        for usd in (1, 2)
    ]
    rows = pa.Table.from_pylist(costs, schema=arrow_schema(FCT_COST_DAILY))
    replace(engine, FCT_COST_DAILY, rows, DAYS, WriteContext("run", "step"))

    module: dict[str, Any] = {"__name__": "example"}
    exec(compile(example(), str(PAGE), "exec"), module)
    job = module["defs"].resolve_implicit_global_asset_job_def()
    for day in DAYS:
        assert job.execute_in_process(tags=range_tags(Days.one(day)), raise_on_error=False).success

    with engine.in_dataset("finance").session() as session:
        found = session.fetch("select cost_date, platform, cost_usd from platform_cost_daily").to_pylist()
    assert sorted((row["cost_date"], row["platform"], row["cost_usd"]) for row in found) == [
        (day, "cursor", Decimal(3)) for day in DAYS
    ]
