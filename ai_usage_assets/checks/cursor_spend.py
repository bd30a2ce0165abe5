"""Cursor's own running total against ours: what teams/spend says since the billing cycle began, and the events' sum."""

from datetime import UTC, date
from typing import Any

import dagster as dg

from ai_usage_assets.checks.scope import asking
from ai_usage_assets.curated.select import ALWAYS, in_window, with_intermediates
from ai_usage_assets.days import ONE_DAY, Days, utc_now
from ai_usage_assets.resources import Settings
from ai_usage_assets.schema.curated import FCT_COST_DAILY
from ai_usage_assets.schema.identity import IDENTITY_ALIASES
from ai_usage_assets.schema.raw import RAW_CURSOR_EVENTS, RAW_CURSOR_USAGE
from ai_usage_assets.vendors.cursor_records import Spend
from ai_usage_assets.vendors.errors import VendorError
from ai_usage_assets.warehouse.ensuring import ensure
from ai_usage_assets.warehouse.protocol import Engine, Job
from ai_usage_assets.warehouse.statements import within

SHARE = 0.05
FEWEST_USD = 1.0
REMEDY = (
    "Materialise raw_cursor_events and fct_cost_daily from the cycle's start on. If the gap stays, compare with "
    "Cursor's dashboard: it may count what the seat includes, or a refund, in another way."
)


def build(settings: Settings) -> list[dg.AssetChecksDefinition]:
    return [cursor_spend] if settings.cursor else []


@dg.asset_check(
    asset=FCT_COST_DAILY.name,
    name="cursor_charges_are_near_its_spend",
    description="Since the billing cycle began, Cursor's charged events sum to what teams/spend says.",
    additional_deps=[RAW_CURSOR_EVENTS.name, RAW_CURSOR_USAGE.name],
    required_resource_keys={"io_manager", "cursor"},
)
def cursor_spend(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    try:
        spend = context.resources.cursor.client.spend()
    except VendorError as trouble:
        # a fact does not fail because a second opinion cannot be had
        return _answer(passed=False, said=f"not compared: {trouble}", remedy=trouble.remedy)
    job = asking(context, FCT_COST_DAILY, "cursor_spend")
    return compare(context.resources.io_manager.engine, spend, utc_now().date(), job)


def compare(engine: Engine, spend: Spend, today: date, job: Job | None = None) -> dg.AssetCheckResult:
    """Both sums over the days of the cycle that have landed; without all of them nothing is compared."""
    first = spend.subscription_cycle_start.astimezone(UTC).date()
    theirs = sum(float(member.spend_cents or 0) for member in spend.members) / 100
    with engine.session(job) as session:
        ensure(engine, session, [RAW_CURSOR_EVENTS, RAW_CURSOR_USAGE, IDENTITY_ALIASES])
        cycle = within("ingest_date", Days(first, max(today, first)))
        sql = (
            f"select (select count(distinct ingest_date) from raw_cursor_usage where {cycle}) as days, "
            f"(select max(ingest_date) from raw_cursor_usage where {cycle}) as last_day, "
            f"(select coalesce(sum(amount_usd), 0) from int_cursor_events where {cycle} and is_charged) as charged"
        )
        (row,) = session.fetch(in_window(with_intermediates(sql), ALWAYS)).to_pylist()
    landed, ours = row["days"], float(row["charged"])
    whole = landed > 0 and row["last_day"] - first == ONE_DAY * (landed - 1)
    figures = {"cycle_start": str(first), "days_landed": landed, "charged_usd": ours, "spend_usd": theirs}
    if not whole:
        return _answer(
            passed=True, said="not compared: days since the cycle's start have not landed", **figures
        )
    # what was charged since the last landed day, today's part included, is theirs alone
    missing = max((today - row["last_day"]).days, 0)
    tolerance = max(FEWEST_USD, SHARE * theirs) + 2 * missing * ours / landed
    off = abs(theirs - ours)
    figures |= {"figure": round(off, 4), "tolerance": round(tolerance, 4), "days_not_landed": missing}
    if off > tolerance:
        figures["remedy"] = REMEDY
    return _answer(passed=off <= tolerance, said="compared", **figures)


def _answer(*, passed: bool, said: str, **metadata: Any) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=said,
        metadata={"said": said, **metadata},
    )
