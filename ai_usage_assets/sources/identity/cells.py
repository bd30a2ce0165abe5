"""One value of a CSV file, its place in the file, and its conversions."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.forgotten import Forgotten
from ai_usage_assets.whitespace import hidden, trim


class IdentityFileError(AiUsageError, ValueError):
    """A value, or with an empty column a line, that cannot be used. The message has its place and what is wrong with it."""

    def __init__(self, path: Path, line: int, column: str, why: str) -> None:
        place = f"line {line}, column {column}" if column else f"line {line}"
        super().__init__(f"{path}, {place}: {why}. None of its rows was written.", "Fix the file.")


@dataclass(frozen=True)
class Cell:
    """One trimmed value with its place, which an error about it names."""

    path: Path
    line: int
    column: str
    text: str

    def refuse(self, why: str) -> IdentityFileError:
        return IdentityFileError(self.path, self.line, self.column, why)

    def split(self, separator: str) -> "list[Cell]":
        """The values of a cell with several values; empty ones are left out."""
        parts = (trim(part) for part in self.text.split(separator))
        return [Cell(self.path, self.line, self.column, part) for part in parts if part]


Row = dict[str, Cell]


def email(cell: Cell) -> str:
    """An e-mail in lower case."""
    text = cell.text.lower()
    invisible = hidden(text)
    if invisible and invisible != "U+0020":
        raise cell.refuse(f"this is not an e-mail: the invisible character {invisible} is inside it")
    if invisible or text.count("@") != 1 or text.startswith("@") or text.endswith("@"):
        raise cell.refuse("this is not an e-mail")
    found = Forgotten.read(cell.path.parent).find(text)
    if found:
        raise cell.refuse(
            f"this person was forgotten on {found.forgotten_on} (forgotten.csv), so no file may name them; take the "
            "line out"
        )
    return text


def required(cell: Cell) -> str:
    if not cell.text:
        raise cell.refuse("a value is needed")
    return cell.text


def optional(cell: Cell) -> str | None:
    return cell.text or None


def one_of(cell: Cell, *values: str) -> str:
    if cell.text not in values:
        raise cell.refuse(f"this is not one of {', '.join(values)}")
    return cell.text


def optional_date(cell: Cell) -> date | None:
    if not cell.text:
        return None
    try:
        return date.fromisoformat(cell.text)
    except ValueError:
        raise cell.refuse("this is not a date like 2026-01-31") from None


def price(cell: Cell) -> Decimal:
    """An amount of US dollars, zero or more, that NUMERIC(38,9) can hold without rounding, and also many times of it."""
    if not re.fullmatch(r"\d{1,15}(\.\d{1,9})?", cell.text, re.ASCII):
        raise cell.refuse(
            "this is not an amount like 40.00: not negative, at most 15 digits before the point and at most 9 decimals"
        )
    return Decimal(cell.text)


def count(cell: Cell) -> int:
    if not re.fullmatch(r"\d{1,9}", required(cell), re.ASCII):
        raise cell.refuse("this is not a whole number, 0 or more")
    return int(cell.text)


def optional_count(cell: Cell) -> int | None:
    return count(cell) if cell.text else None
