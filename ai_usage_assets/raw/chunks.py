"""A run's days as chunks of the vendor's own window length: the fewest requests, and memory flat in the range."""

import time
from collections.abc import Callable, Iterator

import dagster as dg
import pyarrow as pa

from ai_usage_assets.days import Days
from ai_usage_assets.partitions import days_of
from ai_usage_assets.warehouse.protocol import Chunk, Chunks


def fetched(context: dg.AssetExecutionContext, most_days: int, fetch: Callable[[Days], pa.Table]) -> Chunks:
    """Fetched one window at a time, while the door publishes the one before."""
    days = days_of(context)

    def chunks() -> Iterator[Chunk]:
        started, rows_so_far, done = time.monotonic(), 0, 0
        for window in days.chunks(most_days):
            rows = fetch(window)
            done, rows_so_far = done + len(window), rows_so_far + rows.num_rows
            seconds = time.monotonic() - started
            left = seconds / done * (len(days) - done)
            context.log.info(
                f"{window}: {rows.num_rows} rows fetched; {done} of {len(days)} days, {rows_so_far} rows, "
                f"{done / max(seconds, 0.001):.1f} days/s, about {left:.0f} s left"
            )
            yield Chunk(window, rows)

    return Chunks(chunks())
