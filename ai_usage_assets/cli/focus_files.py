"""The files of `ai-usage export focus`: parts within the limits of an upload, in a folder that appears as a whole."""

import csv
import io
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from ai_usage_assets.cli.output import neutral
from ai_usage_assets.errors import AiUsageError

if TYPE_CHECKING:
    import pyarrow as pa

MAX_ROWS, MAX_BYTES = 10_000, 2_000_000
"""What Vantage takes in one upload."""
FOR_ALL, FOR_OWNER = 0o777, 0o700
"""The modes of folders, before the process's umask takes bits away."""


class ExportError(AiUsageError):
    """Files that cannot be written. The export of before, if there is one, is as it was."""


def write(rows: "pa.Table", form: str, folder: Path, *, is_personal: bool) -> list[Path]:
    """Write the rows as CSV or Parquet into the folder, in place of what it had.

    The parts are written into a temporary folder beside it, which then takes its place: whoever reads the folder finds
    all parts of one export, or for an instant no folder.

    Returns:
        The absolute paths of the parts, in order. Rows in order make parts in order; no rows make one part.

    Raises:
        ExportError: the folder cannot be written.
    """
    folder = folder.absolute()
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
    former = temporary.with_suffix(".former")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir(mode=FOR_OWNER if is_personal else FOR_ALL)
        found = [
            _write_part(temporary / f"part-{number:03}.{form}", content)
            for number, content in enumerate(parts(rows, form), 1)
        ]
        if folder.exists():
            folder.rename(former)
        try:
            temporary.rename(folder)
        except OSError:
            with suppress(OSError):
                former.rename(folder)
            raise
    except OSError as error:
        raise ExportError(
            f"The export {folder} cannot be written ({error.strerror or error}). Nothing was written.",
            "Give its folder to the user of this process, or name another one with --to.",
        ) from None
    finally:
        for each in (temporary, former):
            shutil.rmtree(each, ignore_errors=True)
    return [folder / path.name for path in found]


def _write_part(path: Path, content: bytes) -> Path:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return path


def parts(rows: "pa.Table", form: str) -> Iterator[bytes]:
    """The contents of the files; each has as many rows as the limits allow, or nearly."""
    for start in range(0, max(rows.num_rows, 1), MAX_ROWS):
        yield from _within_bytes(rows.slice(start, MAX_ROWS), form)


def _within_bytes(rows: "pa.Table", form: str) -> Iterator[bytes]:
    content = as_csv(rows) if form == "csv" else _as_parquet(rows)
    if len(content) <= MAX_BYTES or rows.num_rows < 2:
        yield content
        return
    half = rows.num_rows // 2
    yield from _within_bytes(rows.slice(0, half), form)
    yield from _within_bytes(rows.slice(half), form)


def _as_parquet(rows: "pa.Table") -> bytes:
    from pyarrow import parquet

    sink = io.BytesIO()
    parquet.write_table(rows, sink)
    return sink.getvalue()


def as_csv(rows: "pa.Table") -> bytes:
    """The rows as CSV in UTF-8: NULL is an empty cell, and no text is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.column_names)
    columns = [[cell(value) for value in column.to_pylist()] for column in rows.columns]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode("utf-8")


def cell(value: object) -> object:
    """A value as FOCUS writes it in text."""
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    return neutral(value) if isinstance(value, str) else value


def _decimal(value: Decimal) -> str:
    """At least one decimal, so that a column of whole amounts is still read as decimals; no exponent, and no minus zero."""
    whole, _, fraction = f"{value:f}".partition(".")
    text = f"{whole}.{fraction.rstrip('0') or '0'}"
    return text.removeprefix("-") if not value else text
