"""What one tick of an availability sensor says, requests and remembers, without a vendor."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.defs import records
from ai_usage_assets.defs.sensors.availability.plan import Backoff, PlannedRun
from ai_usage_assets.defs.sensors.availability.polls import PollResult
from ai_usage_assets.defs.sensors.availability.sensor import Tick, run_request
from ai_usage_assets.defs.sensors.availability.state import Outage, RestatedDay, State
from ai_usage_assets.sources.http.errors import DeadlineError, RateLimitedError
from ai_usage_assets.sources.source import ANTHROPIC, CURSOR

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = Days(date(2026, 11, 16), date(2026, 11, 19))
DAILY = ("raw_anthropic_usage", "raw_anthropic_cost")
SNAPSHOTS = ("raw_anthropic_users", "raw_anthropic_api_keys")
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def tick() -> Iterator[Tick]:
    vendor = {"anthropic": SimpleNamespace(open_client=nullcontext)}
    with (
        dg.DagsterInstance.ephemeral() as instance,
        dg.build_sensor_context(instance, resources=vendor) as context,
    ):
        yield Tick(ANTHROPIC, DAILY, SNAPSHOTS, DAYS.first, NOW, context, State())


def materialize(tick: Tick, asset: str, *days: date) -> list[int]:
    """The ids of the materializations of these days, or of the table."""
    for day in days or [None]:
        event = dg.AssetMaterialization(asset, partition=str(day) if day else None)
        tick.instance.report_runless_asset_event(event)
    ids = records.materialization_ids(tick.instance, asset, days)
    return [ids[day] for day in days]


# what is requested


def test_a_run_has_its_range_its_reason_and_its_request_and_a_key_for_each_attempt() -> None:
    run = PlannedRun(("a", "b"), DAYS, {DAYS.first: "x"})
    assert run_request(run, 3, ("s",)) == dg.RunRequest(
        run_key=f"{run.key}:3",
        asset_selection=[dg.AssetKey("a"), dg.AssetKey("b"), dg.AssetKey("s")],
        tags={
            "dagster/asset_partition_range_start": "2026-11-16",
            "dagster/asset_partition_range_end": "2026-11-19",
            "ai_usage/reason": "restated",
            "ai_usage/request": run.key,
        },
    )


def test_snapshots_that_were_never_loaded_are_requested_after_ten_minutes_and_then_twenty(
    tick: Tick,
) -> None:
    materialize(tick, SNAPSHOTS[0])
    for n, pause in enumerate((10 * MINUTE, 20 * MINUTE, 40 * MINUTE), start=1):
        assert tick.missing_snapshots() == dg.RunRequest(
            run_key=f"anthropic_snapshots:{tick.now.isoformat()}",
            asset_selection=[dg.AssetKey(SNAPSHOTS[1])],
            tags={"ai_usage/reason": "never listed"},
        )
        assert (tick.state.snapshot_requests, tick.state.next_snapshot_request_at) == (n, tick.now + pause)
        tick.now += pause - SECOND
        assert tick.missing_snapshots() is None
        tick.now += SECOND
    # set with a wrong clock: six hours are the longest pause
    tick.state.next_snapshot_request_at = tick.now + timedelta(hours=6)
    assert tick.missing_snapshots() is None
    tick.state.next_snapshot_request_at += SECOND
    assert tick.missing_snapshots()

    materialize(tick, SNAPSHOTS[1])
    assert tick.missing_snapshots() is None
    assert tick.state == State()


# when a vendor is polled


@pytest.mark.parametrize("status", BulkActionStatus)
def test_a_backfill_may_write_the_vendors_days_until_the_runs_that_it_cancels_are_over_too(
    status: BulkActionStatus, tick: Tick
) -> None:
    assets = [dg.AssetKey(DAILY[0])]
    tick.instance.add_backfill(PartitionBackfill("byhand", status, False, {}, 0.0, asset_selection=assets))
    waits = status in {BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING, BulkActionStatus.FAILING}

    repository = dg.Definitions().get_repository_def()
    assert records.active_run(tick.instance, DAILY, repository) == ("backfill byhand" if waits else None)
    assert records.active_run(tick.instance, SNAPSHOTS, repository) is None


@pytest.mark.parametrize(("days", "is_over"), [(0, True), (1, False)], ids=["it is over", "it is not"])
def test_a_vendor_is_polled_once_its_first_day_is_over(
    days: int, is_over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled = []

    def poll(tick: Tick) -> None:
        polled.append(tick.source)
        tick.state.next_poll_at = NOW

    monkeypatch.setattr(Tick, "poll", poll)
    since, repository = DAYS.last + days * ONE_DAY, dg.Definitions().get_repository_def()
    with (
        dg.DagsterInstance.ephemeral() as instance,
        dg.build_sensor_context(instance, repository_def=repository) as context,
    ):
        said = Tick(ANTHROPIC, DAILY, SNAPSHOTS, since, NOW, context, State()).evaluate()

    not_over = "The first day, 2026-11-20, is not over; Anthropic is not asked before."
    assert polled == ([ANTHROPIC] if is_over else [])
    assert (said == not_over) is not is_over


@pytest.mark.parametrize(
    ("polled_days", "windows"),
    [([11, 5, 10, 20, 31], [5, 10, 20, None, None]), ([1, 1, 2, 4, 8], [1, 2, 4, 8, 16])],
    ids=["for eleven days", "for one day"],
)
def test_a_vendor_that_was_too_slow_is_polled_for_twice_the_days_each_time_until_a_whole_request(
    polled_days: list[int], windows: list[int | None], tick: Tick, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled: list[Days] = []

    def poll(_: object, days: Days, *__: object) -> PollResult:
        polled.append(days)
        if len(polled) == 1:
            raise DeadlineError("Anthropic", "/v1/organizations/users")
        return PollResult(frozenset(days), {})

    monkeypatch.setattr(tick, "polling", SimpleNamespace(poll=poll, LEADING=DAILY[0]))
    tick.since, tick.state.max_days = date(2026, 1, 1), polled_days[0]
    left = []
    for _ in range(5):
        tick.poll()
        left.append(tick.state.max_days)

    assert [len(days) for days in polled] == polled_days
    assert {days.last for days in polled} == {DAYS.last}
    assert left == windows
    # which reports are polled only every second time depends on it
    assert tick.state.polls == 4


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [
        ([None, None, None], [1, 2, 4]),
        # it names a time that is too short for an outage that lasts
        ([1, 1, 1], [1, 2, 4]),
        ([600, 1, 600, None], [10, 2, 10, 8]),
        ([3600, 3601, 86_400], [60, 60, 60]),
    ],
    ids=["no time", "a second", "ten minutes", "too long"],
)
def test_a_vendor_that_says_how_long_to_wait_is_polled_after_that_or_the_growing_pause_if_it_is_longer(
    seconds: list[float | None], minutes: list[int], tick: Tick, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = iter(seconds)

    def poll(*_: object) -> PollResult:
        raise RateLimitedError("Anthropic", "/v1/organizations/users", status=429, retry_after=next(waits))

    monkeypatch.setattr(tick, "polling", SimpleNamespace(poll=poll))
    for times, pause in enumerate(minutes, start=1):
        tick.poll()
        assert tick.state == State(
            next_poll_at=tick.now + pause * MINUTE,
            outage=Outage(
                times,
                "Anthropic received too many requests (/v1/organizations/users, HTTP 429): "
                "try again in a minute, or send fewer requests.",
            ),
        )
        tick.now += pause * MINUTE


# what is said


def test_a_tick_without_a_request_says_what_it_waits_for(tick: Tick) -> None:
    again = "Anthropic is asked again at 2026-11-20 12:15 UTC."
    tick.state.next_poll_at, tick.state.newest = NOW + 15 * MINUTE, DAYS.last
    assert tick.nothing_to_do({}) == f"Every day until 2026-11-19 is loaded, as Anthropic reports it; {again}"
    tick.state.newest = DAYS.last - ONE_DAY
    assert (
        tick.nothing_to_do({}) == f"2026-11-19 is over, but Anthropic does not report all of it yet; {again}"
    )
    later = Backoff(PlannedRun(DAILY, Days.one(DAYS.last)), 1, NOW + timedelta(hours=2))
    first = Backoff(PlannedRun(DAILY, DAYS), 4, NOW + timedelta(hours=1))
    done = Backoff(PlannedRun(("raw_of_others",), DAYS), 5, NOW + MINUTE)
    tick.state.backoffs = [later, first, done]
    assert tick.nothing_to_do({DAILY[0]: {DAYS.last: ""}}) == (
        "2026-11-16...2026-11-19 was requested 4 times without success, and is requested again at 2026-11-20 13:00 UTC; "
        + again
    )


def test_the_longest_wait_is_the_interval_of_the_polls_but_an_hour_at_least(tick: Tick) -> None:
    assert tick.longest_wait == timedelta(hours=1)
    tick.source = CURSOR
    assert tick.longest_wait == timedelta(hours=1)


# what is remembered


def test_a_restated_day_of_the_leading_table_is_read_again_in_all_and_one_of_another_table_in_its_own(
    tick: Tick,
) -> None:
    first, second, third, last = DAYS
    usage = materialize(tick, DAILY[0], first, second, last)
    cost = materialize(tick, DAILY[1], first, third, last)
    old = {last: RestatedDay("old", 7), third: RestatedDay("gone", 8)}
    tick.state.restated = {DAILY[1]: dict(old)}

    # the last day was not polled, and the third agrees again
    tick.remember(PollResult(frozenset(), {DAILY[1]: {first: "c"}}), Days(first, third))
    assert tick.state.restated == {DAILY[1]: {last: old[last], first: RestatedDay("c", cost[0])}}

    tick.remember(PollResult(frozenset(), {DAILY[0]: {first: "u", second: "v"}}), Days(first, third))
    assert tick.state.restated == {
        DAILY[0]: {first: RestatedDay("u", usage[0]), second: RestatedDay("v", usage[1])},
        # it has no second day
        DAILY[1]: {last: old[last], first: RestatedDay("u", cost[0])},
    }


def test_the_backlog_is_what_is_missing_and_what_is_restated_and_was_not_loaded_since(tick: Tick) -> None:
    first, second, third, last = DAYS
    usage = materialize(tick, DAILY[0], first, second, third)
    tick.state.newest = third
    tick.state.restated = {
        DAILY[0]: {
            first: RestatedDay("u", usage[0]),
            # loaded again since
            second: RestatedDay("v", usage[1] - 1),
            # not reported as complete any more
            last: RestatedDay("w", usage[2]),
        },
        "raw_of_another_release": {first: RestatedDay("x", 1)},
    }
    missing = {first: "", second: "", third: ""}
    assert tick.backlog() == {DAILY[0]: {first: "u"}, DAILY[1]: missing}
    assert tick.state.restated == {DAILY[0]: {first: RestatedDay("u", usage[0])}}

    # a newest day of a wrong clock, one before the first day, and none
    tick.state.newest = date(2029, 1, 1)
    assert tick.backlog() == {DAILY[0]: {first: "u", last: ""}, DAILY[1]: {**missing, last: ""}}
    for newest in (first - ONE_DAY, None):
        tick.state.newest = newest
        assert tick.backlog() == {DAILY[0]: {}, DAILY[1]: {}}
