"""Chunks: the units in which rows are written. One chunk is written by one atomic replacement per table.

What belongs here: what a chunk is, how the output of an asset is divided into chunks, and how chunks are joined.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Table
from ai_usage_assets.spool import SpooledRows
from ai_usage_assets.warehouse.engine import Engine, Rows, Select

MAX_DAYS_PER_WRITE = 366
"""A write of a year takes half as long as those of its quarters, because a SELECT reads its inputs once per write."""


@dataclass(frozen=True)
class Chunk:
    """Consecutive days with the rows of every table that one answer fills."""

    days: Days | None
    """None if the tables have no partitions."""
    tables: Mapping[Table, Rows]
    """The rows of each table, in the order in which the tables are written."""
    pages: int = 0
    """How many pages the vendor answered with."""

    @property
    def row_count(self) -> int:
        """The rows that were fetched, over all tables."""
        import pyarrow as pa

        fetched = (pa.Table, SpooledRows)
        return sum(rows.num_rows for rows in self.tables.values() if isinstance(rows, fetched))


@dataclass(frozen=True)
class Chunks:
    """The output of an asset that fetches a long range chunk by chunk.

    Memory stays flat, because one chunk is held at a time, and rows of a chunk that are too many are in files. A chunk that was written stays written if a later one fails.
    """

    chunks: Iterator[Chunk]
    is_next_ready: Callable[[], bool] = lambda: False
    """Whether the next chunk is there, or there is none: then the one who writes does not wait for it."""


def in_chunks(table: Table, output: "Rows | Chunks", days: Days | None, engine: Engine) -> Iterator[Chunk]:
    """The output of an asset as chunks. `Chunks` bring their own; a SELECT over a long range is divided.

    Args:
        table: the table of the asset.
        output: what the asset returned.
        days: the days of the run; None if the table has none.
        engine: it knows how many days a SELECT may compute in one write.

    Raises:
        ValueError: the chunks do not cover the days of the run in their order.
    """
    if isinstance(output, Chunks):
        expected = days.first if days else None
        for chunk in output.chunks:
            _refuse_gap(chunk, expected, days)
            expected = chunk.days.end if chunk.days else None
            yield chunk
        if days and expected != days.end:
            raise ValueError(f"the chunks end before {days.last}: the next day due is {expected}")
    elif days and isinstance(output, Select):
        for part in days.chunks(engine.days_at_once(output, days)):
            yield Chunk(part, {table: output})
    else:
        yield Chunk(days, {table: output})


def _refuse_gap(chunk: Chunk, expected: date | None, days: Days | None) -> None:
    if days is None or chunk.days is None or chunk.days.first != expected or chunk.days.last > days.last:
        raise ValueError(f"a chunk of {chunk.days} does not continue the run's {days}: {expected} is due")


def join(chunks: Sequence[Chunk]) -> Chunk:
    """One chunk made of consecutive ones, which have Arrow rows of the same tables. A chunk with rows in files is alone."""
    import pyarrow as pa

    if len(chunks) == 1:
        return chunks[0]
    days = [chunk.days for chunk in chunks if chunk.days]
    return Chunk(
        Days(days[0].first, days[-1].last),
        {table: pa.concat_tables([chunk.tables[table] for chunk in chunks]) for table in chunks[0].tables},
        sum(chunk.pages for chunk in chunks),
    )
