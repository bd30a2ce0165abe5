"""What an engine must offer, and what travels through the door. GoogleSQL is the only dialect spoken here."""

import hashlib
import re
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Protocol, TypeAlias
from uuid import uuid4

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.schema_drift import Differences, Found

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True)
class Select:
    """Rows computed inside the warehouse. `@first_day` and `@end_day` (exclusive) stand for the window."""

    sql: str
    inputs: tuple[Table, ...] = ()


@dataclass(frozen=True)
class View(Select):
    """A SELECT that is kept as a view: always as new as the tables that it reads."""


Rows: TypeAlias = "Select | pa.Table | pd.DataFrame"
"""What a table is filled with: rows, or a SELECT that computes them in the warehouse."""


@dataclass(frozen=True)
class AlreadyWritten:
    """The output of a table whose rows were in the chunks of another output of the same step."""


@dataclass(frozen=True)
class Unchanged:
    """The output of a table that the vendor does not offer to this key: it exists, and what it holds stays."""


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
    """Why a day kept its rows, and how many rows the answer that did not replace them had."""

    reason: str
    answer_rows: int


@dataclass(frozen=True)
class DayStats:
    """What is there for one day (or for a table without days) after a write."""

    rows: int
    bytes: int
    """Logical bytes, as BigQuery counts them."""
    totals: dict[str, float]
    kept: Kept | None = None
    """Set if the rows are those of an earlier write."""


@dataclass(frozen=True)
class Written:
    """One replacement: what it holds now, per day for a partitioned table."""

    days: Days | None
    stats: dict[date | None, DayStats]
    job_id: str
    seconds: float
    restated: int = 0
    """Totals that were published before and are others now."""
    moved_people: int = 0
    """People's sums that changed because something moved from one person to another."""

    @property
    def kept(self) -> dict[date, Kept]:
        """The days that kept the rows of an earlier write."""
        return {day: stats.kept for day, stats in self.stats.items() if day and stats.kept}


class Session(Protocol):
    """A short conversation with an engine; opened for a write or a read, never held during a fetch."""

    def execute(self, sql: str) -> None:
        """Run one statement for its effect."""

    def fetch(self, sql: str) -> "pa.Table":
        """Run one query for its rows."""

    def stage(self, name: str, source: "pa.Table | str") -> None:
        """Hold rows, or the result of a SELECT, under a name that nobody else sees as a table of ours."""

    def staged_columns(self, name: str) -> dict[str, str]:
        """What is staged: GoogleSQL type name (without parameters) per column."""

    def discard(self, name: str) -> None:
        """Forget what was staged."""

    def found(self, name: str) -> Found | None:
        """The columns and descriptions of a table as it is; None if there is no such table."""

    def differences(self, table: Table) -> Differences:
        """How the table in the warehouse differs from its declaration."""

    def describe(self, table: Table) -> None:
        """Write the declaration's descriptions to the table and its columns."""

    def create_view(self, table: Table, statement: str) -> None:
        """Run the statement that creates a view, and leave the view with the declaration's descriptions."""

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
        """Replace the days (or the whole table) by what is staged, atomically; the job's id comes back.

        `first` and `last` are statements to run before and after, in the same transaction where the engine has one.
        The rows of the kept days are not touched.
        """


class Engine(Protocol):
    """A warehouse: one dataset of one engine."""

    storage_kind: str
    """Dagster's kind tag."""

    @property
    def dataset(self) -> str:
        """The dataset or schema that holds the tables."""

    def in_dataset(self, dataset: str) -> "Engine":
        """The same warehouse with another dataset, which a session creates if it does not exist."""

    def qualified(self, table: str) -> str:
        """The table's full name, as a person would look it up."""

    def spelled(self, table: str) -> str:
        """The table's full name, as a statement that a person runs has it."""

    def create_table(self, table: Table) -> str:
        """The statement that creates a declared table."""

    def create_view(self, table: Table, select: Select) -> str:
        """The statement that creates a declared view, or replaces it."""

    def close(self) -> None:
        """Let go of what is kept between sessions; a later session opens it again."""

    def session(self, context: WriteContext | None = None) -> AbstractContextManager[Session]:
        """Open a session."""
