"""Cursor's Admin API: one method for each endpoint, within the vendor's limits per minute."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from ai_usage_assets.days import Days
from ai_usage_assets.sources.cursor.pages import DailyUsagePage, Groups, Members, SpendPage, UsageEventsPage
from ai_usage_assets.sources.cursor.records import (
    DailyUsage,
    Member,
    Spend,
    UsageEvent,
)
from ai_usage_assets.sources.http.client import Endpoint, Vendor, VendorClient, VendorHttp, checked_key
from ai_usage_assets.sources.http.limiter import Limiter
from ai_usage_assets.sources.http.numbered_pages import NumberedPages
from ai_usage_assets.sources.http.retry import Retry
from ai_usage_assets.sources.source import CURSOR

EVENTS = "/teams/filtered-usage-events"
REQUESTS_PER_MINUTE = 20
"""The documented limit of most endpoints. It may be the limit of each endpoint; here they share it, to be safe."""
EVENT_REQUESTS_PER_MINUTE = 60
"""The documented limit of `filtered-usage-events`."""

PAGE_SIZE = 1000
"""People of daily usage, or events: the largest page that the vendor is known to send."""
SPEND_PAGE_SIZE = 100
"""The vendor documents no largest page for it."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CursorAdmin(VendorClient):
    """Cursor's Admin API with a team's key."""

    MAX_DAYS: ClassVar[int] = CURSOR.max_days
    """Days that one request may span, both ends included."""

    def __init__(
        self,
        api_key: str,
        base_url: str = CURSOR.base_url,
        requests_per_minute: int | None = None,
        *,
        retry: Retry | None = None,
    ) -> None:
        vendor = Vendor(
            CURSOR,
            forbidden_hint=(
                "Cursor's Admin API needs the Enterprise plan, or Teams as others report, and a key of the team, "
                "whose Read-only scope is enough"
            ),
            key_kind="team key; the Read-only scope is enough",
        )
        limit = requests_per_minute
        events = Limiter(EVENT_REQUESTS_PER_MINUTE if limit is None else limit)
        others = Limiter(REQUESTS_PER_MINUTE if limit is None else limit)
        http = VendorHttp(
            vendor,
            base_url,
            auth=(checked_key(vendor, api_key), ""),
            limiter=lambda path: events if path == EVENTS else others,
            retry=retry,
        )
        super().__init__(http)

    def members(self) -> list[Member]:
        """The members of the team, also the removed ones (teams/members)."""
        return self._http.endpoint("/teams/members").get(Members).team_members

    def groups(self) -> Groups:
        """The billing groups with their current and former members (teams/groups).

        Raises:
            ForbiddenError, NotFoundError: the plan has no billing groups.
        """
        return self._http.endpoint("/teams/groups").get(Groups)

    def daily_usage(self, days: Days) -> NumberedPages[DailyUsagePage, list[DailyUsage]]:
        """A row for each person and day, active or not, by pages of people (teams/daily-usage-data).

        Raises:
            ValueError: the days are more than `MAX_DAYS`.
            InvalidAnswerError: on reading, if a page is about other days, or the list changed while it was read.
        """
        endpoint = self._http.endpoint("/teams/daily-usage-data")
        body = {**self._window(days), "pageSize": PAGE_SIZE}
        # The vendor includes both ends of a window, and has sent one day more for a window that was a moment too
        # long. So a row of another day is left out, and not refused.
        return NumberedPages(endpoint, DailyUsagePage, body, lambda page: _of_days(days, endpoint, page.data))

    def usage_events(self, days: Days) -> NumberedPages[UsageEventsPage, list[UsageEvent]]:
        """The calls of the days, by pages, newest first (teams/filtered-usage-events).

        Raises:
            ValueError: the days are more than `MAX_DAYS`.
            InvalidAnswerError: on reading, if an event is outside the days, or the list changed while it was read.
        """
        self._window(days)
        return self._events(days.starting_at, days.ending_at, str(days))

    def usage_events_between(
        self, start: datetime, end: datetime
    ) -> NumberedPages[UsageEventsPage, list[UsageEvent]]:
        """The calls from `start` to before `end` (UTC, whole milliseconds), for a day that is not over.

        Raises:
            ValueError: the span is empty, or longer than `MAX_DAYS`.
            InvalidAnswerError: on reading, if an event is outside the span, or the list changed while it was read.
        """
        span = f"{start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC"
        if not timedelta(0) < end - start <= timedelta(days=self.MAX_DAYS):
            raise ValueError(f"The span {span} is empty, or longer than {self.MAX_DAYS} days.")
        return self._events(start, end, span)

    def _events(
        self, start: datetime, end: datetime, span: str
    ) -> NumberedPages[UsageEventsPage, list[UsageEvent]]:
        endpoint = self._http.endpoint(EVENTS)

        def checked(page: UsageEventsPage) -> list[UsageEvent]:
            # an event outside the span is refused, because it is also counted in its own window
            for event in page.usage_events:
                if not start <= event.timestamp < end:
                    raise endpoint.invalid_answer(
                        f"sent an event of {event.timestamp:%Y-%m-%d} in the answer for {span}"
                    )
            return page.usage_events

        return NumberedPages(
            endpoint, UsageEventsPage, {**_both_included(start, end), "pageSize": PAGE_SIZE}, checked
        )

    def count_events(self, days: Days) -> int:
        """The number of calls in the days, by one request for a page of one call (teams/filtered-usage-events).

        Raises:
            ValueError: the days are more than `MAX_DAYS`.
        """
        body = {**self._window(days), "page": 1, "pageSize": 1}
        return self._http.endpoint(EVENTS).post(UsageEventsPage, body).total_usage_events_count

    def spend(self) -> Spend:
        """The spend of each member since the billing cycle began, in cents (teams/spend)."""
        endpoint = self._http.endpoint("/teams/spend")
        # this order does not change while the pages are read
        body = {"sortBy": "user", "sortDirection": "asc", "pageSize": SPEND_PAGE_SIZE}
        pages = list(NumberedPages(endpoint, SpendPage, body, lambda page: page))
        return Spend(
            subscription_cycle_start=pages[0].subscription_cycle_start,
            members=[member for page in pages for member in page.records],
        )

    def _window(self, days: Days) -> dict[str, Any]:
        """The first and the last millisecond, both included; neighboring windows share none."""
        if len(days) > self.MAX_DAYS:
            raise ValueError(
                f"{days} has {len(days)} days, and one request to Cursor takes at most {self.MAX_DAYS}."
            )
        return _both_included(days.starting_at, days.ending_at)


def _of_days(days: Days, endpoint: Endpoint, rows: list[DailyUsage]) -> list[DailyUsage]:
    """The rows of the days. A page has all people, so a page with rows, but none of these days, is a wrong answer."""
    kept = [row for row in rows if row.day in days]
    if rows and not kept:
        raise endpoint.invalid_answer(f"sent no row of {days}, which was requested")
    return kept


def _both_included(start: datetime, end: datetime) -> dict[str, Any]:
    """The span to before `end` in Cursor's format: its first and its last millisecond."""
    return {"startDate": _millis(start), "endDate": _millis(end) - 1}


def _millis(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)
