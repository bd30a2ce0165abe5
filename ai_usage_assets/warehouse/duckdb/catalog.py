"""Which tables a DuckDB file has, and their columns. What belongs here: reading them, and for how long that holds."""

from dataclasses import dataclass

import duckdb

from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.schema_drift import StoredTable

GOOGLESQL_TYPES = {
    "VARCHAR": "STRING",
    "BIGINT": "INT64",
    "HUGEINT": "INT64",
    "INTEGER": "INT64",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
    "DOUBLE": "FLOAT64",
}


class _Changes:
    """The definitions that this process has changed, in any file. Its writer holds the lock of writers."""

    count = 0
    of_any, of_table = 0, dict[str, int]()
    """The number of the newest change: of one that may be of any table, and of each table."""


def changed(table: str | None = None) -> None:
    """Say that the definition of a table, or of any table, was changed, so that every file is read again."""
    _Changes.count += 1
    if table is None:
        _Changes.of_any = _Changes.count
    else:
        _Changes.of_table[table] = _Changes.count


@dataclass(frozen=True)
class _Read:
    """What was read: in which opening of the file, and after which change."""

    opening: int
    change: int
    tables: dict[str, StoredTable]

    def is_old(self, opening: int, table: str) -> bool:
        newest = max(_Changes.of_any, _Changes.of_table.get(table, 0))
        return self.opening != opening or self.change < newest


class Catalog:
    """The tables of a file, read once while the file stays open: no other process can change them then."""

    def __init__(self) -> None:
        self._read: dict[str, _Read] = {}
        self._created: dict[tuple[str, str], _Read] = {}

    def table(
        self, connection: duckdb.DuckDBPyConnection, dataset: str, opening: int, name: str
    ) -> StoredTable | None:
        """A table of a schema; None if there is none. `opening` counts how often the file was opened."""
        for known in (self._created.get((dataset, name)), self._read.get(dataset)):
            if known and not known.is_old(opening, name):
                return known.tables.get(name)
        # a change that ends while the tables are read makes them old
        change = _Changes.count
        self._read[dataset] = read = _Read(opening, change, _read(connection, dataset))
        return read.tables.get(name)

    def created(self, dataset: str, opening: int, table: Table) -> None:
        """Say that a table was created as it is declared, which spares a look at it."""
        changed(table.name)
        described: dict[str, str | None] = {column.name: column.description for column in table.columns}
        stored = StoredTable(dict(table.shape), table.full_description, described)
        self._created[dataset, table.name] = _Read(opening, _Changes.count, {table.name: stored})


def googlesql_type(duckdb_type: str) -> str:
    if duckdb_type.startswith("DECIMAL"):
        return "NUMERIC" + duckdb_type.removeprefix("DECIMAL").replace(" ", "")
    return GOOGLESQL_TYPES.get(duckdb_type, duckdb_type)


def _read(connection: duckdb.DuckDBPyConnection, dataset: str) -> dict[str, StoredTable]:
    """All tables of the schema: reading one of them takes as long."""
    # no parameter: DuckDB imports pandas to read one
    literal = dataset.replace("'", "''")
    where = f"where database_name = current_database() and schema_name = '{literal}'"
    tables = connection.execute(f"select table_name, comment from duckdb_tables() {where}")
    found = {name: StoredTable({}, comment, {}) for name, comment in tables.fetchall()}
    columns = connection.execute(
        f"select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() {where}"
    )
    for table, name, type_, nullable, comment in columns.fetchall():
        stored = found.setdefault(table, StoredTable({}, None, {}))
        stored.shape[name] = (googlesql_type(type_), not nullable)
        stored.column_descriptions[name] = comment
    return found
