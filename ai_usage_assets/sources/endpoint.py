"""A vendor's daily endpoint: which tables one answer fills, how many days it spans, and how it becomes rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Table
from ai_usage_assets.spool import MAX_ROWS, FetchedRows

Client = TypeVar("Client")


MAX_RECORDS = MAX_ROWS
"""More are not requested at once, except for a single day: they fit into memory, and a failure repeats them all."""


@dataclass(frozen=True)
class Endpoint(Generic[Client]):
    """Tables that one answer fills are fetched together, and fail together."""

    name: str
    """The name of the Dagster step that fetches it."""
    tables: tuple[Table, ...]
    path: str
    """What the client counts its requests under."""
    max_days: int
    """Days of one window."""
    fetch: Callable[[Client, Days, datetime], Sequence[FetchedRows]]
    """The rows of each table for some days; the instant is their `fetched_at`.

    It may raise `TooManyRecordsError` for several days; fewer of them are then requested at a time.
    """
    require_final: Callable[[Days, datetime], None] | None = None
    """Raises if the vendor does not report all of the days yet; called before anything is requested."""

    @property
    def source(self) -> str:
        """The name of the vendor."""
        return self.tables[0].vendor or ""
