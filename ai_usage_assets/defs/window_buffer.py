"""Windows that have been fetched and wait to be written: all that wait are written together."""

from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from threading import Condition

from ai_usage_assets.warehouse.chunks import MAX_DAYS_PER_WRITE, Chunk, join

MOST_ROWS = 250_000
"""Beyond it a fetch waits for the warehouse, so that memory is flat in the range."""
ENOUGH_ROWS, MOST_SECONDS = 50_000, 2.0
"""A write costs much the same for few rows as for many: fewer than these wait a moment for more."""


class Waiting:
    """From the thread that fetches to the step that writes. Writing two windows costs hardly more than writing one."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._windows: list[Chunk] = []
        self._over = False
        self._broken: BaseException | None = None

    def put(self, window: Chunk) -> None:
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

    def __iter__(self) -> Iterator[Chunk]:
        while taken := self._take():
            yield join(taken)
        if self._broken:
            raise self._broken

    def _take(self) -> list[Chunk]:
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._windows)
            self._changed.wait_for(lambda: self._over or self._rows >= ENOUGH_ROWS, MOST_SECONDS)
            number = self._of_one_write()
            taken, self._windows = self._windows[:number], self._windows[number:]
            self._changed.notify_all()
            return taken

    def _fits(self, window: Chunk) -> bool:
        return self._rows + window.row_count <= MOST_ROWS

    def _of_one_write(self) -> int:
        """How many of the windows are written together: at least one."""
        days = list(accumulate(len(window.days or ()) for window in self._windows))
        return max(1, bisect(days, MAX_DAYS_PER_WRITE)) if days else 0

    @property
    def _rows(self) -> int:
        return sum(window.row_count for window in self._windows)
