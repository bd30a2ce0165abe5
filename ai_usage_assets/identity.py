"""The company's own CSV files about its people, read strictly: a malformed one is refused by file, line and column."""

import csv
import re
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

UNATTRIBUTED = "unattributed"


class IdentityRefused(ValueError):
    """A value that cannot be used: where it stands, and what is wrong with it."""

    def __init__(self, path: Path, line: int, column: str, why: str) -> None:
        super().__init__(f"{path}, line {line}, column {column}: {why}. Nothing was written; mend the file.")


@dataclass(frozen=True)
class Cell:
    """One value and where it stands, so that whoever refuses it can say so."""

    path: Path
    line: int
    column: str
    text: str

    def refuse(self, why: str) -> IdentityRefused:
        return IdentityRefused(self.path, self.line, self.column, why)


Row = dict[str, Cell]
Periods = list[tuple[date, date, int]]
"""First day, last day and line, in order."""


def read(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    """The rows of a CSV file with exactly these columns; no rows if there is no file.

    Raises:
        IdentityRefused: the file is not UTF-8, or has other columns or ragged lines.
    """
    if not path.exists():
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            header = [name.strip() for name in next(lines, [])]
            _check_header(path, header, columns)
            for values in lines:
                if not any(value.strip() for value in values):
                    continue
                if len(values) != len(header):
                    column = header[min(len(values), len(header)) - 1]
                    why = f"there are {len(values)} values for {len(header)} columns"
                    raise IdentityRefused(path, lines.line_num, column, why)
                yield {
                    name: Cell(path, lines.line_num, name, value.strip())
                    for name, value in zip(header, values, strict=True)
                }
    except UnicodeDecodeError as broken:
        raise IdentityRefused(path, 1, columns[0], "the file is not UTF-8 text") from broken
    except (OSError, csv.Error) as broken:
        raise IdentityRefused(
            path, 1, columns[0], f"the file cannot be read ({type(broken).__name__})"
        ) from broken


def _check_header(path: Path, header: list[str], columns: tuple[str, ...]) -> None:
    for name in header:
        if name not in columns:
            # a file without a header has a person in its first line, who is not to be seen in a log
            shown = name if re.fullmatch(r"\w{1,40}", name) else "?"
            raise IdentityRefused(path, 1, shown, f"unknown column; known are {', '.join(columns)}")
        if header.count(name) > 1:
            raise IdentityRefused(path, 1, name, "the column stands there twice")
    for name in columns:
        if name not in header:
            raise IdentityRefused(path, 1, name, "the column is missing")


def email(cell: Cell) -> str:
    """An e-mail, trimmed and lower-cased."""
    text = cell.text.lower()
    if text.count("@") != 1 or text.startswith("@") or text.endswith("@") or any(c.isspace() for c in text):
        raise cell.refuse("this is not an e-mail")
    return text


def required(cell: Cell) -> str:
    if not cell.text:
        raise cell.refuse("a value is needed")
    return cell.text


def optional(cell: Cell) -> str | None:
    return cell.text or None


def optional_date(cell: Cell) -> date | None:
    if not cell.text:
        return None
    try:
        return date.fromisoformat(cell.text)
    except ValueError:
        raise cell.refuse("this is not a date like 2026-01-31") from None


def people(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of identity_people and of identity_aliases, from people.csv."""
    named: list[dict[str, Any]] = []
    aliases: list[dict[str, Any]] = []
    taken: dict[str, Cell] = {}
    rows = list(read(folder / "people.csv", ("email", "first_name", "last_name", "department", "aliases")))
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
        cell = row["aliases"]
        for text in filter(None, (part.strip() for part in cell.text.split(";"))):
            alias = Cell(cell.path, cell.line, cell.column, text)
            _take(taken, email(alias), alias)
            aliases.append({"alias": email(alias), "email": email(row["email"])})
    return named, aliases


def _take(taken: dict[str, Cell], address: str, cell: Cell) -> None:
    if address in taken:
        raise cell.refuse(
            f"this e-mail already stands in line {taken[address].line}; one e-mail is one person"
        )
    taken[address] = cell


def api_key_owners(folder: Path) -> list[dict[str, Any]]:
    """Rows of identity_api_key_owners; a key has one owner a day."""
    columns = ("api_key_id", "email", "purpose", "valid_from", "valid_to")
    owners: list[dict[str, Any]] = []
    periods: dict[str, Periods] = {}
    for row in read(folder / "api_key_owners.csv", columns):
        key = required(row["api_key_id"])
        first, last = period(row["valid_from"], row["valid_to"])
        _refuse_overlap(row["valid_from"], periods.setdefault(key, []), first, last)
        owners.append(
            {
                "api_key_id": key,
                "email": email(row["email"]),
                "purpose": optional(row["purpose"]),
                "valid_from": optional_date(row["valid_from"]),
                "valid_to": optional_date(row["valid_to"]),
            }
        )
    return owners


def period(valid_from: Cell, valid_to: Cell) -> tuple[date, date]:
    """Both ends, inclusive; an empty one is open."""
    first, last = optional_date(valid_from) or date.min, optional_date(valid_to) or date.max
    if last < first:
        raise valid_to.refuse(f"{last} is before valid_from {first}")
    return first, last


def _refuse_overlap(cell: Cell, earlier: Periods, first: date, last: date) -> None:
    # in order and apart from each other, so only the neighbours can overlap
    place = bisect(earlier, (first, last, cell.line))
    for other_first, other_last, line in earlier[max(0, place - 1) : place + 1]:
        if first <= other_last and other_first <= last:
            raise cell.refuse(f"the period overlaps the one of line {line}")
    earlier.insert(place, (first, last, cell.line))


PLATFORMS = ("cursor", "claude_code", "anthropic")


def seats(folder: Path) -> list[dict[str, Any]]:
    """Rows of identity_seats; a platform has one price a day. Only Cursor's seats can be counted without a number."""
    columns = ("platform", "usd_per_seat_month", "seats", "valid_from", "valid_to")
    prices: list[dict[str, Any]] = []
    periods: dict[str, Periods] = {}
    for row in read(folder / "seats.csv", columns):
        platform = row["platform"].text
        if platform not in PLATFORMS:
            raise row["platform"].refuse(f"this is none of {', '.join(PLATFORMS)}")
        first, last = period(row["valid_from"], row["valid_to"])
        _refuse_overlap(row["valid_from"], periods.setdefault(platform, []), first, last)
        prices.append(
            {
                "platform": platform,
                "usd_per_seat_month": price(row["usd_per_seat_month"]),
                "seats": optional_count(row["seats"]) if platform == "cursor" else count(row["seats"]),
                "valid_from": optional_date(row["valid_from"]),
                "valid_to": optional_date(row["valid_to"]),
            }
        )
    return prices


def price(cell: Cell) -> Decimal:
    """US dollars, exact, zero or more; what NUMERIC(38,9) holds, and never rounded to it."""
    if not re.fullmatch(r"\d{1,29}(\.\d{1,9})?", cell.text, re.ASCII):
        raise cell.refuse("this is not an amount like 40.00: not negative, at most 9 decimals")
    return Decimal(cell.text)


def count(cell: Cell) -> int:
    if not re.fullmatch(r"\d{1,9}", required(cell), re.ASCII):
        raise cell.refuse("this is not a whole number, 0 or more")
    return int(cell.text)


def optional_count(cell: Cell) -> int | None:
    return count(cell) if cell.text else None


Reader = Callable[[Path], list[dict[str, Any]]]

READERS: dict[str, Reader] = {
    "identity_people": lambda folder: people(folder)[0],
    "identity_aliases": lambda folder: people(folder)[1],
    "identity_api_key_owners": api_key_owners,
    "identity_seats": seats,
}
