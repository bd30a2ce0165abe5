"""Which tables and columns have people in them, by their declarations.

What belongs here: telling addresses from names, and sources from what readers may read.
"""

from collections.abc import Iterable, Iterator

from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.schema.tables.curated import DIM_API_KEYS
from ai_usage_assets.schema.tables.identity import IDENTITY_BUDGETS
from ai_usage_assets.schema.tables.pseudonyms import PSEUDONYMS
from ai_usage_assets.warehouse.engine import Session

SOURCES = frozenset({Layer.IDENTITY, Layer.SNAPSHOT, Layer.LIST_LOG, Layer.RAW, Layer.TOTALS, Layer.OPEN_DAY})
PUBLISHED = frozenset({Layer.CURATED, Layer.CLOSED, Layer.WRITE_LOG})
"""The tables that readers may read."""
NAMES = frozenset({"first_name", "last_name", "name"})
"""The personal columns that are names: empty with a key."""
LANDED = IDENTITY_BUDGETS
"""The source that lands with pseudonyms (defs/identity.py): its budgets of persons are read by other statements too."""
NAME_OF_KEY = "name"
NAMES_OF_KEYS = (DIM_API_KEYS.name, "raw_anthropic_api_keys", NAME_OF_KEY)
"""People name keys after themselves. Facts match keys by their names, and do not show them."""


def personal_columns(table: Table, target: Table | None = None) -> Iterator[str]:
    """The columns of a source that a curated statement must not read as they are."""
    if table.layer not in SOURCES or table in {PSEUDONYMS, LANDED}:
        return
    for column in table.columns:
        if column.is_personal or (target and (target.name, table.name, column.name) == NAMES_OF_KEYS):
            yield column.name


def email_columns(table: Table) -> list[str]:
    """The personal columns that may have an e-mail, of any table."""
    is_named = table is LANDED
    return [
        column.name
        for column in table.columns
        if column.is_personal and (is_named or column.name not in NAMES)
    ]


def name_columns(table: Table) -> list[str]:
    """The personal columns that have names: all others."""
    emails = email_columns(table)
    return [column.name for column in table.columns if column.is_personal and column.name not in emails]


def published(session: Session) -> list[Table]:
    """The tables that there are and that have e-mails or their pseudonyms for readers."""
    return stored(session, (table for table in TABLES if table.layer in PUBLISHED or table is LANDED))


def stored_sources(session: Session) -> list[Table]:
    """The tables that there are and that curated statements read through pseudonyms."""
    return stored(
        session, (table for table in TABLES if table.layer in SOURCES and table not in {PSEUDONYMS, LANDED})
    )


def stored(session: Session, tables: Iterable[Table]) -> list[Table]:
    """Those of the tables that there are and that may have an e-mail."""
    return [
        table for table in tables if email_columns(table) and session.stored_table(table.name) is not None
    ]
