"""budgets.csv: what the company, a platform, a group of people or a person may cost in a month."""

from collections.abc import Iterable
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ai_usage_assets.sources.identity.cells import Cell, Row, email, one_of, price, required
from ai_usage_assets.sources.identity.files import read
from ai_usage_assets.sources.identity.people import aliases, people
from ai_usage_assets.sources.identity.periods import PERIOD, Periods
from ai_usage_assets.sources.identity.seats import PLATFORMS

COLUMNS = ("scope", "name", "usd_per_month", *PERIOD)
COMPANY = "company"
GROUPS = ("department", "team", "cost_center")
"""The scopes whose names are those of people.csv."""
SCOPES = (COMPANY, "platform", *GROUPS, "person")


def budgets(folder: Path) -> list[dict[str, Any]]:
    """Rows of identity_budgets; a scope and name has at most one budget in each month.

    Raises:
        IdentityFileError: a value cannot be used, a name is not known, or a period is not of whole months.
    """
    path = folder / "budgets.csv"
    if not path.exists():
        return []
    known = {group: {row[group] for row in people(folder) if row[group]} for group in GROUPS}
    main = {row["alias"]: row["email"] for row in aliases(folder)}
    found: list[dict[str, Any]] = []
    periods = Periods()
    for row in read(path, COLUMNS):
        scope = one_of(row["scope"], *SCOPES)
        name = _name(scope, row["name"], known.get(scope, ()), main)
        period = periods.read((scope, name), row)
        _refuse_parts_of_months(row, period)
        found.append({"scope": scope, "name": name, "usd_per_month": price(row["usd_per_month"]), **period})
    return found


def _name(scope: str, cell: Cell, known: Iterable[str], main: dict[str, str]) -> str:
    if scope == COMPANY:
        if cell.text not in ("", COMPANY):
            raise cell.refuse("there is one company; leave the name of its budget empty")
        return COMPANY
    required(cell)
    if scope == "platform":
        return one_of(cell, *PLATFORMS)
    if scope == "person":
        address = email(cell)
        return main.get(address, address)
    if cell.text not in known:
        [*similar] = get_close_matches(cell.text, known, n=1)
        likely = f"; {similar[0]} is similar" if similar else ""
        raise cell.refuse(f"no row of people.csv has this {scope}{likely}")
    return cell.text


def _refuse_parts_of_months(row: Row, period: dict[str, date | None]) -> None:
    first, last = (period[name] for name in PERIOD)
    if first and first.day != 1:
        raise row["valid_from"].refuse(
            f"a budget is of whole months, and {first} is not the first day of one"
        )
    if last and last != date.max and (last + timedelta(days=1)).day != 1:
        raise row["valid_to"].refuse(f"a budget is of whole months, and {last} is not the last day of one")
