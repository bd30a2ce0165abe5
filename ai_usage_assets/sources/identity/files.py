"""A CSV file as rows of cells. A malformed file is refused by line and column."""

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from unicodedata import normalize

from ai_usage_assets.sources.identity.cells import Cell, IdentityFileError, Row
from ai_usage_assets.whitespace import trim

MALFORMED = (
    "a quotation mark is not closed or is not at the ends of a value, or a value is longer than "
    f"{csv.field_size_limit():,} characters"
)
"""What the parser of CSV refuses. Its own message can have a part of the line."""
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def read(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Row]:
    """The rows of a CSV file with these columns; none if the file does not exist.

    The file may leave out an optional column; its cells are empty then.

    Raises:
        IdentityFileError: the file is not UTF-8, its quotation marks do not match, it is not separated by commas, it has other columns, or a line has
            another number of values.
    """
    if not path.exists():
        return
    lines = _lines(path)
    _, header = next(lines, (1, []))
    _check_header(path, header, columns, optional)
    for line, values in lines:
        if not any(values):
            continue
        if len(values) != len(header):
            _refuse_other_separator(path, line, header[0], values)
            column = header[min(len(values), len(header)) - 1]
            why = f"there are {len(values)} values for {len(header)} columns"
            raise IdentityFileError(path, line, column, why)
        values_by_name = dict(zip(header, values, strict=True))
        yield {name: Cell(path, line, name, values_by_name.get(name, "")) for name in (*columns, *optional)}


def header_of(path: Path) -> list[str]:
    """The names of the columns in the order of the file, which `read` accepts."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return _trimmed(next(csv.reader(file, strict=True), []))


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The values of each line, with its number; one whose values have line breaks has the number of its first line."""
    line = 1
    try:
        lines = csv.reader(StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True)
        for values in lines:
            yield line, _trimmed(values)
            line = lines.line_num + 1
    except UnicodeDecodeError as broken:
        line += broken.object.count(b"\n", 0, broken.start)
        raise IdentityFileError(path, line, "", "the file is not UTF-8 text; save it as UTF-8") from broken
    except csv.Error as broken:
        raise IdentityFileError(path, line, "", MALFORMED) from broken
    except OSError as broken:
        raise IdentityFileError(
            path, line, "", f"the file cannot be read ({type(broken).__name__})"
        ) from broken


def _trimmed(values: list[str]) -> list[str]:
    # one name has two forms in Unicode, and files of different programs are compared; addresses are compared with the vendors'
    return [text if "@" in (text := trim(value)) else normalize("NFC", text) for value in values]


def _check_header(path: Path, header: list[str], columns: Sequence[str], optional: Sequence[str]) -> None:
    known = (*columns, *optional)
    _refuse_other_separator(path, 1, columns[0], header)
    if header and header[0].lower().startswith("sep="):
        raise IdentityFileError(path, 1, "", "the line only names the separator; delete it")
    # without a header, the first line has the data of a person, which must not reach a log
    is_header = 2 * sum(name in known for name in header) >= len(header)
    pattern = r"[\w ()/$€%#.-]{1,40}" if any(" " in name for name in known) else r"\w{1,40}"
    for place, name in enumerate(header, start=1):
        if name not in known:
            is_shown = is_header and re.fullmatch(pattern, name)
            shown = name if is_shown else f"{place} of the header"
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
