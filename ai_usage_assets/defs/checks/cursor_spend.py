"""Cursor's own totals of the billing cycle against ours, from the cycle's start to the moment at which it was asked.

Ours are the loaded events of the closed days and the open day's events of that moment, classified by the one
definition of what Cursor charges. The vendor is not asked here.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import dagster as dg

from ai_usage_assets.days import ONE_DAY, Days, listed
from ai_usage_assets.defs.checks.cursor_totals import Sums, Totals, sums, totals
from ai_usage_assets.defs.checks.loaded_days import landed
from ai_usage_assets.defs.checks.scope import asking
from ai_usage_assets.defs.not_offered import NOT_OFFERED
from ai_usage_assets.defs.resources import Settings
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.tables.cursor_spend import RAW_CURSOR_OPEN_DAY, RAW_CURSOR_SPEND
from ai_usage_assets.schema.tables.identity import IDENTITY_ALIASES
from ai_usage_assets.schema.tables.raw import RAW_CURSOR_EVENTS
from ai_usage_assets.warehouse.engine import Engine, WriteContext

HALF_A_CENT = Decimal("0.005")
AN_HOUR = Decimal(1) / 5
"""Of an average day's money: what the busiest hour of a working day comes to."""
RELOAD = (
    "Events are missing here or were revised: materialize raw_cursor_events for the days of the cycle, then "
    "raw_cursor_spend with raw_cursor_open_day."
)
INVOICE = (
    "Compare with Cursor's invoice, kind by kind (metadata). Only curated/int_cursor_events.sql decides what is charged: "
    "if the invoice confirms Cursor's total, change it there and materialize fct_cost_daily again."
)


def build(settings: Settings) -> list[dg.AssetChecksDefinition]:
    return [cursor_spend] if settings.cursor else []


@dg.asset_check(
    asset=RAW_CURSOR_SPEND.name,
    name="cursor_charges_are_near_its_spend",
    description=(
        "From the billing cycle's start to the moment at which teams/spend was asked, the charged events sum to "
        "Cursor's on-demand total, and all events to its overall total. It says which reading of isChargeable holds."
    ),
    additional_deps=[RAW_CURSOR_EVENTS.name, RAW_CURSOR_OPEN_DAY.name, IDENTITY_ALIASES.name],
)
def cursor_spend(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    engine = warehouse.engine
    return compare(engine, context.instance, asking(context, RAW_CURSOR_SPEND, "cursor_spend"))


def compare(
    engine: Engine, instance: dg.DagsterInstance, job: WriteContext | None = None
) -> dg.AssetCheckResult:
    """Compare the cycle that was asked for last; what cannot be compared passes, and the result says why."""
    if refused := _not_offered(instance):
        return _not_compared(refused)

    def part(name: str) -> WriteContext | None:
        # a session numbers its statements from 0, and BigQuery takes an id that was used before for the same statement
        return job.part(name) if job else None

    theirs = totals(engine, part("totals"))
    if theirs is None:
        return _not_compared("raw_cursor_spend has no rows")
    if theirs.spend is None:
        return _not_compared("Cursor's answer has no spendCents")
    if theirs.open_day_asked_at not in (None, theirs.asked_at):
        return _not_compared(
            "raw_cursor_open_day and raw_cursor_spend are of different moments; materialize them together"
        )
    began, today = theirs.cycle_start.date(), theirs.asked_at.date()
    if began < today:
        closed = Days(began, today - ONE_DAY)
        loaded = landed(engine, instance, RAW_CURSOR_EVENTS, closed, part("loaded"))
        if missing := [day for day in closed if day not in loaded]:
            return _not_compared(_not_loaded(began, missing, loaded))
    return result(theirs, theirs.spend, sums(engine, theirs, part("sums")))


def _not_offered(instance: dg.DagsterInstance) -> str | None:
    event = instance.get_latest_materialization_event(dg.AssetKey(RAW_CURSOR_SPEND.name))
    landed_last = event.asset_materialization if event else None
    said = landed_last.metadata.get(NOT_OFFERED) if landed_last else None
    return str(said.value) if said else None


def _not_loaded(began: date, missing: Sequence[date], loaded: set[date]) -> str:
    early = f", before the first loaded day {min(loaded)}" if loaded and missing[0] < min(loaded) else ""
    return (
        f"the billing cycle began on {began}{early}; days not loaded in raw_cursor_events: {listed(missing)}"
    )


def tolerance(theirs: Totals, amount: Decimal) -> Decimal:
    """By how much two sums of the same money may differ, in dollars.

    Cursor may round each member's total to a whole cent, and it sums up events once an hour, so that its two answers
    can be an hour apart. A missing day differs by more than that, unless hardly anything was spent on it.
    """
    seconds = Decimal(str((theirs.asked_at - theirs.cycle_start).total_seconds()))
    return rounding(theirs) + AN_HOUR * abs(amount) / max(seconds / 86_400, Decimal(1))


def rounding(theirs: Totals) -> Decimal:
    return HALF_A_CENT * theirs.members


def result(theirs: Totals, spend: Decimal, ours: Sums) -> dg.AssetCheckResult:
    """Both comparisons; the description says which reading of isChargeable gives Cursor's on-demand total."""
    allowed = tolerance(theirs, spend)
    apart = abs(ours.by_kind - spend), abs(ours.by_flag - spend)
    if min(apart) <= rounding(theirs):
        # the two answers are of one hour, and a reading that is off by more is not the vendor's
        allowed = rounding(theirs)
    kind_agrees, flag_agrees = (each <= allowed for each in apart)
    said = reading(ours, spend, kind_agrees=kind_agrees, flag_agrees=flag_agrees)
    whole, all_agree = overall(theirs, ours)
    figures = {
        "on_demand_usd": spend,
        "charged_by_kind_usd": ours.by_kind,
        "charged_by_flag_usd": ours.by_flag,
        "overall_usd": theirs.overall,
        "all_events_usd": ours.everything,
        "tolerance_usd": allowed,
    }
    listed_kinds = "\n".join(f"- {kind}: {amount:.4f} USD" for kind, amount in ours.kinds.items())
    hints = [*([] if all_agree else [RELOAD]), *([] if kind_agrees else [INVOICE])]
    return _answer(
        f"{said}. {whole}",
        passed=kind_agrees and all_agree,
        cycle_start=theirs.cycle_start.isoformat(),
        asked_at=theirs.asked_at.isoformat(),
        **{name: float(round(value, 4)) for name, value in figures.items() if value is not None},
        kinds=dg.MetadataValue.md(listed_kinds),
        **({"remedy": " ".join(hints)} if hints else {}),
    )


def reading(ours: Sums, spend: Decimal, *, kind_agrees: bool, flag_agrees: bool) -> str:
    """What Cursor's on-demand total says of isChargeable."""
    told = f"Cursor's on-demand total is {spend:.2f} USD"
    summed = f"by kind {ours.by_kind:.2f} USD are charged, by isChargeable alone {ours.by_flag:.2f} USD"
    if kind_agrees and flag_agrees:
        same = ours.by_kind == ours.by_flag
        return f"undecided: {'no event tells' if same else 'too little money tells'} the two apart; {told}; {summed}"
    if kind_agrees:
        return f"confirmed: the kind decides; {told}; {summed}"
    if flag_agrees:
        return (
            f"Cursor's own total agrees with isChargeable instead: {ours.flag_alone:.2f} USD of included events are "
            f"charged here, and fct_cost_daily leaves them out; {told}; {summed}"
        )
    return f"neither agrees: {told}; {summed}"


def overall(theirs: Totals, ours: Sums) -> tuple[str, bool]:
    """What the overall total says, and whether it is the sum of all events."""
    if theirs.overall is None:
        return "Cursor's answer has no overall total, so only the on-demand total was compared", True
    agree = abs(ours.everything - theirs.overall) <= tolerance(theirs, theirs.overall)
    return (
        f"All events sum to {ours.everything:.2f} USD, Cursor's overall total is {theirs.overall:.2f} USD"
        f"{'' if agree else ': they differ'}"
    ), agree


def _not_compared(why: str) -> dg.AssetCheckResult:
    return _answer(f"not compared: {why}", passed=True)


def _answer(said: str, *, passed: bool, **metadata: Any) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=said,
        metadata={"said": said, **metadata},
    )
