"""Days that a vendor is about to forget, and we do not have: while they can still be fetched.

Cursor's history is a rolling window; Anthropic states no end of its own.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import dagster as dg

from ai_usage_assets.days import Clock, Days, last_closed, listed, oldest_told
from ai_usage_assets.defs.automation import HOURLY
from ai_usage_assets.defs.checks.loaded_days import landed
from ai_usage_assets.defs.checks.scope import asking
from ai_usage_assets.defs.resources import Settings
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.raw import RAW_CURSOR_EVENTS, RAW_CURSOR_USAGE

CHECK = "no_day_is_about_to_be_lost"
AT_RISK_DAYS = 14
"""Two working weeks to see it, get a key mended, and fetch."""
LOST_DAYS = 7
"""That a loss is warned of."""
TABLES = (RAW_CURSOR_USAGE, RAW_CURSOR_EVENTS)


def build(settings: Settings, clock: Clock) -> list[dg.AssetChecksDefinition]:
    return [check(settings, clock)] if settings.cursor else []


def check(settings: Settings, clock: Clock) -> dg.AssetChecksDefinition:
    kept = settings.cursor_retention_days

    @dg.multi_asset_check(
        name="cursor_retention",
        specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=table.name,
                description=(
                    f"No day that is missing here leaves Cursor's {kept} days of history within {AT_RISK_DAYS} days."
                ),
                automation_condition=HOURLY,
            )
            for table in TABLES
        ],
        can_subset=True,
    )
    def days_at_risk(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        now, asked = clock(), {key.asset_key.path[-1] for key in context.selected_asset_check_keys}
        every = Days(settings.start_date, max(settings.start_date, last_closed(now)))
        for table in (table for table in TABLES if table.name in asked):
            here = landed(
                warehouse.engine,
                context.instance,
                table,
                every,
                asking(context, table, CHECK),
            )
            yield result(table, [day for day in every if day not in here], kept, now)

    return days_at_risk


def result(table: Table, missing: list[date], kept: int, now: datetime) -> dg.AssetCheckResult:
    """At risk fails. Lost warns for a week: no run can bring such a day back, and what stays red hides the next one."""
    oldest_kept = oldest_told(now, kept)
    lost = [day for day in missing if day < oldest_kept]
    at_risk = [day for day in missing if oldest_kept <= day <= oldest_kept + timedelta(days=AT_RISK_DAYS)]
    lately = [day for day in lost if day >= oldest_kept - timedelta(days=LOST_DAYS)]
    metadata: dict[str, Any] = {"oldest_day_at_the_vendor": str(oldest_kept), "days_at_risk": len(at_risk)}
    said = None
    if lately:
        said = f"{table.name}: {listed(lately)} not here, and gone from Cursor for good since"
    if lost:
        metadata["lost"] = f"{listed(lost)}: out of the vendor's history, and not here"
    if at_risk:
        deadline = min(at_risk) + timedelta(days=kept)
        said = f"{table.name}: {listed(at_risk)} not here, and gone from Cursor after {deadline}"
        metadata |= {
            "at_risk": listed(at_risk),
            "deadline": str(deadline),
            "remedy": f"Materialise {table.name} for these days by {deadline}: afterwards nobody can.",
        }
    return dg.AssetCheckResult(
        passed=not at_risk and not lately,
        asset_key=dg.AssetKey(table.name),
        check_name=CHECK,
        severity=dg.AssetCheckSeverity.ERROR if at_risk else dg.AssetCheckSeverity.WARN,
        description=said,
        metadata=metadata,
    )
