"""Cursor's answers as rows. Cents become dollars here, and calls alike in every field are numbered."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from datetime import date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_assets.schema.tables.cursor import (
    RAW_CURSOR_EVENTS,
    RAW_CURSOR_GROUPS,
    RAW_CURSOR_MEMBERS,
    RAW_CURSOR_USAGE,
)
from ai_usage_assets.sources.columnar import always, build, concat, dollars, nano, of_columns, seen
from ai_usage_assets.sources.cursor.pages import Groups
from ai_usage_assets.sources.cursor.records import (
    DailyUsage,
    Group,
    GroupMember,
    Member,
    TokenUsage,
    UsageEvent,
)

if TYPE_CHECKING:
    import pyarrow as pa


DAILY = (
    *("user_id", "is_active", "most_used_model", "client_version"),
    *("total_lines_added", "total_lines_deleted", "accepted_lines_added", "accepted_lines_deleted"),
    *("total_applies", "total_accepts", "total_rejects", "total_tabs_shown", "total_tabs_accepted"),
    *("composer_requests", "chat_requests", "agent_requests", "cmdk_usages", "bugbot_usages"),
    *("subscription_included_reqs", "usage_based_reqs", "api_key_reqs"),
    *("apply_most_used_extension", "tab_most_used_extension"),
)
"""Columns that are a field of the daily row, of the same name."""


def daily_usage_rows(pages: Iterable[list[DailyUsage]], fetched_at: datetime) -> "pa.Table":
    """raw_cursor_usage, of teams/daily-usage-data; all pages of one window, so that a day's unnamed rows become one."""
    unnamed: dict[date, list[DailyUsage]] = defaultdict(list)

    def rows() -> "Iterator[pa.Table]":
        for page in pages:
            for row in page:
                if row.user_id is None and row.email is None:
                    unnamed[row.day].append(row)
            yield _daily_page([row for row in page if row.user_id or row.email], fetched_at)
        yield _daily_page([_one_row(of_day) for of_day in unnamed.values()], fetched_at)

    return concat(RAW_CURSOR_USAGE, rows())


def _daily_page(page: list[DailyUsage], fetched_at: datetime) -> "pa.Table":
    return build(
        RAW_CURSOR_USAGE,
        page,
        {
            **{name: attrgetter(name) for name in DAILY},
            "ingest_date": lambda r: r.day,
            "usage_date": lambda r: r.day,
            "email": lambda r: r.email or UNATTRIBUTED,
            "fetched_at": always(fetched_at),
        },
    )


def _one_row(rows: list[DailyUsage]) -> DailyUsage:
    """Rows of one day that name nobody: their counts summed, and a text where they agree on it."""

    def together(name: str) -> Any:
        values = [value for row in rows if (value := getattr(row, name)) is not None]
        if not values or isinstance(values[0], str):
            return values[0] if len(set(values)) == 1 else None
        return any(values) if isinstance(values[0], bool) else sum(values)

    return DailyUsage(stated_day=rows[0].day, **{name: together(name) for name in DAILY})


EVENT = (
    *("event_at", "email", "model", "kind"),
    *("is_chargeable", "is_token_based", "is_headless", "max_mode", "request_units"),
    *("input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens"),
    *("model_cost_usd", "charged_usd", "cursor_token_fee_usd"),
    *("user_id", "service_account_id", "service_account_name"),
    *("conversation_id", "cloud_agent_id", "automation_id", "discount_percent"),
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
        *(event.user_id, event.service_account_id, event.service_account_name),
        *(event.conversation_id, event.cloud_agent_id, event.automation_id),
        nano(tokens.discount_percent_off),
    )


def event_rows(pages: Iterable[list[UsageEvent]], fetched_at: datetime) -> "pa.Table":
    """raw_cursor_events, of teams/filtered-usage-events; the pages of one window, so that twins are all seen."""
    twins: Counter[int] = Counter()
    return concat(RAW_CURSOR_EVENTS, (_event_page(page, fetched_at, twins) for page in pages))


def _event_page(page: list[UsageEvent], fetched_at: datetime, twins: Counter[int]) -> "pa.Table":
    landed = [_landed(event) for event in page]
    values = zip(*landed, strict=True) if landed else ((),) * len(EVENT)
    return of_columns(
        RAW_CURSOR_EVENTS,
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
        RAW_CURSOR_MEMBERS,
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


def group_rows(said: Groups, fetched_at: datetime) -> "pa.Table":
    """raw_cursor_groups, of teams/groups: who is in a group is current, and who has left it is not."""
    cycle_start = said.billing_cycle.cycle_start if said.billing_cycle else None
    memberships: list[tuple[Group, GroupMember, bool]] = [
        (group, member, is_current)
        for group in said.groups
        for members, is_current in ((group.current_members, True), (group.former_members, False))
        for member in members or ()
    ]
    return build(
        RAW_CURSOR_GROUPS,
        memberships,
        {
            "group_id": lambda m: m[0].id,
            "group_name": lambda m: m[0].name,
            "member_id": lambda m: m[1].user_id or m[1].email,
            "email": lambda m: m[1].email,
            "joined_at": lambda m: m[1].joined_at,
            "left_at": lambda m: m[1].left_at,
            "spend_usd": lambda m: dollars(m[1].spend_cents),
            "cycle_start": always(cycle_start),
            **seen(fetched_at),
            "is_current": lambda m: m[2],
        },
    )
