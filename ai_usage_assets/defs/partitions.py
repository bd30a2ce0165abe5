"""Partitions: UTC days, and calendar months, from the start date to the newest that is over; and the days of a run."""

import re
from collections.abc import Mapping
from datetime import date, datetime

import dagster as dg
from dagster._core.definitions.partitions.context import PartitionLoadingContext
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    PARTITION_NAME_TAG,
)

from ai_usage_assets.days import ONE_DAY, Clock, Days, last_closed, month_before, month_of, utc_now
from ai_usage_assets.errors import AiUsageError

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


class InvalidDaysError(AiUsageError, ValueError):
    """Days that cannot be fetched: which, why, and which can."""


def refuse_days(days: Days, start_date: date, now: datetime) -> None:
    """Refuse a run that reaches into a day that is not over, or before the first day there is.

    Raises:
        InvalidDaysError: names the last closed day, or the start date; nothing was requested or written.
    """
    newest = last_closed(now)
    if days.last > newest:
        raise InvalidDaysError(
            f"{days} cannot be fetched: {max(days.first, newest + ONE_DAY)} is not over, and the last closed day is "
            f"{newest} (UTC). Nothing was asked or written; end the range there."
        )
    if days.first < start_date:
        raise InvalidDaysError(
            f"{days} cannot be fetched: the first day is {start_date}. Nothing was asked or written; begin there, "
            "or set AI_USAGE_START_DATE to an earlier day."
        )


class UtcDays(dg.DailyPartitionsDefinition):
    """Daily in UTC; a key that is none is refused in our words.

    Of a range Dagster's command names the first key whichever of the two is wrong, and no day that could be had.
    """

    clock: Clock = staticmethod(utc_now)

    def validate_partition_key(self, partition_key: str, context: PartitionLoadingContext) -> None:
        try:
            day = date.fromisoformat(partition_key)
        except ValueError:
            raise InvalidDaysError(f"{partition_key!r} is not a day like 2026-10-31") from None
        refuse_days(Days.one(day), self.start.date(), self.clock())
        super().validate_partition_key(partition_key, context)


class UtcMonths(dg.MonthlyPartitionsDefinition):
    """Calendar months in UTC, with keys like 2026-10; a key of another form, or of a month that is not over, is refused."""

    clock: Clock = staticmethod(utc_now)

    def validate_partition_key(self, partition_key: str, context: PartitionLoadingContext) -> None:
        if not MONTH.fullmatch(partition_key):
            raise InvalidDaysError(f"{partition_key!r} is not a month like 2026-10.")
        refuse_month(days_in(partition_key), self.start.date(), self.clock())
        super().validate_partition_key(partition_key, context)


def refuse_month(month: Days, start_date: date, now: datetime) -> None:
    """Refuse a month that is not over, or that begins before the first whole month.

    Raises:
        InvalidDaysError: names the newest month that is over, or the first one; nothing was written.
    """
    if month.ending_at > now:
        newest = month_before(now.date()).first
        raise InvalidDaysError(
            f"{month.first:%Y-%m} is not over: it ends on {month.last} (UTC), and the newest month that is over is "
            f"{newest:%Y-%m}. Nothing was written."
        )
    if month.first < start_date:
        raise InvalidDaysError(
            f"{month.first:%Y-%m} begins before the first whole month there is, {start_date:%Y-%m}. Nothing was written; "
            "set AI_USAGE_START_DATE to an earlier day, and load the days first."
        )


def monthly(start_date: date, clock: Clock) -> dg.MonthlyPartitionsDefinition:
    """The whole months since the start date."""
    first = start_date if start_date.day == 1 else month_of(start_date).end
    months = UtcMonths(start_date=f"{first:%Y-%m}", timezone="UTC", fmt="%Y-%m")
    months.clock = clock
    return months


class StartedMonths(UtcMonths):
    """Calendar months in UTC with the running one, from that of the start date; a month that has not begun is refused."""

    def validate_partition_key(self, partition_key: str, context: PartitionLoadingContext) -> None:
        if not MONTH.fullmatch(partition_key):
            raise InvalidDaysError(f"{partition_key!r} is not a month like 2026-10.")
        month, now = days_in(partition_key), self.clock()
        if month.starting_at > now:
            raise InvalidDaysError(
                f"{partition_key} has not begun, and the running month is {now:%Y-%m} (UTC). Nothing was written."
            )
        if month.last < self.start.date():
            raise InvalidDaysError(
                f"{partition_key} is before the first month there is, {self.start:%Y-%m}. Nothing was written; set "
                "AI_USAGE_START_DATE to an earlier day, and load the days first."
            )
        dg.MonthlyPartitionsDefinition.validate_partition_key(self, partition_key, context)


def started_months(start_date: date, clock: Clock) -> dg.MonthlyPartitionsDefinition:
    """The months since that of the start date, the running one included."""
    months = StartedMonths(start_date=f"{start_date:%Y-%m}", timezone="UTC", fmt="%Y-%m", end_offset=1)
    months.clock = clock
    return months


def days_in(partition_key: str) -> Days:
    """The days of a partition: a day like 2026-10-31, or a month like 2026-10.

    Raises:
        ValueError: the key is neither.
    """
    if not MONTH.fullmatch(partition_key):
        return Days.one(date.fromisoformat(partition_key))
    return month_of(date.fromisoformat(f"{partition_key}-01"))


def daily(start_date: date, clock: Clock) -> dg.DailyPartitionsDefinition:
    days = UtcDays(start_date=start_date.isoformat(), timezone="UTC")
    days.clock = clock
    return days


def days_of(context: dg.AssetExecutionContext) -> Days:
    """The run's days: those of its partition, or of its range of partitions."""
    keys = context.partition_key_range
    return Days(days_in(keys.start).first, days_in(keys.end).last)


def days_tagged(tags: Mapping[str, str]) -> Days | None:
    """The days that a run's tags name; None if it has none. A range has no partition in a check's context."""
    first = tags.get(ASSET_PARTITION_RANGE_START_TAG) or tags.get(PARTITION_NAME_TAG)
    last = tags.get(ASSET_PARTITION_RANGE_END_TAG) or tags.get(PARTITION_NAME_TAG)
    return Days(days_in(first).first, days_in(last).last) if first and last else None


def range_tags(days: Days) -> dict[str, str]:
    """The tags of a run over these days."""
    return {ASSET_PARTITION_RANGE_START_TAG: str(days.first), ASSET_PARTITION_RANGE_END_TAG: str(days.last)}
