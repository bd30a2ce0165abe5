"""The proposal to close a month: checks that say what there is to close, and the schedule that runs them on the fifth."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import dagster as dg

from ai_usage_assets.curated.select import select
from ai_usage_assets.days import Days, month_before
from ai_usage_assets.defs.checks.scope import check_job, fetch_rows
from ai_usage_assets.defs.closing.asset import MonthClose
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.tables.closed_months import AGG_ADJUSTMENTS, CLOSE_DUE_DAY, CLOSED_MONTHS

MAX_CHANGE_USD = Decimal("0.005")
CLOSED = f"select distinct month from `{CLOSED_MONTHS.name}` where month >= date '2000-01-01'"
IS_CLOSED, IS_UNCHANGED = "last_month_is_closed", "closed_months_are_unchanged"


@dg.multi_asset_check(
    name="closed_months_proposal",
    specs=[
        dg.AssetCheckSpec(
            IS_CLOSED, asset=CLOSED_MONTHS.name, description="From the 5th, the month that is over is closed."
        ),
        dg.AssetCheckSpec(
            IS_UNCHANGED,
            asset=CLOSED_MONTHS.name,
            description="No closed month has a change that is not booked yet (agg_adjustments).",
        ),
    ],
)
def closed_months_proposal(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource, month_close: MonthClose
) -> Iterator[dg.AssetCheckResult]:
    now = month_close.clock()
    month = month_before(now.date())
    engine = warehouse.engine
    closed = [row["month"] for row in fetch_rows(context, engine, CLOSED_MONTHS, "closed", CLOSED)]
    changes = unbooked(fetch_rows(context, engine, CLOSED_MONTHS, "changes", changes_sql()))
    obstacles = (
        month_close.obstacles(engine, month, check_job(context, CLOSED_MONTHS, "obstacles"))
        if month.first not in closed
        else []
    )
    yield is_closed(month, closed, [str(each) for each in obstacles], now)
    yield is_unchanged(changes)


def changes_sql() -> str:
    """One row is a closed month with changes that are not booked yet."""
    return f"""
select closed_month, sum(abs(cost_usd)) as changed_usd
from ({select(AGG_ADJUSTMENTS).sql})
where not is_booked
group by 1"""


def unbooked(rows: Iterable[Mapping[str, Any]]) -> dict[date, Decimal]:
    """The absolute dollars per closed month that changed and are not booked yet."""
    return {row["closed_month"]: row["changed_usd"] for row in rows if row["changed_usd"] > MAX_CHANGE_USD}


def is_closed(
    month: Days, closed: Sequence[date], obstacles: Sequence[str], now: datetime
) -> dg.AssetCheckResult:
    """Whether the month that is over is closed; before the 5th it need not be."""
    name = f"{month.first:%Y-%m}"
    if month.first in closed or now.day < CLOSE_DUE_DAY:
        said = f"{name} is closed" if month.first in closed else f"{name} is due on the {CLOSE_DUE_DAY}th"
        return result(IS_CLOSED, said, {"month": name})
    if obstacles:
        listed = dg.MetadataValue.md("\n".join(f"- {each}" for each in obstacles))
        return result(
            IS_CLOSED,
            f"{name} is over and cannot be closed yet: {obstacles[0]}",
            {"month": name, "obstacles": listed},
            passed=False,
        )
    hint = f"Compare {name} with the invoices (fct_invoice_reconciliation), then materialize the partition {name}."
    return result(IS_CLOSED, f"{name} can be closed", {"month": name, "hint": hint}, passed=False)


def is_unchanged(changes: dict[date, Decimal]) -> dg.AssetCheckResult:
    """Whether the facts still say what was closed or booked since."""
    if not changes:
        return result(IS_UNCHANGED, "no closed month has changed since", {})
    listed = ", ".join(f"{month:%Y-%m} by {usd:.2f} USD" for month, usd in sorted(changes.items()))
    hint = "See agg_adjustments for who and what. The next month that is closed books the changes."
    return result(IS_UNCHANGED, f"changed since the close: {listed}", {"hint": hint}, passed=False)


def result(
    name: str, description: str, metadata: dict[str, Any], *, passed: bool = True
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=passed,
        check_name=name,
        asset_key=dg.AssetKey(CLOSED_MONTHS.name),
        severity=dg.AssetCheckSeverity.WARN,
        description=description,
        metadata=metadata,
    )


def schedule() -> dg.ScheduleDefinition:
    """On the 5th of each month: the checks that propose to close the month before. It closes nothing."""
    job = dg.define_asset_job(
        "propose_month_close",
        selection=dg.AssetSelection.checks(closed_months_proposal),
        description="Says whether the month that is over can be closed, and what changed in closed months.",
    )
    return dg.ScheduleDefinition(
        name="propose_month_close_monthly",
        job=job,
        cron_schedule=f"0 6 {CLOSE_DUE_DAY} * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"On day {CLOSE_DUE_DAY}: proposes to close the month before, by the check {IS_CLOSED}. It closes nothing.",
    )
