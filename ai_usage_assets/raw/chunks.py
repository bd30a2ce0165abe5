"""A run's days as chunks of the vendor's own window length: the fewest requests, and memory flat in the range."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
import pyarrow as pa
from pyarrow import feather

from ai_usage_assets.days import Days
from ai_usage_assets.partitions import days_of
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.protocol import Chunk, Chunks


def fetched(context: dg.AssetExecutionContext, most_days: int, fetch: Callable[[Days], pa.Table]) -> Chunks:
    """Fetched one window at a time, each when the door has published the one before."""
    windows = _windows(context, most_days, lambda window: [fetch(window)])
    return Chunks(Chunk(window, rows) for window, [rows] in windows)


@contextmanager
def spooled(
    context: dg.AssetExecutionContext,
    most_days: int,
    fetch: Callable[[Days], Sequence[pa.Table]],
    tables: Sequence[Table],
) -> Iterator[dict[Table, Chunks]]:
    """Several tables out of one fetch: all of it goes to files first, and each table's chunks are read from there.

    Dagster publishes a step's outputs one after the other, so a second table's chunks must be kept until the first
    has landed: on disk, because a range must not grow in memory. And no table starts before the last window is
    here, because a fetch that broke off would otherwise leave the first table ahead of the others.
    """
    with TemporaryDirectory(prefix="ai_usage_") as folder:
        files: dict[Table, list[tuple[Days, Path]]] = {table: [] for table in tables}
        for window, parts in _windows(context, most_days, fetch):
            for (table, spool), rows in zip(files.items(), parts, strict=True):
                path = Path(folder) / f"{table.name}-{window.first}"
                feather.write_feather(rows, str(path))
                spool.append((window, path))
        yield {table: Chunks(_read(spool)) for table, spool in files.items()}


def _read(spool: list[tuple[Days, Path]]) -> Iterator[Chunk]:
    for window, path in spool:
        # a mapped file could not be removed on Windows, and its columns need no second reading
        yield Chunk(window, feather.read_table(str(path), memory_map=False))


def _windows(
    context: dg.AssetExecutionContext, most_days: int, fetch: Callable[[Days], Sequence[pa.Table]]
) -> Iterator[tuple[Days, Sequence[pa.Table]]]:
    days = days_of(context)
    started, rows_so_far, done = time.monotonic(), 0, 0
    for window in days.chunks(most_days):
        tables = fetch(window)
        rows = sum(table.num_rows for table in tables)
        done, rows_so_far = done + len(window), rows_so_far + rows
        seconds = time.monotonic() - started
        left = seconds / done * (len(days) - done)
        context.log.info(
            f"{window}: {rows} rows fetched; {done} of {len(days)} days, {rows_so_far} rows, "
            f"{done / max(seconds, 0.001):.1f} days/s, about {left:.0f} s left"
        )
        yield window, tables
