"""Anthropic's analytics endpoints (beta): rows by actor, key, workspace and model. Days are revised for 30 days."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request

from ai_usage_assets.days import ONE_DAY, midnight
from ai_usage_assets.demo.sandbox.anthropic import cost
from ai_usage_assets.demo.sandbox.anthropic.analytics_rows import Part, parts
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.paging import page_length, position, token
from ai_usage_assets.demo.sandbox.queries import Query, invalid
from ai_usage_assets.demo.sandbox.responses import VendorRefusalError, encode

BETA = "analytics-usage-cost-2026-08-24"
FIRST_DAY = date(2026, 1, 1)
_HISTORY, _MAX_RANGE, _LAG = timedelta(days=365), timedelta(days=31), timedelta(hours=4)
_PARAMS = {"starting_at", "ending_at", "time_bucket_width", "limit", "page", "order", "order_by"}
_GROUPS = ("actor", "actor_type", "api_key_id", "model", "service_tier", "context_window", "workspace_id")
_FAN_OUT = ("cost_type", "token_type")
Record = dict[str, Any]


class Analytics:
    def __init__(self, company: Company, clock: Callable[[], datetime]) -> None:
        self._company, self._clock = company, clock

    def cost(self, request: Request) -> Record:
        return self._report(request, (*_GROUPS, *_FAN_OUT), ("time", "amount"), self._costs)

    def usage(self, request: Request) -> Record:
        return self._report(request, _GROUPS, ("time", "total_tokens"), self._usages)

    def _report(
        self,
        request: Request,
        groups: tuple[str, ...],
        orders: tuple[str, ...],
        rows: Callable[[list[Part], list[str]], list[Record]],
    ) -> Record:
        if BETA not in request.headers.get("anthropic-beta", ""):
            raise invalid(f"anthropic-beta: {BETA} is required")
        query = Query(request.url.path, request.query_params, _PARAMS, frozenset({"group_by"}))
        wanted = query.values_of("group_by", groups)
        if len([name for name in wanted if name not in _FAN_OUT]) > 5:
            raise invalid("Cannot specify more than 5 group_by[] dimensions.")
        if query.get("time_bucket_width") != "1d":
            raise invalid("time_bucket_width: the sandbox serves days only")
        _one_of(query, "order", ("asc", "desc"))
        if _one_of(query, "order_by", orders) != "time":
            raise invalid("order_by: the sandbox serves rows by time only")
        limit, now = query.integer("limit", 20, 1000), self._clock().astimezone(UTC)
        starting_at, ending_at = self._range(query, now)
        refreshed = (now - _LAG).replace(minute=0, second=0, microsecond=0)
        cells = self._cells(starting_at, min(ending_at, refreshed), now, wanted)
        if query.get("order") != "asc":
            cells.reverse()
        start = _position(query, refreshed)
        stop = start + page_length(limit, max(0, len(cells) - start))
        more = stop < len(cells)
        data = [
            {"starting_at": _stamp(midnight(day)), "ending_at": _stamp(midnight(day) + ONE_DAY), **row}
            for day, cell in cells[start:stop]
            for row in rows(cell, wanted)
        ]
        next_page = f"{refreshed:%Y%m%d%H}-{token(query.identity, stop)}" if more else None
        return {
            "data": data,
            "has_more": more,
            "next_page": next_page,
            "data_refreshed_at": _stamp(refreshed),
        }

    def _range(self, query: Query, now: datetime) -> tuple[datetime, datetime]:
        starting_at, ending_at = query.instant("starting_at"), query.instant("ending_at")
        if starting_at is None or ending_at is None:
            raise invalid("starting_at, ending_at: Field required")
        if starting_at < max(midnight(FIRST_DAY), now - _HISTORY):
            raise invalid("starting_at: must be within the last 365 days and no earlier than 2026-01-01")
        if not starting_at < ending_at <= starting_at + _MAX_RANGE:
            raise invalid("ending_at: must be after starting_at and within 31 days of it")
        return starting_at, ending_at

    def _cells(
        self, start: datetime, end: datetime, now: datetime, wanted: list[str]
    ) -> list[tuple[date, list[Part]]]:
        """The rows of each complete UTC day by their group, without the fan-out dimensions."""
        found: list[tuple[date, list[Part]]] = []
        day = start.date()
        while midnight(day) + ONE_DAY <= end:
            known = self._company.anthropic(day)
            cells: dict[bytes, list[Part]] = {}
            for part in parts(self._company.directory, day, known.usage, known.cost, (now.date() - day).days):
                group = {name: self._dimension(part, name) for name in wanted if name not in _FAN_OUT}
                cells.setdefault(encode(group), []).append(part)
            found += [(day, cell) for cell in cells.values()]
            day += ONE_DAY
        return found

    def _dimension(self, part: Part, name: str) -> Any:
        if name == "actor":
            return part.actor
        if name == "actor_type":
            return part.actor and part.actor["type"]
        if name == "workspace_id":
            # only these endpoints return the id of the default workspace
            return part.usage.workspace_id or self._company.directory.default_workspace.id
        return getattr(part.usage, name)

    def _group(self, part: Part, wanted: list[str], **fan_out: str | None) -> Record:
        named = {name: self._dimension(part, name) for name in wanted if name not in _FAN_OUT}
        return {**dict.fromkeys((*_GROUPS, "product")), **named, **fan_out}

    def _costs(self, cell: list[Part], wanted: list[str]) -> list[Record]:
        totals: dict[tuple[str | None, str | None], list[Decimal]] = {}
        for part in cell:
            for (cost_type, token_type), amounts in part.amounts.items():
                kind = token_type if "token_type" in wanted else None
                sides = totals.setdefault(
                    (cost_type if _FAN_OUT[0] in wanted or kind else None, kind), [Decimal(0)] * 2
                )
                for side, amount in enumerate(amounts):
                    sides[side] += amount
        fan_out = bool(set(_FAN_OUT) & set(wanted))
        return [
            {
                "group": self._group(cell[0], wanted, cost_type=cost_type, token_type=token_type),
                "cost": {
                    "amount": cost.cents(amount),
                    "list_amount": cost.cents(listed),
                    "currency": "USD",
                    # a request has several kinds of tokens
                    "requests": None if fan_out else sum(part.requests for part in cell),
                },
            }
            for (cost_type, token_type), (amount, listed) in totals.items()
        ]

    def _usages(self, cell: list[Part], wanted: list[str]) -> list[Record]:
        columns = list(zip(*(cost.counts(part.usage) for part in cell), strict=True))
        uncached, written_5m, written_1h, cache_read, output = map(sum, columns)
        searches = sum(part.usage.server_tool_use.web_search_requests for part in cell)
        if not uncached + written_5m + written_1h + cache_read + output + searches:
            return []
        usage = {
            "uncached_input_tokens": uncached,
            "cache_creation": {
                "ephemeral_5m_input_tokens": written_5m,
                "ephemeral_1h_input_tokens": written_1h,
            },
            "cache_read_input_tokens": cache_read,
            "output_tokens": output,
            "server_tool_use": {"web_search_requests": searches},
            "requests": sum(part.requests for part in cell),
            "total_tokens": uncached + written_5m + written_1h + cache_read + output,
        }
        return [{"group": self._group(cell[0], wanted), "usage": usage}]


def _one_of(query: Query, name: str, allowed: tuple[str, ...]) -> str | None:
    value = query.get(name)
    if value is not None and value not in allowed:
        raise invalid(f"{name}: Input should be one of {', '.join(allowed)}")
    return value


def _position(query: Query, refreshed: datetime) -> int:
    page = query.get("page")
    if page is None:
        return 0
    made, _, rest = page.partition("-")
    if made.isdecimal() and made != f"{refreshed:%Y%m%d%H}":
        raise VendorRefusalError(
            410, "invalid_request_error", "page: the cursor has expired; start again without it"
        )
    return position(query.identity, rest)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
