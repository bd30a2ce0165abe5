"""The newest closed day is loaded in time. Dagster's freshness policy only sees when a table was last written, for any day."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import dagster as dg

from ai_usage_assets.days import ONE_DAY, Clock, Days, last_closed
from ai_usage_assets.defs.automation import HOURLY
from ai_usage_assets.defs.checks import unexpectedly_empty
from ai_usage_assets.defs.checks.loaded_days import DaysWithRows, empty_days, recent_days_with_rows
from ai_usage_assets.defs.checks.scope import check_job
from ai_usage_assets.defs.checks.unexpectedly_empty import WEEKS, no_unexpectedly_empty_day
from ai_usage_assets.defs.freshness import LAG
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import layer
from ai_usage_assets.settings import Settings

CHECK = "newest_closed_day_is_loaded"
WINDOW = timedelta(weeks=WEEKS + 1)
"""The days that are looked at. Earlier ones are looked at only if none of these is loaded."""


def build(settings: Settings, clock: Clock) -> list[dg.AssetChecksDefinition]:
    """One step for each vendor that has a key."""
    return [
        freshness(
            vendor,
            [table for table in layer(Layer.RAW) if table.vendor == vendor and settings.fetches(table)],
            settings.start_date,
            clock,
        )
        for vendor in settings.vendors
    ]


def freshness(
    vendor: str, tables: Sequence[Table], start_date: date, clock: Clock
) -> dg.AssetChecksDefinition:
    """The checks `newest_closed_day_is_loaded` and `no_unexpectedly_empty_day` of a vendor's daily tables."""
    lag = LAG[vendor]

    @dg.multi_asset_check(
        name=f"{vendor}_freshness",
        specs=[each for table in tables for each in (spec(table, lag), unexpectedly_empty.spec(table))],
        can_subset=True,
    )
    def check_newest_days(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        now, selected = clock(), context.selected_asset_check_keys
        all_days = Days(start_date, max(start_date, last_closed(now)))
        newest_days = Days(max(start_date, all_days.last - WINDOW), all_days.last)
        for table in tables:
            names = {key.name for key in selected if key.asset_key.path[-1] == table.name}
            if not names:
                continue
            # the result of either check holds the days, and both run together
            check = CHECK if CHECK in names else unexpectedly_empty.CHECK
            for days in (newest_days, all_days):
                found = recent_days_with_rows(
                    warehouse.engine,
                    context.instance,
                    table,
                    check,
                    days,
                    check_job(context, table, f"freshness-{days.first}"),
                )
                with_rows = {day for day in found.days if day in days}
                empty = empty_days(context.instance, table, [day for day in days if day not in with_rows])
                if with_rows or empty:
                    break
            if CHECK in names:
                newest = max(with_rows | empty, default=None)
                yield newest_closed_day_is_loaded(table, newest, start_date, lag, now, found)
            if unexpectedly_empty.CHECK in names:
                yield no_unexpectedly_empty_day(table, last_closed(now - lag), with_rows, empty, found)

    return check_newest_days


def spec(table: Table, lag: timedelta) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        CHECK,
        asset=table.name,
        description=(
            f"The newest closed UTC day is loaded at most {lag // timedelta(hours=1)} hours after its end. Loading an "
            "older day does not make the check pass."
        ),
        automation_condition=HOURLY,
    )


def newest_closed_day_is_loaded(
    table: Table,
    newest: date | None,
    start_date: date,
    lag: timedelta,
    now: datetime,
    found: DaysWithRows,
) -> dg.AssetCheckResult:
    """Whether the newest loaded day is the one that is due; if not, how late the first day after it is."""
    due = last_closed(now - lag)
    is_late = due >= start_date and (newest is None or newest < due)
    metadata: dict[str, Any] = {"newest_day": str(newest), "due_day": str(due), **found.metadata}
    description = None
    if is_late:
        missing = Days(newest + ONE_DAY if newest else max(start_date, due), due)
        hours = (now - lag - Days.one(missing.first).ending_at) / timedelta(hours=1)
        description = f"{table.name}: {missing} is not loaded, {hours:.0f} hours late"
        metadata |= {
            "hours_late": round(hours, 1),
            "hint": (
                f"See why {table.vendor}'s sensor requests no run (the reason is in its skipped ticks), and why its last "
                f"run failed. When the vendor answers, the sensor loads the day. To load it by hand, materialize "
                f"{table.name}, {missing}."
            ),
        }
    return dg.AssetCheckResult(
        passed=not is_late,
        asset_key=dg.AssetKey(table.name),
        check_name=CHECK,
        severity=dg.AssetCheckSeverity.ERROR,
        description=description,
        metadata=metadata,
    )
