"""The DuckDB engine: one file with one schema, which is enough for a small company.

Only one process at a time can open a file. A session therefore lasts for one write or read.
"""

import copy
import random
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from ai_usage_assets.days import Days
from ai_usage_assets.schema.ddl import add_columns, create_plain_table, names, set_default
from ai_usage_assets.schema.model import Table
from ai_usage_assets.spool import FetchedRows, SpooledRows
from ai_usage_assets.warehouse.chunks import MAX_DAYS_PER_WRITE
from ai_usage_assets.warehouse.duckdb import catalog
from ai_usage_assets.warehouse.duckdb.catalog import Catalog, googlesql_type
from ai_usage_assets.warehouse.duckdb.comments import comments
from ai_usage_assets.warehouse.duckdb.file import DuckDBFile
from ai_usage_assets.warehouse.duckdb.refusals import safe_message
from ai_usage_assets.warehouse.engine import Select, WriteContext
from ai_usage_assets.warehouse.errors import WarehouseBusyError, WarehouseUnavailableError
from ai_usage_assets.warehouse.schema_drift import SchemaDrift, StoredTable, compare
from ai_usage_assets.warehouse.sql import replaced, within
from ai_usage_assets.warehouse.translations import to_duckdb

MAX_TRIES = 9
"""How often a write whose transactions conflict with others is tried."""
MANY_ROWS = 2_000_000
"""About how many rows a SELECT reads in one write at most: 10,000,000 events at once take 1.8 GiB of memory."""
SPOOLED = "spooled_rows"
"""The name of rows in files while they are copied."""
WRITE_LOCK = threading.RLock()
"""One writer at a time in this process: two that replace one empty day would both find nothing to delete."""


class DuckDBSession:
    """One connection. Staged rows exist in it only. The writer drops them, because the next session takes the connection."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        context: WriteContext | None,
        stored_table: Callable[[str], StoredTable | None],
        created: Callable[[Table], None],
    ) -> None:
        self._connection = connection
        self._context = context
        self._stored_table = stored_table
        self._created = created
        self._registered: set[str] = set()

    def execute(self, sql: str) -> None:
        with self._defining():
            self._run(sql)
            catalog.changed()

    def _run(self, sql: str) -> None:
        self._connection.execute(to_duckdb(sql))

    @contextmanager
    def _defining(self) -> Iterator[None]:
        """Write a changed definition into the file when it is committed, and not into the write-ahead log.

        DuckDB 1.5 cannot replay its log if a table with a computed default was altered or a column was described. After
        a crash the file could never be opened again. The first setting alone would write the log first, and the file then.
        """
        with WRITE_LOCK:
            self._connection.execute(
                "set checkpoint_threshold = '0b'; set auto_checkpoint_skip_wal_threshold = 0"
            )
            try:
                yield
            finally:
                self._connection.execute(
                    "reset checkpoint_threshold; reset auto_checkpoint_skip_wal_threshold"
                )
            # an open read of another thread keeps the log in use
            self._connection.execute("force checkpoint")

    def fetch(self, sql: str) -> pa.Table:
        return self._connection.execute(to_duckdb(sql)).to_arrow_table()

    def read(self, sql: str) -> pa.Table:
        return self.fetch(sql)

    def stage(self, name: str, source: "FetchedRows | str") -> None:
        if isinstance(source, str):
            self._connection.execute(f'create temp table "{name}" as {to_duckdb(source)}')
        elif isinstance(source, SpooledRows):
            # the rows are read several times; DuckDB moves what does not fit into memory to its own files
            self._connection.register(SPOOLED, source.reader())
            self._connection.execute(f'create temp table "{name}" as from "{SPOOLED}"')
            self._connection.unregister(SPOOLED)
        else:
            # DuckDB reads the rows in place, without a copy
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

    def stored_table(self, name: str) -> StoredTable | None:
        return self._stored_table(name)

    def stored_rows(self, names: Collection[str]) -> int:
        """How many rows the tables have in all, as DuckDB estimates it without reading them."""
        literals = ", ".join(f"'{name}'" for name in names)
        found = self._connection.execute(
            "select coalesce(sum(estimated_size), 0)::bigint from duckdb_tables() "
            f"where database_name = current_database() and schema_name = current_schema() and table_name = any([{literals}]::varchar[])"
        ).fetchall()
        return int(found[0][0])

    def rows_within(self, table: Table, days: Days) -> int:
        """How many rows a daily table has on these days."""
        where = within(str(table.partition), days)
        [rows] = self.fetch(f"select count(*) as row_count from `{table.name}` where {where}").to_pylist()
        return int(rows["row_count"])

    def changed_at(self, name: str) -> datetime | None:
        """None: reading a local file costs nothing."""
        return None

    def schema_drift(self, table: Table) -> SchemaDrift:
        stored = self.stored_table(table.name)
        return compare(table, stored) if stored else SchemaDrift(is_absent=True)

    def create_table(self, table: Table, statement: str) -> None:
        # DuckDB's CREATE TABLE has no descriptions
        with self._defining():
            self._define(to_duckdb(statement), *comments(table, table.column_names))
            self._created(table)

    def update_definition(self, table: Table, drift: SchemaDrift) -> None:
        for name in drift.missing_columns:
            # DuckDB changes one column in a statement
            column = table.by_name[name]
            self.execute(add_columns(table, [column], options=False))
            if column.default is not None:
                self.execute(set_default(table, column))
        columns = {*drift.missing_columns, *drift.reworded_columns}
        with self._defining():
            self._define(*comments(table, columns, is_reworded=drift.is_reworded))
            catalog.changed(table.name)

    def create_view(self, table: Table, statement: str) -> None:
        with self._defining():
            self._define(to_duckdb(statement), *comments(table, table.column_names))
            catalog.changed(table.name)

    def _define(self, *statements: str) -> None:
        """Run statements of DuckDB's SQL, all of them or none."""
        self._connection.begin()
        try:
            self._connection.execute("; ".join(statements))
            self._connection.commit()
        except BaseException:
            self._rollback()
            raise

    def publish(
        self,
        table: Table,
        staged: str,
        days: Days | None,
        before: str | None = None,
        *,
        kept: Collection[date] = (),
        after: str | None = None,
    ) -> str:
        where = replaced(table, days, kept) or "true"
        columns = names(table.column_names)
        for attempt in range(MAX_TRIES):
            try:
                with WRITE_LOCK:
                    self._connection.begin()
                    if before:
                        self._run(before)
                    self._run(f"delete from `{table.name}` where {where}")
                    self._run(f"insert into `{table.name}` ({columns}) select {columns} from `{staged}`")
                    if after:
                        self._run(after)
                    self._connection.commit()
            except duckdb.TransactionException as conflict:
                self._rollback()
                if attempt == MAX_TRIES - 1:
                    raise WarehouseBusyError(
                        f"other runs write table {table.name}: {MAX_TRIES} tries failed with a conflict. "
                        "Nothing was written.",
                        "Run it again when the other runs have ended.",
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
            # a failed commit has rolled back already
            return


class DuckDBEngine:
    """One DuckDB file with one schema, named like the dataset."""

    def __init__(self, path: Path, dataset: str = "ai_usage") -> None:
        self._file = DuckDBFile(path)
        self._catalog = Catalog()
        self._dataset = dataset

    @property
    def dataset(self) -> str:
        return self._dataset

    def exists(self) -> bool:
        return self._file.exists()

    def in_dataset(self, dataset: str) -> "DuckDBEngine":
        # both engines share the file, which is open once
        other = copy.copy(self)
        other._dataset = dataset  # noqa: SLF001 - its own copy
        return other

    def close(self) -> None:
        """Close the file, so that another process can open it, or a copy of it is complete. A later session opens it again."""
        self._file.close()

    def qualified(self, table: str) -> str:
        return f"{self._dataset}.{table}"

    def quoted_name(self, table: str) -> str:
        # two parts are ambiguous if the file and the schema have the same name
        return f"{self._file.path.stem}.{self._dataset}.{table}"

    def days_at_once(self, select: Select, days: Days) -> int:
        if len(days) == 1:
            return 1
        daily = [table for table in select.inputs if table.partition]
        with self.session() as session:
            if session.stored_rows([table.name for table in daily]) <= MANY_ROWS:
                return MAX_DAYS_PER_WRITE
            rows = sum(
                session.rows_within(table, days) for table in daily if session.stored_table(table.name)
            )
        return min(MAX_DAYS_PER_WRITE, max(1, len(days) * MANY_ROWS // max(1, rows)))

    def create_table(self, table: Table) -> str:
        return create_plain_table(table)

    def create_view(self, table: Table, select: Select) -> str:
        # DuckDB looks for a view's tables in the view's schema; with the schema's name they are ambiguous in a file of that name
        return f"create or replace view `{table.name}` as {select.sql}"

    @contextmanager
    def session(self, context: WriteContext | None = None) -> Iterator[DuckDBSession]:
        """Open the file. If another process has it open, wait until that process closes it.

        Raises:
            WarehouseBusyError: another process has the file open for more than MAX_WAIT_SECONDS. The message names it.
            WarehouseUnavailableError: the file cannot be created, read or written, or a statement fails.
        """
        # a writer reads what it will replace: no other one may write in between
        with WRITE_LOCK if context else nullcontext():
            connection, is_clean = self._file.open(), False
            try:
                connection.execute("set TimeZone = 'UTC'")
                with WRITE_LOCK:
                    connection.execute(f'create schema if not exists "{self._dataset}"')
                connection.execute(f"set search_path = '{self._dataset}'")
                # what was read for an earlier session holds while the file stays open
                opening = self._file.opening
                yield DuckDBSession(
                    connection,
                    context,
                    partial(self._catalog.table, connection, self._dataset, opening),
                    partial(self._catalog.created, self._dataset, opening),
                )
                is_clean = True
            except duckdb.Error as refused:
                raise WarehouseUnavailableError(
                    f"DuckDB refused a statement on {self._file.path}: {safe_message(refused)}. "
                    "Nothing more was written."
                ) from None
            finally:
                self._file.done(connection, is_clean=is_clean)
