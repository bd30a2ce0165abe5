"""Cursor's answers as rows. Cents become dollars here, and calls alike in every field are numbered."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING

from ai_usage_assets.identity import UNATTRIBUTED
from ai_usage_assets.raw.columnar import always, build, concat, dollars, nano, seen
from ai_usage_assets.schema import raw, registers
from ai_usage_assets.vendors.cursor_records import DailyUsage, Member, UsageEvent

if TYPE_CHECKING:
    import pyarrow as pa


def daily_usage_rows(pages: Iterable[list[DailyUsage]], fetched_at: datetime) -> "pa.Table":
    """raw_cursor_usage, of teams/daily-usage-data."""
    return concat(
        raw.RAW_CURSOR_USAGE,
        (
            build(
                raw.RAW_CURSOR_USAGE,
                page,
                {
                    "ingest_date": lambda r: r.day,
                    "fetched_at": always(fetched_at),
                    "email": lambda r: r.email or UNATTRIBUTED,
                    "usage_date": lambda r: r.day,
                    "total_lines_added": lambda r: r.total_lines_added,
                    "accepted_lines_added": lambda r: r.accepted_lines_added,
                    "total_accepts": lambda r: r.total_accepts,
                    "total_rejects": lambda r: r.total_rejects,
                    "subscription_included_reqs": lambda r: r.subscription_included_reqs,
                    "usage_based_reqs": lambda r: r.usage_based_reqs,
                    "most_used_model": lambda r: r.most_used_model,
                    "client_version": lambda r: r.client_version,
                    "user_id": lambda r: r.user_id,
                    "is_active": lambda r: r.is_active,
                    "total_lines_deleted": lambda r: r.total_lines_deleted,
                    "accepted_lines_deleted": lambda r: r.accepted_lines_deleted,
                    "total_applies": lambda r: r.total_applies,
                    "total_tabs_shown": lambda r: r.total_tabs_shown,
                    "total_tabs_accepted": lambda r: r.total_tabs_accepted,
                    "composer_requests": lambda r: r.composer_requests,
                    "chat_requests": lambda r: r.chat_requests,
                    "agent_requests": lambda r: r.agent_requests,
                    "cmdk_usages": lambda r: r.cmdk_usages,
                    "bugbot_usages": lambda r: r.bugbot_usages,
                    "api_key_reqs": lambda r: r.api_key_reqs,
                    "apply_most_used_extension": lambda r: r.apply_most_used_extension,
                    "tab_most_used_extension": lambda r: r.tab_most_used_extension,
                },
            )
            for page in pages
        ),
    )


EVENT: Mapping[str, Callable[[UsageEvent], Hashable]] = {
    "event_at": lambda e: e.timestamp,
    "email": lambda e: e.user_email,
    "model": lambda e: e.model,
    "kind": lambda e: e.kind,
    "is_chargeable": lambda e: e.is_chargeable,
    "is_token_based": lambda e: e.is_token_based_call,
    "is_headless": lambda e: e.is_headless,
    "max_mode": lambda e: e.max_mode,
    "request_units": lambda e: nano(e.requests_costs),
    "input_tokens": lambda e: e.token_usage and e.token_usage.input_tokens,
    "output_tokens": lambda e: e.token_usage and e.token_usage.output_tokens,
    "cache_write_tokens": lambda e: e.token_usage and e.token_usage.cache_write_tokens,
    "cache_read_tokens": lambda e: e.token_usage and e.token_usage.cache_read_tokens,
    "model_cost_usd": lambda e: dollars(e.token_usage.total_cents if e.token_usage else None),
    "charged_usd": lambda e: dollars(e.charged_cents),
    "cursor_token_fee_usd": lambda e: dollars(e.cursor_token_fee),
}
"""What an event says, as it lands; two that are alike in all of it are twins."""


def event_rows(pages: Iterable[list[UsageEvent]], fetched_at: datetime) -> "pa.Table":
    """raw_cursor_events, of teams/filtered-usage-events; the pages of one window, so that twins are all seen."""
    twins: Counter[int] = Counter()
    return concat(raw.RAW_CURSOR_EVENTS, (_event_page(page, fetched_at, twins) for page in pages))


def _event_page(page: list[UsageEvent], fetched_at: datetime, twins: Counter[int]) -> "pa.Table":
    landed = [(*(read(event) for read in EVENT.values()), event.timestamp.date()) for event in page]
    return build(
        raw.RAW_CURSOR_EVENTS,
        [(*row, _occurrence(row, twins)) for row in landed],
        {
            **{name: itemgetter(place) for place, name in enumerate(EVENT)},
            "ingest_date": itemgetter(-2),
            "occurrence": itemgetter(-1),
            "fetched_at": always(fetched_at),
        },
    )


def _occurrence(landed: tuple[Hashable, ...], twins: Counter[int]) -> int:
    # as they land: what differs past nine decimals, or only in how nothing is said, is alike in the table;
    # a hash keeps a month of events small; a collision only skips a number
    key = hash(landed)
    twins[key] += 1
    return twins[key]


def member_rows(members: Iterable[Member], fetched_at: datetime) -> "pa.Table":
    """raw_cursor_members, of teams/members. A removed member stays listed, so current is what is not removed."""
    return build(
        registers.RAW_CURSOR_MEMBERS,
        list(members),
        {
            "member_id": lambda m: m.id or m.email,
            "email": lambda m: m.email,
            "name": lambda m: m.name,
            "role": lambda m: m.role,
            "is_removed": lambda m: m.is_removed,
            **seen(fetched_at),
            "is_current": lambda m: not m.is_removed,
        },
    )
