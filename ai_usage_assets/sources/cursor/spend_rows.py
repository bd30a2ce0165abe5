"""Cursor's totals of the running billing cycle as rows, and the open day's events up to the moment of asking."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ai_usage_assets.days import midnight
from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_OPEN_DAY, RAW_CURSOR_SPEND
from ai_usage_assets.sources.columnar import always, build, dollars, nano, total
from ai_usage_assets.sources.cursor.records import MemberSpend, Spend
from ai_usage_assets.sources.cursor.rows import event_rows

if TYPE_CHECKING:
    import pyarrow as pa

    from ai_usage_assets.sources.cursor.client import CursorAdmin

TABLES = (RAW_CURSOR_SPEND, RAW_CURSOR_OPEN_DAY)
AMOUNTS = ("spend_cents", "overall_spend_cents", "fast_premium_requests")


def spend_rows(spend: Spend, fetched_at: datetime) -> "pa.Table":
    """raw_cursor_spend, of teams/spend; rows of the answer that name nobody, by id or e-mail, are summed to one."""
    named = [member for member in spend.members if member.user_id or member.email]
    unnamed = [member for member in spend.members if not (member.user_id or member.email)]
    return build(
        RAW_CURSOR_SPEND,
        [*named, *([_one_row(unnamed)] if unnamed else [])],
        {
            "cycle_start": always(spend.subscription_cycle_start),
            "member_id": lambda m: m.user_id or m.email or UNATTRIBUTED,
            "email": lambda m: m.email,
            "name": lambda m: m.name,
            "role": lambda m: m.role,
            "spend_usd": lambda m: dollars(m.spend_cents),
            "overall_spend_usd": lambda m: dollars(m.overall_spend_cents),
            "monthly_limit_usd": lambda m: nano(m.monthly_limit_dollars),
            "hard_limit_override_usd": lambda m: nano(m.hard_limit_override_dollars),
            "effective_limit_usd": lambda m: nano(m.effective_per_user_limit_dollars),
            "fast_premium_requests": lambda m: nano(m.fast_premium_requests),
            "billing_tier": lambda m: m.billing_tier,
            "fetched_at": always(fetched_at),
        },
    )


def open_day_rows(client: "CursorAdmin", cycle_start: datetime, asked_at: datetime) -> "pa.Table":
    """raw_cursor_open_day: from the day's start, or the cycle's if later, until before `asked_at`."""
    start = max(midnight(asked_at.astimezone(UTC).date()), cycle_start)
    end = asked_at - timedelta(microseconds=asked_at.microsecond % 1000)
    if start >= end:
        return event_rows([], asked_at)
    return client.usage_events_between(start, end).read(lambda pages: event_rows(pages, asked_at))


def _one_row(members: list[MemberSpend]) -> MemberSpend:
    if len(members) == 1:
        return members[0]

    def summed(name: str) -> Decimal | None:
        values = [value for member in members if (value := getattr(member, name)) is not None]
        return total(values) if values else None

    sums: dict[str, Any] = {name: summed(name) for name in AMOUNTS}
    return MemberSpend(**sums)
