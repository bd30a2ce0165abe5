"""people.csv: names, departments and other e-mail addresses, for all time or with the days of their validity."""

from pathlib import Path
from typing import Any

from ai_usage_assets.forgotten import Forgotten
from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_assets.sources.identity.cells import Cell, Row, email, optional
from ai_usage_assets.sources.identity.files import read
from ai_usage_assets.sources.identity.periods import PERIOD, Periods

COLUMNS = ("email", "first_name", "last_name", "department", "aliases")
OPTIONAL = ("team", "cost_center", *PERIOD)
VALUES = ("first_name", "last_name", "department", "team", "cost_center")


def people(folder: Path) -> list[dict[str, Any]]:
    """Rows of identity_people; a person has at most one row on each day."""
    return _read(folder)[0]


def aliases(folder: Path) -> list[dict[str, Any]]:
    """Rows of identity_aliases, with what stands for forgotten people; an alias holds for all days, on whichever row of its person it is."""
    forgotten = [{"alias": token, "email": UNATTRIBUTED} for token in Forgotten.read(folder).tokens()]
    return [*_read(folder)[1], *forgotten]


def _read(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    named: list[dict[str, Any]] = []
    periods = Periods()
    first_rows: dict[str, Row] = {}
    rows = list(read(folder / "people.csv", COLUMNS, optional=OPTIONAL))
    for row in rows:
        main = email(row["email"])
        first = first_rows.setdefault(main, row)
        if first is not row and not any(cells[name].text for cells in (first, row) for name in PERIOD):
            raise row["email"].refuse(
                f"line {first['email'].line} already has this e-mail; one e-mail is one person, whose rows need "
                "valid_from and valid_to"
            )
        named.append(
            {"email": main, **{name: optional(row[name]) for name in VALUES}, **periods.read(main, row)}
        )
    return named, _aliases(rows, {main: row["email"] for main, row in first_rows.items()})


def _aliases(rows: list[Row], main_cells: dict[str, Cell]) -> list[dict[str, Any]]:
    people_by_alias: dict[str, str] = {}
    cells = dict(main_cells)
    for row in rows:
        main = email(row["email"])
        for cell in row["aliases"].split(";"):
            alias = email(cell)
            is_repeated = people_by_alias.get(alias) == main and cells[alias].line != cell.line
            if alias in cells and not is_repeated:
                raise cell.refuse(
                    f"line {cells[alias].line} already has this e-mail; one e-mail is one person"
                )
            people_by_alias[alias], cells[alias] = main, cell
    return [{"alias": alias, "email": main} for alias, main in people_by_alias.items()]
