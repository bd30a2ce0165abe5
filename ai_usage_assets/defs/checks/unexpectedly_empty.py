"""A newest day without rows, although that weekday had rows for weeks: a holiday, or data that the vendor has lost.

Only a person can tell which. The check runs in the same step as `newest_closed_day_is_loaded` (`freshness.py`).
"""

from datetime import date, timedelta

import dagster as dg

from ai_usage_assets.defs.automation import HOURLY
from ai_usage_assets.defs.checks.loaded_days import DaysWithRows
from ai_usage_assets.schema.model import Table

CHECK = "no_unexpectedly_empty_day"
WEEKS = 4
"""The weekday must have had rows in each of them: a team that never works on Sundays has empty Sundays."""


def spec(table: Table) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        CHECK,
        asset=table.name,
        description=(
            f"The newest UTC day that is due has rows, if that weekday had rows in each of the {WEEKS} weeks before."
        ),
        automation_condition=HOURLY,
    )


def no_unexpectedly_empty_day(
    table: Table, due: date, with_rows: set[date], empty: set[date], found: DaysWithRows
) -> dg.AssetCheckResult:
    """A warning, because an empty day may be right. A day that is not loaded is left to the other check."""
    weeks_before = [due - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    is_unexpected = due in empty and all(day in with_rows for day in weeks_before)
    metadata = {"due_day": str(due), **found.metadata}
    if is_unexpected:
        metadata["hint"] = (
            f"If it was not a holiday, see {table.vendor}'s status page. When the vendor has the day's data again, the "
            f"sensor loads it within a month. To load it by hand, materialize {table.name}, {due}."
        )
    return dg.AssetCheckResult(
        passed=not is_unexpected,
        asset_key=dg.AssetKey(table.name),
        check_name=CHECK,
        severity=dg.AssetCheckSeverity.WARN,
        description=(
            f"{table.name}: no rows on {due:%A} {due}, but rows on each of the {WEEKS} {due:%A}s before"
            if is_unexpected
            else None
        ),
        metadata=metadata,
    )
