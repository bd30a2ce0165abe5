"""What the verbs print: tables, CSV, JSON and sentences. With a pipe behind it, no colors, no boxes and no wrapped lines."""

import csv
import json
import re
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

Cell = str | int | Decimal | None
Row = Sequence[Cell]

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A text that begins so is a formula, or the end of a cell, for a program that opens the CSV file."""
PIPE_COLUMNS = 100_000
"""The width without a terminal: no line is ever wrapped or cut."""
SHARE = re.compile(r"(under )?-?[\d.,]+%")
SUBJECT_WIDTH = 20
STYLES = {
    "error": "bold red",
    "warning": "yellow",
    "note": "dim",
    "ok": "green",
    "warn": "yellow",
    "fail": "bold red",
}


def console(stream: TextIO | None = None) -> "Console":
    """A console for the present standard output, or for another stream."""
    from rich.console import Console

    found = Console(file=stream or sys.stdout, highlight=False, markup=False, emoji=False)
    return found if found.is_terminal else Console(file=found.file, width=PIPE_COLUMNS, highlight=False)


def say(text: str, style: str = "") -> None:
    """A line on standard output."""
    _line(console(), text, style)


def warn(text: str, kind: str = "note") -> None:
    """A line on standard error: an error, a warning or a note."""
    prefix = "" if kind == "note" else f"{kind}: "
    _line(console(sys.stderr), prefix + text, STYLES[kind])


def finding(state: str, subject: str, message: str, hint: str) -> None:
    """A line of `doctor`. In a terminal, it is wrapped in its own column, and what to do begins a new line."""
    from rich.table import Table
    from rich.text import Text

    target = console()
    if not target.is_terminal:
        say(f"{state:<4}  {subject:<{SUBJECT_WIDTH}}  {message} {hint}".rstrip())
        return
    line = Table.grid(padding=(0, 2, 0, 0))
    for width in (len("fail"), SUBJECT_WIDTH, None):
        line.add_column(width=width)
    text = Text(printable(f"{message}\n{hint}".rstrip()))
    line.add_row(Text(state, style=STYLES[state]), subject, text)
    target.print(line)


def _line(target: "Console", text: str, style: str) -> None:
    from rich.text import Text

    target.print(Text(printable(text), style=style), soft_wrap=not target.is_terminal)


def printable(text: str) -> str:
    """The text without characters that could move the cursor, change colors or hide other characters."""
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def show(columns: Sequence[str], rows: Iterable[Row], total: Row | None = None) -> None:
    """A table. Numbers are aligned to the right, and the total is the last line."""
    from rich.table import Table
    from rich.text import Text

    target, lines = console(), list(rows)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for number, name in enumerate(columns):
        cells = [line[number] for line in (*lines, *([total] if total else []))]
        is_number = any(isinstance(cell, int | Decimal) or SHARE.fullmatch(cell or "") for cell in cells)
        table.add_column(name, justify="right" if is_number else "left", no_wrap=not target.is_terminal)
    for line in lines:
        table.add_row(*(Text(printable(text(cell))) for cell in line))
    if total:
        table.add_row(*(Text(printable(text(cell)), style="bold") for cell in total))
    if target.is_terminal:
        target.print(table)
        return
    with target.capture() as captured:
        target.print(table)
    target.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def text(cell: Cell) -> str:
    """A cell as a person reads it."""
    if cell is None:
        return ""
    return f"{cell:,}" if isinstance(cell, int | Decimal) else cell


def write_csv(columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Rows as CSV on standard output, with the header if there is one. No text in it is a formula, and numbers stay numbers."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if columns:
        writer.writerow(columns)
    writer.writerows([neutral(cell) for cell in row] for row in rows)


def neutral(cell: Cell) -> Cell:
    """A cell in one line that no program takes for a formula."""
    if not isinstance(cell, str):
        return cell
    line = " ".join(cell.splitlines())
    return f"'{line}" if cell.startswith(FORMULA) else line


def write_json(value: object) -> None:
    """A value as JSON on standard output; amounts are numbers."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, default=_number)
    sys.stdout.write("\n")


def _number(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)


def cents(amounts: Sequence[Decimal]) -> list[Decimal]:
    """Amounts in whole cents whose sum is the rounded sum: each is a difference of rounded running totals."""
    found, running = [], Decimal(0)
    for amount in amounts:
        found.append(_to_cents(running + amount) - _to_cents(running))
        running += amount
    return found


def _to_cents(amount: Decimal) -> Decimal:
    return round(amount, 2)
