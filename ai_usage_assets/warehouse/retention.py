"""How long addresses are kept: on older days, sources have pseudonyms in place of e-mails, and no names.

Curated statements read the sources through pseudonyms, and a pseudonym passes as it is. So a day that is computed again
has the facts that it had. Days are literals, and an address is in no statement, because BigQuery keeps the text of
statements.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ai_usage_assets.days import ALL_DAYS, ONE_DAY, Days
from ai_usage_assets.schema.ddl import string
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.tables.list_changes import RAW_LIST_CHANGES
from ai_usage_assets.schema.tables.pseudonyms import PSEUDONYMS
from ai_usage_assets.schema.tables.seen_values import SEEN_VALUES
from ai_usage_assets.warehouse.engine import Engine, Session, WriteContext
from ai_usage_assets.warehouse.personal import email_columns, name_columns, stored_sources
from ai_usage_assets.warehouse.pseudonyms import Pseudonyms, staged_names, update
from ai_usage_assets.warehouse.sql import and_within, within

CYCLE = timedelta(days=31)
"""No billing cycle is longer."""


@dataclass(frozen=True)
class Cleared:
    """What one clearing did."""

    first_kept: date
    """The first day that keeps its addresses."""
    addresses: int
    """How many different addresses were replaced."""
    tables: int
    """In how many tables."""

    def __str__(self) -> str:
        if not self.tables:
            return f"No address or name is older than {self.first_kept}."
        return f"{self.addresses} addresses before {self.first_kept} were replaced in {self.tables} tables."


def clear_old(
    engine: Engine, pseudonyms: Pseudonyms, days_kept: int, today: date, job: WriteContext
) -> Cleared:
    """Replace the addresses of older days and of entries that were last listed on one of them, and drop their names.

    Nothing is lost if it is interrupted: the next one does the rest.

    Args:
        engine: the warehouse.
        pseudonyms: those of the key.
        days_kept: how many days before today keep their addresses.
        today: the UTC day.
        job: the run that writes.

    Raises:
        PseudonymKeyError: the stored pseudonyms are made with another key. Nothing was written.
    """
    first_kept = today - timedelta(days=days_kept)
    old = Days(ALL_DAYS.first, first_kept - ONE_DAY)
    with engine.session(job) as session:
        pseudonyms.refresh(engine, session, (), None)
        sources = stored_sources(session)
        found = session.fetch(_found(sources, old)).to_pylist() if sources else []
        tables = {row["table_name"] for row in found}
        values = {row["value"] for row in found if row["value"] is not None}
        if values:
            with staged_names(session, {value: pseudonyms.of(value) for value in values}) as staged:
                for table in (table for table in sources if table.name in tables):
                    rows = [row for row in found if row["table_name"] == table.name]
                    for name in cleared_columns(table):
                        update(session, staged, table, name, f" and {_old_rows(table, _narrowed(old, rows))}")
        for table in (table for table in sources if table.name in tables):
            for name in name_columns(table):
                session.execute(
                    f"update `{table.name}` set `{name}` = null "
                    f"where `{name}` is not null and {_old_rows(table, old)}"
                )
        _read_again(session, tables)
        _drop_pseudonyms(session, sources, Days(first_kept, ALL_DAYS.last))
    return Cleared(first_kept, len(values), len(tables))


def cleared_columns(table: Table) -> list[str]:
    """The columns of a source whose old addresses are replaced.

    Entries of lists keep their ids. A person who is listed again would be another entry, and so a second seat.
    """
    is_list = table.layer is Layer.SNAPSHOT or table is RAW_LIST_CHANGES
    return [name for name in email_columns(table) if not (is_list and name in table.key)]


def _old_rows(table: Table, old: Days) -> str | None:
    """The condition of the rows that are cleared; None if the table keeps its addresses."""
    if table.layer is Layer.RAW:
        return within(str(table.partition), old)
    if table.layer is Layer.OPEN_DAY:
        return within("ingest_date", old)
    if table.layer is Layer.SNAPSHOT:
        return f"not `is_current` and `last_seen_at` < {_start_of(old.end)}"
    if table.layer is Layer.TOTALS:
        return f"`cycle_start` < {_start_of(old.end - CYCLE)}"
    return within("valid_from", old) if table is RAW_LIST_CHANGES else None


def _start_of(first: date) -> str:
    return f"timestamp '{first.isoformat()} 00:00:00+00'"


def _narrowed(old: Days, rows: Iterable[dict[str, date]]) -> Days:
    """The days on which addresses were found."""
    firsts, lasts = zip(*((row["first_day"], row["last_day"]) for row in rows), strict=True)
    return Days(min(firsts), max(lasts)) if all(firsts) else old


def _found(sources: Iterable[Table], old: Days) -> str:
    """One row is an address that is too old, in a table, with its first and last day if the table has days; or, without
    an address, a table with names that are too old.
    """
    none = "cast(null as date)"
    parts = []
    for table in sources:
        where = _old_rows(table, old)
        if where is None:
            continue
        bounds = (
            f"min(`{table.partition}`), max(`{table.partition}`)" if table.partition else f"{none}, {none}"
        )
        parts += [
            f"select {string(table.name)}, `{name}`, {bounds} from `{table.name}` "
            f"where `{name}` like '%@%' and {where} group by `{name}`"
            for name in cleared_columns(table)
        ]
        parts += [
            f"select distinct {string(table.name)}, cast(null as string), {none}, {none} from `{table.name}` "
            f"where `{name}` is not null and {where}"
            for name in name_columns(table)
        ]
    first = f"select '' as table_name, '' as value, {none} as first_day, {none} as last_day"
    union = "\nunion all\n".join([first, *parts])
    return f"select table_name, value, first_day, last_day from (\n{union}\n) as found where table_name != ''"


def _read_again(session: Session, tables: Iterable[str]) -> None:
    """Have the seen values of these tables read again, before a statement needs them."""
    if session.stored_table(SEEN_VALUES.name) is None:
        return
    if listed := ", ".join(string(name) for name in sorted(tables)):
        session.execute(f"delete from `{SEEN_VALUES.name}` where table_name in ({listed})")


def _drop_pseudonyms(session: Session, sources: Iterable[Table], kept: Days) -> None:
    """Delete the pseudonyms whose address is in no source any more."""
    parts = [*_kept_addresses(sources, kept)]
    union = "\nunion distinct\n".join(["select '' as value", *parts])
    session.execute(f"delete from `{PSEUDONYMS.name}` where `value` not in (\n{union}\n)")


def _kept_addresses(sources: Iterable[Table], kept: Days) -> Iterator[str]:
    for table in sources:
        for name in email_columns(table):
            yield f"select `{name}` from `{table.name}` where `{name}` like '%@%'{and_within(table, kept)}"
