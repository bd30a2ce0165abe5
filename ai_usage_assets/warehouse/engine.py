"""What a warehouse engine offers, and the types that the write path passes around. All SQL here is GoogleSQL.

`duckdb/` and `bigquery/` implement `Engine` and `Session`. Nothing here knows an engine or Dagster.
"""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol, TypeAlias
from uuid import uuid4

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Table
from ai_usage_assets.spool import FetchedRows
from ai_usage_assets.warehouse.schema_drift import SchemaDrift, StoredTable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from ai_usage_assets.warehouse.pseudonyms import Pseudonyms


@dataclass(frozen=True)
class Select:
    """Rows that the warehouse computes. `@first_day` and `@end_day` (exclusive) stand for the days of the write."""

    sql: str
    inputs: tuple[Table, ...] = ()
    """The tables that the SELECT reads."""
    seen_values: Mapping[Table, Sequence[str]] = field(default_factory=dict)
    """The queries of `seen_values`, if the SELECT reads that table: it is brought up to date before."""
    pseudonyms: "Pseudonyms | None" = None
    """Whose pseudonyms the SELECT has in place of e-mails: those of its inputs are stored before."""


@dataclass(frozen=True)
class View(Select):
    """A SELECT that is stored as a view, so that it always shows the present rows of its inputs."""


Rows: TypeAlias = "Select | FetchedRows | pd.DataFrame"
"""What a table is filled with: rows, or a SELECT that computes them in the warehouse."""


@dataclass(frozen=True)
class AlreadyWritten:
    """The output of a table whose rows were in the chunks of another output of the same step."""


@dataclass(frozen=True)
class Unchanged:
    """The output of a table that the vendor does not offer to this key. The table is created, and its rows stay."""


@dataclass(frozen=True)
class WriteContext:
    """Which run and step write. Job ids derive from it, so that a repeated request finds its job instead of a second one."""

    run_id: str
    step: str
    attempt: int = 0
    nonce: str = field(default_factory=lambda: uuid4().hex[:8])
    """Distinguishes a process from one that died in the same attempt: their rows may differ."""
    labels: dict[str, str] = field(default_factory=dict)
    """The labels of the jobs: asset, run and partition."""

    def part(self, name: str) -> "WriteContext":
        """The context for one part of the step's work."""
        return replace(self, step=f"{self.step}-{name}")

    def job_id(self, *parts: str) -> str:
        """A job id as BigQuery accepts it: letters, digits, `-` and `_`."""
        return re.sub(
            r"[^A-Za-z0-9_-]+", "_", "-".join([self.run_id, self.step, str(self.attempt), self.nonce, *parts])
        )

    @property
    def suffix(self) -> str:
        """Twelve hexadecimal digits that no other writer has: the end of the names of staged tables."""
        return hashlib.sha256(self.job_id().encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Kept:
    """A day that kept the rows of an earlier write, because the new answer has less than the table."""

    reason: str
    answer_rows: int
    """How many rows the new answer has for the day."""


@dataclass(frozen=True)
class DayStats:
    """What a table holds for one day after a write; for a table without days, what it holds in all."""

    rows: int
    bytes: int
    """Logical bytes, as BigQuery counts them."""
    totals: dict[str, float]
    """The sums of `Table.total_columns`."""
    kept: Kept | None = None
    """Set if the day kept the rows of an earlier write."""


@dataclass(frozen=True)
class Written:
    """The result of one replacement."""

    days: Days | None
    """None for a table without partitions."""
    stats: dict[date | None, DayStats]
    job_id: str
    seconds: float
    restated_totals: int = 0
    """How many published totals changed."""
    restated_people: int = 0
    """How many sums of people changed because something moved from one person to another."""

    @property
    def kept(self) -> dict[date, Kept]:
        """The days that kept the rows of an earlier write."""
        return {day: stats.kept for day, stats in self.stats.items() if day and stats.kept}


class Session(Protocol):
    """A connection for one write or read. It is not held while a vendor is requested."""

    def execute(self, sql: str) -> None:
        """Run a statement that returns no rows."""

    def fetch(self, sql: str) -> "pa.Table":
        """Run a query and return its rows, which are few."""

    def read(self, sql: str) -> "pa.Table":
        """Run a query and return its rows, which may be many."""

    def stage(self, name: str, source: "FetchedRows | str") -> None:
        """Store rows, or the result of a SELECT, under a name that is no table of the warehouse."""

    def staged_columns(self, name: str) -> dict[str, str]:
        """The staged columns, each with its GoogleSQL type name without parameters."""

    def discard(self, name: str) -> None:
        """Drop what was staged."""

    def stored_table(self, name: str) -> StoredTable | None:
        """The columns and descriptions of a table as it is; None if there is no such table."""

    def changed_at(self, name: str) -> datetime | None:
        """When rows or definition of a table were changed last, by anybody; None if the engine cannot say without reading."""

    def schema_drift(self, table: Table) -> SchemaDrift:
        """How the table in the warehouse differs from its declaration."""

    def create_table(self, table: Table, statement: str) -> None:
        """Run the statement that creates a table, and write the declared descriptions. One that exists stays as it is."""

    def update_definition(self, table: Table, drift: SchemaDrift) -> None:
        """Add the missing columns and write the descriptions that differ. Nothing else of the table changes."""

    def create_view(self, table: Table, statement: str) -> None:
        """Run the statement that creates a view, and write the declared descriptions."""

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
        """Replace the rows of the days, or all rows of the table, by the staged rows in one atomic step.

        Args:
            table: the table.
            staged: the name of the staged rows.
            days: the days to replace; None for the whole table.
            before: a statement to run before, in the same transaction if the engine has transactions.
            kept: days whose rows stay.
            after: a statement to run afterwards, in the same transaction if the engine has transactions.

        Returns:
            The id of the job.
        """


class Engine(Protocol):
    """A warehouse: one dataset of one engine."""

    @property
    def dataset(self) -> str:
        """The dataset or schema that holds the tables."""

    def exists(self) -> bool:
        """Whether there is something to read: a DuckDB file, or a BigQuery dataset. Nothing is created.

        Raises:
            WarehouseUnavailableError: the place cannot be used; for a DuckDB file, also that it cannot be created.
        """

    def in_dataset(self, dataset: str) -> "Engine":
        """The same warehouse with another dataset, which a session creates if it does not exist."""

    def qualified(self, table: str) -> str:
        """The full name of a table, as messages show it."""

    def quoted_name(self, table: str) -> str:
        """The full name of a table as a person writes it in a statement."""

    def create_table(self, table: Table) -> str:
        """The statement that creates a table."""

    def create_view(self, table: Table, select: Select) -> str:
        """The statement that creates or replaces a view."""

    def days_at_once(self, select: Select, days: Days) -> int:
        """How many of the days a SELECT may compute in one write, within the memory that it needs."""

    def close(self) -> None:
        """Close the connections that are kept between sessions. A later session opens them again."""

    def session(self, context: WriteContext | None = None) -> AbstractContextManager[Session]:
        """Open a session. A write needs a context."""
