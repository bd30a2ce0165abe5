"""Rule cases: which rows a rule is shown with, and which rows the curated table or view must have.

A case is `<table>/<rule>.yaml`. `given` has rows for each input table. A column that is left out is NULL, or a harmless
value if the column is NOT NULL (see `_filler`). A day that is written as `first...last` stands for one row on each of
these days. `window` is the case's days, one day or `first...last`; the default is FIRST_DAY. A view has all days, or those
of `window`, as an export reads it. `start_date` is AI_USAGE_START_DATE, for a view that reads it. `expect` has the
resulting rows in any order. Columns that no row names are not compared; a row that leaves out a column which another row
names expects NULL there.
`today`, `yesterday`, `tomorrow` and `3 days ago` stand for dates, and `now` for any instant of the test run.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from ai_usage_assets.curated.select import FIRST_DAY as START_DATE
from ai_usage_assets.curated.select import of_days, select
from ai_usage_assets.days import Days, midnight
from ai_usage_assets.schema.ddl import names, string
from ai_usage_assets.schema.model import Column, Table
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.warehouse.engine import Select, View

FIRST_DAY = date(2026, 10, 1)
RELATIVE = {"yesterday": 1, "today": 0, "tomorrow": -1}
"""How many days ago it is."""
DAYS_AGO = re.compile(r"(\d+) days ago")
SPAN = re.compile(r"\d{4}-\d\d-\d\d\.\.\.\d{4}-\d\d-\d\d")
Row = dict[str, Any]


class Loader(yaml.SafeLoader):
    """YAML whose decimals are exact."""


def _exact(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(loader.construct_scalar(node))


Loader.add_constructor("tag:yaml.org,2002:float", _exact)


@dataclass(frozen=True)
class Case:
    path: Path

    def __str__(self) -> str:
        return f"{self.table.name}/{self.path.stem}"

    @property
    def table(self) -> Table:
        return BY_NAME[self.path.parent.name]

    @cached_property
    def _parts(self) -> dict[str, Any]:
        parts: dict[str, Any] = Loader(self.path.read_text(encoding="utf-8")).get_single_data()
        return parts

    @property
    def days(self) -> Days | None:
        return self._window if self.table.partition else None

    @property
    def _window(self) -> Days:
        return Days.parse(str(self._parts.get("window", FIRST_DAY)))

    @property
    def select(self) -> Select:
        """The statement of the table or view."""
        statement = select(self.table, _given(self._parts.get("start_date", START_DATE)))
        if self.table.partition or "window" not in self._parts:
            return statement
        return View(of_days(self.table, self._window), statement.inputs)

    @property
    def given(self) -> dict[Table, list[Row]]:
        return {
            BY_NAME[name]: [one for row in rows for one in _each_day(row)]
            for name, rows in self._parts.get("given", {}).items()
        }

    @property
    def compared(self) -> list[str]:
        """The columns that any expected row names."""
        return sorted({name for row in self._parts["expect"] for name in row}) or list(self.table.key)

    @property
    def expected(self) -> list[Row]:
        return self.seen(
            {name: self._expected(name, value) for name, value in row.items()}
            for row in self._parts["expect"]
        )

    def _expected(self, name: str, value: Any) -> Any:
        is_float = self.table.by_name[name].type.name == "FLOAT64"
        return float(value) if is_float and value is not None else _given(value)

    def seen(self, rows: Iterable[Row]) -> list[Row]:
        """Rows as the case compares them."""
        return in_order({name: row.get(name) for name in self.compared} for row in rows)

    def inserts(self) -> list[str]:
        """The given rows, one GoogleSQL statement a table."""
        return [insert(table, rows) for table, rows in self.given.items() if rows]


def inlined(sql: str, inputs: Iterable[Table], given: dict[Table, list[Row]]) -> str:
    """The SELECT with its input tables written out, for an engine without storage."""
    tables = ",\n".join(f"`{table.name}` as ({written_out(table, given.get(table, []))})" for table in inputs)
    return f"with {tables} select answer.* from ({sql}) as answer"


def cases() -> list[Case]:
    return [Case(path) for path in sorted((Path(__file__).parents[1] / "sql").glob("*/*.yaml"))]


def in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [_sortable(value) for value in row.values()])


def _sortable(value: Any) -> tuple[bool, str]:
    return value is not None, f"{value:.9f}" if isinstance(value, Decimal) else str(value)


def comparable(row: Row, since: datetime) -> Row:
    """A row as a case can state it: an instant of this run is `now`."""
    return {
        name: "now" if isinstance(value, datetime) and value >= since else value
        for name, value in row.items()
    }


def insert(table: Table, rows: list[Row]) -> str:
    unknown = {name for row in rows for name in row} - set(table.column_names)
    assert not unknown, f"{table.name} has no column {', '.join(sorted(unknown))}"
    values = ", ".join(
        f"({', '.join(_literal(column, row.get(column.name, _filler(column, n))) for column in table.columns)})"
        for n, row in enumerate(rows, start=1)
    )
    return f"insert into `{table.name}` ({names(table.column_names)}) values {values}"


def written_out(table: Table, rows: list[Row]) -> str:
    """The rows as a SELECT of literals; without rows, one that has none."""
    limit = "" if rows else " limit 0"
    return " union all ".join(
        "select "
        + ", ".join(
            f"cast({_literal(column, row.get(column.name, _filler(column, n)))} as {column.type.name}) as `{column.name}`"
            for column in table.columns
        )
        + limit
        for n, row in enumerate(rows or [{}], start=1)
    )


def _filler(column: Column, n: int) -> Any:
    """What a row holds where the case does not say, in a column that cannot be NULL; `n` keeps keys apart."""
    if not column.is_required:
        return None
    fillers: dict[str, Any] = {
        "NUMERIC": 0,
        "STRING": f"{column.name}-{n}",
        "INT64": n,
        "BOOLEAN": True,
        "DATE": FIRST_DAY,
    }
    return fillers.get(column.type.name, midnight(FIRST_DAY))


def _given(value: Any) -> Any:
    """A value of a case, with dates in place of `yesterday` and the like."""
    if not isinstance(value, str):
        return value
    ago = DAYS_AGO.fullmatch(value)
    if not ago and value not in RELATIVE:
        return value
    days = int(ago[1]) if ago else RELATIVE[value]
    return datetime.now(UTC).date() - timedelta(days=days)


def _each_day(row: Row) -> Iterator[Row]:
    """The row, or one row for each day of its span."""
    spans = [name for name, value in row.items() if isinstance(value, str) and SPAN.fullmatch(value)]
    if not spans:
        yield row
    for name in spans:
        for day in Days.parse(row[name]):
            yield {**row, name: day}


def _literal(column: Column, value: Any) -> str:
    value = _given(value)
    if value is None:
        return "null"
    if column.type.name == "STRING":
        return string(value)
    if column.type.name in {"INT64", "BOOLEAN"}:
        return str(value).lower()
    return f"{column.type.name} '{value}'"
