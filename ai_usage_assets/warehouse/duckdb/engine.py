"""DuckDB: one file, good enough to run a small company on. A file has one process at a time, so a session is one
write or read.
"""

import copy
import random
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from ai_usage_assets.days import Days
from ai_usage_assets.schema.ddl import create_plain_table, names
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.warehouse.dialect import to_duckdb
from ai_usage_assets.warehouse.duckdb.file import DuckDBFile
from ai_usage_assets.warehouse.engine import Select, WriteContext
from ai_usage_assets.warehouse.errors import WarehouseBusy, WarehouseUnusable
from ai_usage_assets.warehouse.schema_drift import Differences, Found, compare
from ai_usage_assets.warehouse.sql import replaced

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
MAX_CONFLICTS = 8
APOSTROPHE = "'"
WRITING = threading.RLock()
"""One writer at a time in this process: two that replace one empty day would both find nothing to delete."""


def googlesql_type(duckdb_type: str) -> str:
    if duckdb_type.startswith("DECIMAL"):
        return "NUMERIC" + duckdb_type.removeprefix("DECIMAL").replace(" ", "")
    return GOOGLESQL_TYPES.get(duckdb_type, duckdb_type)


OF_STATEMENTS = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.ParserException,
)
"""They speak of statements and files, which hold no data; what others say may quote a row."""


def explained(refused: duckdb.Error) -> str:
    """What DuckDB says, as far as it can quote no value."""
    said = str(refused).splitlines()
    return said[0] if said and isinstance(refused, OF_STATEMENTS) else type(refused).__name__


class DuckDBSession:
    """One connection. What is staged lives in it alone, and goes with it."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, dataset: str, context: WriteContext | None
    ) -> None:
        self._connection = connection
        self._dataset = dataset
        self._context = context
        self._registered: set[str] = set()
        self._found: dict[str, Found] | None = None

    def execute(self, sql: str) -> None:
        with self._defining():
            self._run(sql)

    def _run(self, sql: str) -> None:
        self._connection.execute(to_duckdb(sql))

    @contextmanager
    def _defining(self) -> Iterator[None]:
        """A changed definition goes into the file as it is committed, and not into the log beside it.

        DuckDB 1.5 cannot read its log back where a table with a computed default was altered or a column described:
        after a crash the file would never open again.
        """
        self._found = None
        with WRITING:
            self._connection.execute("set checkpoint_threshold = '0b'")
            try:
                yield
            finally:
                self._connection.execute("reset checkpoint_threshold")
            # somebody's open read keeps the log in use
            self._connection.execute("force checkpoint")

    def fetch(self, sql: str) -> pa.Table:
        return self._connection.execute(to_duckdb(sql)).to_arrow_table()

    def stage(self, name: str, source: pa.Table | str) -> None:
        if isinstance(source, str):
            self._connection.execute(f'create temp table "{name}" as {to_duckdb(source)}')
        else:
            # read in place, without a copy
            self._connection.register(name, source)
            self._registered.add(name)

    def staged_columns(self, name: str) -> dict[str, str]:
        described = self._connection.execute(f'describe "{name}"').fetchall()
        return {row[0]: googlesql_type(row[1]).split("(")[0] for row in described}

    def discard(self, name: str) -> None:
        if name in self._registered:
            self._connection.unregister(name)
            self._registered.discard(name)
        else:
            self._connection.execute(f'drop table if exists temp."{name}"')

    def found(self, name: str) -> Found | None:
        if self._found is None:
            self._found = self._tables()
        return self._found.get(name)

    def differences(self, table: Table) -> Differences:
        found = self.found(table.name)
        # its CREATE TABLE has no place for descriptions
        return compare(table, found) if found else Differences(absent=True, reworded=True)

    def _tables(self) -> dict[str, Found]:
        """Every table that there is: looking for one takes as long."""
        here = "where database_name = current_database() and schema_name = ?"
        tables = self._connection.execute(
            f"select table_name, comment from duckdb_tables() {here}", [self._dataset]
        )
        found = {name: Found({}, comment, {}) for name, comment in tables.fetchall()}
        columns = self._connection.execute(
            f"select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() {here}",
            [self._dataset],
        )
        for table, name, type_, nullable, comment in columns.fetchall():
            of = found.setdefault(table, Found({}, None, {}))
            of.shape[name] = (googlesql_type(type_), not nullable)
            of.descriptions[name] = comment
        return found

    def describe(self, table: Table) -> None:
        kind = "view" if table.layer is Layer.VIEW else "table"
        said = [(f'{kind} "{table.name}"', table.says)]
        said += [(f'column "{table.name}"."{column.name}"', column.description) for column in table.columns]
        # no values are bound in DDL
        with self._defining():
            statements = [
                f"comment on {what} is '{text.replace(APOSTROPHE, APOSTROPHE * 2)}'" for what, text in said
            ]
            self._connection.execute(f"begin; {'; '.join(statements)}; commit")

    def create_view(self, table: Table, statement: str) -> None:
        self.execute(statement)
        self.describe(table)

    def publish(
        self,
        table: Table,
        staged: str,
        days: Days | None,
        first: str | None = None,
        *,
        kept: Collection[date] = (),
        last: str | None = None,
    ) -> str:
        where = replaced(table, days, kept) or "true"
        columns = names(table.column_names)
        for attempt in range(MAX_CONFLICTS + 1):
            try:
                with WRITING:
                    self._connection.begin()
                    if first:
                        self._run(first)
                    self._run(f"delete from `{table.name}` where {where}")
                    self._run(f"insert into `{table.name}` ({columns}) select {columns} from `{staged}`")
                    if last:
                        self._run(last)
                    self._connection.commit()
            except duckdb.TransactionException as conflict:
                self._rollback()
                if attempt == MAX_CONFLICTS:
                    raise WarehouseBusy(
                        f"table {table.name} is being written by others: {MAX_CONFLICTS} tries met a conflict. "
                        "Nothing was written. Run it again when the other runs have ended."
                    ) from conflict
                time.sleep(random.uniform(0.05, 0.1) * 2**attempt)  # noqa: S311 - jitter, not a secret
            except BaseException:
                self._rollback()
                raise
            else:
                break
        return self._context.job_id(table.name) if self._context else ""

    def _rollback(self) -> None:
        try:
            self._connection.rollback()
        except duckdb.TransactionException:
            # a failed commit has already rolled back
            return


class DuckDBEngine:
    """One DuckDB file with one schema, named like the dataset."""

    storage_kind = "duckdb"

    def __init__(self, path: Path, dataset: str = "ai_usage") -> None:
        self._file = DuckDBFile(path)
        self._dataset = dataset

    @property
    def dataset(self) -> str:
        return self._dataset

    def in_dataset(self, dataset: str) -> "DuckDBEngine":
        # both share the file, which is open once
        other = copy.copy(self)
        other._dataset = dataset  # noqa: SLF001 - its own copy
        return other

    def close(self) -> None:
        """Let go of the file, which another process or a copy may then read; a later session opens it again."""
        self._file.close()

    def qualified(self, table: str) -> str:
        return f"{self._dataset}.{table}"

    def spelled(self, table: str) -> str:
        # a file and a schema of one name make two parts ambiguous
        return f"{self._file.path.stem}.{self._dataset}.{table}"

    def create_table(self, table: Table) -> str:
        return create_plain_table(table)

    def create_view(self, table: Table, select: Select) -> str:
        # a view's tables are looked up beside it; with the schema's name they are ambiguous in a file of that name
        return f"create or replace view `{table.name}` as {select.sql}"

    @contextmanager
    def session(self, context: WriteContext | None = None) -> Iterator[DuckDBSession]:
        """Open the file, waiting for another process to let go of it.

        Raises:
            WarehouseBusy: another process holds the file for longer than MAX_WAIT_SECONDS; it is named.
            WarehouseUnusable: the file cannot be created, read or written, or a statement on it fails.
        """
        # a writer looks at what is there before it replaces it: nobody may write in between
        with WRITING if context else nullcontext():
            connection = self._file.open()
            try:
                connection.execute("set TimeZone = 'UTC'")
                with WRITING:
                    connection.execute(f'create schema if not exists "{self._dataset}"')
                connection.execute(f"set search_path = '{self._dataset}'")
                yield DuckDBSession(connection, self._dataset, context)
            except duckdb.Error as refused:
                raise WarehouseUnusable(
                    f"DuckDB refused a statement on {self._file.path}: {explained(refused)}. Nothing more was written."
                ) from None
            finally:
                self._file.done(connection)
