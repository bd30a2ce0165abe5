"""Cursor's Admin API: who may ask and how often, members, daily rows, events, the spend of the cycle."""

import base64
import hmac
import time
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from json import JSONDecodeError
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.sandbox import truth
from ai_usage_assets.sandbox.answers import Refused, answer, encode, fragment
from ai_usage_assets.sandbox.cache import Bounded
from ai_usage_assets.sandbox.company import Company
from ai_usage_assets.sandbox.cursor import DAY_MS, midnight_ms
from ai_usage_assets.sandbox.paging import by_number
from ai_usage_assets.sandbox.queries import Body, bad_request

_THIRTY_DAYS = 30 * DAY_MS
_PER_MINUTE = {"/teams/filtered-usage-events": 60}
_MOST = 1000
Endpoint = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True)
class Served:
    """A day's events as they leave, oldest first, with what they are looked up by."""

    at: list[int]
    member: list[str]
    email: list[str]
    events: list[msgspec.Raw]

    def __len__(self) -> int:
        return len(self.at)


class CursorRoutes:
    def __init__(
        self, company: Company, key: str, clock: Callable[[], datetime], strict_limits: bool
    ) -> None:
        self._company, self._clock, self._strict = company, clock, strict_limits
        self._expected = b"Basic " + base64.b64encode(f"{key}:".encode())
        self._asked: dict[str, deque[float]] = defaultdict(deque)
        self._events: Bounded[Served] = Bounded(300_000, len)
        self._counts: dict[tuple[date, int], int] = {}
        self.routes = [
            Route("/teams/members", self._door(self._members), methods=["GET"]),
            Route("/teams/daily-usage-data", self._door(self._daily), methods=["POST"]),
            Route("/teams/filtered-usage-events", self._door(self._usage_events), methods=["POST"]),
            Route("/teams/spend", self._door(self._spend), methods=["POST"]),
        ]

    def _door(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            try:
                if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._expected):
                    raise Refused(401, "Unauthorized", "Invalid API key")
                self._limit(request.url.path)
                return answer(endpoint(await _json(request) if request.method == "POST" else None))
            except Refused as refusal:
                return self.refusal(refusal)

        return guarded

    @staticmethod
    def refusal(refused: Refused) -> Response:
        return answer({"error": refused.kind, "message": refused.message}, refused.status)

    def _limit(self, path: str) -> None:
        """A minute's worth of questions an endpoint; those that were refused do not count."""
        if not self._strict:
            return
        asked, now = self._asked[path], time.monotonic()
        while asked and asked[0] <= now - 60:
            asked.popleft()
        if len(asked) >= _PER_MINUTE.get(path, 20):
            raise Refused(429, "Too Many Requests", "Rate limit exceeded. Please try again later.")
        asked.append(now)

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def _aggregated_ms(self) -> int:
        """Events show once their hour is over."""
        return int(self._now().replace(minute=0, second=0, microsecond=0).timestamp()) * 1000 - 1

    def _members(self, _: None) -> dict[str, Any]:
        return {"teamMembers": self._company.registers.member_list(self._now())}

    def _daily(self, given: Any) -> dict[str, Any]:
        body = Body(given, {"startDate", "endDate", "page", "pageSize"})
        start, end = _window(body)
        paged = "page" in body
        if paged != ("pageSize" in body):
            raise bad_request("page and pageSize must be given together")
        first, last = _day(start), min(_day(end), self._now().date())
        rows = [self._day_rows(day) for day in Days(first, last)] if first <= last else []
        users = sorted({user for of_day in rows for user in of_day})
        answered: dict[str, Any] = {"period": {"startDate": start, "endDate": end}}
        if paged:
            page, size = body.whole("page"), min(body.whole("pageSize"), _MOST)
            total = len(users)
            low, high, pages = by_number(page, size, total)
            users = users[low:high]
            answered["pagination"] = {
                "page": page,
                "pageSize": size,
                "totalUsers": total,
                "totalPages": pages,
                "hasNextPage": page < pages,
                "hasPreviousPage": page > 1,
            }
        # the vendor's `date` keeps the time of day of the question; its `day` is what counts
        answered["data"] = [
            msgspec.Raw(b'%s,"date":%d}' % (row[:-1], start + DAY_MS * number))
            for user in users
            for number, of_day in enumerate(rows)
            if (row := of_day.get(user)) is not None and (paged or b'"isActive":true' in row)
        ]
        return answered

    def _day_rows(self, day: date) -> dict[str, bytes]:
        if day == self._now().date():
            return {
                row.user_id: encode(row)
                for row in self._company.cursor_until(day, self._aggregated_ms()).daily
            }
        return {row.user_id: encode(row) for row in self._company.cursor(day).daily}

    def _usage_events(self, given: Any) -> dict[str, Any]:
        body = Body(given, {"startDate", "endDate", "page", "pageSize", "email", "userId"})
        start, end = _window(body)
        page, size = body.whole("page", 1), min(body.whole("pageSize", 10), _MOST)
        email, member = body.text("email"), body.text("userId")
        shown = min(end, self._aggregated_ms())
        days = Days(_day(start), max(_day(start), _day(shown)))
        newest_first = [days.last - ONE_DAY * back for back in range(len(days))]
        counts = [self._count(day, start, shown, email, member) for day in newest_first]
        total = sum(counts)
        low, high, pages = by_number(page, size, total)
        events: list[msgspec.Raw] = []
        passed = 0
        for day, count in zip(newest_first, counts, strict=True):
            if passed < high and passed + count > low:
                matching = self._matching(day, start, shown, email, member)
                events += matching[max(0, low - passed) : high - passed]
            passed += count
        return {
            "totalUsageEventsCount": total,
            "pagination": {
                "numPages": pages,
                "currentPage": page,
                "pageSize": size,
                "hasNextPage": page < pages,
                "hasPreviousPage": page > 1,
            },
            "usageEvents": events,
            "period": {"startDate": start, "endDate": end},
        }

    def _count(self, day: date, start: int, end: int, email: str | None, member: str | None) -> int:
        """How many events match; whole days are remembered, for a window is counted again with every page."""
        whole = (
            start <= midnight_ms(day) and end >= midnight_ms(day) + DAY_MS - 1 and not email and not member
        )
        if not whole:
            return len(self._matching(day, start, end, email, member))
        key = day, self._company.revision(day, "cursor")
        if key not in self._counts:
            self._counts[key] = len(self._served(day))
        return self._counts[key]

    def _matching(
        self, day: date, start: int, end: int, email: str | None, member: str | None
    ) -> list[msgspec.Raw]:
        """A day's events between two instants, both included, newest first."""
        served = self._served(day)
        low, high = bisect_left(served.at, start), bisect_right(served.at, end)
        if not email and not member:
            return served.events[low:high][::-1]
        return [
            served.events[index]
            for index in reversed(range(low, high))
            if email in (None, served.email[index]) and member in (None, served.member[index])
        ]

    def _served(self, day: date) -> Served:
        def make() -> Served:
            calls = self._company.cursor(day).calls
            return Served(
                [call.at for call in calls],
                [call.member for call in calls],
                [call.event.user_email or "" for call in calls],
                [fragment(call.event) for call in calls],
            )

        return self._events.get((day, self._company.revision(day, "cursor")), make)

    def _spend(self, given: Any) -> dict[str, Any]:
        body = Body(given, {"searchTerm", "sortBy", "sortDirection", "page", "pageSize"})
        search = (body.text("searchTerm") or "").lower()
        order = body.text("sortBy", "date", ("amount", "date", "user"))
        down = body.text("sortDirection", "desc", ("asc", "desc")) == "desc"
        page, size = body.whole("page", 1), min(body.whole("pageSize", _MOST), _MOST)
        today = self._now().date()
        cycle = today.replace(day=1)
        charged, overall = self._spent(cycle, today)
        members = [
            {
                "userId": member["id"],
                "name": member["name"],
                "email": member["email"],
                "role": member["role"],
                "spendCents": int(charged[member["id"]].to_integral_value()),
                "overallSpendCents": int(overall[member["id"]].to_integral_value()),
                "fastPremiumRequests": 0,
                "hardLimitOverrideDollars": 0 if place % 3 else None,
                "monthlyLimitDollars": 200 if place % 4 == 0 else None,
            }
            for place, member in enumerate(self._company.registers.member_list(self._now()))
            if search in f"{member['name']} {member['email']}".lower()
        ]
        if order != "date":
            members.sort(key=lambda row: row["spendCents"] if order == "amount" else row["name"])
        members = members[::-1] if down else members
        low, high, pages = by_number(page, size, len(members))
        return {
            "teamMemberSpend": members[low:high],
            "subscriptionCycleStart": midnight_ms(cycle),
            "totalMembers": len(members),
            "totalPages": pages,
        }

    def _spent(self, cycle: date, today: date) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        charged: dict[str, Decimal] = defaultdict(Decimal)
        overall: dict[str, Decimal] = defaultdict(Decimal)
        for day in Days(cycle, today):
            for call in self._company.cursor(day).calls:
                worth = truth.charged(call.event)
                if worth is not None and call.at <= self._aggregated_ms():
                    overall[call.member] += worth
                    charged[call.member] += worth if truth.is_chargeable(call.event) else 0
        return charged, overall


async def _json(request: Request) -> Any:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise bad_request("Content-Type must be application/json")
    try:
        return await request.json()
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise bad_request("The body is not valid JSON") from error


def _window(body: Body) -> tuple[int, int]:
    start, end = body.whole("startDate", least=0), body.whole("endDate", least=0)
    if end < start:
        raise bad_request("endDate must not be before startDate")
    if end - start > _THIRTY_DAYS:
        raise bad_request("Date range cannot exceed 30 days")
    return start, end


def _day(ms: int) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(ms, 253_402_300_799_999))).date()
