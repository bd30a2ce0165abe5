"""A long write in pieces of bounded length: how it is cut, what of it landed, and how far it is."""

import time
from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

import pyarrow as pa

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import Chunk, Chunks, DayStats, Select, Written
from ai_usage_assets.warehouse.write import Rows

DAYS_PER_CHUNK = 92
"""Of what is computed inside the warehouse: a failure late in a long range keeps every chunk before it, and a quarter
costs hardly more than a month."""

Piece: TypeAlias = tuple[Days | None, Rows, tuple[tuple[Table, pa.Table], ...]]
"""Days, the rows of them, and what goes into other tables beside."""


class Progress:
    """Rows, days and seconds over the pieces of one write."""

    def __init__(self, days: Days | None) -> None:
        self.rows, self.writing = 0, 0.0
        self._due, self._done = len(days) if days else 0, 0
        self._started = time.monotonic()

    def add(self, written: Written, *, counts: bool) -> None:
        """A piece is in; what went in beside it takes time, and counts no days and rows of its own."""
        self.writing += written.seconds
        if counts:
            self.rows += sum(stats.rows for stats in written.stats.values())
            self._done += len(written.days or ())

    def __str__(self) -> str:
        seconds = time.monotonic() - self._started
        pace = self._done / max(seconds, 0.001)
        return (
            f"{self._done} of {self._due} days, {self.rows} rows, {pace:.1f} days/s, "
            f"about {(self._due - self._done) / pace:.0f} s left"
        )


def per_partition(written: Written) -> Iterator[tuple[str | None, DayStats]]:
    """What landed, per partition key; a day without rows landed too."""
    nothing = DayStats(0, 0, {})
    if written.days is None:
        yield None, written.stats.get(None, nothing)
        return
    for day in written.days:
        yield day.isoformat(), written.stats.get(day, nothing)


def chunked(obj: object, days: Days | None) -> Iterator[Piece]:
    """The write in pieces; a Chunks decides its own, and must cover the run's days in order."""
    if isinstance(obj, Chunks):
        expected = days.first if days else None
        for chunk in obj.chunks:
            _refuse_gap(chunk, expected, days)
            expected = chunk.days.end
            yield chunk.days, chunk.rows, chunk.beside
        if days and expected != days.end:
            raise ValueError(f"the chunks end before {days.last}: the next day due is {expected}")
    elif days and isinstance(obj, Select):
        for part in days.chunks(DAYS_PER_CHUNK):
            yield part, obj, ()
    else:
        yield days, obj, ()  # DbIOManager has checked the type


def _refuse_gap(chunk: Chunk, expected: date | None, days: Days | None) -> None:
    if days is None or chunk.days.first != expected or chunk.days.last > days.last:
        raise ValueError(f"a chunk of {chunk.days} does not continue the run's {days}: {expected} is due")
