"""Which digests are due: that of the newest full week, and those of months that were closed. Nothing is read but Dagster's records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.defs.partitions import days_in
from ai_usage_assets.schema.tables.closed_months import CLOSED_MONTHS
from ai_usage_assets.sources.source import SOURCES

WEEK = timedelta(days=7)
DUE_AFTER = max(source.empty_is_final_after for source in SOURCES) + timedelta(hours=2)
"""From the end of a week until its digest is due. Then its last day is final, and the sensors have had two hours to load it."""
GIVEN_UP_AFTER = WEEK
"""From when a digest is due until it is given up. Then the digest of the next week is due."""
MAX_CLOSES = 100
"""More months are never closed within two weeks."""


@dataclass(frozen=True)
class Digest:
    """A digest that is to be sent once."""

    name: str
    """What it is of. There is one digest of a name."""
    days: Days
    """The week, or the calendar month."""
    due_at: datetime
    is_of_close: bool = False

    def is_expired(self, now: datetime) -> bool:
        """Whether it is too late to send it."""
        return now >= self.due_at + GIVEN_UP_AFTER


def digests(instance: dg.DagsterInstance, since: datetime, now: datetime) -> list[Digest]:
    """The digests that became due after `since` and within the last two weeks, in order of time."""
    found = [*of_weeks(now), *of_closes(newest_closes(instance, now - 2 * WEEK))]
    return sorted((each for each in found if since < each.due_at <= now), key=lambda each: each.due_at)


def of_weeks(now: datetime) -> Iterator[Digest]:
    """The digests of the newest two weeks that are due; only the second is sent."""
    today = (now.astimezone(UTC) - DUE_AFTER).date()
    monday = today - ONE_DAY * today.weekday()
    for first in (monday - 2 * WEEK, monday - WEEK):
        days = Days(first, first + WEEK - ONE_DAY)
        yield Digest(f"week {days.first}", days, days.ending_at + DUE_AFTER)


def newest_closes(instance: dg.DagsterInstance, after: datetime) -> list[dg.EventLogRecord]:
    """Of each month that was closed after this instant, the record of its newest close."""
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(dg.AssetKey(CLOSED_MONTHS.name), after_timestamp=after.timestamp()),
        limit=MAX_CLOSES,
        ascending=True,
    )
    # a materialization that a person reports has no run, and closes nothing
    newest = {
        record.partition_key: record for record in found.records if record.run_id and record.partition_key
    }
    return list(newest.values())


def of_closes(closes: Iterable[dg.EventLogRecord]) -> Iterator[Digest]:
    for record in closes:
        name = f"close of {record.partition_key} by run {record.run_id}"
        yield Digest(
            name,
            days_in(str(record.partition_key)),
            datetime.fromtimestamp(record.timestamp, UTC),
            is_of_close=True,
        )
