"""Cursor's billing cycle: from the anniversary of the subscription to the next one, to the millisecond."""

from datetime import UTC, datetime, timedelta

BILLING_DAY = 17
_CYCLE_START_TIME = timedelta(hours=9, minutes=26, seconds=53, milliseconds=589)
"""The time of day (UTC) at which each billing cycle starts."""


def cycle_start(now: datetime) -> datetime:
    """The start of the billing cycle at `now`, both in UTC."""
    start = datetime(now.year, now.month, BILLING_DAY, tzinfo=UTC) + _CYCLE_START_TIME
    return start if start <= now else (start - timedelta(days=BILLING_DAY)).replace(day=BILLING_DAY)


def next_cycle(start: datetime) -> datetime:
    return (start + timedelta(days=31)).replace(day=BILLING_DAY)


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000
