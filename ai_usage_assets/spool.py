"""Rows that are too many for memory, in temporary Parquet files.

The files have no names, so the system removes them when they are closed, however the process ends. They are in the
folder that TMPDIR names; it should not be in memory.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, TypeAlias
from weakref import finalize

if TYPE_CHECKING:
    import pyarrow as pa

MAX_ROWS = 250_000
"""How many rows of one answer, and of one write, are held in memory."""
GROUP_ROWS = 50_000
"""Rows of a row group: what is held while a file is written or read."""
FILE_BYTES = 32 * 1024 * 1024
"""A file that has as many bytes is complete. BigQuery's client holds one file in memory while it is sent."""


class SpooledRows:
    """Rows of one schema in files. They can be read several times, by one reader at a time."""

    def __init__(self, schema: "pa.Schema") -> None:
        self.schema = schema
        self.num_rows = 0
        self.files: list[IO[bytes]] = []
        self.close = finalize(self, _close, self.files)
        """Remove the files. It happens by itself when nothing refers to the rows any longer."""

    def reader(self) -> "pa.RecordBatchReader":
        """The rows in their order, some at a time."""
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self.schema, self._batches())

    def _batches(self) -> "Iterator[pa.RecordBatch]":
        import pyarrow.parquet as pq

        for file in self.files:
            file.seek(0)
            yield from pq.ParquetFile(file).iter_batches(GROUP_ROWS)


FetchedRows: TypeAlias = "pa.Table | SpooledRows"
"""Rows in memory, or in files if they are more than `MAX_ROWS`."""


def spool(schema: "pa.Schema", parts: "Iterable[pa.Table]") -> SpooledRows:
    """The parts in files. Only one row group is held at a time."""
    import pyarrow.parquet as pq

    spooled = SpooledRows(schema)
    writer: pq.ParquetWriter | None = None
    try:
        for group in _groups(parts):
            if writer is None:
                spooled.files.append(TemporaryFile())  # noqa: SIM115 - it is open as long as its rows are needed
                writer = pq.ParquetWriter(spooled.files[-1], schema)
            writer.write_table(group)
            spooled.num_rows += group.num_rows
            if spooled.files[-1].tell() >= FILE_BYTES:
                writer.close()
                writer = None
    finally:
        if writer is not None:
            writer.close()
    return spooled


def bounded(schema: "pa.Schema", parts: "Iterable[pa.Table]") -> FetchedRows:
    """The parts as one table; in files if they have more than `MAX_ROWS` rows."""
    import pyarrow as pa

    held, row_count, more = [schema.empty_table()], 0, iter(parts)
    for part in more:
        held.append(part)
        row_count += part.num_rows
        if row_count > MAX_ROWS:
            return spool(schema, chain(_emptied(held), more))
    return pa.concat_tables(held)


def in_memory(rows: FetchedRows) -> "pa.Table":
    """All rows in memory."""
    return rows.reader().read_all() if isinstance(rows, SpooledRows) else rows


def _close(files: list[IO[bytes]]) -> None:
    for file in files:
        file.close()


def _emptied(parts: "list[pa.Table]") -> "Iterator[pa.Table]":
    """The parts, each forgotten when it is taken."""
    parts.reverse()
    while parts:
        yield parts.pop()


def _groups(parts: "Iterable[pa.Table]") -> "Iterator[pa.Table]":
    """The rows of the parts in tables of `GROUP_ROWS` rows; the last one has the rest."""
    import pyarrow as pa

    waiting: list[pa.Table] = []
    row_count = 0
    for part in parts:
        offset = 0
        while offset < part.num_rows:
            piece = part.slice(offset, GROUP_ROWS - row_count)
            waiting.append(piece)
            offset, row_count = offset + piece.num_rows, row_count + piece.num_rows
            if row_count == GROUP_ROWS:
                yield pa.concat_tables(waiting)
                waiting, row_count = [], 0
    if waiting:
        yield pa.concat_tables(waiting)
