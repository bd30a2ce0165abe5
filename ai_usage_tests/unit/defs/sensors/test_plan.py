"""Which runs follow from what is missing, moved and held: the rules, without a vendor."""

from datetime import UTC, date, datetime, timedelta

from ai_usage_assets.days import ONE_DAY, Days, contiguous
from ai_usage_assets.defs.sensors.availability.plan import (
    FAILED,
    OUTAGE,
    UNCHANGED,
    Backoff,
    PlannedRun,
    active_backoffs,
    after_run,
    missing,
    overlap,
    plan,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST = date(2026, 1, 1)
TWO_YEARS = Days(date(2025, 1, 1), date(2026, 12, 31))


def days(*numbers: int) -> dict[date, str]:
    """Missing days of January."""
    return {FIRST + ONE_DAY * (n - 1): "" for n in numbers}


def january(first: int, last: int) -> Days:
    return Days(FIRST + ONE_DAY * (first - 1), FIRST + ONE_DAY * (last - 1))


def test_two_years_are_eight_runs_of_at_most_93_days_oldest_first() -> None:
    asks = plan(missing(TWO_YEARS, {"a": set(), "b": set()}), [], NOW)

    assert [len(ask.days) for ask in asks] == [93] * 7 + [79]
    assert asks[0].days.first == TWO_YEARS.first
    assert {ask.assets for ask in asks} == {("a", "b")}
    assert [later.days.first for later in asks[1:]] == [ask.days.end for ask in asks[:-1]]


def test_days_are_grouped_by_the_assets_that_miss_them() -> None:
    asks = plan({"a": days(1, 2, 5), "b": days(2, 3, 5)}, [], NOW)

    assert [(ask.assets, ask.days) for ask in asks] == [
        (("a",), january(1, 1)),
        (("a", "b"), january(2, 2)),
        (("b",), january(3, 3)),
        (("a", "b"), january(5, 5)),
    ]


def test_missing_days_come_before_restated_ones() -> None:
    asks = plan({"a": {FIRST: "moved", FIRST + ONE_DAY * 9: ""}}, [], NOW)

    assert [(ask.reason, ask.days) for ask in asks] == [
        ("missing", january(10, 10)),
        ("restated", january(1, 1)),
    ]


def test_nothing_is_wanted_of_a_vendor_that_has_told_no_day_yet() -> None:
    assert plan(missing(None, {"a": set()}), [], NOW) == []


def test_a_request_is_known_by_its_assets_range_and_digests() -> None:
    ask = PlannedRun(("a",), january(1, 2))
    others = [
        PlannedRun(("b",), january(1, 2)),
        PlannedRun(("a",), january(1, 3)),
        PlannedRun(("a",), january(1, 2), {FIRST: "x"}),
        PlannedRun(("a",), january(1, 2), {FIRST: "y"}),
    ]

    assert ask.key == PlannedRun(("a",), january(1, 2)).key
    keys = {ask.key, *(other.key for other in others)}
    assert (len(keys), {len(key) for key in keys}) == (5, {16})


def test_a_hold_keeps_back_its_own_assets_and_days_until_its_time() -> None:
    hold = Backoff(PlannedRun(("a",), january(1, 2)), 1, NOW + timedelta(minutes=10))
    wants = {"a": days(1, 2, 3), "b": days(2)}

    assert [(ask.assets, ask.days) for ask in plan(wants, [hold], NOW)] == [
        (("b",), january(2, 2)),
        (("a",), january(3, 3)),
    ]
    assert plan(wants, [hold], hold.until) == plan(wants, [], NOW)


def test_a_restated_day_that_moves_again_is_not_held() -> None:
    hold = Backoff(PlannedRun(("a",), january(1, 1), {FIRST: "x"}), 1, NOW + timedelta(hours=3))

    assert plan({"a": {FIRST: "x"}}, [hold], NOW) == []
    assert len(plan({"a": {FIRST: "y"}}, [hold], NOW)) == 1


def test_runs_overlap_in_an_asset_and_a_day_of_the_same_version() -> None:
    def run(asset: str, first: int, last: int, digest: str = "") -> PlannedRun:
        own = january(first, last)
        return PlannedRun(("c", asset), own, dict.fromkeys(own, digest) if digest else {})

    one = run("a", 3, 5)
    assert [overlap(one, other) for other in (run("b", 5, 9), run("a", 1, 3), run("a", 5, 5))] == [True] * 3
    # the days before and after, whose version is the same: none
    assert [overlap(one, other) for other in (run("a", 1, 2), run("a", 6, 9))] == [False] * 2
    assert not overlap(one, PlannedRun(("a",), january(3, 5), dict.fromkeys(january(3, 5), "x")))
    assert not overlap(one, PlannedRun(("b",), january(3, 5)))
    assert overlap(run("a", 3, 5, "x"), run("a", 4, 4, "x"))
    assert not overlap(run("a", 3, 5, "x"), run("a", 4, 4, "y"))


def test_what_a_run_left_behind_is_held_and_longer_each_time() -> None:
    asked, wants = PlannedRun(("a", "b"), january(1, 9)), {"a": days(), "b": days(4, 5, 9)}

    once = after_run(asked, wants, [], NOW)
    assert once == [Backoff(PlannedRun(("b",), january(4, 9)), 1, NOW + timedelta(minutes=10))]

    twice = after_run(once[0].run, wants, once, NOW)
    assert twice == [Backoff(PlannedRun(("b",), january(4, 9)), 2, NOW + timedelta(minutes=20))]


def test_a_run_that_landed_everything_leaves_no_hold() -> None:
    assert after_run(PlannedRun(("a",), january(1, 9)), {"a": {}}, [], NOW) == []


def test_a_day_that_was_read_again_is_given_hours_to_agree() -> None:
    asked = PlannedRun(("a",), january(1, 1), {FIRST: "x"})

    assert after_run(asked, {"a": {}}, [], NOW) == [Backoff(asked, 1, NOW + timedelta(hours=3))]


def test_a_hold_is_over_when_nobody_wants_what_it_holds() -> None:
    hold = Backoff(PlannedRun(("a",), january(1, 2)), 3, NOW + timedelta(hours=6))

    assert active_backoffs([hold], {"a": days(2)}, NOW) == [hold]
    assert active_backoffs([hold], {"a": days(3)}, NOW) == []


def test_pauses_grow_to_an_hour_six_hours_and_a_week() -> None:
    assert [OUTAGE.delay(n) // timedelta(minutes=1) for n in (1, 2, 3, 6, 7, 1000)] == [1, 2, 4, 32, 60, 60]
    assert [FAILED.delay(n) // timedelta(minutes=1) for n in (1, 2, 6, 7, 1000)] == [10, 20, 320, 360, 360]
    assert [UNCHANGED.delay(n) // timedelta(hours=1) for n in (1, 2, 3, 1000)] == [3, 24, 168, 168]


def test_days_are_contiguous_or_another_range() -> None:
    assert list(contiguous(days(7, 1, 2, 3, 9))) == [january(1, 3), january(7, 7), january(9, 9)]
    assert list(contiguous([])) == []


def test_from_the_second_failure_on_half_of_the_days_are_tried_at_a_time() -> None:
    run = PlannedRun(("a",), january(1, 9))
    once, twice = (Backoff(run, times, NOW) for times in (1, 2))
    assert (once.max_days, twice.max_days) == (93, 5)
    wanted = {"a": days(*range(1, 10))}
    assert [ask.days for ask in plan(wanted, [once], NOW)] == [january(1, 9)]
    assert [ask.days for ask in plan(wanted, [twice], NOW)] == [january(1, 5), january(6, 9)]


def test_a_hold_of_a_restated_day_lasts_until_its_time_and_one_of_a_wrong_clock_is_dropped() -> None:
    restated = Backoff(PlannedRun(("a",), january(1, 1), {FIRST: "x"}), 1, NOW + timedelta(hours=3))
    # it agrees now, and may differ again in the next answer
    assert active_backoffs([restated], {"a": {}}, NOW) == [restated]
    assert active_backoffs([restated], {"a": {}}, restated.until) == []

    week = timedelta(days=7)
    longest = Backoff(PlannedRun(("a",), january(1, 2)), 9, NOW + week)
    assert active_backoffs([longest], {"a": days(2)}, NOW) == [longest]
    assert active_backoffs([longest], {"a": days(2)}, NOW - timedelta(seconds=1)) == []


def test_a_run_replaces_the_holds_of_its_own_kind_within_its_days_and_no_others() -> None:
    until = NOW + timedelta(hours=1)
    inside = Backoff(PlannedRun(("a",), january(2, 3)), 4, until)
    beside = Backoff(PlannedRun(("a",), january(1, 2)), 2, until)
    restated = Backoff(PlannedRun(("a",), january(2, 2), {FIRST + ONE_DAY: "x"}), 3, until)
    other = Backoff(PlannedRun(("b",), january(2, 3)), 1, until)
    asked = PlannedRun(("a",), january(2, 4))
    left = PlannedRun(("a",), january(2, 4))

    found = after_run(asked, {"a": days(2, 3, 4)}, [inside, beside, restated, other], NOW)
    # the fifth failure in a row of these days: 10 minutes, doubled four times
    assert found == [beside, restated, other, Backoff(left, 5, NOW + timedelta(minutes=160))]


def test_what_is_left_of_a_restated_range_has_the_digests_of_its_own_days() -> None:
    moved = {FIRST + ONE_DAY * n: f"d{n}" for n in range(4)}
    asked = PlannedRun(("a",), january(1, 4), moved)
    left = {day: digest for day, digest in moved.items() if FIRST < day < FIRST + ONE_DAY * 3}
    assert asked.remaining({"a": left, "b": moved}) == PlannedRun(("a",), january(2, 3), left)
    assert asked.remaining({"a": dict.fromkeys(moved, "another")}) is None
    assert (asked.reason, PlannedRun(("a",), january(1, 4)).reason) == ("restated", "missing")
