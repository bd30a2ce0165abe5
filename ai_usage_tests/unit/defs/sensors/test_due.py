"""Which digests are due, and what Dagster's records say of one that was sent."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.defs.sensors.digest import record
from ai_usage_assets.defs.sensors.digest.due import Digest, digests
from ai_usage_tests.support.digests import closed

TWO_WEEKS = timedelta(weeks=2)


def test_the_digest_of_a_close_is_due_at_once_and_looked_for_within_two_weeks(
    instance: dg.DagsterInstance,
) -> None:
    run_id = closed(instance, "2026-09")
    # a person reports one, which closes nothing
    instance.report_runless_asset_event(dg.AssetMaterialization("closed_months", partition="2026-09"))
    [stored] = instance.fetch_materializations(
        dg.AssetRecordsFilter(dg.AssetKey("closed_months")), limit=1, ascending=True
    ).records
    closed_at = datetime.fromtimestamp(stored.timestamp, UTC)
    close = Digest(
        f"close of 2026-09 by run {run_id}",
        Days(date(2026, 9, 1), date(2026, 9, 30)),
        closed_at,
        is_of_close=True,
    )

    def closes(since: datetime, now: datetime) -> list[Digest]:
        return [each for each in digests(instance, since, now) if each.is_of_close]

    second = timedelta(seconds=1)
    assert closes(closed_at - second, closed_at) == [close]
    assert closes(closed_at - second, closed_at + TWO_WEEKS - second) == [close]
    assert closes(closed_at - second, closed_at + TWO_WEEKS + second) == []
    # the sensor was not on yet, and the future
    assert closes(closed_at, closed_at + second) == closes(closed_at - second, closed_at - second) == []


def test_the_two_newest_weeks_are_due_fourteen_hours_after_their_end(instance: dg.DagsterInstance) -> None:
    monday = datetime(2026, 11, 16, 14, tzinfo=UTC)
    due = {
        date(2026, 10, 26): datetime(2026, 11, 2, 14, tzinfo=UTC),
        date(2026, 11, 2): datetime(2026, 11, 9, 14, tzinfo=UTC),
        date(2026, 11, 9): monday,
    }
    weeks = [Digest(f"week {first}", Days(first, first + timedelta(days=6)), at) for first, at in due.items()]

    since = monday - 4 * TWO_WEEKS
    assert digests(instance, since, monday - timedelta(seconds=1)) == weeks[:2]
    assert digests(instance, since, monday) == weeks[1:]
    assert digests(instance, weeks[1].due_at, monday) == weeks[2:]


def test_the_record_of_a_digest_says_that_it_was_sent(instance: dg.DagsterInstance) -> None:
    assert record.claim(instance, "week 2026-11-09")
    record.sent(instance, "week 2026-11-09")

    [event] = [entry.dagster_event for entry in instance.all_logs(record.run_id("week 2026-11-09"))]
    assert event
    assert (event.event_type, event.message) == (
        dg.DagsterEventType.RUN_SUCCESS,
        "The digest (week 2026-11-09) was sent.",
    )
