"""What a declaration is made of: types, rules, columns and tables. Pure data; no engine, no Dagster."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property


class Layer(Enum):
    """Where a table stands in the graph; it decides group, write mode and checks."""

    IDENTITY = "identity"
    RAW = "raw"
    SNAPSHOT = "snapshot"
    TOTALS = "totals"
    """A vendor's own totals, upserted; a row that the newest answer does not list stays as it was."""
    OPEN_DAY = "open_day"
    """What a vendor has of the day that is not over; each answer replaces the whole table."""
    CURATED = "curated"
    VIEW = "view"
    WRITE_LOG = "write_log"
    LIST_LOG = "lists"
    """Kept by the writes of the vendors' lists; raw, so it is not for readers of the curated tables."""
    OTHER = "other"
    """The table of an asset that `schema/` does not declare; its declaration is derived from its rows."""


@dataclass(frozen=True)
class Type:
    """A GoogleSQL type; `str()` is how DDL spells it."""

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
"""For shares and rates of sums alone; money and counts are exact."""


def numeric(precision: int, scale: int) -> Type:
    """An exact decimal; a bare NUMERIC is never declared, because engines disagree on its scale."""
    return Type("NUMERIC", precision, scale)


@dataclass(frozen=True)
class Rule:
    """A condition each value meets, or is NULL. `sql` is GoogleSQL with `{}` where the column stands."""

    description: str
    sql: str


NOT_NEGATIVE = Rule("is not negative", "{} >= 0")
RATE = Rule("lies within 0 and 1", "{} between 0 and 1")
POSITIVE = Rule("is 1 or more", "{} >= 1")
LOWER_CASE = Rule("is trimmed and lower-case", "{0} = lower(trim({0}))")


def one_of(*values: str) -> Rule:
    listed = ", ".join(f"'{value}'" for value in values)
    return Rule(f"is one of {', '.join(values)}", f"{{}} in ({listed})")


@dataclass(frozen=True)
class Column:
    """One column. `default` is a GoogleSQL expression; `is_required` is BigQuery's mode REQUIRED."""

    name: str
    type: Type
    description: str
    is_required: bool = False
    default: str | None = None
    rule: Rule | None = None
    is_personal: bool = False
    """Names or addresses a person: never shown in a log, a message or a check's metadata."""

    @property
    def is_number(self) -> bool:
        return self.type.name in {"INT64", "FLOAT64", "NUMERIC"}

    @property
    def is_money(self) -> bool:
        return self.is_number and self.name.endswith("_usd")


@dataclass(frozen=True)
class Table:
    """One table. `grain` says what one row is; `key` are the expressions that are unique together, NULLs equal."""

    name: str
    layer: Layer
    grain: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition: str | None = None
    cluster: tuple[str, ...] = ()
    vendor: str | None = None
    enabling_variable: str | None = None
    """The environment variable that has to be `true` for it to be fetched; None if the vendor's key is enough."""
    total_columns: tuple[str, ...] = ()
    """Columns whose daily sums are shown beside the row count."""
    restated_measures: tuple[str, ...] = ()
    """Measures whose change, per day and platform, the ledger keeps when a day is written again."""
    has_rolling_history: bool = False
    """The vendor does not keep its full history: a day with rows here is not replaced by an answer without any."""
    email_column: str | None = None
    """The e-mail that a later answer may lack: the stored one is then kept."""
    match_columns: tuple[str, ...] = ()
    """Columns by which a row that is read again is known, all of them given; if none are named, all that the vendor sent."""
    occurrence_column: str | None = None
    """Numbers rows that are alike in every other column, from 1."""
    tracked_columns: tuple[str, ...] = ()
    """Columns of a list whose changes, per entry, raw_list_changes keeps when the list is written again."""

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def full_description(self) -> str:
        """The table's description, as a warehouse keeps it."""
        return f"One row is a {self.grain}. {self.description}" if self.grain else self.description

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def shape(self) -> dict[str, tuple[str, bool]]:
        """Type, quoted_name out, and whether it is NOT NULL, per column."""
        return {column.name: (str(column.type), column.is_required) for column in self.columns}
