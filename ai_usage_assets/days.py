"""Whole UTC days: the unit of vendors' windows, of partitions and of the sandbox. Only `utc_now` reads the clock."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

ONE_DAY = timedelta(days=1)

Clock: TypeAlias = Callable[[], datetime]
"""Returns the time in UTC. It is passed as an argument, so that a test can stop it."""


@dataclass(frozen=True, order=True)
class Days:
    """A contiguous run of UTC days, both ends included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the last day {self.last} is before the first day {self.first}")

    @classmethod
    def one(cls, day: date) -> "Days":
        return cls(day, day)

    @classmethod
    def parse(cls, text: str) -> "Days":
        """What `str()` gives: 2026-10-31, or 2026-10-01...2026-10-31.

        Raises:
            ValueError: the text is neither.
        """
        first, _, last = text.partition("...")
        return cls(date.fromisoformat(first), date.fromisoformat(last or first))

    def __iter__(self) -> Iterator[date]:
        return (self.first + ONE_DAY * n for n in range(len(self)))

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}...{self.last}"

    @property
    def end(self) -> date:
        """The first day after the run: the exclusive end."""
        return self.last + ONE_DAY

    @property
    def starting_at(self) -> datetime:
        """The first instant of the run, in UTC."""
        return midnight(self.first)

    @property
    def ending_at(self) -> datetime:
        """The first instant after the run, in UTC."""
        return midnight(self.end)

    def chunks(self, size: int) -> Iterator["Days"]:
        """Consecutive parts of at most `size` days, oldest first."""
        for first in (self.first + ONE_DAY * n for n in range(0, len(self), size)):
            yield Days(first, min(first + ONE_DAY * (size - 1), self.last))


ALL_DAYS = Days(date(2000, 1, 1), date(2099, 12, 31))
"""A window that holds every day, for statements that need literal bounds."""


def contiguous(days: Iterable[date]) -> Iterator[Days]:
    """Days in any order as the fewest unbroken runs, oldest first."""
    run: Days | None = None
    for day in sorted(set(days)):
        if run and day == run.end:
            run = Days(run.first, day)
            continue
        if run:
            yield run
        run = Days.one(day)
    if run:
        yield run


def listed(days: Iterable[date]) -> str:
    """Days as a person writes them: 2026-10-01...2026-10-03, 2026-10-07."""
    return ", ".join(str(run) for run in contiguous(days))


def utc_now() -> datetime:
    return datetime.now(UTC)


def midnight(day: date) -> datetime:
    """The first instant of a UTC day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def earliest_available(now: datetime, kept_days: int) -> date:
    """The oldest UTC day that a vendor which keeps so many days of history still reports."""
    return now.astimezone(UTC).date() - ONE_DAY * kept_days


def month_of(day: date) -> Days:
    """The calendar month of a day."""
    first = day.replace(day=1)
    return Days(first, (first + 31 * ONE_DAY).replace(day=1) - ONE_DAY)


def month_before(day: date) -> Days:
    """The calendar month before that of a day."""
    return month_of(day.replace(day=1) - ONE_DAY)


def with_months_before(days: Days, count: int) -> Days:
    """The days, and all days of so many calendar months before them."""
    first = days.first
    for _ in range(count):
        first = month_before(first).first
    return Days(first, days.last)


def last_closed(now: datetime) -> date:
    """The newest UTC day that is over at `now`."""
    return now.astimezone(UTC).date() - ONE_DAY
