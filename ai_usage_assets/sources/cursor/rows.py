"""Cursor's answers as rows. Cents become dollars here, and calls that are equal in every field are numbered."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_assets.schema.tables.cursor import (
    DASHBOARD_CSV,
    RAW_CURSOR_EVENTS,
    RAW_CURSOR_GROUPS,
    RAW_CURSOR_MEMBERS,
    RAW_CURSOR_USAGE,
)
from ai_usage_assets.sources.columnar import build, concat, dollars, key_columns, nano, snapshot_columns
from ai_usage_assets.sources.cursor.pages import Groups
from ai_usage_assets.sources.cursor.records import (
    DailyUsage,
    Member,
    TokenUsage,
    UsageEvent,
)
from ai_usage_assets.spool import FetchedRows

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
"""Columns that have the name of a field of the daily row."""


def daily_usage_rows(pages: Iterable[list[DailyUsage]], fetched_at: datetime) -> FetchedRows:
    """raw_cursor_usage, from teams/daily-usage-data.

    It takes all pages of one window, so that all unattributed rows of a day become one row.
    """
    unattributed: dict[date, list[DailyUsage]] = defaultdict(list)

    def parts() -> "Iterator[pa.Table]":
        for page in pages:
            for row in page:
                if row.user_id is None and row.email is None:
                    unattributed[row.day].append(row)
            yield _daily_page([row for row in page if row.user_id or row.email], fetched_at)
        yield _daily_page([_one_row(of_day) for of_day in unattributed.values()], fetched_at)

    return concat(RAW_CURSOR_USAGE, parts())


def _daily_page(page: list[DailyUsage], fetched_at: datetime) -> "pa.Table":
    days = [row.day for row in page]
    return build(
        RAW_CURSOR_USAGE,
        {
            **{name: [getattr(row, name) for row in page] for name in DAILY},
            "ingest_date": days,
            "usage_date": days,
            "email": [row.email or UNATTRIBUTED for row in page],
            "fetched_at": [fetched_at] * len(page),
        },
    )


def _one_row(rows: list[DailyUsage]) -> DailyUsage:
    """One row for the unattributed rows of a day: counts are summed, and a text is kept if all rows agree on it."""

    def combined(name: str) -> Any:
        values = [value for row in rows if (value := getattr(row, name)) is not None]
        if not values or isinstance(values[0], str):
            return values[0] if len(set(values)) == 1 else None
        return any(values) if isinstance(values[0], bool) else sum(values)

    return DailyUsage(stated_day=rows[0].day, **{name: combined(name) for name in DAILY})


EVENT_KEY = (
    *("event_at", "email", "model", "kind"),
    *("is_chargeable", "is_token_based", "is_headless", "max_mode", "request_units"),
    *("input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens"),
    *("model_cost_usd", "charged_usd", "cursor_token_fee_usd"),
    *("user_id", "service_account_id", "service_account_name"),
    *("conversation_id", "cloud_agent_id", "automation_id", "discount_percent"),
)
"""The columns of an event that are its key; two events that are equal in all of them are duplicates."""
NO_TOKENS = TokenUsage()


def _event_key(event: UsageEvent) -> tuple[Hashable, ...]:
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


def event_rows(pages: Iterable[list[UsageEvent]], fetched_at: datetime) -> FetchedRows:
    """raw_cursor_events, from teams/filtered-usage-events.

    It takes all pages of one window, so that all duplicates are numbered.
    """
    occurrences: Counter[int] = Counter()
    return concat(RAW_CURSOR_EVENTS, (_event_page(page, fetched_at, occurrences) for page in pages))


def imported_rows(events: list[UsageEvent], imported_at: datetime) -> "pa.Table":
    """raw_cursor_events, from all calls of an export of the dashboard."""
    return _event_page(events, imported_at, Counter(), DASHBOARD_CSV)


def _event_page(
    page: list[UsageEvent], fetched_at: datetime, occurrences: Counter[int], source: str | None = None
) -> "pa.Table":
    keys = [_event_key(event) for event in page]
    return build(
        RAW_CURSOR_EVENTS,
        {
            **key_columns(EVENT_KEY, keys),
            "ingest_date": [event.timestamp.date() for event in page],
            "occurrence": [_occurrence(key, occurrences) for key in keys],
            "fetched_at": [fetched_at] * len(page),
            "source": [source] * len(page),
        },
    )


def _occurrence(key: tuple[Hashable, ...], occurrences: Counter[int]) -> int:
    # The key has the values of the table: events that differ only after nine decimals are duplicates there.
    # A hash keeps a month of events small; a collision only skips a number.
    hashed = hash(key)
    occurrences[hashed] += 1
    return occurrences[hashed]


def member_rows(members: Iterable[Member], fetched_at: datetime) -> "pa.Table":
    """raw_cursor_members, from teams/members. A removed member stays listed, and is not current."""
    listed = list(members)
    return build(
        RAW_CURSOR_MEMBERS,
        {
            "member_id": [member.id or member.email for member in listed],
            "email": [member.email for member in listed],
            "name": [member.name for member in listed],
            "role": [member.role for member in listed],
            "is_removed": [member.is_removed for member in listed],
            **snapshot_columns(fetched_at, len(listed)),
            "is_current": [not member.is_removed for member in listed],
        },
    )


def group_rows(answer: Groups, fetched_at: datetime) -> "pa.Table":
    """raw_cursor_groups, from teams/groups. A current member of a group is current, and a former one is not."""
    cycle_start = answer.billing_cycle.cycle_start if answer.billing_cycle else None
    memberships = [
        (group, member, is_current)
        for group in answer.groups
        for members, is_current in ((group.current_members, True), (group.former_members, False))
        for member in members or ()
    ]
    return build(
        RAW_CURSOR_GROUPS,
        {
            "group_id": [group.id for group, _, _ in memberships],
            "group_name": [group.name for group, _, _ in memberships],
            "member_id": [member.user_id or member.email for _, member, _ in memberships],
            "email": [member.email for _, member, _ in memberships],
            "joined_at": [member.joined_at for _, member, _ in memberships],
            "left_at": [member.left_at for _, member, _ in memberships],
            "spend_usd": [dollars(member.spend_cents) for _, member, _ in memberships],
            "cycle_start": [cycle_start] * len(memberships),
            **snapshot_columns(fetched_at, len(memberships)),
            "is_current": [is_current for _, _, is_current in memberships],
        },
    )
