"""Anthropic's three reports: buckets of usage, buckets of cost, and Claude Code's records of one day."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from starlette.requests import Request

from ai_usage_assets.days import midnight
from ai_usage_assets.demo.sandbox.anthropic import cost
from ai_usage_assets.demo.sandbox.anthropic.cost import Cost
from ai_usage_assets.demo.sandbox.anthropic.usage_shapes import CacheCreation, ServerToolUse, Usage
from ai_usage_assets.demo.sandbox.company import work_calendar
from ai_usage_assets.demo.sandbox.company.cache import BoundedCache
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.paging import page_length, position, token
from ai_usage_assets.demo.sandbox.queries import Query, invalid
from ai_usage_assets.demo.sandbox.responses import fragment

_RANGE = {"starting_at", "ending_at", "bucket_width", "limit", "page"}
_WIDTHS = {"1d": (1440, 7, 31), "1h": (60, 24, 168), "1m": (1, 60, 1440)}
"""Minutes, and how many buckets a page holds by default and at most."""
_GROUPS = (
    *("account_id", "api_key_id", "context_window", "inference_geo", "model"),
    *("service_account_id", "service_tier", "speed", "workspace_id"),
)
_FILTERS = {
    "account_ids": "account_id",
    "api_key_ids": "api_key_id",
    "context_window": "context_window",
    "inference_geos": "inference_geo",
    "models": "model",
    "service_account_ids": "service_account_id",
    "service_tiers": "service_tier",
    "speeds": "speed",
    "workspace_ids": "workspace_id",
}
_FAST_MODE = "fast-mode-2026-02-01"
_LAG = timedelta(minutes=5)
_WITHHELD = timedelta(hours=1)
Page = dict[str, Any]
Results = Callable[[date, list[Usage]], Any]


class Reports:
    def __init__(self, company: Company, clock: Callable[[], datetime]) -> None:
        self._company, self._clock = company, clock
        self._buckets_cache: BoundedCache[msgspec.Raw] = BoundedCache(64_000_000, len)

    def messages(self, request: Request) -> Page:
        query = Query(request.url.path, request.query_params, _RANGE, frozenset({"group_by", *_FILTERS}))
        groups = query.values_of("group_by", _GROUPS)
        if len(groups) > 5:
            raise invalid("Cannot specify more than 5 group_by[] dimensions.")
        filters = {field: wanted for name, field in _FILTERS.items() if (wanted := query.values_of(name))}
        fast = _FAST_MODE in request.headers.get("anthropic-beta", "")
        if not fast and ("speed" in groups or "speed" in filters):
            raise invalid(f"speed: requires the beta header {_FAST_MODE}")

        def results(day: date, rows: list[Usage]) -> list[dict[str, Any]]:
            kept = (row for row in rows if all(getattr(row, field) in of for field, of in filters.items()))
            return _grouped(kept, groups, fast)

        return self._buckets(query, _width(query, tuple(_WIDTHS)), results, f"{fast}")

    def cost(self, request: Request) -> Page:
        query = Query(request.url.path, request.query_params, _RANGE, frozenset({"group_by"}))
        groups = query.values_of("group_by", ("workspace_id", "description"))

        def results(day: date, rows: list[Usage]) -> list[Cost]:
            return _priced(cost.cost(self._company.directory, day, rows), groups)

        return self._buckets(query, _width(query, ("1d",)), results)

    def _buckets(self, query: Query, width: str, results: Results, form: str = "") -> Page:
        minutes, default, maximum = _WIDTHS[width]
        limit, step, now = (
            query.integer("limit", default, maximum),
            timedelta(minutes=minutes),
            self._clock().astimezone(UTC),
        )
        starting_at, ending_at = query.instant("starting_at"), query.instant("ending_at")
        if starting_at is None:
            raise invalid("starting_at: Field required")
        if ending_at is not None and ending_at <= starting_at:
            raise invalid("ending_at: must be after starting_at")
        # buckets are aligned to the clock, and there are none in the future
        first = starting_at - (starting_at - midnight(starting_at.date())) % step
        end = min(ending_at or now, now)
        existing = max(0, -(-(end - first) // step))
        start = position(query.identity, query.get("page"))
        stop = min(existing, start + limit)
        buckets = [
            self._bucket(query.shape + form, first + step * number, step, now, results)
            for number in range(start, stop)
        ]
        more = stop < existing
        return {"data": buckets, "has_more": more, "next_page": token(query.identity, stop) if more else None}

    def _bucket(
        self, shape: str, start: datetime, step: timedelta, now: datetime, results: Results
    ) -> msgspec.Raw:
        end = start + step
        day = start.date()
        from_minute = int((start - midnight(day)).total_seconds()) // 60
        # the newest minutes are not available yet
        known = int((min(end, max(start, now - _LAG)) - midnight(day)).total_seconds()) // 60
        key = (shape, start, end, known, self._company.revision(day, "anthropic"))

        def make() -> msgspec.Raw:
            rows = self._company.anthropic(day).usage
            if (from_minute, known) != (0, work_calendar.MINUTES):
                rows = [part for row in rows if (part := _part(row, from_minute, known))]
            return fragment(
                {"starting_at": _stamp(start), "ending_at": _stamp(end), "results": results(day, rows)}
            )

        return self._buckets_cache.get(key, make)

    def claude_code(self, request: Request) -> Page:
        query = Query(request.url.path, request.query_params, {"starting_at", "limit", "page"})
        day, limit, now = (
            query.day("starting_at"),
            query.integer("limit", 20, 1000),
            self._clock().astimezone(UTC),
        )
        seen = now - _WITHHELD
        records = [
            activity.record
            for activity in self._company.anthropic(day).claude_code
            if midnight(day) + timedelta(minutes=activity.last_minute) <= seen
        ]
        start = min(position(query.identity, query.get("page")), len(records))
        stop = start + page_length(limit, len(records) - start)
        more = stop < len(records)
        next_page = token(query.identity, stop) if more else None
        return {"data": records[start:stop], "has_more": more, "next_page": next_page}


def _width(query: Query, allowed: tuple[str, ...]) -> str:
    width = query.get("bucket_width") or "1d"
    if width not in allowed:
        raise invalid(f"bucket_width: Input should be one of {', '.join(allowed)}")
    return width


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _part(row: Usage, start: int, end: int) -> Usage | None:
    """The row's share of some minutes of the day, or None if it has none."""
    written, searches = row.cache_creation, row.server_tool_use.web_search_requests
    part = msgspec.structs.replace(
        row,
        uncached_input_tokens=work_calendar.share_of_day(row.uncached_input_tokens, start, end),
        cache_creation=CacheCreation(
            work_calendar.share_of_day(written.ephemeral_5m_input_tokens, start, end),
            work_calendar.share_of_day(written.ephemeral_1h_input_tokens, start, end),
        ),
        cache_read_input_tokens=work_calendar.share_of_day(row.cache_read_input_tokens, start, end),
        output_tokens=work_calendar.share_of_day(row.output_tokens, start, end),
        server_tool_use=ServerToolUse(work_calendar.share_of_day(searches, start, end)),
    )
    return part if any(cost.counts(part)) or part.server_tool_use.web_search_requests else None


def _grouped(rows: Iterable[Usage], groups: list[str], fast: bool) -> list[dict[str, Any]]:
    cells: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        cell = cells.setdefault(tuple(getattr(row, name) for name in groups), [0] * 6)
        for index, count in enumerate((*cost.counts(row), row.server_tool_use.web_search_requests)):
            cell[index] += count
    dimensions = [name for name in _GROUPS if fast or name != "speed"]
    return [
        {
            "uncached_input_tokens": cell[0],
            "cache_creation": CacheCreation(cell[1], cell[2]),
            "cache_read_input_tokens": cell[3],
            "output_tokens": cell[4],
            "server_tool_use": ServerToolUse(cell[5]),
            **dict.fromkeys(dimensions),
            **dict(zip(groups, of, strict=True)),
            "request_source": None,
        }
        for of, cell in cells.items()
    ]


def _priced(lines: list[Cost], groups: list[str]) -> list[Cost]:
    """The lines, if they are grouped by description; otherwise only their totals."""
    cells: dict[Cost, Decimal] = {}
    for line in lines:
        kept = line if "description" in groups else Cost(amount="", workspace_id=line.workspace_id)
        space = line.workspace_id if "workspace_id" in groups else None
        cell = msgspec.structs.replace(kept, amount="", workspace_id=space)
        cells[cell] = cells.get(cell, Decimal(0)) + Decimal(line.amount)
    return [msgspec.structs.replace(cell, amount=cost.cents(total)) for cell, total in cells.items()]
