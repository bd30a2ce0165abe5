"""The sample company's usage, loaded from the sandbox through Dagster as by any user."""

import logging
import os
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from benchmarks.anomalies.companies import Cell

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = Days(date(2026, 3, 21), date(2026, 11, 19))
"""The autumn of 2026 has a joiner, a leaver, a key with a new owner, a move, a price cut and new models."""
NOT_READ = ("agg_", "v_", "fct_invoice")
CELLS = """
select
  parts.day, parts.platform, coalesce(parts.user_email, 'unattributed') as user_email,
  coalesce(periods.department, 'no department') as department,
  coalesce(parts.actor_type, 'unknown') as actor_type, parts.api_key_id, coalesce(parts.model, 'none') as model,
  cast(sum(parts.cost_usd) as float64) as cost_usd, cast(sum(parts.input_tokens) as int64) as input_tokens,
  cast(sum(parts.output_tokens) as int64) as output_tokens,
  cast(sum(parts.cache_read_tokens) as int64) as cache_read_tokens
from (
  select cost_date as day, platform, user_email, actor_type, api_key_id, model_family as model, cost_usd,
    0 as input_tokens, 0 as output_tokens, 0 as cache_read_tokens
  from fct_cost_daily
  where cost_type not in ('subscription', 'credit')
  union all
  select usage_date, platform, user_email, actor_type, api_key_id, model_family, 0, coalesce(input_tokens, 0),
    coalesce(output_tokens, 0), coalesce(cache_read_tokens, 0)
  from fct_usage_daily
) as parts
left join dim_user_history as periods
  on periods.email = parts.user_email and parts.day between periods.valid_from and periods.valid_to
group by 1, 2, 3, 4, 5, 6, 7"""


def usage_of_sandbox() -> list[Cell]:
    """Eight months of the sample company."""
    logging.disable(logging.INFO)
    with (
        TemporaryDirectory() as name,
        running(now=NOW) as sandbox,
        dg.DagsterInstance.ephemeral() as instance,
    ):
        folder = Path(name)
        write_identity(sandbox.company, folder / "identity")
        env = {
            **sandbox.environment,
            "AI_USAGE_START_DATE": str(DAYS.first),
            "AI_USAGE_IDENTITY_DIR": str(folder / "identity"),
            "AI_USAGE_DUCKDB_PATH": str(folder / "ai_usage.duckdb"),
            "CURSOR_RETENTION_DAYS": "400",
        }
        with patch.dict(os.environ, env):
            defs = build_defs(Settings.from_env(env), lambda: NOW)
            keys = defs.resolve_asset_graph().executable_asset_keys
            defs.resolve_implicit_global_asset_job_def().execute_in_process(
                instance=instance,
                tags=range_tags(DAYS),
                asset_selection=[key for key in keys if not key.path[-1].startswith(NOT_READ)],
            )
        engine = DuckDBEngine(folder / "ai_usage.duckdb")
        with engine.session() as session:
            rows = session.fetch(CELLS).to_pylist()
        engine.close()
    return [Cell(**row) for row in rows]
