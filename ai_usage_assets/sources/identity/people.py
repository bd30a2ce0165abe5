"""people.csv: names, departments and other addresses."""

from pathlib import Path
from typing import Any

from ai_usage_assets.sources.identity.cells import Cell, email, optional
from ai_usage_assets.sources.identity.files import read

COLUMNS = ("email", "first_name", "last_name", "department", "aliases")


def people(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of identity_people and of identity_aliases."""
    named: list[dict[str, Any]] = []
    aliases: list[dict[str, Any]] = []
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
            aliases.append({"alias": email(alias), "email": email(row["email"])})
    return named, aliases


def _take(taken: dict[str, Cell], address: str, cell: Cell) -> None:
    if address in taken:
        raise cell.refuse(
            f"this e-mail already stands in line {taken[address].line}; one e-mail is one person"
        )
    taken[address] = cell
