"""The parts of a day that Cursor omits although it returned them before: its rows, its money, its email addresses."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Literal

from msgspec import UNSET
from msgspec.structs import replace

from ai_usage_assets.demo.sandbox.cursor.shapes import Call, DailyUsage, UsageEvent

Part = Literal["events", "activity", "figures", "money", "emails"]
"""`figures` are the counts of the daily rows: all members are listed, without any activity."""


def calls_left(calls: Iterable[Call], withheld: Collection[Part]) -> list[Call]:
    """The calls that remain, as Cursor returns them."""
    if "events" in withheld:
        return []
    return [replace(call, event=_event(call.event, withheld)) for call in calls]


def _event(event: UsageEvent, withheld: Collection[Part]) -> UsageEvent:
    if "money" in withheld:
        event = replace(
            event,
            token_usage=replace(event.token_usage, total_cents=Decimal(0)) if event.token_usage else UNSET,
            charged_cents=UNSET if event.charged_cents is UNSET else Decimal(0),
            cursor_token_fee=UNSET if event.cursor_token_fee is UNSET else Decimal(0),
        )
    return replace(event, user_email=UNSET) if "emails" in withheld else event


def daily_left(daily: Iterable[DailyUsage], withheld: Collection[Part]) -> list[DailyUsage]:
    """The daily rows that remain, as Cursor returns them."""
    if "activity" in withheld:
        return []
    return [_row(row, withheld) for row in daily]


def _row(row: DailyUsage, withheld: Collection[Part]) -> DailyUsage:
    if "figures" in withheld:
        row = DailyUsage(user_id=row.user_id, day=row.day, email=row.email)
    return replace(row, email="") if "emails" in withheld else row
