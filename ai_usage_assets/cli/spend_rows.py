"""The rows of `ai-usage spend`: one statement over the view v_cost, whose sum is that of fct_cost_daily."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from ai_usage_assets.cli.deployment import NothingLoadedError, require_tables
from ai_usage_assets.days import Days
from ai_usage_assets.warehouse.engine import Engine, Session
from ai_usage_assets.warehouse.sql import within

WHO = "if(user_email = 'unattributed', 'unattributed', if(actor_type = 'service', 'machines', 'people'))"
"""Unattributed cost is one row, whether or not a machine caused it: no person is responsible for it yet."""
EXPRESSIONS = {
    "person": {"person": "user_email", "who": WHO, "department": "department"},
    "team": {"team": f"if({WHO} = 'unattributed', 'unattributed', coalesce(team, 'no team'))", "who": WHO},
    "department": {"department": f"if({WHO} = 'unattributed', 'unattributed', department)", "who": WHO},
    "cost-center": {
        "cost_center": f"if({WHO} = 'unattributed', 'unattributed', coalesce(cost_center, 'no cost center'))",
        "who": WHO,
    },
    "model": {"model": "coalesce(model_family, concat('no model (', cost_type, ')'))"},
    "platform": {"platform": "platform", "cost_type": "cost_type"},
    "key": {
        "api_key_id": "coalesce(api_key_id, concat('no key (', platform, ')'))",
        "name": "api_key_name",
        "owner": "if(api_key_id is null, null, user_email)",
    },
}
"""By dimension, the columns and their GoogleSQL."""
GROUPS = {"team": "team", "department": "department", "cost-center": "cost_center"}
"""The dimensions whose rows are of groups of people, and their columns."""
NAMED = {"key": ("name", "owner")}
"""The columns that only `--names` shows."""
LAST = ("machines", "unattributed")
PEOPLE = "agg_report_people"
OTHER = "other"
"""What people of small departments, and small groups, are if names are off."""

Row: TypeAlias = dict[str, Any]
Hiding: TypeAlias = Callable[[Row], Row]
"""Makes of a row one that names no person."""


@dataclass(frozen=True)
class SpendRow:
    """Labels in the order of the columns, and dollars with four decimals."""

    labels: tuple[str | None, ...]
    cost_usd: Decimal


@dataclass(frozen=True)
class Spend:
    """The cost of a month by one dimension."""

    columns: tuple[str, ...]
    rows: Sequence[SpendRow]
    loaded_days: int

    @property
    def has_other(self) -> bool:
        """Whether a row is of the people, or groups, that are not shown."""
        return any(row.labels[0] == OTHER for row in self.rows)

    @property
    def total_usd(self) -> Decimal:
        return sum((row.cost_usd for row in self.rows), Decimal(0))


def read(engine: Engine, by: str, month: Days, hiding: Hiding | None = None, *, has_names: bool) -> Spend:
    """The cost of a month, of rows that each pass through `hiding`.

    Raises:
        NothingLoadedError: the view does not exist, or no day of the month is loaded.
        WarehouseError: the warehouse cannot be read.
    """
    with engine.session() as session:
        require_tables(engine, session, ["v_cost", "load_log"])
        loaded = loaded_days(session, month)
        found = session.fetch(statement(by, month)).to_pylist()
    if hiding:
        found = [hiding(row) for row in found]
    hidden = () if has_names else NAMED.get(by, ())
    names = tuple(name for name in EXPRESSIONS[by] if name not in hidden)
    return Spend(names, _sorted(_summed(names, found)), loaded)


def hiding(engine: Engine, by: str, month: Days, report_dir: Path) -> Hiding | None:
    """How rows are written if names are off, by the rules of the page of the month; None if rows are of no people.

    Raises:
        NothingLoadedError: the view of people does not exist yet.
        ReportError: the folder of pages, which keeps the secret of the numbers, cannot be written.
    """
    if by not in ("person", *GROUPS):
        return None
    from ai_usage_assets.report import folding, people
    from ai_usage_assets.report.files import secret_of
    from ai_usage_assets.report.options import Options

    with engine.session() as session:
        require_tables(engine, session, [PEOPLE])
        rows = session.fetch(f"select * from {PEOPLE} where {within('day', month)}").to_pandas()
    if by == "person":
        labels = people.labels(people.people_of(rows), month, Options(secret=secret_of(report_dir)))
        return partial(_labelled, labels)
    group = GROUPS[by]
    return partial(_folded, group, folding.shown_groups(rows, group))


def _labelled(labels: Mapping[str, str], row: Row) -> Row:
    """The row without an e-mail and a department: machines and what is unattributed are a row each."""
    who = row["who"]
    return row | {
        "person": labels.get(row["person"], OTHER) if who == "people" else who,
        "department": None,
    }


def _folded(group: str, kept: Collection[str], row: Row) -> Row:
    """The row, as one of `other` if its group has too few people."""
    is_shown = row["who"] == "unattributed" or row[group] in kept
    return row if is_shown else row | {group: OTHER}


def statement(by: str, month: Days) -> str:
    """The sums of the month, in GoogleSQL."""
    columns = ", ".join(f"{sql} as {name}" for name, sql in EXPRESSIONS[by].items())
    return (
        f"select {columns}, sum(cost_usd) as cost_usd from v_cost where {within('cost_date', month)} "
        f"group by {', '.join(str(number + 1) for number in range(len(EXPRESSIONS[by])))}"
    )


def loaded_days(session: Session, month: Days) -> int:
    """How many days of the month are loaded.

    Raises:
        NothingLoadedError: none is. It names the loaded months.
    """
    log = "from load_log where table_name = 'fct_cost_daily'"
    rows = session.fetch(
        f"select countif({within('day', month)}) as days, min(day) as first_day, max(day) as last_day {log}"
    ).to_pylist()
    [found] = rows
    if found["days"]:
        return int(found["days"])
    raise NothingLoadedError(
        f"No cost of {month.first:%Y-%m} is loaded."
        + (
            f" The loaded days are {Days(found['first_day'], found['last_day'])}."
            if found["first_day"]
            else ""
        )
    )


def _summed(names: Sequence[str], found: Sequence[Row]) -> list[SpendRow]:
    sums: dict[tuple[str | None, ...], Decimal] = {}
    for row in found:
        labels = tuple(row[name] for name in names)
        sums[labels] = sums.get(labels, Decimal(0)) + row["cost_usd"]
    return [SpendRow(labels, cost) for labels, cost in sums.items()]


def _sorted(rows: list[SpendRow]) -> list[SpendRow]:
    """The largest first; machines and what is unattributed come last."""

    def order(row: SpendRow) -> tuple[int, Decimal, str]:
        place = next((n for n, word in enumerate(LAST, 1) if word in row.labels), 0)
        return place, -row.cost_usd, repr(row.labels)

    return sorted(rows, key=order)
