"""A buffer of fetched windows between the thread that fetches and the step that writes.

All windows that are in it are written together: writing two costs hardly more than writing one.
"""

from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from threading import Condition

from ai_usage_assets.spool import MAX_ROWS
from ai_usage_assets.warehouse.chunks import MAX_DAYS_PER_WRITE, Chunk, join

FLUSH_AT_ROWS, MAX_WAIT_SECONDS = 50_000, 2.0
"""A write of few rows costs as much as one of many: fewer rows than these wait a moment for more."""


class WindowBuffer:
    """Windows in the order of their days. One thread puts, another iterates."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._windows: list[Chunk] = []
        self._is_ended = False
        self._error: BaseException | None = None

    def put(self, window: Chunk) -> None:
        """Add a window; waits while the buffer is full."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_ended or not self._windows or self._has_room(window))
            self._windows.append(window)
            self._changed.notify_all()

    def end(self, error: BaseException | None = None) -> None:
        """No more windows come. The error that ended the fetch is raised after the windows before it are taken."""
        with self._changed:
            self._is_ended, self._error = True, self._error or error
            self._changed.notify_all()

    @property
    def is_ended(self) -> bool:
        return self._is_ended

    def is_next_ready(self) -> bool:
        return self._is_ended or bool(self._windows)

    def __iter__(self) -> Iterator[Chunk]:
        while taken := self._take():
            yield join(taken)
        if self._error:
            raise self._error

    def _take(self) -> list[Chunk]:
        with self._changed:
            self._changed.wait_for(lambda: self._is_ended or self._windows)
            self._changed.wait_for(lambda: self._is_ended or self._rows >= FLUSH_AT_ROWS, MAX_WAIT_SECONDS)
            count = self._count_of_one_write()
            taken, self._windows = self._windows[:count], self._windows[count:]
            self._changed.notify_all()
            return taken

    def _has_room(self, window: Chunk) -> bool:
        return self._rows + window.row_count <= MAX_ROWS

    def _count_of_one_write(self) -> int:
        """How many of the windows are written together: at least one, and not more than one write holds."""
        if not self._windows:
            return 0
        days = list(accumulate(len(window.days or ()) for window in self._windows))
        rows = list(accumulate(window.row_count for window in self._windows))
        return max(1, min(bisect(days, MAX_DAYS_PER_WRITE), bisect(rows, MAX_ROWS)))

    @property
    def _rows(self) -> int:
        return sum(window.row_count for window in self._windows)
