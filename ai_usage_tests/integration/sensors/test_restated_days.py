"""Days that a vendor sums up otherwise than they were published: exactly they are read again."""

from datetime import timedelta
from typing import Any

import pytest
from starlette.requests import Request

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.faults import Fault
from ai_usage_tests.support.daemon import (
    ANTHROPIC,
    CLAUDE,
    COST,
    CURSOR,
    DAILY,
    EVENTS,
    MINUTE,
    USAGE,
    YESTERDAY,
    Daemon,
    Run,
)

pytestmark = pytest.mark.slow

DAY = YESTERDAY - timedelta(1)
HERE = "Every day until 2026-11-19 is loaded"


def doubled(day: str, amount: str) -> Fault:
    """The answer to a probe, with one amount of a day twice as large; a question by groups is a fetch, and left alone."""

    def spoil(said: dict[str, Any], request: Request) -> None:
        if "group_by[]" in request.query_params:
            return
        for bucket in said["data"]:
            if bucket["starting_at"].startswith(day):
                for result in bucket["results"]:
                    value = result[amount]
                    result[amount] = str(float(value) * 2) if isinstance(value, str) else value * 2

    return Fault(damage=spoil)


def test_a_restated_day_of_anthropic_is_read_again_and_no_other(anthropic: Daemon) -> None:
    anthropic.sandbox.restate(DAY, "anthropic", 1.5)
    assert anthropic.tick("anthropic") == Run("restated", ANTHROPIC, str(DAY), str(DAY))
    # the probe found the cost moved, and asked for the tokens; then one request a report
    assert anthropic.asked() == {COST: 1 + 1, USAGE: 1 + 2, CLAUDE: 1}
    assert anthropic.with_registers == set()
    for _ in range(4):
        anthropic.until_looked_at("anthropic")
        assert str(anthropic.tick("anthropic")).startswith(HERE)
    assert anthropic.asked() == {USAGE: 2, COST: 2}


def test_a_cost_that_moved_alone_is_read_again_alone(anthropic: Daemon) -> None:
    anthropic.sandbox.faults.next(COST, doubled(str(DAY), "amount"))

    assert anthropic.tick("anthropic") == Run("restated", ("raw_anthropic_cost",), str(DAY), str(DAY))
    assert anthropic.asked() == {COST: 1 + 1, USAGE: 1}


def test_a_restated_day_of_cursor_is_read_again_in_both_tables(cursor: Daemon) -> None:
    cursor.sandbox.restate(DAY, "cursor", 1.5)

    assert cursor.tick("cursor") == Run("restated", CURSOR, str(DAY), str(DAY))
    assert cursor.asked() == {DAILY: 1 + 1, EVENTS: 1 + 1}
    cursor.until_looked_at("cursor")
    assert str(cursor.tick("cursor")).startswith(HERE)


def test_days_that_do_not_touch_are_two_runs_one_after_the_other(cursor: Daemon) -> None:
    for day in (YESTERDAY, YESTERDAY - timedelta(2)):
        cursor.sandbox.restate(day, "cursor", 2.0)

    assert cursor.runs("cursor") == [
        Run("restated", CURSOR, "2026-11-17", "2026-11-17"),
        Run("restated", CURSOR, "2026-11-19", "2026-11-19"),
    ]
    assert cursor.asked() == {DAILY: 1 + 2, EVENTS: 1 + 2}


def test_a_day_that_never_agrees_is_read_again_ever_more_rarely(anthropic: Daemon) -> None:
    anthropic.sandbox.faults.next(COST, doubled(str(DAY), "amount"), times=500)
    started, read = anthropic.now, []
    while anthropic.now < started + timedelta(hours=12):
        if isinstance(anthropic.tick("anthropic"), Run):
            read.append((anthropic.now - started) // timedelta(hours=1))
        anthropic.until_looked_at("anthropic")

    # three hours later, and then not before a day has passed
    assert read == [0, 3]


def test_what_a_person_read_again_meanwhile_is_not_requested(cursor: Daemon) -> None:
    cursor.sandbox.restate(DAY, "cursor", 1.5)
    said = cursor.evaluate("cursor")
    assert len(said.run_requests) == 1
    cursor.by_hand(Days.one(DAY), *CURSOR)

    cursor.later(MINUTE)

    assert str(cursor.tick("cursor")).startswith(HERE)
