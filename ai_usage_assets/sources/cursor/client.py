"""Cursor's Admin API: members, daily usage, single calls and the spend of the cycle, within its limits per minute."""

from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, ClassVar, Self

from ai_usage_assets.days import Days
from ai_usage_assets.sources.cursor.pages import DailyUsagePage, Groups, Members, SpendPage, UsageEventsPage
from ai_usage_assets.sources.cursor.records import (
    MAX_DAYS,
    DailyUsage,
    Member,
    MemberSpend,
    Spend,
    UsageEvent,
)
from ai_usage_assets.sources.http.client import Endpoint, Vendor, VendorHttp, checked_key
from ai_usage_assets.sources.http.limiter import Limiter
from ai_usage_assets.sources.http.numbered_pages import NumberedPages
from ai_usage_assets.sources.http.retry import Retry

__all__ = ["CursorAdmin", "DailyUsage", "Member", "MemberSpend", "Spend", "UsageEvent"]

EVENTS = "/teams/filtered-usage-events"
REQUESTS_PER_MINUTE = 20
"""The documented limit of most endpoints; they share it here, which is the careful reading."""
EVENT_REQUESTS_PER_MINUTE = 60
"""The documented limit of `filtered-usage-events`."""

PAGE_SIZE = 1000
"""People of daily usage, or events: the most that the vendor is known to give."""
SPEND_PAGE_SIZE = 100
"""The vendor documents no most for it."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CursorAdmin:
    """Cursor's Admin API with a team's key. Safe between threads; a context manager."""

    MAX_DAYS: ClassVar[int] = MAX_DAYS

    def __init__(
        self,
        api_key: str,
        base_url: str = "https://api.cursor.com",
        requests_per_minute: int | None = None,
        *,
        key_variable: str = "CURSOR_ADMIN_API_KEY",
        url_variable: str = "CURSOR_ADMIN_BASE_URL",
        retry: Retry | None = None,
    ) -> None:
        vendor = Vendor(
            name="Cursor",
            key_variable=key_variable,
            url_variable=url_variable,
            forbidden_hint=(
                "Cursor's Admin API needs the Enterprise plan, or Teams as others report, and a key of the team, "
                "whose Read-only scope is enough"
            ),
            key_kind="team key; the Read-only scope is enough",
        )
        given = requests_per_minute
        events = Limiter(EVENT_REQUESTS_PER_MINUTE if given is None else given)
        general = Limiter(REQUESTS_PER_MINUTE if given is None else given)
        self._http = VendorHttp(
            vendor,
            base_url,
            auth=(checked_key(vendor, api_key), ""),
            limiter=lambda path: events if path == EVENTS else general,
            retry=retry,
        )
        self.requests = self._http.requests

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def members(self) -> list[Member]:
        """Everybody on the team, the removed included (teams/members)."""
        return self._http.endpoint("/teams/members").get(Members).team_members

    def groups(self) -> Groups:
        """The billing groups with their members, present and past (teams/groups).

        Raises:
            ForbiddenError, NotFoundError: the plan has no billing groups.
        """
        return self._http.endpoint("/teams/groups").get(Groups)

    def daily_usage(self, days: Days) -> NumberedPages[DailyUsagePage, list[DailyUsage]]:
        """A row a person and day, active or not, a page of people at a time (teams/daily-usage-data).

        Raises:
            ValueError: the days are more than `MAX_DAYS`.
            InvalidAnswerError: when it is read: a page is about other days, or the list moved while it was read.
        """
        endpoint = self._http.endpoint("/teams/daily-usage-data")
        question = {**self._window(days), "pageSize": PAGE_SIZE}
        # A window is read with both ends included, and one that is a moment too long has been seen to give
        # a day more than it should, so a row is judged by its day and left out, not refused.
        return NumberedPages(
            endpoint, DailyUsagePage, question, lambda page: _of_days(days, endpoint, page.data)
        )

    def usage_events(self, days: Days) -> NumberedPages[UsageEventsPage, list[UsageEvent]]:
        """Every call in the days, a page at a time, newest first (teams/filtered-usage-events).

        Raises:
            ValueError: the days are more than `MAX_DAYS`.
            InvalidAnswerError: when it is read: an event lies outside the days, or the list moved while it was read.
        """
        self._window(days)
        return self._events(days.starting_at, days.ending_at, str(days))

    def usage_events_between(
        self, start: datetime, end: datetime
    ) -> NumberedPages[UsageEventsPage, list[UsageEvent]]:
        """Every call from `start` until before `end` (UTC, whole milliseconds), for a day that is not over.

        Raises:
            ValueError: the span holds no millisecond, or is longer than `MAX_DAYS`.
            InvalidAnswerError: when it is read: an event lies outside the span, or the list moved while it was read.
        """
        asked = f"{start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC"
        if not timedelta(0) < end - start <= timedelta(days=self.MAX_DAYS):
            raise ValueError(f"{asked} is no span of more than nothing and at most {self.MAX_DAYS} days")
        return self._events(start, end, asked)

    def _events(
        self, start: datetime, end: datetime, asked: str
    ) -> NumberedPages[UsageEventsPage, list[UsageEvent]]:
        endpoint = self._http.endpoint(EVENTS)

        def checked(page: UsageEventsPage) -> list[UsageEvent]:
            # one outside would be counted again in its own window, so it is refused
            for event in page.usage_events:
                if not start <= event.timestamp < end:
                    raise endpoint.invalid_answer(
                        f"holds an event of {event.timestamp:%Y-%m-%d} where {asked} was asked for"
                    )
            return page.usage_events

        return NumberedPages(
            endpoint, UsageEventsPage, {**_both_included(start, end), "pageSize": PAGE_SIZE}, checked
        )

    def count_events(self, days: Days) -> int:
        """How many calls the days hold, in one request for one of them (teams/filtered-usage-events).

        Raises:
            ValueError: the days are more than `MAX_DAYS`.
        """
        question = {**self._window(days), "page": 1, "pageSize": 1}
        return self._http.endpoint(EVENTS).post(UsageEventsPage, question).total_usage_events_count

    def spend(self) -> Spend:
        """What each member has cost since the billing cycle began, in cents (teams/spend)."""
        endpoint = self._http.endpoint("/teams/spend")
        # in an order that does not move while the pages are read
        question = {"sortBy": "user", "sortDirection": "asc", "pageSize": SPEND_PAGE_SIZE}
        pages = list(NumberedPages(endpoint, SpendPage, question, lambda page: page))
        return Spend(
            subscription_cycle_start=pages[0].subscription_cycle_start,
            members=[member for page in pages for member in page.records],
        )

    def _window(self, days: Days) -> dict[str, Any]:
        """First to last millisecond, both included; days next to each other share none."""
        if len(days) > self.MAX_DAYS:
            raise ValueError(
                f"{days} is {len(days)} days, and Cursor takes at most {self.MAX_DAYS} at a time"
            )
        return _both_included(days.starting_at, days.ending_at)


def _of_days(days: Days, endpoint: Endpoint, rows: list[DailyUsage]) -> list[DailyUsage]:
    """The rows of the days. A page lists everybody, so one that has rows and none of these answers something else."""
    kept = [row for row in rows if row.day in days]
    if rows and not kept:
        raise endpoint.invalid_answer(f"holds no row of {days}, which was asked for")
    return kept


def _both_included(start: datetime, end: datetime) -> dict[str, Any]:
    """The span up to before `end`, as Cursor takes it: first and last millisecond."""
    return {"startDate": _millis(start), "endDate": _millis(end) - 1}


def _millis(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)
