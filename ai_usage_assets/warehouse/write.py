"""The write path: ensure the table, stage the rows, audit them, publish them. It is the same on every engine.

What belongs here: the order of these steps. Each step is a module of its own.
"""

import contextlib
import time
from collections.abc import Mapping
from datetime import date
from typing import Self

from ai_usage_assets.days import Days
from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.tables.list_changes import RAW_LIST_CHANGES
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.schema.tables.restatements import FCT_RESTATEMENTS
from ai_usage_assets.spool import FetchedRows, SpooledRows
from ai_usage_assets.warehouse import (
    audit,
    list_changes,
    load_log,
    restatements,
    retention_guard,
    seen_values,
    sql,
)
from ai_usage_assets.warehouse.casts import as_declared, refuse_columns
from ai_usage_assets.warehouse.empty_lists import refuse_empty
from ai_usage_assets.warehouse.engine import Engine, Kept, Rows, Select, Session, View, WriteContext, Written
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.translations import selected_columns


def replace(
    engine: Engine,
    table: Table,
    rows: Rows,
    days: Days | None,
    context: WriteContext,
    *,
    replace_with_nothing: bool = False,
) -> Written:
    """Replace the rows of some days, or of the whole table, in one atomic step after an audit.

    A day that a vendor no longer reports keeps its rows (see `retention_guard`), unless `replace_with_nothing` is set.

    Raises:
        EmptyListError: the list has no current entry, and the table has some.
        InvalidRowsError: the rows differ from the declaration. Offending rows are named by their key.
        SchemaDriftError: the table in the warehouse differs from its declaration.
    """
    started = time.monotonic()
    source: FetchedRows | str
    if isinstance(rows, Select):
        refuse_columns(table, selected_columns(rows.sql))
        source = sql.for_window(rows.sql, days)
    elif isinstance(rows, SpooledRows):
        # they were made for this table, and the types of what is staged are compared below
        refuse_columns(table, rows.schema.names)
        source = rows
    else:
        source = as_declared(table, rows)
    with engine.session(context) as session:
        ensure_tables(engine, session, [*_log_tables(table), table])
        _prepare_inputs(engine, session, rows, days)
        with _Staging(session, f"staged_{table.name}_{context.suffix}") as staging:
            staged = incoming = staging.add(source)
            if table.layer in {Layer.SNAPSHOT, Layer.TOTALS}:
                if table.layer is Layer.SNAPSHOT and not replace_with_nothing:
                    refuse_empty(engine, session, table, incoming)
                staged = staging.add(sql.updated_snapshot(table, incoming), "_upserted")
            refuse_types(table, session.staged_columns(staged))
            kept: Mapping[date, Kept] = {}
            if table.has_rolling_history and days:
                comparison = retention_guard.compare(session, table, staged, days)
                kept = {} if replace_with_nothing else comparison.kept
                if kept or comparison.has_lost_emails:
                    remaining = retention_guard.remaining(table, staged, days, comparison, kept)
                    staged = staging.add(remaining, "_compared")
            stats = _audited(engine, session, table, f"`{staged}`", days).stats
            if days:
                stats = stats | retention_guard.kept_stats(session, table, kept, days)
            restated_totals, restated_people = _count_restatements(session, table, staged, days)
            before = None
            if days and (restated_totals or restated_people):
                before = restatements.record_restatements(table, staged, days)
            elif table.tracked_columns:
                before = list_changes.record_changes(table, staged, incoming)
            after = load_log.statement(table, days, stats) if table.is_daily and days else None
            job_id = session.publish(table, staged, days, before, kept=kept, after=after)
    return Written(days, stats, job_id, time.monotonic() - started, restated_totals, restated_people)


def _prepare_inputs(engine: Engine, session: Session, rows: Rows, days: Days | None) -> None:
    if not isinstance(rows, Select):
        return
    ensure_tables(engine, session, rows.inputs)
    if rows.seen_values:
        seen_values.refresh(engine, session, rows.seen_values)
    if rows.pseudonyms:
        rows.pseudonyms.refresh(engine, session, rows.inputs, days)


class _Staging:
    """The staged tables of one write. All of them are dropped when the write ends."""

    def __init__(self, session: Session, prefix: str) -> None:
        self._session, self._prefix = session, prefix
        self._names: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._names:
            # a staged table that is not dropped expires; its error must not hide the result of the write
            with contextlib.suppress(Exception):
                self._session.discard(name)

    def add(self, source: "FetchedRows | str", suffix: str = "") -> str:
        """Stage rows or the result of a SELECT, and return the staged name."""
        name = self._prefix + suffix
        self._names.append(name)
        self._session.stage(name, source)
        return name


def _count_restatements(session: Session, table: Table, staged: str, days: Days | None) -> tuple[int, int]:
    """How many published totals, and how many sums of people, the write changes."""
    if not (table.restated_measures and days):
        return 0, 0
    people = session.fetch(restatements.changed_totals(table, staged, days)).column("user_email")
    # the row of a total has no person
    return people.null_count, len(people) - people.null_count


def _log_tables(table: Table) -> list[Table]:
    """The tables that a write of this table keeps up to date."""
    logs = [LOAD_LOG] if table.is_daily else []
    logs += [FCT_RESTATEMENTS] if table.restated_measures else []
    logs += [RAW_LIST_CHANGES] if table.tracked_columns else []
    return logs


def create_view(engine: Engine, table: Table, view: View, context: WriteContext) -> Written:
    """Create or replace a view, after an audit of its present rows.

    Raises:
        InvalidRowsError: the rows differ from the declaration. The view was not changed.
    """
    started = time.monotonic()
    refuse_columns(table, selected_columns(view.sql))
    with engine.session(context) as session:
        ensure_tables(engine, session, [read for read in view.inputs if read.layer is not Layer.VIEW])
        result = _audited(engine, session, table, f"({view.sql})", None)
        session.create_view(table, engine.create_view(table, view))
    return Written(None, result.stats, context.job_id(table.name), time.monotonic() - started)


def _audited(engine: Engine, session: Session, table: Table, source: str, days: Days | None) -> audit.Audit:
    result = audit.audit(session, table, source, days)
    if result.violations:
        reasons = audit.describe(session, table, source, result.violations)
        raise InvalidRowsError(engine.qualified(table.name), reasons)
    return result


def refuse_types(table: Table, given: dict[str, str]) -> None:
    """Refuse staged columns of another type than the declared one; precision and scale are not compared.

    Raises:
        InvalidRowsError: it names the columns.
    """
    reasons = [
        f"column {column.name} is {given[column.name]}, declared {column.type}"
        for column in table.columns
        if column.name in given and given[column.name] != column.type.name
    ]
    if reasons:
        raise InvalidRowsError(table.name, reasons)
