"""When the company works: weeks, holidays, growth, vacations, the hours of a day, the days when nothing happens."""

from datetime import date
from itertools import accumulate

MINUTES = 24 * 60
_WEEK = (1.0, 1.08, 1.1, 1.05, 0.86, 0.09, 0.06)
_HOLIDAYS = {(1, 1), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)}
_HOURS = (2, 1, 1, 1, 1, 3, 8, 20, 45, 70, 80, 75, 50, 65, 80, 78, 70, 50, 30, 20, 16, 12, 8, 4)
_CUMULATED = list(accumulate((_HOURS[minute // 60] for minute in range(MINUTES)), initial=0))
# Sundays four weeks apart, so that every thirty days hold one of each
_SILENT_SUNDAY = {"anthropic": 7, "cursor": 0}


def day_factor(day: date) -> float:
    """How much of a normal day's work is done, 1.0 being an ordinary Monday."""
    if (day.month, day.day) in _HOLIDAYS:
        return 0.04
    season = {8: 0.8, 12: 0.55 if day.day > 20 else 1.0}.get(day.month, 1.0)
    return _WEEK[day.weekday()] * season


def growth_factor(day: date, first_day: date) -> float:
    """Habits grow for two years, and then stay."""
    return 0.35 + 0.65 * min(1.0, max(0, (day - first_day).days) / 720)


def is_day_without_usage(day: date, vendor: str) -> bool:
    """A Sunday on which nobody at all used that vendor."""
    return day.toordinal() % 28 == _SILENT_SUNDAY[vendor]


def is_on_vacation(number: int, day: date) -> bool:
    """A week off, three times a year, at everybody's own time."""
    return (number * 7 + day.toordinal() // 7) % 17 == 0


def is_nth_day(days: int, day: date, offset: int = 0) -> bool:
    """One day in so many: keeps what is rare present in any month."""
    return day.toordinal() % days == offset


def share_of_day(total: int, first_minute: int, end_minute: int) -> int:
    """The part of a day's total in [first_minute, end_minute): parts of a day always add up to it."""
    whole = _CUMULATED[MINUTES]
    return total * _CUMULATED[end_minute] // whole - total * _CUMULATED[first_minute] // whole
