"""Two totals of a Cursor billing cycle: Cursor's own, as it was last fetched, and ours, of the events up to that moment."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from ai_usage_assets.curated.select import in_window, tables_read, with_intermediates
from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.defs.checks.metrics import sql_of
from ai_usage_assets.schema.ddl import names
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS, RAW_CURSOR_OPEN_DAY, RAW_CURSOR_SPEND
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import day, within

FROM_EVENTS = f"from {RAW_CURSOR_EVENTS.name}\n"


@dataclass(frozen=True)
class CursorTotals:
    """Cursor's totals of the cycle that was requested last, in US dollars."""

    cycle_start: datetime
    asked_at: datetime
    members: int
    spend: Decimal | None
    overall: Decimal | None
    """None unless every member with a spend has one: answers of 2025 have none."""
    open_day_asked_at: datetime | None
    """None if the open day has no events."""


@dataclass(frozen=True)
class EventTotals:
    """Our totals of all events of the cycle up to the same moment, in US dollars."""

    all_events: Decimal
    by_kind: Decimal
    """What the kind decides to be charged, as in fct_cost_daily."""
    by_flag: Decimal
    """What isChargeable alone would charge."""
    flag_alone: Decimal
    """What isChargeable says is charged and the kind says is not."""
    kinds: dict[str, Decimal]
    """`all_events` by kind."""


def cursor_totals(engine: Engine, job: WriteContext | None = None) -> CursorTotals | None:
    """Cursor's totals; None if they were never fetched."""
    with engine.session(job) as session:
        ensure_tables(engine, session, [RAW_CURSOR_SPEND, RAW_CURSOR_OPEN_DAY])
        rows = session.fetch(sql_of("cursor_spend_totals")).to_pylist()
        (open_day,) = session.fetch(
            f"select max(fetched_at) as asked_at from {RAW_CURSOR_OPEN_DAY.name}"
        ).to_pylist()
    if not rows:
        return None
    (row,) = rows
    return CursorTotals(
        row["cycle_start"].astimezone(UTC),
        row["asked_at"].astimezone(UTC),
        row["members"],
        row["spend"],
        row["overall"] if row["members_with_overall"] == row["members_with_spend"] else None,
        open_day["asked_at"] and open_day["asked_at"].astimezone(UTC),
    )


def event_totals(engine: Engine, until: CursorTotals, job: WriteContext | None = None) -> EventTotals:
    """Our totals from the cycle's start to the moment of the request."""
    sql = statement(until.cycle_start, until.asked_at)
    with engine.session(job) as session:
        ensure_tables(engine, session, tables_read(sql))
        rows = session.fetch(sql).to_pylist()

    def total(name: str) -> Decimal:
        return sum((row[name] for row in rows), Decimal(0))

    kinds = {row["kind"]: row["all_events"] for row in rows}
    return EventTotals(total("all_events"), total("by_kind"), total("by_flag"), total("flag_alone"), kinds)


def statement(cycle_start: datetime, asked_at: datetime) -> str:
    """The totals over int_cursor_events, which reads the cycle's closed days and its open day instead of raw_cursor_events."""
    first, today = cycle_start.date(), asked_at.date()
    closed = within("ingest_date", Days(first, today - ONE_DAY)) if first < today else "false"
    columns = names(RAW_CURSOR_EVENTS.column_names)
    start = f"timestamp '{cycle_start:%Y-%m-%d %H:%M:%S.%f}+00'"
    events = (
        f"from (\n"
        f"select {columns} from {RAW_CURSOR_EVENTS.name} where {closed} and event_at >= {start}\n"
        f"union all\n"
        f"select {columns} from {RAW_CURSOR_OPEN_DAY.name}\n"
        f")\n"
    )
    sql = with_intermediates(sql_of("cursor_charges_match_spend"))
    if sql.count(FROM_EVENTS) != 1:
        raise ValueError(f"int_cursor_events.sql must read {RAW_CURSOR_EVENTS.name} exactly once")
    bounds = {"@first_day": day(first), "@end_day": day(today + ONE_DAY)}
    return in_window(sql.replace(FROM_EVENTS, events), bounds)
