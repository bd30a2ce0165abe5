"""The instants at which sensors believe, wait, repeat and give up, each a second before it and at it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.records import Materialization
from ai_usage_assets.defs.sensors import identity_files
from ai_usage_assets.defs.sensors.availability import sensor
from ai_usage_assets.defs.sensors.availability.plan import Backoff, PlannedRun
from ai_usage_assets.defs.sensors.availability.poll_cursor import split
from ai_usage_assets.defs.sensors.availability.polls import PollResult, days_with_data, restated
from ai_usage_assets.defs.sensors.availability.state import State
from ai_usage_assets.defs.sensors.digest import record
from ai_usage_assets.defs.sensors.digest.due import Digest, of_weeks
from ai_usage_assets.defs.sensors.digest.sensor import first_tick
from ai_usage_assets.schema.tables.anthropic import RAW_ANTHROPIC_COST
from ai_usage_assets.sources.source import ANTHROPIC, CURSOR, Source

ZERO = Decimal(0)
SECOND = timedelta(seconds=1)
DAY = date(2026, 11, 18)
END = datetime(2026, 11, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "has_data", "hours"),
    [(ANTHROPIC, True, 1), (ANTHROPIC, False, 6), (CURSOR, True, 1), (CURSOR, False, 12)],
)
def test_a_day_is_complete_after_the_vendors_lag_and_an_empty_one_later(
    source: Source, has_data: bool, hours: int
) -> None:
    before = DAY - timedelta(days=1)
    found = PollResult(frozenset({before, DAY} if has_data else {before}), {})
    complete_at = END + timedelta(hours=hours)
    assert sensor.newest_complete_day(source, DAY, found, complete_at) == DAY
    assert sensor.newest_complete_day(source, DAY, found, complete_at - SECOND) == before


def test_what_a_tick_says_of_times() -> None:
    assert sensor.time_text(datetime(2026, 11, 9, 7, 5, 59, tzinfo=UTC)) == "2026-11-09 07:05 UTC"
    assert [sensor.interval_text(each.poll_interval) for each in (ANTHROPIC, CURSOR)] == [
        "15 minutes",
        "hour",
    ]
    assert sensor.interval_text(timedelta(minutes=90)) == "90 minutes"
    assert [sensor.times_text(n) for n in (1, 2)] == ["once", "2 times"]


@pytest.mark.parametrize(
    "state",
    [
        State(next_poll_at=END),
        State(next_snapshot_request_at=END),
        State(backoffs=[Backoff(PlannedRun(("raw_cursor_events",), Days.one(DAY)), 1, END)]),
    ],
    ids=["a poll", "a snapshot", "a backoff"],
)
def test_a_cursor_keeps_its_times_in_utc_and_one_without_a_zone_is_a_new_start(state: State) -> None:
    assert State.read(state.write()) == state
    assert State.read(state.write().replace("2026-11-19T00:00:00Z", "2026-11-19T00:00:00")) == State()


# digests

WEEK = Days(date(2026, 11, 9), date(2026, 11, 15))
DUE_AT = datetime(2026, 11, 16, 14, tzinfo=UTC)
"""Cursor's Sunday is believed at noon, and has two hours to be loaded."""


def test_a_week_is_due_fourteen_hours_after_its_end_and_given_up_when_the_next_one_is_due() -> None:
    [before, newest] = of_weeks(DUE_AT)
    assert newest == Digest("week 2026-11-09", WEEK, DUE_AT)
    assert before == Digest(
        "week 2026-11-02", Days(date(2026, 11, 2), date(2026, 11, 8)), DUE_AT - timedelta(weeks=1)
    )
    assert [each.days.first for each in of_weeks(DUE_AT - SECOND)] == [date(2026, 10, 26), date(2026, 11, 2)]
    assert newest.is_expired(DUE_AT + timedelta(weeks=1))
    assert not newest.is_expired(DUE_AT + timedelta(weeks=1) - SECOND)
    assert before.is_expired(DUE_AT)


@pytest.mark.parametrize(
    ("cursor", "since"),
    [
        (None, DUE_AT),
        ((DUE_AT - SECOND).isoformat(), DUE_AT - SECOND),
        (DUE_AT.isoformat(), DUE_AT),
        # ahead of the clock, without a zone, or broken: the last week is looked at again
        ((DUE_AT + SECOND).isoformat(), DUE_AT - timedelta(weeks=1)),
        ("2026-11-16T14:00:00", DUE_AT - timedelta(weeks=1)),
        ("soon", DUE_AT - timedelta(weeks=1)),
        ("", DUE_AT - timedelta(weeks=1)),
    ],
)
def test_digests_are_sent_from_when_the_sensor_was_on_first(cursor: str | None, since: datetime) -> None:
    assert first_tick(cursor, DUE_AT) == since


def test_what_is_being_sent_for_ten_minutes_was_left_by_a_process_that_ended() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert record.claim(instance, "week x")
        assert not record.claim(instance, "week x")
        [made] = instance.get_run_records()
        until = made.create_timestamp + timedelta(minutes=10)
        assert not record.is_open(instance, "week x", until)
        assert instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE])) == []

        assert not record.is_open(instance, "week x", until + SECOND)
        [failed] = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
        assert (failed.job_name, failed.tags["ai_usage/digest"]) == ("digest", "week x")
        # Dagster's own retries would send it again
        assert failed.tags["dagster/max_retries"] == "0"
        [event] = [
            each.event_log_entry.dagster_event
            for each in instance.get_records_for_run(
                failed.run_id, of_type=dg.DagsterEventType.RUN_FAILURE
            ).records
        ]
        assert event
        assert event.message == (
            "The process that sent the digest (week x) ended before the webhook's answer was recorded, so it may have "
            "arrived. It is not sent again. To send it again, delete this run."
        )
        record.release(instance, "week x")
        assert record.is_open(instance, "week x", until)


# identity files


@pytest.mark.parametrize(
    ("attempt", "minutes"), [(1, 5), (2, 20), (3, 80), (4, 320), (5, 1280), (6, 1440), (99, 1440)]
)
def test_a_failed_change_of_the_files_is_requested_again_after_pauses_of_up_to_a_day(
    attempt: int, minutes: int
) -> None:
    assert identity_files.next_attempt_at([], attempt) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
        minutes=minutes
    )


# polls


def test_days_without_any_figure_have_no_data_and_a_day_by_hand_is_not_compared() -> None:
    assert days_with_data({DAY: {"a": ZERO, "b": Decimal(1)}, DAY - timedelta(days=1): {"a": ZERO}}) == {DAY}
    recorded = {DAY: Materialization(1, None, {"amount_usd": 5.0})}
    assert restated(RAW_ANTHROPIC_COST, {}, recorded) == {}


def test_a_search_halves_days_unless_the_newer_ones_alone_have_what_is_reported() -> None:
    five = Days(date(2026, 11, 1), date(2026, 11, 5))
    events = dict(zip(five, (5, 4, 3, 2, 1), strict=True))
    assert split(five, events, 6) == (
        Days(date(2026, 11, 1), date(2026, 11, 2)),
        Days(date(2026, 11, 3), date(2026, 11, 5)),
    )
    # the larger half is the older one
    assert split(five, events, 5) == (
        Days(date(2026, 11, 1), date(2026, 11, 3)),
        Days(date(2026, 11, 4), date(2026, 11, 5)),
    )
