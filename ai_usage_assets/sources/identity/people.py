"""people.csv: names, departments and other e-mail addresses."""

from pathlib import Path
from typing import Any

from ai_usage_assets.sources.identity.cells import Cell, email, optional
from ai_usage_assets.sources.identity.files import read

COLUMNS = ("email", "first_name", "last_name", "department", "aliases")


def people(folder: Path) -> list[dict[str, Any]]:
    """Rows of identity_people."""
    return _read(folder)[0]


def aliases(folder: Path) -> list[dict[str, Any]]:
    """Rows of identity_aliases."""
    return _read(folder)[1]


def _read(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    named: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    taken: dict[str, Cell] = {}
    rows = list(read(folder / "people.csv", COLUMNS))
    for row in rows:
        main = email(row["email"])
        _take(taken, main, row["email"])
        named.append(
            {
                "email": main,
                **{name: optional(row[name]) for name in ("first_name", "last_name", "department")},
            }
        )
    for row in rows:
        for alias in row["aliases"].split(";"):
            _take(taken, email(alias), alias)
            others.append({"alias": email(alias), "email": email(row["email"])})
    return named, others


def _take(taken: dict[str, Cell], address: str, cell: Cell) -> None:
    if address in taken:
        raise cell.refuse(f"line {taken[address].line} already has this e-mail; one e-mail is one person")
    taken[address] = cell
