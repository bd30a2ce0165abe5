"""A made-up event table of any size: one recorded page of Cursor's events, told again at other instants."""

from datetime import timedelta
from typing import Any

import msgspec

from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.cursor.shapes import UsageEvent
from ai_usage_assets.demo.sandbox.responses import encode
from benchmarks.work import LAST_DAY, Work

DAY_MS = 86_400_000
PAGE = 1000
PATH = "/teams/filtered-usage-events"
MOST_TOLD = 500
FORTNIGHT = 14


def told(company: Company) -> list[UsageEvent]:
    """The calls that are told again: of the newest days, whose answers lack no field."""
    days = (LAST_DAY - timedelta(days=back) for back in range(FORTNIGHT))
    return [call.event for day in days for call in company.cursor(day).calls][:MOST_TOLD]


def of(company: Company, work: Work) -> "Feed":
    template = [msgspec.json.decode(encode(event)) for event in told(company)]
    return Feed(work.events, work.days, template)


class Feed:
    """`events` over `days`, equally many each day; their number is rounded so that each day tells whole templates."""

    def __init__(self, events: int, days: int, template: list[dict[str, Any]]) -> None:
        self.template = template
        whole = max(1, round(events / days / len(template)))
        self.per_day = whole * len(template)
        self.events = self.per_day * days
        self._parts = [_around_the_timestamp(event) for event in template]
        self._apart_ms = DAY_MS // self.per_day

    def answer(self, body: bytes) -> bytes:
        """The page that is asked for, in the vendor's form."""
        asked = msgspec.json.decode(body)
        start, end, page = asked["startDate"], asked["endDate"], asked.get("page", 1)
        size = min(asked.get("pageSize", 10), PAGE)
        total = self.per_day * ((end + 1 - start) // DAY_MS)
        pages = max(1, -(-total // size))
        low, high = min((page - 1) * size, total), min(page * size, total)
        events = b",".join(self._event(start, place) for place in range(low, high))
        more, before = ("true" if flag else "false" for flag in (page < pages, page > 1))
        head = (
            f'{{"totalUsageEventsCount":{total},"pagination":{{"numPages":{pages},"currentPage":{page},'
            f'"pageSize":{size},"hasNextPage":{more},"hasPreviousPage":{before}}},'
            f'"period":{{"startDate":{start},"endDate":{end}}},"usageEvents":['
        )
        return head.encode() + events + b"]}"

    def _event(self, start: int, place: int) -> bytes:
        day, number = divmod(place, self.per_day)
        left, right = self._parts[number % len(self._parts)]
        return b"%s%d%s" % (left, start + day * DAY_MS + number * self._apart_ms, right)


def _around_the_timestamp(event: dict[str, Any]) -> tuple[bytes, bytes]:
    sent = msgspec.json.encode({**event, "timestamp": "@@"})
    left, _, right = sent.partition(b"@@")
    return left, right
