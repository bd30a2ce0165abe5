"""When the company works: weeks, holidays, growth, vacations, hours of a day, and days without any usage."""

from datetime import date
from itertools import accumulate

MINUTES = 24 * 60
_WEEK = (1.0, 1.08, 1.1, 1.05, 0.86, 0.09, 0.06)
_HOLIDAYS = {(1, 1), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)}
_HOURS = (2, 1, 1, 1, 1, 3, 8, 20, 45, 70, 80, 75, 50, 65, 80, 78, 70, 50, 30, 20, 16, 12, 8, 4)
_CUMULATIVE = list(accumulate((_HOURS[minute // 60] for minute in range(MINUTES)), initial=0))
# Sundays four weeks apart, so that any 30 days contain one for each vendor
_SUNDAY_WITHOUT_USAGE = {"anthropic": 7, "cursor": 0}


def day_factor(day: date) -> float:
    """The amount of work on a day, relative to an ordinary Monday."""
    if (day.month, day.day) in _HOLIDAYS:
        return 0.04
    season = {8: 0.8, 12: 0.55 if day.day > 20 else 1.0}.get(day.month, 1.0)
    return _WEEK[day.weekday()] * season


def growth_factor(day: date, first_day: date) -> float:
    """Usage grows for three years, and is constant after that."""
    return 0.35 + 0.65 * min(1095, max(0, (day - first_day).days)) / 720


def is_day_without_usage(day: date, vendor: str) -> bool:
    """Whether this is a Sunday without any usage of the vendor."""
    return day.toordinal() % 28 == _SUNDAY_WITHOUT_USAGE[vendor]


def is_on_vacation(number: int, day: date) -> bool:
    """Whether a person has one of their three vacation weeks of the year."""
    return (number * 7 + day.toordinal() // 7) % 17 == 0


def is_nth_day(days: int, day: date, offset: int = 0) -> bool:
    """Whether this is one of every `days` days, so that rare cases occur in every month."""
    return day.toordinal() % days == offset


def share_of_day(total: int, first_minute: int, end_minute: int) -> int:
    """The part of a day's total in [first_minute, end_minute). All parts of a day add up to the total."""
    integer = _CUMULATIVE[MINUTES]
    return total * _CUMULATIVE[end_minute] // integer - total * _CUMULATIVE[first_minute] // integer
