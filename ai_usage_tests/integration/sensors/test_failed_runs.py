"""Runs that leave days behind: they are asked for again after a pause that grows, and never given up."""

from datetime import timedelta
from itertools import pairwise

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.faults import Fault, status
from ai_usage_tests.support.daemon import CLAUDE, CLAUDE_CODE, CURSOR, EVENTS, MINUTE, YESTERDAY, Daemon, Run

pytestmark = pytest.mark.slow

EVENTS_ONLY = ("raw_cursor_events",)
TOTALS = ("raw_cursor_spend", "raw_cursor_open_day")
FIRST, LAST = "2026-11-17", "2026-11-19"


def test_what_a_failed_run_left_behind_is_requested_after_the_pause_and_not_before(fresh: Daemon) -> None:
    fresh.by_hand(Days.one(YESTERDAY), *TOTALS)
    # each run asks for the closed days and for the open one
    fresh.sandbox.faults.next(EVENTS, status(400), times=2 * 2)
    assert isinstance(fresh.tick("cursor"), Run)
    fresh.asked()

    fresh.later(MINUTE)
    assert "2026-11-17...2026-11-19 was requested once without success" in str(fresh.tick("cursor"))
    assert "requested again at 2026-11-20 12:11 UTC" in str(fresh.tick("cursor"))
    fresh.later(9 * MINUTE)
    assert "without success" in str(fresh.tick("cursor"))
    assert fresh.asked() == {}

    fresh.later(MINUTE)
    assert fresh.tick("cursor") == Run("missing", EVENTS_ONLY, FIRST, LAST)
    assert fresh.asked() == {EVENTS: 1 + 1}
    fresh.later(MINUTE)
    assert "requested 2 times without success, and is requested again at 2026-11-20 12:32 UTC" in str(
        fresh.tick("cursor")
    )

    fresh.later(20 * MINUTE)
    # it failed twice: by halves, lest one bad day hold back the others
    assert fresh.runs("cursor") == [
        Run("missing", EVENTS_ONLY, FIRST, "2026-11-18"),
        Run("missing", EVENTS_ONLY, LAST, LAST),
    ]
    assert fresh.present("raw_cursor_events") == set(Days(fresh.start, YESTERDAY))


def test_the_pause_grows_to_six_hours_and_the_run_is_never_given_up(fresh: Daemon) -> None:
    fresh.by_hand(Days.one(YESTERDAY), *TOTALS)
    fresh.sandbox.faults.next(EVENTS, status(400), times=2 * 60)
    attempts, end = [], fresh.now + timedelta(hours=22)
    while fresh.now < end:
        if isinstance(run := fresh.tick("cursor"), Run) and run.assets == EVENTS_ONLY and run.first == FIRST:
            attempts.append(fresh.now)
        fresh.later(10 * MINUTE)

    pauses = [(b - a) // MINUTE for a, b in pairwise(attempts)]
    # a failure is noticed at the tick after it, which is ten minutes later here
    assert pauses == [30, 50, 90, 170, 330, 370]


def test_another_range_goes_first_while_a_failed_one_waits(fresh: Daemon) -> None:
    fresh.by_hand(Days.one(YESTERDAY - timedelta(1)), *CURSOR)
    # the probe counts the one day that is here, and the first range's own question is refused
    fresh.sandbox.faults.next(EVENTS, Fault())
    fresh.sandbox.faults.next(EVENTS, status(400))

    assert fresh.runs("cursor") == [
        Run("missing", CURSOR, FIRST, FIRST),
        Run("missing", CURSOR, LAST, LAST),
    ]
    fresh.later(10 * MINUTE)
    assert fresh.runs("cursor") == [Run("missing", EVENTS_ONLY, FIRST, FIRST)]


def test_only_what_failed_is_asked_again(fresh: Daemon) -> None:
    fresh.sandbox.faults.next(CLAUDE, status(400))
    fresh.tick("anthropic")
    fresh.later(MINUTE)
    fresh.tick("anthropic")
    fresh.asked()

    fresh.later(10 * MINUTE)

    assert fresh.tick("anthropic") == Run("missing", CLAUDE_CODE, FIRST, LAST)
    assert fresh.asked() == {CLAUDE: 3}


def test_a_persons_success_ends_the_waiting(fresh: Daemon) -> None:
    fresh.sandbox.faults.next(EVENTS, status(400))
    fresh.tick("cursor")
    fresh.later(MINUTE)
    fresh.tick("cursor")

    fresh.by_hand(Days(fresh.start, YESTERDAY), "raw_cursor_events")

    assert str(fresh.tick("cursor")).startswith("Every day until 2026-11-19 is loaded")
    assert '"backoffs":[]' in str(fresh.cursors["cursor_availability"])


def test_totals_that_have_never_landed_are_requested_by_themselves(fresh: Daemon) -> None:
    fresh.sandbox.faults.next("/teams/spend", status(400))
    assert isinstance(fresh.tick("cursor"), Run)
    fresh.later(MINUTE)

    [request] = fresh.evaluate("cursor").run_requests
    assert {key.path[-1] for key in request.asset_selection or ()} == set(TOTALS)
