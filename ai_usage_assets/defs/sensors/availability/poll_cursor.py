"""The poll of Cursor: the activity of each day, and the number of events of all days."""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING

from ai_usage_assets.days import ONE_DAY, Days, contiguous
from ai_usage_assets.defs.sensors.availability.polls import (
    FETCHED_AT,
    Digests,
    PollResult,
    Recorded,
    days_with_data,
    digest,
    restated,
    sums,
    unreported,
)
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS, RAW_CURSOR_USAGE
from ai_usage_assets.sources.cursor import rows
from ai_usage_assets.spool import in_memory

if TYPE_CHECKING:
    from ai_usage_assets.sources.cursor.client import CursorAdmin

LEADING = RAW_CURSOR_USAGE.name
"""If a day of this asset is restated, the day is read again in every asset."""
MAX_COUNTS = 12
"""Requests to find the days whose number of events changed; days that are not searched are all read again."""
SEARCH_SECONDS = 20.0
"""A tick has sixty seconds, and the answer to the last request may be slow."""


def poll(client: "CursorAdmin", days: Days, recorded: Recorded, turn: int) -> PollResult:
    """Two requests, and more if the number of events changed.

    The cost of an event can change while the number of events does not; no cheap request shows that. A day that is
    no longer reported is not restated: it keeps its rows, and a run would not change them.
    """
    activity, events = RAW_CURSOR_USAGE, RAW_CURSOR_EVENTS
    reported = sums(activity, in_memory(rows.daily_usage_rows(client.daily_usage(days), FETCHED_AT)))
    counts = {day: m.rows for day, m in recorded(events.name).items() if m.rows is not None}
    gone = unreported(activity, reported, recorded(activity.name))
    return PollResult(
        days_with_data(reported),
        {
            activity.name: restated(activity, reported, recorded(activity.name)),
            events.name: recount(client.count_events, counts, call_budget(), gone),
        },
    )


def recount(
    count: Callable[[Days], int],
    recorded: Mapping[date, int],
    has_budget: Callable[[], bool],
    gone: Collection[date] = (),
) -> Digests:
    """The days whose number of events differs from the recorded one, found by bisection.

    Days without events now keep their rows, and are not found. `gone` are days that are likely to have none: they are
    counted by themselves, so that they do not make the others look different.
    """
    found: Digests = {}

    def search(days: Days, reported: int) -> None:
        if reported in {0, sum(recorded[day] for day in days)}:
            # a day that was recorded without events has none now either, or keeps the rows that it has
            return
        if len(days) == 1 or not has_budget():
            found.update({day: digest(days, reported) for day in days})
            return
        left, right = split(days, recorded, reported)
        in_left = count(left)
        search(left, in_left)
        search(right, reported - in_left)

    likely_gone = recorded.keys() & set(gone)
    for days in (*contiguous(recorded.keys() - likely_gone), *contiguous(likely_gone)):
        search(days, count(days))
    return found


def split(days: Days, recorded: Mapping[date, int], reported: int) -> tuple[Days, Days]:
    """Two parts: before the newer days that alone have the reported number, if there are such days; else halves.

    A rolling history loses its oldest days, so one request separates them from the rest.
    """
    newer = 0
    for first in reversed(list(days)[1:]):
        newer += recorded[first]
        if newer >= reported:
            break
    if newer == reported:
        return Days(days.first, first - ONE_DAY), Days(first, days.last)
    left, right = days.chunks(-(-len(days) // 2))
    return left, right


def call_budget() -> Callable[[], bool]:
    """Whether another request may be sent: a bounded number of them, for a bounded time."""
    requests, ends = iter(range(MAX_COUNTS)), time.monotonic() + SEARCH_SECONDS

    def has_budget() -> bool:
        return next(requests, None) is not None and time.monotonic() < ends

    return has_budget
