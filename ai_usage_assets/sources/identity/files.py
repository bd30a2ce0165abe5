"""A CSV file as rows of cells. A malformed file is refused by line and column."""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ai_usage_assets.sources.identity.cells import Cell, IdentityFileError, Row
from ai_usage_assets.whitespace import trim

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def read(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Row]:
    """The rows of a CSV file with these columns; none if the file does not exist.

    The file may leave out an optional column; its cells are empty then.

    Raises:
        IdentityFileError: the file is not UTF-8, it is not separated by commas, it has other columns, or a line has
            another number of values.
    """
    if not path.exists():
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            header = _trimmed(next(lines, []))
            _check_header(path, header, columns, optional)
            for values in map(_trimmed, lines):
                if not any(values):
                    continue
                if len(values) != len(header):
                    _refuse_other_separator(path, lines.line_num, header[0], values)
                    column = header[min(len(values), len(header)) - 1]
                    why = f"there are {len(values)} values for {len(header)} columns"
                    raise IdentityFileError(path, lines.line_num, column, why)
                values_by_name = dict(zip(header, values, strict=True))
                yield {
                    name: Cell(path, lines.line_num, name, values_by_name.get(name, ""))
                    for name in (*columns, *optional)
                }
    except UnicodeDecodeError as broken:
        raise IdentityFileError(path, 1, columns[0], "the file is not UTF-8 text") from broken
    except (OSError, csv.Error) as broken:
        raise IdentityFileError(
            path, 1, columns[0], f"the file cannot be read ({type(broken).__name__})"
        ) from broken


def header_of(path: Path) -> list[str]:
    """The names of the columns in the order of the file, which `read` accepts."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return _trimmed(next(csv.reader(file, strict=True), []))


def _trimmed(values: list[str]) -> list[str]:
    return [trim(value) for value in values]


def _check_header(path: Path, header: list[str], columns: Sequence[str], optional: Sequence[str]) -> None:
    known = (*columns, *optional)
    _refuse_other_separator(path, 1, columns[0], header)
    for name in header:
        if name not in known:
            # without a header, the first line has the data of a person, which must not reach a log
            shown = name if re.fullmatch(r"\w{1,40}", name) else "?"
            raise IdentityFileError(path, 1, shown, f"unknown column; known are {', '.join(known)}")
        if header.count(name) > 1:
            raise IdentityFileError(path, 1, name, "the header has the column twice")
    for name in columns:
        if name not in header:
            raise IdentityFileError(path, 1, name, "the column is missing")


def _refuse_other_separator(path: Path, line: int, column: str, values: list[str]) -> None:
    """Refuse a line without a comma that has another separator."""
    for separator, name in SEPARATORS.items():
        if len(values) == 1 and separator in values[0]:
            why = f"the file is separated by {name}; save it with commas"
            raise IdentityFileError(path, line, column, why)
