"""Generated Cursor events of any number: recorded events, repeated at other times of the day."""

from datetime import timedelta
from typing import Any

import msgspec

from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.cursor.shapes import UsageEvent
from ai_usage_assets.demo.sandbox.responses import encode
from benchmarks.workload import LAST_DAY, Workload

DAY_MS = 86_400_000
PAGE = 1000
PATH = "/teams/filtered-usage-events"
MAX_TEMPLATE_EVENTS = 500
TEMPLATE_DAYS = 14


def template_events(company: Company) -> list[UsageEvent]:
    """The calls that are repeated: those of the newest days, whose responses have every field."""
    days = (LAST_DAY - timedelta(days=back) for back in range(TEMPLATE_DAYS))
    return [call.event for day in days for call in company.cursor(day).calls][:MAX_TEMPLATE_EVENTS]


def generate(company: Company, work: Workload) -> "GeneratedEvents":
    template = [msgspec.json.decode(encode(event)) for event in template_events(company)]
    return GeneratedEvents(work.events, work.days, template)


class GeneratedEvents:
    """`events` spread evenly over `days`. The number is rounded, so that each day repeats the whole template."""

    def __init__(self, events: int, days: int, template: list[dict[str, Any]]) -> None:
        self.template = template
        repeats = max(1, round(events / days / len(template)))
        self.per_day = repeats * len(template)
        self.events = self.per_day * days
        self._parts = [_around_the_timestamp(event) for event in template]
        self._interval_ms = DAY_MS // self.per_day

    def page(self, body: bytes) -> bytes:
        """The requested page, in the vendor's form."""
        request = msgspec.json.decode(body)
        start, end, number = request["startDate"], request["endDate"], request.get("page", 1)
        size = min(request.get("pageSize", 10), PAGE)
        total = self.per_day * ((end + 1 - start) // DAY_MS)
        pages = max(1, -(-total // size))
        low, high = min((number - 1) * size, total), min(number * size, total)
        events = b",".join(self._event(start, place) for place in range(low, high))
        more, before = ("true" if flag else "false" for flag in (number < pages, number > 1))
        head = (
            f'{{"totalUsageEventsCount":{total},"pagination":{{"numPages":{pages},"currentPage":{number},'
            f'"pageSize":{size},"hasNextPage":{more},"hasPreviousPage":{before}}},'
            f'"period":{{"startDate":{start},"endDate":{end}}},"usageEvents":['
        )
        return head.encode() + events + b"]}"

    def _event(self, start: int, place: int) -> bytes:
        day, number = divmod(place, self.per_day)
        left, right = self._parts[number % len(self._parts)]
        return b"%s%d%s" % (left, start + day * DAY_MS + number * self._interval_ms, right)


def _around_the_timestamp(event: dict[str, Any]) -> tuple[bytes, bytes]:
    sent = msgspec.json.encode({**event, "timestamp": "@@"})
    left, _, right = sent.partition(b"@@")
    return left, right
