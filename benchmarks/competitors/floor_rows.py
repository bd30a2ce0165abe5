"""How the floor reads the vendors' responses: from bytes to columns, without checks."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import pyarrow as pa
from msgspec import Struct

EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
NANO = Decimal("1e-9")


def dollars(cents: Decimal | None) -> Decimal | None:
    return None if cents is None else EXACT.quantize(EXACT.scaleb(cents, -2), NANO)


def moment(ms: str | int) -> datetime:
    return datetime.fromtimestamp(int(ms) / 1000, UTC)


class Cache(Struct):
    ephemeral_5m_input_tokens: int
    ephemeral_1h_input_tokens: int


class Tools(Struct):
    web_search_requests: int


class Usage(Struct):
    uncached_input_tokens: int
    cache_read_input_tokens: int
    cache_creation: Cache
    output_tokens: int
    server_tool_use: Tools
    api_key_id: str | None
    workspace_id: str | None
    model: str | None
    service_tier: str | None
    context_window: str | None
    account_id: str | None = None
    service_account_id: str | None = None


class UsageBucket(Struct):
    starting_at: datetime
    ending_at: datetime
    results: list[Usage]


class UsagePage(Struct):
    data: list[UsageBucket]
    next_page: str | None = None


def usage(pages: Iterable[UsagePage]) -> pa.Table:
    pairs = [(b, r) for page in pages for b in page.data for r in b.results]
    return pa.table(
        {
            **_tokens(pairs),
            "api_key_id": [r.api_key_id or "no_api_key" for _, r in pairs],
            "context_window": [r.context_window for _, r in pairs],
        }
    )


def account_usage(pages: Iterable[UsagePage]) -> pa.Table:
    pairs = [
        (b, r) for page in pages for b in page.data for r in b.results if r.account_id or r.service_account_id
    ]
    return pa.table(
        {
            **_tokens(pairs),
            "account_id": [r.account_id for _, r in pairs],
            "service_account_id": [r.service_account_id for _, r in pairs],
        }
    )


def _tokens(pairs: list[tuple[UsageBucket, Usage]]) -> dict[str, list[Any]]:
    results = [r for _, r in pairs]
    return {
        "ingest_date": [b.starting_at.date() for b, _ in pairs],
        "starting_at": [b.starting_at for b, _ in pairs],
        "ending_at": [b.ending_at for b, _ in pairs],
        "workspace_id": [r.workspace_id or "default" for r in results],
        "model": [r.model or "unknown" for r in results],
        "uncached_input_tokens": [r.uncached_input_tokens for r in results],
        "output_tokens": [r.output_tokens for r in results],
        "cache_read_input_tokens": [r.cache_read_input_tokens for r in results],
        "cache_creation_tokens": [
            r.cache_creation.ephemeral_5m_input_tokens + r.cache_creation.ephemeral_1h_input_tokens
            for r in results
        ],
        "service_tier": [r.service_tier for r in results],
        "cache_creation_5m_tokens": [r.cache_creation.ephemeral_5m_input_tokens for r in results],
        "cache_creation_1h_tokens": [r.cache_creation.ephemeral_1h_input_tokens for r in results],
        "web_search_requests": [r.server_tool_use.web_search_requests for r in results],
    }


class Cost(Struct):
    amount: str
    currency: str
    workspace_id: str | None
    description: str | None
    cost_type: str | None
    token_type: str | None
    model: str | None = None
    service_tier: str | None = None
    context_window: str | None = None
    inference_geo: str | None = None


class CostBucket(Struct):
    starting_at: datetime
    ending_at: datetime
    results: list[Cost]


class CostPage(Struct):
    data: list[CostBucket]
    next_page: str | None = None


def cost(pages: Iterable[CostPage]) -> pa.Table:
    pairs = [(b, r) for page in pages for b in page.data for r in b.results]
    lines = [r for _, r in pairs]
    plain = ("cost_type", "token_type", "model", "service_tier", "context_window", "inference_geo")
    return pa.table(
        {
            "ingest_date": [b.starting_at.date() for b, _ in pairs],
            "starting_at": [b.starting_at for b, _ in pairs],
            "ending_at": [b.ending_at for b, _ in pairs],
            "workspace_id": [r.workspace_id or "default" for r in lines],
            "description": [r.description for r in lines],
            "currency": [r.currency for r in lines],
            "amount_usd": [dollars(Decimal(r.amount)) for r in lines],
            **{name: [getattr(r, name) for r in lines] for name in plain},
        }
    )


class Tokens(Struct, rename="camel", frozen=True):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_read_tokens: int | None = None
    total_cents: Decimal | None = None
    discount_percent_off: Decimal | None = None


NO_TOKENS = Tokens()


class Event(Struct, rename="camel"):
    timestamp: str
    model: str | None = None
    user_email: str | None = None
    kind: str | None = None
    kind_label: str | None = None
    max_mode: bool | None = None
    requests_costs: Decimal | None = None
    is_token_based_call: bool | None = None
    is_chargeable: bool | None = None
    is_headless: bool | None = None
    token_usage: Tokens = NO_TOKENS
    charged_cents: Decimal | None = None
    cursor_token_fee: Decimal | None = None
    user_id: str | None = None
    service_account_id: str | None = None
    service_account_name: str | None = None
    conversation_id: str | None = None
    cloud_agent_id: str | None = None
    automation_id: str | None = None


EVENT_IDS = {
    "user_id": "userId",
    "service_account_id": "serviceAccountId",
    "service_account_name": "serviceAccountName",
    "conversation_id": "conversationId",
    "cloud_agent_id": "cloudAgentId",
    "automation_id": "automationId",
}


class Pagination(Struct, rename="camel"):
    num_pages: int


class EventsPage(Struct, rename="camel"):
    usage_events: list[Event]
    pagination: Pagination


def events(pages: Iterable[EventsPage]) -> pa.Table:
    listed = [event for page in pages for event in page.usage_events]
    at = [moment(e.timestamp) for e in listed]
    used = [e.token_usage for e in listed]
    return pa.table(
        {
            "ingest_date": [instant.date() for instant in at],
            "event_at": at,
            "email": [e.user_email or None for e in listed],
            "model": [e.model or None for e in listed],
            "kind": [e.kind or e.kind_label for e in listed],
            "is_chargeable": [e.is_chargeable for e in listed],
            "is_token_based": [e.is_token_based_call for e in listed],
            "is_headless": [e.is_headless for e in listed],
            "max_mode": [e.max_mode for e in listed],
            "request_units": [e.requests_costs for e in listed],
            "input_tokens": [u.input_tokens for u in used],
            "output_tokens": [u.output_tokens for u in used],
            "cache_write_tokens": [u.cache_write_tokens for u in used],
            "cache_read_tokens": [u.cache_read_tokens for u in used],
            "model_cost_usd": [dollars(u.total_cents) for u in used],
            "charged_usd": [dollars(e.charged_cents) for e in listed],
            "cursor_token_fee_usd": [dollars(e.cursor_token_fee) for e in listed],
            "occurrence": [1] * len(listed),
            **{name: [getattr(e, name) for e in listed] for name in EVENT_IDS},
            "discount_percent": [u.discount_percent_off for u in used],
        }
    )


class DailyPagination(Struct, rename="camel"):
    total_pages: int


class DailyPage(Struct):
    data: list[dict[str, Any]]
    pagination: DailyPagination


DAILY = {
    "total_lines_added": "totalLinesAdded",
    "accepted_lines_added": "acceptedLinesAdded",
    "total_accepts": "totalAccepts",
    "total_rejects": "totalRejects",
    "subscription_included_reqs": "subscriptionIncludedReqs",
    "usage_based_reqs": "usageBasedReqs",
    "most_used_model": "mostUsedModel",
    "client_version": "clientVersion",
    "user_id": "userId",
    "is_active": "isActive",
    "total_lines_deleted": "totalLinesDeleted",
    "accepted_lines_deleted": "acceptedLinesDeleted",
    "total_applies": "totalApplies",
    "total_tabs_shown": "totalTabsShown",
    "total_tabs_accepted": "totalTabsAccepted",
    "composer_requests": "composerRequests",
    "chat_requests": "chatRequests",
    "agent_requests": "agentRequests",
    "cmdk_usages": "cmdkUsages",
    "bugbot_usages": "bugbotUsages",
    "api_key_reqs": "apiKeyReqs",
    "apply_most_used_extension": "applyMostUsedExtension",
    "tab_most_used_extension": "tabMostUsedExtension",
}


def daily(pages: Iterable[DailyPage]) -> pa.Table:
    rows = [row for page in pages for row in page.data]
    days = [date.fromisoformat(row["day"]) for row in rows]
    return pa.table(
        {
            "ingest_date": days,
            "usage_date": days,
            "email": [row.get("email") or "unattributed" for row in rows],
            **{name: [_none_if_empty(row.get(source)) for row in rows] for name, source in DAILY.items()},
        }
    )


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value
