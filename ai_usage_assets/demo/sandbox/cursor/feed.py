"""Cursor's events, encoded, and selected by window and person, newest first."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date

import msgspec

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.demo.sandbox.company.cache import BoundedCache
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.cursor.calls import DAY_MS, midnight_ms
from ai_usage_assets.demo.sandbox.responses import fragment


@dataclass(frozen=True)
class Window:
    """The requested window: two times in milliseconds, both included, and optionally one person."""

    start: int
    end: int
    email: str | None = None
    member: str | None = None

    def contains_all_of(self, day: date) -> bool:
        midnight = midnight_ms(day)
        return (
            self.start <= midnight
            and midnight + DAY_MS - 1 <= self.end
            and not self.email
            and not self.member
        )


@dataclass(frozen=True)
class _Day:
    """The encoded events of a day, oldest first, with the fields by which they are selected."""

    at: list[int]
    member: list[str]
    email: list[str]
    events: list[msgspec.Raw]

    def __len__(self) -> int:
        return len(self.at)


class Feed:
    def __init__(self, company: Company) -> None:
        self._company = company
        self._days: BoundedCache[_Day] = BoundedCache(300_000, len)
        self._counts: dict[tuple[date, int], int] = {}

    def counts(self, window: Window, days: Days) -> list[tuple[date, int]]:
        """How many events each day has in the window, newest day first."""
        newest_first = (days.last - ONE_DAY * back for back in range(len(days)))
        return [(day, self._count(day, window)) for day in newest_first]

    def events(
        self, counts: list[tuple[date, int]], window: Window, low: int, high: int
    ) -> list[msgspec.Raw]:
        """The events between two positions of the window. Only the days between them are built."""
        found: list[msgspec.Raw] = []
        skipped = 0
        for day, count in counts:
            if skipped < high and skipped + count > low:
                found += self._matching(day, window)[max(0, low - skipped) : high - skipped]
            skipped += count
        return found

    def _count(self, day: date, window: Window) -> int:
        """The number of events. Complete days are cached, because every page counts the window again."""
        if not window.contains_all_of(day):
            return len(self._matching(day, window))
        key = day, self._company.revision(day, "cursor")
        if key not in self._counts:
            self._counts[key] = len(self._day(day))
        return self._counts[key]

    def _matching(self, day: date, window: Window) -> list[msgspec.Raw]:
        made = self._day(day)
        low, high = bisect_left(made.at, window.start), bisect_right(made.at, window.end)
        if not window.email and not window.member:
            return made.events[low:high][::-1]
        return [
            made.events[index]
            for index in reversed(range(low, high))
            if window.email in (None, made.email[index]) and window.member in (None, made.member[index])
        ]

    def _day(self, day: date) -> _Day:
        def make() -> _Day:
            calls = self._company.cursor(day).calls
            return _Day(
                [call.at for call in calls],
                [call.member for call in calls],
                [call.event.user_email or "" for call in calls],
                [fragment(call.event) for call in calls],
            )

        return self._days.get((day, self._company.revision(day, "cursor")), make)
