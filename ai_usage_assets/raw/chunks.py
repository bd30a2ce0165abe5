"""A run's days as chunks of the vendor's own window length: the fewest requests, and memory flat in the range."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import dagster as dg
import pyarrow as pa

from ai_usage_assets.days import Days
from ai_usage_assets.partitions import days_of
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.protocol import Chunk, Chunks


def fetched(
    context: dg.AssetExecutionContext,
    requests: Counter[str],
    most_days: int,
    fetch: Callable[[Days], pa.Table],
) -> Chunks:
    """Fetched one window at a time, each when the door has published the one before; `requests` are the client's."""
    windows = _windows(context, requests, most_days, lambda window: [fetch(window)])
    return Chunks(Chunk(window, rows) for window, [rows] in windows)


def fetched_together(
    context: dg.AssetExecutionContext,
    requests: Counter[str],
    most_days: int,
    fetch: Callable[[Days], Sequence[pa.Table]],
    beside: Sequence[Table],
) -> Chunks:
    """The same for several tables out of one fetch: the rows of the others travel beside those of the first.

    Dagster publishes a step's outputs one after the other. A window that went into all tables before the next is
    asked for is kept in all of them, whatever becomes of the next.
    """
    windows = _windows(context, requests, most_days, fetch)
    return Chunks(
        Chunk(window, rows, tuple(zip(beside, others, strict=True))) for window, [rows, *others] in windows
    )


def _windows(
    context: dg.AssetExecutionContext,
    requests: Counter[str],
    most_days: int,
    fetch: Callable[[Days], Sequence[pa.Table]],
) -> Iterator[tuple[Days, Sequence[pa.Table]]]:
    before = requests.total()
    for window in days_of(context).chunks(most_days):
        asked = requests.total()
        tables = fetch(window)
        rows = sum(table.num_rows for table in tables)
        context.log.info(
            f"{window} fetched: {requests.total() - asked} pages, {rows} rows; {requests.total() - before} pages so far"
        )
        yield window, tables
