"""An empty day among full ones: a holiday, or a vendor that answered while it had lost its data. Nobody but a person knows.

It is asked of the newest day that is due, beside whether that day is here (`freshness.py`).
"""

from datetime import date, timedelta

import dagster as dg

from ai_usage_assets.defs.automation import HOURLY
from ai_usage_assets.schema.model import Table

CHECK = "newest_closed_day_is_not_strangely_empty"
WEEKS = 4
"""In a row with rows on that weekday: a team that rests on Sundays has had an empty one."""


def spec(table: Table) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        CHECK,
        asset=table.name,
        description=(
            f"The newest UTC day that is due has rows, if that weekday had rows in each of the {WEEKS} weeks before."
        ),
        automation_condition=HOURLY,
    )


def result(table: Table, due: date, held: set[date], empty: set[date]) -> dg.AssetCheckResult:
    """A warning: an empty day may be true. A day that is not here at all is another check's."""
    before = [due - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    strange = due in empty and all(day in held for day in before)
    said = f"{table.name}: nothing on {due:%A} {due}, and something on each of the {WEEKS} {due:%A}s before"
    remedy = (
        f"If it was no holiday, see {table.vendor}'s status page. When the vendor has the day again, its sensor reads it "
        f"by itself within a month. By hand: materialise {table.name}, {due}."
    )
    return dg.AssetCheckResult(
        passed=not strange,
        asset_key=dg.AssetKey(table.name),
        check_name=CHECK,
        severity=dg.AssetCheckSeverity.WARN,
        description=said if strange else None,
        metadata={"due_day": str(due), **({"remedy": remedy} if strange else {})},
    )
