"""What `ai-usage budget` reads: the newest budgets, and the last months from which budgets are proposed."""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from ai_usage_assets.cli.deployment import NothingLoadedError, require_tables
from ai_usage_assets.curated import budgets as statements
from ai_usage_assets.curated.select import BEGINNING, with_intermediates
from ai_usage_assets.days import ONE_DAY, Days, month_before, month_of, with_months_before
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.report.budgets import Budgets, budgets
from ai_usage_assets.report.folding import shown_groups
from ai_usage_assets.sources.identity.budgets import COLUMNS, COMPANY
from ai_usage_assets.sources.identity.people import people
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_assets.warehouse.sql import day, within

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("fct_cost_daily", "load_log", "dim_user_history", "identity_budgets")
PEOPLE = "agg_report_people"
MAX_DAYS_AGO = 3
"""A day is loaded at the latest on the second day after it; the third is for a delay."""
MONTHS = 6
"""How many months a proposal looks back."""
STEP_USD = Decimal(10)
NAME = "budgets.proposed.csv"


class NoBudgetError(AiUsageError):
    """`--check` has nothing to check."""

    def __init__(self, day_: date) -> None:
        super().__init__(
            f"No budget is valid on {day_}, so there is nothing to check.",
            "Add identity/budgets.csv and materialize identity_budgets; `ai-usage budget --propose` writes one to begin with.",
        )


class OldCostError(AiUsageError):
    """`--check` would say that budgets hold, and days are missing."""


class ProposalError(AiUsageError):
    """No budgets can be proposed, or the file cannot be written."""


def late(engine: Engine, vendors: Collection[str], newest: date, today: date) -> OldCostError | None:
    """What is wrong if the newest loaded day of a vendor is too old to say that budgets hold.

    Args:
        engine: the warehouse.
        vendors: those that have a key.
        newest: the newest day of which any cost is loaded.
        today: in UTC.
    """
    days = statements.newest_days(today)
    with engine.session() as session:
        found = {row["platform"]: row["day"] for row in session.fetch(newest_by_platform(days)).to_pylist()}
    before = days.first - ONE_DAY
    loaded = {"": newest, **{name: found.get(name, before) for name in vendors}}
    oldest = min(loaded.values())
    days_ago = (today - oldest).days
    if days_ago <= MAX_DAYS_AGO:
        return None
    late_vendors = ", ".join(name for name, day_ in loaded.items() if name and day_ == oldest)
    of = f" of {late_vendors}" if late_vendors else ""
    until = f"is {oldest}, {days_ago} days ago" if oldest > before else f"is before {days.first}"
    return OldCostError(
        f"The newest loaded day{of} {until}: the cost since then is not compared with a budget.",
        "Load the days since then with `ai-usage fetch`; `ai-usage doctor` says what keeps them from being loaded.",
    )


@dataclass(frozen=True)
class Proposed:
    """The file that was written, and how each of its amounts was found."""

    path: Path
    statements: Sequence[str]
    hidden: int
    """The departments that have no budget in it, because names are off."""


def read(engine: Engine, today: date, *, has_names: bool) -> Budgets:
    """The budgets on the newest loaded day of the running month, or of the month before.

    Raises:
        NothingLoadedError: a table does not exist, or no day of these months is loaded.
        WarehouseError: the warehouse cannot be read.
    """
    days = statements.newest_days(today)
    with engine.session() as session:
        require_tables(engine, session, [*TABLES, PEOPLE])
        rows = session.fetch(statements.newest(days, "name")).to_pylist()
        if not rows:
            raise NothingLoadedError(
                f"No cost of {days} is loaded, so nothing can be compared with a budget."
            )
        if has_names:
            return budgets(rows, None)
        month = month_of(rows[0]["day"])
        found = session.fetch(f"select * from {PEOPLE} where {within('day', month)}").to_pandas()
    return budgets(rows, lambda group: shown_groups(found, group))


def propose(engine: Engine, folder: Path, today: date, *, has_names: bool) -> Proposed:
    """Write budgets from the medians of the last months that are loaded to the end, for the running month and later.

    Without names, a department is left out if in one of these months it may not be shown, as it is of few people.

    Raises:
        ProposalError: no month is loaded to the end, or the file exists or cannot be written. Nothing is written.
        NothingLoadedError: a table does not exist.
    """
    path = folder / NAME
    if path.exists():
        raise ProposalError(f"{path} exists already.", "Rename it to budgets.csv, or delete it.")
    earlier = with_months_before(month_before(today), MONTHS - 1)
    with engine.session() as session:
        require_tables(engine, session, [*TABLES, PEOPLE])
        loaded = session.fetch(loaded_days(earlier)).to_pylist()
        costs = session.fetch(costs_by_month(earlier)).to_pylist()
        in_departments = session.fetch(people_by_month(earlier)).to_pandas()
    months = sorted(row["month"] for row in loaded if row["days"] == len(month_of(row["month"])))
    if not months:
        raise ProposalError(
            f"No month of {earlier} is loaded to its end, so there is nothing to propose budgets from.",
            "Load a whole month with `ai-usage fetch`.",
        )
    known = {row["department"] for row in people(folder)}
    hidden = set() if has_names else known & _hidden(in_departments)
    by_budget: dict[tuple[str, str], dict[date, Decimal]] = {}
    for row in costs:
        if row["scope"] != "department" or row["name"] in known - hidden:
            by_budget.setdefault((row["scope"], row["name"]), {})[row["month"]] = row["cost_usd"]
    lines, said = [], []
    for (scope, name), by_month in sorted(by_budget.items(), key=_order):
        amounts = [by_month.get(month, Decimal(0)) for month in months if month >= min(by_month)]
        if not amounts or (middle := median(amounts)) <= 0:
            continue
        usd = (middle / STEP_USD).to_integral_value(ROUND_CEILING) * STEP_USD
        lines.append((scope, "" if scope == COMPANY else name, f"{usd:.2f}", today.replace(day=1), ""))
        whose = scope if scope == COMPANY else f"{scope} {name}"
        first = f"{months[-len(amounts)]:%Y-%m}"
        of = (
            f"of {first}"
            if len(amounts) == 1
            else f"of {len(amounts)} months from {first} to {months[-1]:%Y-%m}"
        )
        said.append(f"{whose}: {usd:,.2f}, the median {of} ({middle:,.2f}) rounded up to {STEP_USD} USD")
    _write(path, lines)
    return Proposed(path, said, len(hidden))


def _hidden(rows: "pd.DataFrame") -> set[str]:
    """The departments that may not be shown in one of the months."""
    found: set[str] = set()
    for _, of_month in rows.groupby("month"):
        found |= set(of_month["department"]) - shown_groups(of_month, "department")
    return found


def loaded_days(days: Days) -> str:
    """One row is a month: its loaded days."""
    return (
        "select date_trunc(day, month) as month, count(day) as days from load_log "
        f"where table_name = 'fct_cost_daily' and {within('day', days)} group by 1"
    )


def newest_by_platform(days: Days) -> str:
    """One row is a platform: the newest of these days that is loaded."""
    return with_intermediates(
        f"select platform, max(day) as day from int_loaded_days where {within('day', days)} group by 1"
    )


def costs_by_month(days: Days) -> str:
    """One row is a month, and the company, a platform or a department: its cost."""
    return with_intermediates(f"""
select date_trunc(cost_date, month) as month, scope, name, sum(cost_usd) as cost_usd
from int_scope_costs
where scope in ('company', 'platform', 'department') and {within("cost_date", days)}
group by 1, 2, 3""").replace(BEGINNING, day(days.first))


def people_by_month(days: Days) -> str:
    """One row is a month, department, platform, person and actor type with cost."""
    return (
        "select month, department, platform, user_email, actor_type, max(cost_usd) as cost_usd "
        f"from {PEOPLE} where cost_usd != 0 and {within('day', days)} group by 1, 2, 3, 4, 5"
    )


def _order(item: tuple[tuple[str, str], Mapping[date, Any]]) -> tuple[int, str]:
    (scope, name), _ = item
    return (COMPANY, "platform", "department").index(scope), name


def _write(path: Path, lines: Sequence[tuple[object, ...]]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *lines])
    except OSError as failed:
        raise ProposalError(
            f"{path} cannot be written ({type(failed).__name__}).", "Check the folder AI_USAGE_IDENTITY_DIR."
        ) from failed
