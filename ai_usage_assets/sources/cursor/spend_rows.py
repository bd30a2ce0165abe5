"""Cursor's totals of the current billing cycle as rows, and the events of the current day so far."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ai_usage_assets.days import midnight
from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_OPEN_DAY, RAW_CURSOR_SPEND
from ai_usage_assets.sources.columnar import build, dollars, nano, total
from ai_usage_assets.sources.cursor.records import MemberSpend, Spend
from ai_usage_assets.sources.cursor.rows import event_rows
from ai_usage_assets.spool import FetchedRows

if TYPE_CHECKING:
    import pyarrow as pa

    from ai_usage_assets.sources.cursor.client import CursorAdmin

TABLES = (RAW_CURSOR_SPEND, RAW_CURSOR_OPEN_DAY)
AMOUNTS = ("spend_cents", "overall_spend_cents", "fast_premium_requests")


def spend_rows(spend: Spend, fetched_at: datetime) -> "pa.Table":
    """raw_cursor_spend, from teams/spend; members without id and e-mail become one unattributed row with their sum."""
    named = [member for member in spend.members if member.user_id or member.email]
    unattributed = [member for member in spend.members if not (member.user_id or member.email)]
    members = [*named, *([_one_row(unattributed)] if unattributed else [])]
    return build(
        RAW_CURSOR_SPEND,
        {
            "cycle_start": [spend.subscription_cycle_start] * len(members),
            "member_id": [member.user_id or member.email or UNATTRIBUTED for member in members],
            "email": [member.email for member in members],
            "name": [member.name for member in members],
            "role": [member.role for member in members],
            "spend_usd": [dollars(member.spend_cents) for member in members],
            "overall_spend_usd": [dollars(member.overall_spend_cents) for member in members],
            "monthly_limit_usd": [nano(member.monthly_limit_dollars) for member in members],
            "hard_limit_override_usd": [nano(member.hard_limit_override_dollars) for member in members],
            "effective_limit_usd": [nano(member.effective_per_user_limit_dollars) for member in members],
            "fast_premium_requests": [nano(member.fast_premium_requests) for member in members],
            "billing_tier": [member.billing_tier for member in members],
            "fetched_at": [fetched_at] * len(members),
        },
    )


def open_day_rows(client: "CursorAdmin", cycle_start: datetime, requested_at: datetime) -> FetchedRows:
    """raw_cursor_open_day, from the start of the day, or of the cycle if that is later, to before `requested_at`."""
    start = max(midnight(requested_at.astimezone(UTC).date()), cycle_start)
    end = requested_at - timedelta(microseconds=requested_at.microsecond % 1000)
    if start >= end:
        return event_rows([], requested_at)
    return client.usage_events_between(start, end).read(lambda pages: event_rows(pages, requested_at))


def _one_row(members: list[MemberSpend]) -> MemberSpend:
    if len(members) == 1:
        return members[0]

    def known_total(name: str) -> Decimal | None:
        values = [value for member in members if (value := getattr(member, name)) is not None]
        return total(values) if values else None

    sums: dict[str, Any] = {name: known_total(name) for name in AMOUNTS}
    return MemberSpend(**sums)
