"""Cursor's Admin API: authorization, rate limits, members, daily rows, events, and the spend of the billing cycle."""

import base64
import hmac
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from json import JSONDecodeError
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company.cache import BoundedCache
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.cursor.calls import DAY_MS
from ai_usage_assets.demo.sandbox.cursor.cycle import cycle_start, milliseconds, next_cycle
from ai_usage_assets.demo.sandbox.cursor.feed import Feed, Window
from ai_usage_assets.demo.sandbox.cursor.groups import groups
from ai_usage_assets.demo.sandbox.cursor.spend import spend
from ai_usage_assets.demo.sandbox.paging import by_number
from ai_usage_assets.demo.sandbox.queries import Body, bad_request
from ai_usage_assets.demo.sandbox.responses import VendorRefusalError, encode, json_response

_THIRTY_DAYS = 30 * DAY_MS
_PER_MINUTE = {"/teams/filtered-usage-events": 60}
_MAX_PAGE_SIZE = 1000
Endpoint = Callable[[Any], dict[str, Any]]


class CursorRoutes:
    def __init__(
        self, company: Company, key: str, clock: Callable[[], datetime], strict_limits: bool
    ) -> None:
        self._company, self._clock, self._strict = company, clock, strict_limits
        self._expected = b"Basic " + base64.b64encode(f"{key}:".encode())
        self._recent_requests: dict[str, deque[float]] = defaultdict(deque)
        self._feed = Feed(company)
        self._rows: BoundedCache[dict[str, bytes]] = BoundedCache(200_000, len)
        self.routes = [
            Route("/teams/members", self._authorized(self._members), methods=["GET"]),
            Route("/teams/groups", self._authorized(self._groups), methods=["GET"]),
            Route("/teams/daily-usage-data", self._authorized(self._daily), methods=["POST"]),
            Route("/teams/filtered-usage-events", self._authorized(self._usage_events), methods=["POST"]),
            Route("/teams/spend", self._authorized(self._spend), methods=["POST"]),
        ]

    def _authorized(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        async def authorized_endpoint(request: Request) -> Response:
            try:
                if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._expected):
                    raise VendorRefusalError(401, "Unauthorized", "Invalid API key")
                self._limit(request.url.path)
                return json_response(endpoint(await _json(request) if request.method == "POST" else None))
            except VendorRefusalError as refusal:
                return self.refusal(refusal)

        return authorized_endpoint

    @staticmethod
    def refusal(refused: VendorRefusalError) -> Response:
        return json_response({"error": refused.kind, "message": refused.message}, refused.status)

    def _limit(self, path: str) -> None:
        """Apply the rate limit of an endpoint. Refused requests do not count."""
        if not self._strict:
            return
        recent, now = self._recent_requests[path], time.monotonic()
        while recent and recent[0] <= now - 60:
            recent.popleft()
        if len(recent) >= _PER_MINUTE.get(path, 20):
            raise VendorRefusalError(429, "Too Many Requests", "Rate limit exceeded. Please try again later.")
        recent.append(now)

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def _aggregated_ms(self) -> int:
        """Events are available when their hour has ended."""
        return int(self._now().replace(minute=0, second=0, microsecond=0).timestamp()) * 1000 - 1

    def _members(self, _: None) -> dict[str, Any]:
        return {"teamMembers": self._company.directory.member_list(self._now())}

    def _groups(self, _: None) -> dict[str, Any]:
        now = self._now()
        members = self._company.directory.member_list(now)
        spent = {
            row.get("userId", ""): row["spendCents"]
            for row in spend(self._company, members, now, self._aggregated_ms())
        }
        start = cycle_start(now)
        return {
            "groups": groups(self._company.directory, now.date(), spent),
            "unassignedGroup": {"currentMembers": [], "formerMembers": []},
            "billingCycle": {
                "cycleStart": start.isoformat(timespec="milliseconds"),
                "cycleEnd": next_cycle(start).isoformat(timespec="milliseconds"),
            },
        }

    def _daily(self, fields: Any) -> dict[str, Any]:
        body = Body(fields, {"startDate", "endDate", "page", "pageSize"})
        start, end = _window(body)
        paged = "page" in body
        if paged != ("pageSize" in body):
            raise bad_request("page and pageSize must be given together")
        first, last = _day(start), min(_day(end), self._now().date())
        rows = [self._day_rows(day) for day in Days(first, last)] if first <= last else []
        users = sorted({user for of_day in rows for user in of_day})
        content: dict[str, Any] = {"period": {"startDate": start, "endDate": end}}
        if paged:
            page, size = body.integer("page"), min(body.integer("pageSize"), _MAX_PAGE_SIZE)
            total = len(users)
            low, high, pages = by_number(page, size, total)
            users = users[low:high]
            content["pagination"] = {
                "page": page,
                "pageSize": size,
                "totalUsers": total,
                "totalPages": pages,
                "hasNextPage": page < pages,
                "hasPreviousPage": page > 1,
            }
        # the vendor's `date` has the time of day of the request; `day` is the day of the row
        content["data"] = [
            msgspec.Raw(b'%s,"date":%d}' % (row[:-1], start + DAY_MS * number))
            for user in users
            for number, of_day in enumerate(rows)
            if (row := of_day.get(user)) is not None and (paged or b'"isActive":true' in row)
        ]
        return content

    def _day_rows(self, day: date) -> dict[str, bytes]:
        """By member."""
        if day == self._now().date():
            return {
                row.user_id: encode(row)
                for row in self._company.cursor_until(day, self._aggregated_ms()).daily
            }
        key = day, self._company.revision(day, "cursor")
        return self._rows.get(
            key, lambda: {row.user_id: encode(row) for row in self._company.cursor(day).daily}
        )

    def _usage_events(self, fields: Any) -> dict[str, Any]:
        body = Body(fields, {"startDate", "endDate", "page", "pageSize", "email", "userId"})
        start, end = _window(body)
        page, size = body.integer("page", 1), min(body.integer("pageSize", 10), _MAX_PAGE_SIZE)
        window = Window(start, min(end, self._aggregated_ms()), body.text("email"), body.text("userId"))
        counts = self._feed.counts(window, Days(_day(start), max(_day(start), _day(window.end))))
        total = sum(count for _, count in counts)
        low, high, pages = by_number(page, size, total)
        return {
            "totalUsageEventsCount": total,
            "pagination": {
                "numPages": pages,
                "currentPage": page,
                "pageSize": size,
                "hasNextPage": page < pages,
                "hasPreviousPage": page > 1,
            },
            "usageEvents": self._feed.events(counts, window, low, high),
            "period": {"startDate": start, "endDate": end},
        }

    def _spend(self, fields: Any) -> dict[str, Any]:
        body = Body(fields, {"searchTerm", "sortBy", "sortDirection", "page", "pageSize"})
        search = (body.text("searchTerm") or "").lower()
        order = body.text("sortBy", "date", ("amount", "date", "user"))
        down = body.text("sortDirection", "desc", ("asc", "desc")) == "desc"
        page, size = body.integer("page", 1), min(body.integer("pageSize", _MAX_PAGE_SIZE), _MAX_PAGE_SIZE)
        now = self._now()
        members = self._company.directory.member_list(now)
        rows = [
            row
            for row in spend(self._company, members, now, self._aggregated_ms())
            if search in f"{row['name']} {row['email']}".lower()
        ]
        if order != "date":
            rows.sort(key=lambda row: row["spendCents"] if order == "amount" else row["name"])
        rows = rows[::-1] if down else rows
        low, high, pages = by_number(page, size, len(rows))
        return {
            "teamMemberSpend": rows[low:high],
            "subscriptionCycleStart": milliseconds(cycle_start(now)),
            "totalMembers": len(rows),
            "totalPages": pages,
        }


async def _json(request: Request) -> Any:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise bad_request("Content-Type must be application/json")
    try:
        return await request.json()
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise bad_request("The body is not valid JSON") from error


def _window(body: Body) -> tuple[int, int]:
    start, end = body.integer("startDate", minimum=0), body.integer("endDate", minimum=0)
    if end < start:
        raise bad_request("endDate must not be before startDate")
    if end - start > _THIRTY_DAYS:
        raise bad_request("Date range cannot exceed 30 days")
    return start, end


def _day(ms: int) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(ms, 253_402_300_799_999))).date()
