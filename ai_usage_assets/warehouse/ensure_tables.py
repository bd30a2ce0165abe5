"""Brings tables to their declarations, before they are read or written."""

from collections.abc import Iterable

from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import DAILY
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.warehouse import load_log
from ai_usage_assets.warehouse.engine import Engine, Session
from ai_usage_assets.warehouse.errors import SchemaDriftError
from ai_usage_assets.warehouse.schema_drift import conflict_hint


def ensure_tables(engine: Engine, session: Session, tables: Iterable[Table]) -> None:
    """Create absent tables, add new nullable columns and update descriptions.

    A table that is as declared costs one look and no statement. A new load log is filled with the days that were loaded
    before it existed.

    Raises:
        SchemaDriftError: a table differs from its declaration in another way.
    """
    for table in tables:
        drift = session.schema_drift(table)
        if drift.is_absent:
            session.create_table(table, engine.create_table(table))
            if table is LOAD_LOG and (loaded := [t for t in DAILY if not session.schema_drift(t).is_absent]):
                session.execute(load_log.earlier_loads_statement(loaded))
            # another writer may have created the table first, from another version of the declaration
            drift = session.schema_drift(table)
        if drift.conflicts:
            hint = conflict_hint(engine.quoted_name(table.name), table.name, drift.conflicts)
            raise SchemaDriftError(engine.qualified(table.name), map(str, drift.conflicts), hint)
        if drift.has_changes:
            session.update_definition(table, drift)
