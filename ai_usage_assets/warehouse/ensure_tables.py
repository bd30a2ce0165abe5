"""Tables brought to their declarations, before they are read and before they are written."""

from collections.abc import Iterable

from ai_usage_assets.schema.ddl import add_column
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import DAILY
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.warehouse import load_log
from ai_usage_assets.warehouse.engine import Engine, Session
from ai_usage_assets.warehouse.errors import TableDiffers
from ai_usage_assets.warehouse.schema_drift import remedy


def ensure(engine: Engine, session: Session, tables: Iterable[Table]) -> None:
    """Create what is absent, add new nullable columns, bring descriptions up to date, refuse every other difference.

    Nothing is sent for a table that is as declared but the one look at it. A log of loads that is created holds from
    the start what was loaded before there was one.

    Raises:
        TableDiffers: the table in the warehouse cannot be brought to its declaration.
    """
    for table in tables:
        found = session.differences(table)
        if found.conflicts:
            mend = remedy(engine.spelled(table.name), table.name, found.conflicts)
            raise TableDiffers(engine.qualified(table.name), [*map(str, found.conflicts)], mend)
        if found.absent:
            session.execute(engine.create_table(table))
            if table is LOAD_LOG and (loaded := [t for t in DAILY if not session.differences(t).absent]):
                session.execute(load_log.of_earlier_loads(loaded))
        for name in found.missing:
            for statement in add_column(table, table.by_name[name]):
                session.execute(statement)
        if found.missing or found.reworded:
            session.describe(table)
