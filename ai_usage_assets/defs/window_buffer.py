"""Windows that have been fetched and wait to be written: all that wait are written together."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from threading import Condition
from typing import TYPE_CHECKING

from ai_usage_assets.days import Days

if TYPE_CHECKING:
    import pyarrow as pa


MOST_ROWS = 250_000
"""Beyond it a fetch waits for the warehouse, so that memory is flat in the range."""
MOST_DAYS = 92
"""Of one write: a failure costs at most a quarter of a year, and a statement names so many partitions."""
ENOUGH_ROWS, MOST_SECONDS = 50_000, 2.0
"""A write costs much the same for few rows as for many: fewer than these wait a moment for more."""


@dataclass(frozen=True)
class Window:
    """What one answer, or several of consecutive days, held."""

    days: Days
    tables: "Sequence[pa.Table]"
    pages: int

    @property
    def rows(self) -> int:
        return sum(table.num_rows for table in self.tables)


class Waiting:
    """From the thread that fetches to the step that writes. Writing two windows costs hardly more than writing one."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._windows: list[Window] = []
        self._over = False
        self._broken: BaseException | None = None

    def put(self, window: Window) -> None:
        """Hand a window on; waits while too much is waiting already."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or not self._windows or self._fits(window))
            self._windows.append(window)
            self._changed.notify_all()

    def end(self, broken: BaseException | None = None) -> None:
        """No window comes any more; what broke the fetch is raised when those before it are taken."""
        with self._changed:
            self._over, self._broken = True, self._broken or broken
            self._changed.notify_all()

    @property
    def over(self) -> bool:
        return self._over

    def __iter__(self) -> Iterator[Window]:
        while taken := self._take():
            yield joined(taken)
        if self._broken:
            raise self._broken

    def _take(self) -> list[Window]:
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._windows)
            self._changed.wait_for(lambda: self._over or self._rows >= ENOUGH_ROWS, MOST_SECONDS)
            number = self._of_one_write()
            taken, self._windows = self._windows[:number], self._windows[number:]
            self._changed.notify_all()
            return taken

    def _fits(self, window: Window) -> bool:
        return self._rows + window.rows <= MOST_ROWS

    def _of_one_write(self) -> int:
        """How many of the windows are written together: at least one."""
        days = list(accumulate(len(window.days) for window in self._windows))
        return max(1, bisect(days, MOST_DAYS)) if days else 0

    @property
    def _rows(self) -> int:
        return sum(window.rows for window in self._windows)


def joined(windows: Sequence[Window]) -> Window:
    """Consecutive windows as one."""
    import pyarrow as pa

    return Window(
        Days(windows[0].days.first, windows[-1].days.last),
        [pa.concat_tables(tables) for tables in zip(*(window.tables for window in windows), strict=True)],
        sum(window.pages for window in windows),
    )
