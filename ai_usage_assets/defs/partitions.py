"""Partitions: UTC days from the start date to the newest day that is over, and the days that a run may have."""

from collections.abc import Mapping
from datetime import date, datetime

import dagster as dg
from dagster._core.definitions.partitions.context import PartitionLoadingContext
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    PARTITION_NAME_TAG,
)

from ai_usage_assets.days import ONE_DAY, Clock, Days, last_closed, utc_now
from ai_usage_assets.errors import AiUsageError


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


def daily(start_date: date, clock: Clock) -> dg.DailyPartitionsDefinition:
    days = UtcDays(start_date=start_date.isoformat(), timezone="UTC")
    days.clock = clock
    return days


def days_of(context: dg.AssetExecutionContext) -> Days:
    """The run's days, one or a range."""
    keys = context.partition_key_range
    return Days(date.fromisoformat(keys.start), date.fromisoformat(keys.end))


def days_tagged(tags: Mapping[str, str]) -> Days | None:
    """The days that a run's tags name; None if it has none. A range has no partition in a check's context."""
    first = tags.get(ASSET_PARTITION_RANGE_START_TAG) or tags.get(PARTITION_NAME_TAG)
    last = tags.get(ASSET_PARTITION_RANGE_END_TAG) or tags.get(PARTITION_NAME_TAG)
    return Days(date.fromisoformat(first), date.fromisoformat(last)) if first and last else None


def range_tags(days: Days) -> dict[str, str]:
    """The tags of a run over these days."""
    return {ASSET_PARTITION_RANGE_START_TAG: str(days.first), ASSET_PARTITION_RANGE_END_TAG: str(days.last)}
