"""What a declaration consists of: types, rules, columns and tables.

These are plain data classes. They know no engine and nothing of Dagster.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property


class Layer(Enum):
    """The layer of a table in the asset graph. It decides the asset group, how the table is written, and its checks."""

    IDENTITY = "identity"
    RAW = "raw"
    SNAPSHOT = "snapshot"
    """A vendor's list, upserted; an entry that is no longer listed stays, and is not current."""
    TOTALS = "totals"
    """A vendor's own totals, upserted; a row that is no longer listed stays as it was."""
    OPEN_DAY = "open_day"
    """A vendor's data for the day that is not over; each response replaces the whole table."""
    CURATED = "curated"
    CLOSED = "closed"
    """Months that a person closed: written by hand alone, revised and never replaced."""
    VIEW = "view"
    WRITE_LOG = "write_log"
    """Kept up to date by the writes of daily tables; readers of the curated tables may read it."""
    LIST_LOG = "lists"
    """Kept up to date by the writes of snapshot tables; readers of the curated tables may not read it."""
    OTHER = "other"
    """The table of an asset that `schema/` does not declare; its declaration is derived from its rows."""


@dataclass(frozen=True)
class Type:
    """A GoogleSQL type. `str()` gives it as DDL has it."""

    name: str
    precision: int | None = None
    scale: int | None = None

    def __str__(self) -> str:
        return self.name if self.precision is None else f"{self.name}({self.precision},{self.scale})"


STRING = Type("STRING")
INT64 = Type("INT64")
BOOLEAN = Type("BOOLEAN")
DATE = Type("DATE")
TIMESTAMP = Type("TIMESTAMP")
FLOAT64 = Type("FLOAT64")
"""Only for shares and rates of sums; money and counts are exact."""

MONEY_SCALE, MONEY_DIGITS = 9, 29
"""Digits after and before the point that `NUMERIC(38,9)` holds."""


def numeric(precision: int, scale: int) -> Type:
    """An exact decimal. A NUMERIC without parameters is never declared, because engines give it different scales."""
    return Type("NUMERIC", precision, scale)


@dataclass(frozen=True)
class Rule:
    """A condition that every value of a column meets, unless it is NULL."""

    description: str
    """The rest of a sentence that begins with the column's name."""
    sql: str
    """GoogleSQL, with `{}` for the column."""


NOT_NEGATIVE = Rule("is not negative", "{} >= 0")
RATE = Rule("lies within 0 and 1", "{} between 0 and 1")
POSITIVE = Rule("is 1 or more", "{} >= 1")
LOWER_CASE = Rule("is trimmed and lower-case", "{0} = lower(trim({0}))")


def one_of(*values: str) -> Rule:
    listed = ", ".join(f"'{value}'" for value in values)
    return Rule(f"is one of {', '.join(values)}", f"{{}} in ({listed})")


@dataclass(frozen=True)
class Column:
    """A column."""

    name: str
    type: Type
    description: str
    is_required: bool = False
    """Whether the column is NOT NULL: BigQuery's mode REQUIRED."""
    default: str | None = None
    """A GoogleSQL expression."""
    rule: Rule | None = None
    is_personal: bool = False
    """Whether the column names a person: its values are never shown in a log, a message or the metadata of a check."""

    @property
    def is_number(self) -> bool:
        return self.type.name in {"INT64", "FLOAT64", "NUMERIC"}

    @property
    def is_money(self) -> bool:
        return self.is_number and self.name.endswith("_usd")


@dataclass(frozen=True)
class Table:
    """A table or view."""

    name: str
    layer: Layer
    grain: str
    """What one row is."""
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Columns or expressions that are unique together; NULLs count as equal."""
    partition: str | None = None
    """The DATE column by which the table is partitioned."""
    cluster: tuple[str, ...] = ()
    vendor: str | None = None
    enabling_variable: str | None = None
    """The environment variable that must be `true` for the table to be loaded; None if the vendor's key is enough."""
    total_columns: tuple[str, ...] = ()
    """Columns whose sums are shown next to the row count of a materialization."""
    restated_measures: tuple[str, ...] = ()
    """Columns whose changed sums, per day and platform, `fct_restatements` records when a day is written again."""
    has_rolling_history: bool = False
    """Whether the vendor deletes old days. A day with rows is then not replaced by a response without any."""
    email_column: str | None = None
    """The e-mail column, if a later response may omit e-mails. The stored e-mail is then kept."""
    match_columns: tuple[str, ...] = ()
    """Columns by which a new row is matched with a stored one; by default, all columns that the vendor sends."""
    import_match_columns: tuple[str, ...] = ()
    """The same on days that have imported rows, whose `source` is not NULL; a count that is not known is 0 there."""
    occurrence_column: str | None = None
    """The column that numbers rows which are equal in every other column, from 1."""
    tracked_columns: tuple[str, ...] = ()
    """Columns of a list whose changes, per entry, `raw_list_changes` records when the list is written again."""

    @property
    def is_daily(self) -> bool:
        """Whether the table has a partition for each UTC day, which load_log knows."""
        return self.partition is not None and self.layer not in {Layer.CLOSED, Layer.OTHER}

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def full_description(self) -> str:
        """The description that is written to the warehouse: the grain, then the description."""
        return f"One row is a {self.grain}. {self.description}" if self.grain else self.description

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def shape(self) -> dict[str, tuple[str, bool]]:
        """For each column, its type with parameters and whether it is NOT NULL."""
        return {column.name: (str(column.type), column.is_required) for column in self.columns}
