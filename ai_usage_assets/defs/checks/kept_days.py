"""Days whose newest load kept the rows of an earlier one: the vendor's answer had nothing for them, or no money."""

import dagster as dg

from ai_usage_assets.days import listed
from ai_usage_assets.defs.checks.scope import asking
from ai_usage_assets.defs.resources import Settings
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.warehouse.ensure_tables import ensure
from ai_usage_assets.warehouse.override import HOW

CHECK = "no_days_are_kept"
REMEDY = (
    "Nothing, if the vendor's history does not reach back to these days any more: their rows are as they were. If the "
    f"vendor reports them again, materialize them, and the check passes. If their rows are to go, materialize them and {HOW}."
)


def build(settings: Settings) -> list[dg.AssetChecksDefinition]:
    """A check for each fetched table whose vendor does not keep its full history."""
    return [check(table) for table in TABLES if table.is_history_rolling and settings.fetches(table)]


def check(table: Table) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=table.name,
        name=CHECK,
        description="The newest load of every day had an answer that replaced what was there.",
    )
    def no_days_are_kept(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> dg.AssetCheckResult:
        engine = warehouse.engine
        with engine.session(asking(context, table, CHECK)) as session:
            ensure(engine, session, [LOAD_LOG])
            rows = session.fetch(
                f"select day from `{LOAD_LOG.name}` where table_name = '{table.name}' and state = 'kept'"
            ).to_pylist()
        return result(table, listed(row["day"] for row in rows))

    return no_days_are_kept


def result(table: Table, days: str) -> dg.AssetCheckResult:
    """A warning: nothing is lost, and nobody can fetch these days again."""
    said = f"{table.name}: {days} keep the rows of an earlier load; the newest answer had no rows, only zeros or no money"
    return dg.AssetCheckResult(
        passed=not days,
        severity=dg.AssetCheckSeverity.WARN,
        description=said if days else None,
        metadata={"kept": days, "remedy": REMEDY} if days else {},
    )
