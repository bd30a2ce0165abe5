"""Which tables a DuckDB file has, and their columns. What belongs here: reading them, and for how long that holds."""

import duckdb

from ai_usage_assets.warehouse.schema_drift import StoredTable

GOOGLESQL_TYPES = {
    "VARCHAR": "STRING",
    "BIGINT": "INT64",
    "HUGEINT": "INT64",
    "INTEGER": "INT64",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
    "DOUBLE": "FLOAT64",
}


class _Changes:
    """How many definitions this process has changed, in any file. Its writer holds the lock of writers."""

    count = 0


def changed() -> None:
    """Say that a definition was changed, so that every file is read again."""
    _Changes.count += 1


class Catalog:
    """The tables of a file, read once while the file stays open: no other process can change them then."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[tuple[int, int], dict[str, StoredTable]]] = {}

    def tables(
        self, connection: duckdb.DuckDBPyConnection, dataset: str, opening: int
    ) -> dict[str, StoredTable]:
        """The tables of a schema by name. `opening` counts how often the file was opened."""
        # a change that ends while the tables are read makes them old
        now = (opening, _Changes.count)
        read = self._read.get(dataset)
        if read is None or read[0] != now:
            self._read[dataset] = read = now, _read(connection, dataset)
        return read[1]


def googlesql_type(duckdb_type: str) -> str:
    if duckdb_type.startswith("DECIMAL"):
        return "NUMERIC" + duckdb_type.removeprefix("DECIMAL").replace(" ", "")
    return GOOGLESQL_TYPES.get(duckdb_type, duckdb_type)


def _read(connection: duckdb.DuckDBPyConnection, dataset: str) -> dict[str, StoredTable]:
    """All tables of the schema: reading one of them takes as long."""
    where = "where database_name = current_database() and schema_name = ?"
    tables = connection.execute(f"select table_name, comment from duckdb_tables() {where}", [dataset])
    found = {name: StoredTable({}, comment, {}) for name, comment in tables.fetchall()}
    columns = connection.execute(
        f"select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() {where}",
        [dataset],
    )
    for table, name, type_, nullable, comment in columns.fetchall():
        stored = found.setdefault(table, StoredTable({}, None, {}))
        stored.shape[name] = (googlesql_type(type_), not nullable)
        stored.column_descriptions[name] = comment
    return found
