"""Days that are not loaded and that will soon leave the vendor's history, while they can still be fetched.

Cursor's history is a rolling window. Anthropic states no end of its history.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import dagster as dg

from ai_usage_assets.days import Clock, Days, earliest_available, last_closed, listed
from ai_usage_assets.defs.automation import HOURLY
from ai_usage_assets.defs.checks.loaded_days import DaysWithRows, empty_days, recent_days_with_rows
from ai_usage_assets.defs.checks.scope import check_job
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS, RAW_CURSOR_USAGE
from ai_usage_assets.settings import Settings

CHECK = "no_missing_day_near_retention_end"
AT_RISK_DAYS = 14
"""Two working weeks to notice it, to get a new key, and to fetch."""
LOST_DAYS = 7
"""For so many days a loss is warned of. Days that were lost earlier are in the view agg_missing_days."""
TABLES = (RAW_CURSOR_USAGE, RAW_CURSOR_EVENTS)


def build(settings: Settings, clock: Clock) -> list[dg.AssetChecksDefinition]:
    return [cursor_retention(settings, clock)] if "cursor" in settings.vendors else []


def cursor_retention(settings: Settings, clock: Clock) -> dg.AssetChecksDefinition:
    """The check `no_missing_day_near_retention_end` of Cursor's daily tables."""
    retention_days, start_date = settings.sources["cursor"].retention_days or 0, settings.start_date

    @dg.multi_asset_check(
        name="cursor_retention",
        specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=table.name,
                description=(
                    f"No day that is not loaded leaves Cursor's history of {retention_days} days within {AT_RISK_DAYS} "
                    "days."
                ),
                automation_condition=HOURLY,
            )
            for table in TABLES
        ],
        can_subset=True,
    )
    def check_retention(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        now = clock()
        selected = {key.asset_key.path[-1] for key in context.selected_asset_check_keys}
        retention_start = earliest_available(now, retention_days)
        first = max(start_date, retention_start - timedelta(days=LOST_DAYS))
        window = Days(first, max(first, retention_start + timedelta(days=AT_RISK_DAYS)))
        for table in TABLES:
            if table.name in selected:
                job = check_job(context, table, CHECK)
                found = recent_days_with_rows(warehouse.engine, context.instance, table, CHECK, window, job)
                without_rows = [day for day in window if day not in found.days and day <= last_closed(now)]
                empty = empty_days(context.instance, table, without_rows)
                missing = [day for day in without_rows if day not in empty]
                yield no_missing_day_near_retention_end(table, missing, retention_days, now, found)

    return check_retention


def no_missing_day_near_retention_end(
    table: Table, missing: list[date], retention_days: int, now: datetime, found: DaysWithRows
) -> dg.AssetCheckResult:
    """An error for days at risk; for a week, a warning for lost days. Other missing days do not count.

    No run can bring a lost day back, and a check that stays red for it would hide the next day at risk.
    """
    retention_start = earliest_available(now, retention_days)
    risk_end = retention_start + timedelta(days=AT_RISK_DAYS)
    at_risk = [day for day in missing if retention_start <= day <= risk_end]
    lost = [day for day in missing if retention_start - timedelta(days=LOST_DAYS) <= day < retention_start]
    metadata: dict[str, Any] = {
        "oldest_day_at_the_vendor": str(retention_start),
        "days_at_risk": len(at_risk),
        **found.metadata,
    }
    description = None
    if lost:
        description = f"{table.name}: {listed(lost)} not loaded, and no longer in Cursor's history"
        metadata["lost"] = f"{listed(lost)}: not loaded, and no longer in the vendor's history"
    if at_risk:
        deadline = min(at_risk) + timedelta(days=retention_days)
        description = (
            f"{table.name}: {listed(at_risk)} not loaded, and no longer in Cursor's history after {deadline}"
        )
        metadata |= {
            "at_risk": listed(at_risk),
            "deadline": str(deadline),
            "hint": f"Materialize {table.name} for these days by {deadline}. Later they cannot be fetched.",
        }
    return dg.AssetCheckResult(
        passed=not at_risk and not lost,
        asset_key=dg.AssetKey(table.name),
        check_name=CHECK,
        severity=dg.AssetCheckSeverity.ERROR if at_risk else dg.AssetCheckSeverity.WARN,
        description=description,
        metadata=metadata,
    )
