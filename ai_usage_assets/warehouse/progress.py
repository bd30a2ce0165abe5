"""The progress of a long write: what each chunk wrote, and how long the rest will take."""

import time
from collections.abc import Iterator

from ai_usage_assets.days import Days
from ai_usage_assets.warehouse.engine import DayStats, Written


class Progress:
    """Rows, days and seconds over the chunks of one write. `str()` is the line for the log."""

    def __init__(self, days: Days | None) -> None:
        self.rows, self.write_seconds = 0, 0.0
        self._days, self._days_done = len(days) if days else 0, 0
        self._started = time.monotonic()

    def add(self, written: Written, *, is_main_table: bool) -> None:
        """Count a write. Rows and days are counted once per chunk: for the main table only."""
        self.write_seconds += written.seconds
        if is_main_table:
            self.rows += sum(stats.rows for stats in written.stats.values())
            self._days_done += len(written.days or ())

    def __str__(self) -> str:
        seconds = time.monotonic() - self._started
        days_per_second = self._days_done / max(seconds, 0.001)
        return (
            f"{self._days_done} of {self._days} days, {self.rows} rows, {days_per_second:.1f} days/s, "
            f"about {(self._days - self._days_done) / days_per_second:.0f} s left"
        )


def per_partition(written: Written) -> Iterator[tuple[str | None, DayStats]]:
    """The statistics of a write per partition key. A day without rows has statistics of zeros."""
    nothing = DayStats(0, 0, {})
    if written.days is None:
        yield None, written.stats.get(None, nothing)
        return
    for day in written.days:
        yield day.isoformat(), written.stats.get(day, nothing)
