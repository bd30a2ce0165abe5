"""What stands in the way of closing a month: the figures of a closed month must not be about to change.

A month can be closed when it is over and the vendors have finished its last day, when every table that its figures are
made of is loaded for each of its days, when the facts are as new as their raw tables, and when they equal them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ai_usage_assets.curated.select import select, tables_read
from ai_usage_assets.days import ALL_DAYS, Days, listed
from ai_usage_assets.defs.checks import reconciliation
from ai_usage_assets.defs.checks.reconciliation_rules import RULES
from ai_usage_assets.defs.curated import raw_tables_by_fact
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.closed_months import CLOSED_MONTHS
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.sources.source import SOURCES
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.sql import within

MAX_LISTED = 5
LAG = {source.name: max(source.finalization_lag, source.empty_is_final_after) for source in SOURCES}
"""From the end of a day until the vendor's figures of it are final, and a day without data is believed."""
FACTS = tuple(table for table in select(CLOSED_MONTHS).inputs if table.is_daily)
"""The facts that a closed month is made of."""

Loads = Mapping[str, Mapping[date, datetime]]
"""By table and day, when the day was loaded."""
RawTables = Mapping[Table, Sequence[Table]]
"""The raw tables of each of FACTS."""


@dataclass(frozen=True)
class Obstacle:
    """A reason why a month cannot be closed, and what to do about it."""

    reason: str
    hint: str

    def __str__(self) -> str:
        return f"{self.reason}. {self.hint}"


def obstacles(session: Session, month: Days, now: datetime, fetched: Collection[Table]) -> list[Obstacle]:
    """Every reason why the month cannot be closed now; none if it can.

    Args:
        session: reads the load log, the facts and their raw tables.
        month: the days of a calendar month.
        now: the present time.
        fetched: the tables that this deployment fetches.
    """
    if now < month.ending_at:
        return [
            Obstacle(f"it is not over before {month.ending_at:%Y-%m-%d} UTC", "Close it after its last day.")
        ]
    final_at = month.ending_at + max((LAG[str(table.vendor)] for table in fetched), default=timedelta())
    if now < final_at:
        return [
            Obstacle(
                f"its last day is not final before {final_at:%Y-%m-%d %H:%M} UTC",
                "Close it after that time.",
            )
        ]
    loads = _loads(session, month)
    by_fact = raw_tables_by_fact()
    raw_tables = {fact: by_fact[fact] for fact in FACTS}
    found = list(_gaps(loads, month, _needed(loads, fetched, raw_tables)))
    return found or [*_early_and_stale(loads, raw_tables), *_differences(session, month)]


def _loads(session: Session, month: Days) -> Loads:
    """The loads of the month's days; a table that was only loaded on other days has none."""
    rows = session.fetch(
        f"select table_name, day, loaded_at from `{LOAD_LOG.name}` where {within('day', month)} "
        f"union distinct select table_name, cast(null as date), cast(null as timestamp) from `{LOAD_LOG.name}`"
    ).to_pylist()
    loads: dict[str, dict[date, datetime]] = {}
    for row in rows:
        of_table = loads.setdefault(row["table_name"], {})
        if row["day"]:
            of_table[row["day"]] = row["loaded_at"]
    return loads


def _gaps(loads: Loads, month: Days, needed: Iterable[Table]) -> Iterator[Obstacle]:
    for table in needed:
        missing = [day for day in month if day not in loads.get(table.name, {})]
        if missing:
            yield Obstacle(f"{table.name} is not loaded for {listed(missing)}", "Materialize these days.")


def _needed(loads: Loads, fetched: Collection[Table], raw_tables: RawTables) -> list[Table]:
    """The facts, and those of their raw tables that are fetched or were ever loaded."""
    raw = {table for tables in raw_tables.values() for table in tables}
    return [*sorted((t for t in raw if t in fetched or t.name in loads), key=lambda t: t.name), *FACTS]


def _early_and_stale(loads: Loads, raw_tables: RawTables) -> Iterator[Obstacle]:
    lags = {source.name: source.finalization_lag for source in SOURCES}
    early: dict[str, list[date]] = {}
    for fact, read in raw_tables.items():
        stale = set()
        for raw in read:
            for day, loaded_at in loads.get(raw.name, {}).items():
                if loaded_at < Days.one(day).ending_at + lags[str(raw.vendor)]:
                    early.setdefault(raw.name, []).append(day)
                if loaded_at > loads[fact.name][day]:
                    stale.add(day)
        if stale:
            yield Obstacle(
                f"{fact.name} is older than its raw tables on {listed(stale)}",
                f"Materialize {fact.name} again.",
            )
    for name, days in early.items():
        yield Obstacle(
            f"{name} was loaded before the vendor had finished {listed(days)}",
            "Materialize these days again.",
        )


def tables_needed() -> list[Table]:
    """Every table that is read to find the obstacles."""
    compared = (table for fact in FACTS for table in tables_read(_comparison(fact, ALL_DAYS)))
    return list(dict.fromkeys([LOAD_LOG, *select(CLOSED_MONTHS).inputs, *compared]))


def _comparison(fact: Table, days: Days) -> str:
    return reconciliation.statement(fact, [rule for rule in RULES if rule.fact is fact], days)


def _differences(session: Session, month: Days) -> Iterator[Obstacle]:
    """The blocking check `sums_equal_source`, over the month."""
    for fact in FACTS:
        rows = session.fetch(_comparison(fact, month)).to_pylist()
        if rows:
            shown = "; ".join(
                f"{row['day']} {row['platform']} {row['measure']} is {row['in_fact']}, source {row['in_source']}"
                for row in rows[:MAX_LISTED]
            )
            yield Obstacle(
                f"the check sums_equal_source of {fact.name} fails ({len(rows)} sums): {shown}",
                f"Materialize {fact.name} for these days.",
            )
