"""Days whose newest load kept the rows of an earlier load, because the vendor's answer had no rows or no money for them."""

import dagster as dg

from ai_usage_assets.days import listed
from ai_usage_assets.defs.checks.scope import fetch_rows
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.override import OVERRIDE_HINT

HINT = (
    "If the vendor's history no longer covers these days, do nothing: their rows are unchanged. If the vendor reports them "
    f"again, materialize them, and the check passes. To delete their rows, materialize them and {OVERRIDE_HINT}."
)


def build(settings: Settings) -> list[dg.AssetChecksDefinition]:
    """A check for each fetched table whose vendor does not keep its full history."""
    return [
        no_day_kept_earlier_rows(table)
        for table in TABLES
        if table.has_rolling_history and settings.fetches(table)
    ]


def no_day_kept_earlier_rows(table: Table) -> dg.AssetChecksDefinition:
    """The check `no_day_kept_earlier_rows` of one table. It warns, because no data is lost."""

    @dg.asset_check(
        asset=table.name,
        name="no_day_kept_earlier_rows",
        description="The newest load of every day replaced the rows of the day.",
    )
    def check(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> dg.AssetCheckResult:
        sql = f"select day from `{LOAD_LOG.name}` where table_name = '{table.name}' and state = 'kept'"
        rows = fetch_rows(context, warehouse.engine, table, "no_day_kept_earlier_rows", sql)
        if not rows:
            return dg.AssetCheckResult(passed=True)
        days = listed(row["day"] for row in rows)
        return dg.AssetCheckResult(
            passed=False,
            severity=dg.AssetCheckSeverity.WARN,
            description=(
                f"{table.name}: {days} keep the rows of an earlier load, because the newest answer had no rows, only "
                "zeros or no money for them"
            ),
            metadata={"kept": days, "hint": HINT},
        )

    return check
