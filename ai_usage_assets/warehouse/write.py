"""The one way rows get in: ensure the table, stage, audit, publish. The same on every engine."""

import contextlib
import time
from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from ai_usage_assets.days import Days
from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.tables.list_changes import RAW_LIST_CHANGES
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.schema.tables.restatements import FCT_RESTATEMENTS
from ai_usage_assets.warehouse import audit, list_changes, load_log
from ai_usage_assets.warehouse import restatements as ledger
from ai_usage_assets.warehouse import retention_guard as history
from ai_usage_assets.warehouse import sql as statements
from ai_usage_assets.warehouse.casts import as_declared, refuse_columns
from ai_usage_assets.warehouse.dialect import selected_columns
from ai_usage_assets.warehouse.empty_lists import refuse_empty
from ai_usage_assets.warehouse.engine import Engine, Kept, Rows, Select, Session, View, WriteContext, Written
from ai_usage_assets.warehouse.ensure_tables import ensure


def replace(
    engine: Engine,
    table: Table,
    rows: Rows,
    days: Days | None,
    context: WriteContext,
    *,
    replace_with_nothing: bool = False,
) -> Written:
    """Replace the window (or the whole table) by the rows, atomically, after an audit.

    A day that a vendor no longer reports keeps its rows (see `history.py`), unless they are to be replaced by nothing.

    Raises:
        EmptyListError: the list has no current entry, and the table has some.
        InvalidRowsError: the rows are not what is declared; culprits are named by key.
        TableDiffers: the table in the warehouse is not what is declared.
    """
    started = time.monotonic()
    source: pa.Table | str
    if isinstance(rows, Select):
        refuse_columns(table, selected_columns(rows.sql))
        source = statements.for_window(rows.sql, days)
    else:
        source = as_declared(table, rows)
    staged = f"staged_{table.name}_{context.suffix}"
    with engine.session(context) as session:
        is_logged = bool(table.partition) and table.layer is not Layer.OTHER
        kept_by_writes = [LOAD_LOG] if is_logged else []
        kept_by_writes += [FCT_RESTATEMENTS] if table.restated else []
        kept_by_writes += [RAW_LIST_CHANGES] if table.tracked else []
        ensure(engine, session, [*kept_by_writes, table, *(rows.inputs if isinstance(rows, Select) else ())])
        held = [staged]
        try:
            session.stage(staged, source)
            if table.layer in {Layer.REGISTER, Layer.TOTALS}:
                if table.layer is Layer.REGISTER and not replace_with_nothing:
                    refuse_empty(engine, session, table, staged)
                held.append(f"{staged}_upserted")
                session.stage(held[-1], statements.register(table, staged))
                staged = held[-1]
            refuse_types(table, session.staged_columns(staged))
            kept: Mapping[date, Kept] = {}
            if table.is_history_rolling and days:
                compared = history.compare(session, table, staged, days)
                kept = {} if replace_with_nothing else compared.kept
                if kept or compared.has_lost_emails:
                    held.append(f"{staged}_compared")
                    session.stage(held[-1], history.remaining(table, staged, days, compared, kept))
                    staged = held[-1]
            verdict = _audited(engine, session, table, f"`{staged}`", days)
            stats = verdict.stats | history.stats(session, table, kept, days) if days else verdict.stats
            restated = people = 0
            first = None
            if table.restated and days:
                moved = session.fetch(ledger.moved(table, staged, days)).column("user_email")
                restated, people = moved.null_count, len(moved) - moved.null_count
                first = ledger.set_down(table, staged, days) if len(moved) else None
            if table.tracked:
                first = list_changes.record(table, staged, held[0])
            last = load_log.statement(table, days, stats) if is_logged and days else None
            job_id = session.publish(table, staged, days, first, kept=kept, last=last)
        finally:
            for name in held:
                # what cannot be discarded expires; it must not hide what went wrong, or that all went well
                with contextlib.suppress(Exception):
                    session.discard(name)
    return Written(days, stats, job_id, time.monotonic() - started, restated, people)


def create_view(engine: Engine, table: Table, view: View, context: WriteContext) -> Written:
    """Create the view, or replace it, after an audit of what it answers now.

    Raises:
        InvalidRowsError: it does not answer what is declared; the view is left as it was.
    """
    started = time.monotonic()
    refuse_columns(table, selected_columns(view.sql))
    with engine.session(context) as session:
        ensure(engine, session, [read for read in view.inputs if read.layer is not Layer.VIEW])
        verdict = _audited(engine, session, table, f"({view.sql})", None)
        session.create_view(table, engine.create_view(table, view))
    return Written(None, verdict.stats, context.job_id(table.name), time.monotonic() - started)


def _audited(engine: Engine, session: Session, table: Table, source: str, days: Days | None) -> audit.Audit:
    verdict = audit.audit(session, table, source, days)
    if verdict.violations:
        described = audit.describe(session, table, source, verdict.violations)
        raise InvalidRowsError(engine.qualified(table.name), described)
    return verdict


def refuse_types(table: Table, given: dict[str, str]) -> None:
    """Refuse staged columns whose type is of another family than the declared one."""
    reasons = [
        f"column {column.name} is {given[column.name]}, declared {column.type}"
        for column in table.columns
        if column.name in given and given[column.name] != column.type.name
    ]
    if reasons:
        raise InvalidRowsError(table.name, reasons)
