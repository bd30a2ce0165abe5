"""What `ai-usage import cursor-csv` writes: which days of a file, and which days of the curated tables follow."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ai_usage_assets.days import Days, contiguous
from ai_usage_assets.schema.columns import FETCHED_AT
from ai_usage_assets.schema.model import Column
from ai_usage_assets.schema.tables.cursor import DASHBOARD_CSV, RAW_CURSOR_EVENTS
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.warehouse.chunks import MAX_DAYS_PER_WRITE
from ai_usage_assets.warehouse.engine import Engine, Session, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.retention_guard import figures, kept_reason
from ai_usage_assets.warehouse.sql import rows_of, within
from ai_usage_assets.warehouse.write import replace

if TYPE_CHECKING:
    import pyarrow as pa

TABLE = RAW_CURSOR_EVENTS
STEP = "import-cursor-csv"
FACTS = ("fct_usage_daily", "fct_cost_daily", "fct_cursor_requests_daily")
COMPARED = tuple(name for name in TABLE.column_names if name != FETCHED_AT.name)
FIGURES = figures(TABLE)
MONEY = [column for column in FIGURES if column.is_money]
CALL = ("event_at", "email", "model", "cloud_agent_id")
Row = tuple[Any, ...]


@dataclass
class Plan:
    """The days of a file by what happens to them."""

    written: list[date] = field(default_factory=list)
    unchanged: list[date] = field(default_factory=list)
    of_api: list[date] = field(default_factory=list)
    """The API has loaded calls of the day, and its rows stay."""
    lacking: list[date] = field(default_factory=list)
    """The file lacks calls that an earlier import has between its first and its last call. The day's rows stay."""
    kept: list[date] = field(default_factory=list)
    """The file has the day's calls without the amounts or figures of an earlier import. The day's rows stay."""


def write(engine: Engine, rows: "pa.Table", days: Days, *, replace_with_nothing: bool = False) -> Plan:
    """Write the days of the file that the API has not loaded, through the write path. The same file again writes nothing.

    An export is complete from its first to its last call. Calls that an earlier import has of the first day before it, and
    of the last day after it, stay. A day of the range without a call is written too: it is loaded, and empty.

    Args:
        engine: the warehouse.
        rows: all rows of the file that lie within the days.
        days: all days from the first to the last call.
        replace_with_nothing: whether calls without amounts or figures replace calls that have them.

    Raises:
        WarehouseError: the days of the write at hand are as they were; former ones are written.
    """
    context = WriteContext(
        uuid4().hex, STEP, labels={"asset": TABLE.name, "run": STEP, "partition": str(days)}
    )
    with engine.session(context.part("stored")) as session:
        ensure_tables(engine, session, [TABLE, LOAD_LOG])
        stored = session.fetch(rows_of(TABLE, TABLE.name, days, TABLE.column_names))
        loaded = {row["day"] for row in session.fetch(_loaded(TABLE.name, days)).to_pylist()}
    rows = _with_calls_outside(rows, stored)
    plan = planned(days, _by_day(rows), _by_day(stored), loaded, replace_with_nothing=replace_with_nothing)
    for part in contiguous(plan.written):
        for chunk in part.chunks(MAX_DAYS_PER_WRITE):
            replace(
                engine,
                TABLE,
                _within(rows, chunk),
                chunk,
                context.part(str(chunk)),
                replace_with_nothing=replace_with_nothing,
            )
    return plan


def planned(
    days: Days,
    new: Mapping[date, Counter[Row]],
    stored: Mapping[date, Counter[Row]],
    loaded: Collection[date],
    *,
    replace_with_nothing: bool = False,
) -> Plan:
    """What happens to each day, from its stored rows and those that it would have."""
    plan, source = Plan(), COMPARED.index("source")
    nothing: Counter[Row] = Counter()
    for day in days:
        before, after = stored.get(day, nothing), new.get(day, nothing)
        if any(row[source] != DASHBOARD_CSV for row in before):
            plan.of_api.append(day)
        elif before == after and day in loaded:
            plan.unchanged.append(day)
        elif _calls(before) - _calls(after):
            plan.lacking.append(day)
        elif before and not replace_with_nothing and _kept_reason(before, after):
            plan.kept.append(day)
        else:
            plan.written.append(day)
    return plan


def due(engine: Engine, days: Days) -> list[date]:
    """The days whose facts are older than their calls, also after an import that was interrupted."""
    with engine.session(WriteContext(uuid4().hex, f"{STEP}-due")) as session:
        ensure_tables(engine, session, [LOAD_LOG])
        raw = _times(session, TABLE.name, days)
        facts = [_times(session, name, days) for name in FACTS]
    return [
        day for day, at in sorted(raw.items()) if any(day not in fact or fact[day] < at for fact in facts)
    ]


def _times(session: Session, table: str, days: Days) -> dict[date, datetime]:
    return {row["day"]: row["loaded_at"] for row in session.fetch(_loaded(table, days)).to_pylist()}


def _loaded(table: str, days: Days) -> str:
    return (
        f"select day, loaded_at from {LOAD_LOG.name} where table_name = '{table}' and {within('day', days)}"
    )


def _calls(rows: Counter[Row]) -> Counter[Row]:
    """The calls by what a restated amount does not change."""
    places = [COMPARED.index(name) for name in CALL]
    found: Counter[Row] = Counter()
    for row, count in rows.items():
        found[tuple(row[place] for place in places)] += count
    return found


def _kept_reason(before: Counter[Row], after: Counter[Row]) -> str | None:
    """Why the write would keep the day's rows. A day that is not written keeps its entry of load_log too."""
    return kept_reason(
        {
            "has_figures": _has_any(before, FIGURES),
            "has_money": _has_any(before, MONEY),
            "answer_rows": after.total(),
            "answer_has_figures": _has_any(after, FIGURES),
            "answer_has_money": _has_any(after, MONEY),
        }
    )


def _has_any(rows: Counter[Row], columns: Sequence[Column]) -> bool:
    places = [COMPARED.index(column.name) for column in columns]
    return any(row[place] for row in rows for place in places)


def _with_calls_outside(rows: "pa.Table", stored: "pa.Table") -> "pa.Table":
    """The file's rows, and the stored ones before its first and after its last call."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ends = pc.min_max(rows["event_at"])
    at = stored["event_at"]
    outside = stored.filter(pc.or_(pc.less(at, ends["min"]), pc.greater(at, ends["max"])))
    return pa.concat_tables([rows, outside.select(rows.column_names).cast(rows.schema)])


def _by_day(rows: "pa.Table") -> dict[date, Counter[Row]]:
    found: dict[date, Counter[Row]] = {}
    for row in rows.select(COMPARED).to_pylist():
        found.setdefault(row["ingest_date"], Counter())[tuple(row[name] for name in COMPARED)] += 1
    return found


def _within(rows: "pa.Table", days: Days) -> "pa.Table":
    import pyarrow.compute as pc

    day = rows["ingest_date"]
    return rows.filter(pc.and_(pc.greater_equal(day, days.first), pc.less_equal(day, days.last)))
