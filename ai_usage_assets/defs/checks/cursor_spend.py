"""Cursor's own totals of the billing cycle compared with ours, from the cycle's start to the moment of the request.

Ours are the loaded events of the closed days and the open day's events of that moment. `int_cursor_events` alone defines
what Cursor charges. The check itself sends no request to Cursor.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import dagster as dg

from ai_usage_assets.days import ONE_DAY, Days, listed
from ai_usage_assets.defs.checks.cursor_totals import (
    CursorTotals,
    EventTotals,
    cursor_totals,
    event_totals,
)
from ai_usage_assets.defs.checks.loaded_days import loaded_days
from ai_usage_assets.defs.checks.scope import check_job
from ai_usage_assets.defs.not_offered import NOT_OFFERED
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS, RAW_CURSOR_OPEN_DAY, RAW_CURSOR_SPEND
from ai_usage_assets.schema.tables.identity import IDENTITY_ALIASES
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.engine import Engine, WriteContext

HALF_A_CENT_USD = Decimal("0.005")
MAX_SHARE_OF_ONE_HOUR = Decimal(1) / 5
"""The share of an average day's cost that the busiest hour of a working day can have."""
RELOAD_HINT = (
    "Events are missing here or were revised. Materialize raw_cursor_events for the days of the cycle, then "
    "raw_cursor_spend with raw_cursor_open_day."
)
INVOICE_HINT = (
    "Compare with Cursor's invoice, kind by kind (metadata). Only curated/int_cursor_events.sql decides what is charged: "
    "if the invoice confirms Cursor's total, change it there and materialize fct_cost_daily again."
)


def build(settings: Settings) -> list[dg.AssetChecksDefinition]:
    return [cursor_charges_match_spend] if "cursor" in settings.vendors else []


@dg.asset_check(
    asset=RAW_CURSOR_SPEND.name,
    description=(
        "From the billing cycle's start to the moment at which teams/spend was asked, the charged events sum to "
        "Cursor's on-demand total, and all events to its overall total. The result says which reading of isChargeable "
        "is right."
    ),
    additional_deps=[RAW_CURSOR_EVENTS.name, RAW_CURSOR_OPEN_DAY.name, IDENTITY_ALIASES.name],
)
def cursor_charges_match_spend(
    context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    job = check_job(context, RAW_CURSOR_SPEND, "cursor_charges_match_spend")
    return compare(warehouse.engine, context.instance, job)


def compare(
    engine: Engine, instance: dg.DagsterInstance, job: WriteContext | None = None
) -> dg.AssetCheckResult:
    """Compare the cycle that was requested last. If it cannot be compared, the check passes and says why."""
    if reason := _not_offered(instance):
        return _not_compared(reason)

    def part(name: str) -> WriteContext | None:
        # each session numbers its statements from 0, and BigQuery takes a repeated id for the same statement
        return job.part(name) if job else None

    theirs = cursor_totals(engine, part("totals"))
    if theirs is None:
        return _not_compared("raw_cursor_spend has no rows")
    if theirs.spend is None:
        return _not_compared("Cursor's answer has no spendCents")
    if theirs.open_day_asked_at not in (None, theirs.asked_at):
        return _not_compared(
            "raw_cursor_open_day and raw_cursor_spend are of different moments; materialize them together"
        )
    cycle_first_day, today = theirs.cycle_start.date(), theirs.asked_at.date()
    if cycle_first_day < today:
        closed = Days(cycle_first_day, today - ONE_DAY)
        loaded = loaded_days(engine, instance, RAW_CURSOR_EVENTS, closed, part("loaded"))
        if missing := [day for day in closed if day not in loaded]:
            return _not_compared(_not_loaded(cycle_first_day, missing, loaded))
    return result(theirs, theirs.spend, event_totals(engine, theirs, part("sums")))


def _not_offered(instance: dg.DagsterInstance) -> str | None:
    event = instance.get_latest_materialization_event(dg.AssetKey(RAW_CURSOR_SPEND.name))
    materialization = event.asset_materialization if event else None
    reason = materialization.metadata.get(NOT_OFFERED) if materialization else None
    return str(reason.value) if reason else None


def _not_loaded(cycle_first_day: date, missing: Sequence[date], loaded: set[date]) -> str:
    early = f", before the first loaded day {min(loaded)}" if loaded and missing[0] < min(loaded) else ""
    return f"the billing cycle began on {cycle_first_day}{early}; days not loaded in raw_cursor_events: {listed(missing)}"


def tolerance_usd(theirs: CursorTotals, amount: Decimal) -> Decimal:
    """By how much two sums of the same money may differ, in US dollars.

    Cursor may round each member's total to a whole cent, and it adds up events once an hour, so that its two answers
    can be an hour apart. A missing day differs by more than that, unless hardly anything was spent on it.
    """
    seconds = Decimal(str((theirs.asked_at - theirs.cycle_start).total_seconds()))
    return rounding_usd(theirs) + MAX_SHARE_OF_ONE_HOUR * abs(amount) / max(seconds / 86_400, Decimal(1))


def rounding_usd(theirs: CursorTotals) -> Decimal:
    return HALF_A_CENT_USD * theirs.members


def result(theirs: CursorTotals, spend: Decimal, ours: EventTotals) -> dg.AssetCheckResult:
    """Both comparisons; the description says which reading of isChargeable gives Cursor's on-demand total."""
    allowed = tolerance_usd(theirs, spend)
    differences = abs(ours.by_kind - spend), abs(ours.by_flag - spend)
    if min(differences) <= rounding_usd(theirs):
        # the two answers are of the same hour, so the wrong reading differs by more than rounding
        allowed = rounding_usd(theirs)
    kind_agrees, flag_agrees = (difference <= allowed for difference in differences)
    on_demand = compare_on_demand(ours, spend, kind_agrees=kind_agrees, flag_agrees=flag_agrees)
    overall, overall_agrees = compare_overall(theirs, ours)
    figures = {
        "on_demand_usd": spend,
        "charged_by_kind_usd": ours.by_kind,
        "charged_by_flag_usd": ours.by_flag,
        "overall_usd": theirs.overall,
        "all_events_usd": ours.all_events,
        "tolerance_usd": allowed,
    }
    kinds = "\n".join(f"- {kind}: {amount:.4f} USD" for kind, amount in ours.kinds.items())
    hints = [*([] if overall_agrees else [RELOAD_HINT]), *([] if kind_agrees else [INVOICE_HINT])]
    return _result(
        f"{on_demand}. {overall}",
        passed=kind_agrees and overall_agrees,
        cycle_start=theirs.cycle_start.isoformat(),
        asked_at=theirs.asked_at.isoformat(),
        **{name: float(round(value, 4)) for name, value in figures.items() if value is not None},
        kinds=dg.MetadataValue.md(kinds),
        **({"hint": " ".join(hints)} if hints else {}),
    )


def compare_on_demand(ours: EventTotals, spend: Decimal, *, kind_agrees: bool, flag_agrees: bool) -> str:
    """Which reading of isChargeable Cursor's on-demand total confirms."""
    total = f"Cursor's on-demand total is {spend:.2f} USD"
    summed = f"by kind {ours.by_kind:.2f} USD are charged, by isChargeable alone {ours.by_flag:.2f} USD"
    if kind_agrees and flag_agrees:
        why = (
            "no event distinguishes the two readings"
            if ours.by_kind == ours.by_flag
            else "the amount that distinguishes the two readings is too small"
        )
        return f"undecided: {why}; {total}; {summed}"
    if kind_agrees:
        return f"confirmed: the kind decides; {total}; {summed}"
    if flag_agrees:
        return (
            f"Cursor's own total agrees with isChargeable instead: {ours.flag_alone:.2f} USD of included events are "
            f"charged by Cursor, and fct_cost_daily leaves them out; {total}; {summed}"
        )
    return f"neither agrees: {total}; {summed}"


def compare_overall(theirs: CursorTotals, ours: EventTotals) -> tuple[str, bool]:
    """Whether the overall total is the sum of all events, as a sentence and as a flag."""
    if theirs.overall is None:
        return "Cursor's answer has no overall total, so only the on-demand total was compared", True
    agrees = abs(ours.all_events - theirs.overall) <= tolerance_usd(theirs, theirs.overall)
    return (
        f"All events sum to {ours.all_events:.2f} USD, Cursor's overall total is {theirs.overall:.2f} USD"
        f"{'' if agrees else ': they differ'}"
    ), agrees


def _not_compared(reason: str) -> dg.AssetCheckResult:
    return _result(f"not compared: {reason}", passed=True)


def _result(description: str, *, passed: bool, **metadata: Any) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=description,
        metadata={"description": description, **metadata},
    )
