"""Cursor's answers as rows. Cents become dollars here, and calls alike in every field are numbered."""

from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from ai_usage_assets.identity import UNATTRIBUTED
from ai_usage_assets.raw.columnar import always, build, concat, dollars, nano, of_columns, seen
from ai_usage_assets.schema import raw, registers
from ai_usage_assets.vendors.cursor_records import DailyUsage, Member, TokenUsage, UsageEvent

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


EVENT = (
    *("event_at", "email", "model", "kind"),
    *("is_chargeable", "is_token_based", "is_headless", "max_mode", "request_units"),
    *("input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens"),
    *("model_cost_usd", "charged_usd", "cursor_token_fee_usd"),
)
"""What an event says, as it lands; two that are alike in all of it are twins."""
NO_TOKENS = TokenUsage()


def _landed(event: UsageEvent) -> tuple[Hashable, ...]:
    tokens = event.token_usage or NO_TOKENS
    return (
        *(event.timestamp, event.user_email, event.model, event.kind),
        *(event.is_chargeable, event.is_token_based_call, event.is_headless, event.max_mode),
        nano(event.requests_costs),
        *(tokens.input_tokens, tokens.output_tokens, tokens.cache_write_tokens, tokens.cache_read_tokens),
        *(dollars(tokens.total_cents), dollars(event.charged_cents), dollars(event.cursor_token_fee)),
    )


def event_rows(pages: Iterable[list[UsageEvent]], fetched_at: datetime) -> "pa.Table":
    """raw_cursor_events, of teams/filtered-usage-events; the pages of one window, so that twins are all seen."""
    twins: Counter[int] = Counter()
    return concat(raw.RAW_CURSOR_EVENTS, (_event_page(page, fetched_at, twins) for page in pages))


def _event_page(page: list[UsageEvent], fetched_at: datetime, twins: Counter[int]) -> "pa.Table":
    landed = [_landed(event) for event in page]
    values = zip(*landed, strict=True) if landed else ((),) * len(EVENT)
    return of_columns(
        raw.RAW_CURSOR_EVENTS,
        {
            **dict(zip(EVENT, values, strict=True)),
            "ingest_date": [event.timestamp.date() for event in page],
            "occurrence": [_occurrence(row, twins) for row in landed],
            "fetched_at": [fetched_at] * len(page),
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
