"""The newest closed day is here in time. Dagster's own policy sees when a table was last written, of whatever day."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import dagster as dg

from ai_usage_assets.days import ONE_DAY, Clock, Days, last_closed
from ai_usage_assets.defs.automation import HOURLY
from ai_usage_assets.defs.checks import unexpectedly_empty as quiet
from ai_usage_assets.defs.checks.loaded_days import landed_empty, with_rows
from ai_usage_assets.defs.checks.scope import asking
from ai_usage_assets.defs.freshness import LAG
from ai_usage_assets.defs.resources import Settings
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import layer

CHECK = "newest_closed_day_is_here"


def build(settings: Settings, clock: Clock) -> list[dg.AssetChecksDefinition]:
    """One step for each vendor that has a key."""
    vendors = {"anthropic": settings.anthropic, "cursor": settings.cursor}
    return [
        check(
            vendor,
            [table for table in layer(Layer.RAW) if table.vendor == vendor and settings.fetches(table)],
            settings,
            clock,
        )
        for vendor, has_key in vendors.items()
        if has_key
    ]


def check(vendor: str, tables: Sequence[Table], settings: Settings, clock: Clock) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=f"{vendor}_freshness",
        specs=[each for table in tables for each in (spec(table, LAG[vendor]), quiet.spec(table))],
        can_subset=True,
    )
    def newest_days(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        now, lag = clock(), LAG[vendor]
        asked = {(key.asset_key.path[-1], key.name) for key in context.selected_asset_check_keys}
        every = Days(settings.start_date, max(settings.start_date, last_closed(now)))
        for table in (table for table in tables if asked & {(table.name, CHECK), (table.name, quiet.CHECK)}):
            engine = warehouse.engine
            held = with_rows(engine, table, every, asking(context, table, CHECK))
            empty = landed_empty(context.instance, table, (day for day in every if day not in held))
            if (table.name, CHECK) in asked:
                yield result(table, max(held | empty, default=None), settings.start_date, lag, now)
            if (table.name, quiet.CHECK) in asked:
                yield quiet.result(table, last_closed(now - lag), held, empty)

    return newest_days


def spec(table: Table, lag: timedelta) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        CHECK,
        asset=table.name,
        description=(
            f"The newest UTC day that is over has landed {lag // timedelta(hours=1)} hours after its end at the "
            "latest; filling in an older day changes nothing."
        ),
        automation_condition=HOURLY,
    )


def result(
    table: Table, newest: date | None, start_date: date, lag: timedelta, now: datetime
) -> dg.AssetCheckResult:
    """Whether the newest day here is the one that is due, and if not, how late the first one after it is."""
    due = last_closed(now - lag)
    late = due >= start_date and (newest is None or newest < due)
    metadata: dict[str, Any] = {"newest_day": str(newest), "due_day": str(due)}
    said = None
    if late:
        missing = Days(newest + ONE_DAY if newest else max(start_date, due), due)
        hours = (now - lag - Days.one(missing.first).ending_at) / timedelta(hours=1)
        said = f"{table.name}: {missing} is not here, {hours:.0f} hours late"
        metadata |= {
            "hours_late": round(hours, 1),
            "remedy": (
                f"See why {table.vendor}'s sensor asks for nothing (a skipped tick says it) and what its last run "
                f"failed of; when the vendor answers, the sensor catches up. By hand: materialise {table.name}, {missing}."
            ),
        }
    return dg.AssetCheckResult(
        passed=not late,
        asset_key=dg.AssetKey(table.name),
        check_name=CHECK,
        severity=dg.AssetCheckSeverity.ERROR,
        description=said,
        metadata=metadata,
    )
