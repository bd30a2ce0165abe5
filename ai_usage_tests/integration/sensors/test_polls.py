"""What a probe makes of a vendor's answer, and what a sensor remembers of it."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.defs.records import Materialization
from ai_usage_assets.defs.sensors.availability import poll_cursor
from ai_usage_assets.defs.sensors.availability.plan import Backoff, PlannedRun
from ai_usage_assets.defs.sensors.availability.poll_cursor import recount
from ai_usage_assets.defs.sensors.availability.polls import Digests, restated, sums, unreported
from ai_usage_assets.defs.sensors.availability.state import Outage, RestatedDay, State
from ai_usage_assets.schema.tables.anthropic import RAW_ANTHROPIC_COST, RAW_ANTHROPIC_USAGE
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_USAGE
from ai_usage_assets.sources.cursor import rows as cursor_rows
from ai_usage_assets.sources.cursor.records import DailyUsage
from ai_usage_assets.sources.http.decode import Id

FIRST = date(2026, 11, 1)
MONTH = Days(FIRST, FIRST + ONE_DAY * 29)
DAY = FIRST + ONE_DAY * 12
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NO_TOKENS = dict.fromkeys(RAW_ANTHROPIC_USAGE.total_columns, Decimal(0))


class Counting:
    """A vendor with a hundred events a day, but for some days."""

    def __init__(self, **others: int) -> None:
        self.events = dict.fromkeys(MONTH, 100) | {FIRST + ONE_DAY * int(n[1:]): v for n, v in others.items()}
        self.questions = 0

    def count(self, days: Days) -> int:
        self.questions += 1
        return sum(self.events[day] for day in days)

    def search(self, patience: int = 100, gone: Collection[date] = ()) -> Digests:
        published = dict.fromkeys(MONTH, 100)
        return recount(self.count, published, lambda: self.questions <= patience, gone)


def test_events_that_are_as_many_as_published_cost_one_question() -> None:
    vendor = Counting()
    assert (vendor.search(), vendor.questions) == ({}, 1)


@pytest.mark.parametrize("number", range(30))
def test_a_day_whose_events_moved_is_found_by_halving(number: int) -> None:
    vendor = Counting(**{f"d{number}": 99})
    assert list(vendor.search()) == [FIRST + ONE_DAY * number]
    assert vendor.questions <= 1 + 5


def test_several_days_are_all_found() -> None:
    vendor = Counting(d0=1, d13=101, d29=7)
    assert sorted(day.day for day in vendor.search()) == [1, 14, 30]


def test_a_search_that_takes_too_long_calls_what_is_left_moved() -> None:
    vendor = Counting(d0=1, d29=7)
    found = vendor.search(patience=2)
    assert {FIRST, FIRST + ONE_DAY * 29} <= set(found)
    assert vendor.questions <= 4


@pytest.mark.parametrize(("seconds", "requests"), [(0.01, 1 + poll_cursor.MAX_COUNTS), (6.0, 4), (12.0, 2)])
def test_a_search_is_bounded_in_requests_and_in_time_and_leaves_no_day_out(
    monkeypatch: pytest.MonkeyPatch, seconds: float, requests: int
) -> None:
    vendor = Counting(**{f"d{n}": 101 for n in range(30)})
    monkeypatch.setattr(poll_cursor, "time", SimpleNamespace(monotonic=lambda: seconds * vendor.questions))
    found = recount(vendor.count, dict.fromkeys(MONTH, 100), poll_cursor.call_budget())
    assert found.keys() == set(MONTH)
    assert vendor.questions == requests
    # of the sixty of a tick; the poll of another vendor may need as many
    assert seconds * vendor.questions <= 30


OLDEST = Days(FIRST, FIRST + ONE_DAY * 12)


def forgetful(**others: int) -> Counting:
    """A vendor that no longer reports the 13 oldest days."""
    return Counting(**{f"d{n}": 0 for n in range(len(OLDEST))}, **others)


def test_days_without_an_event_now_are_not_found_at_the_cost_of_one_question() -> None:
    vendor = forgetful()
    assert (vendor.search(), vendor.questions) == ({}, 1 + 1)
    # nor when time is up after it
    assert forgetful().search(patience=1) == {}


def test_beside_days_without_an_event_a_day_that_moved_is_found() -> None:
    assert set(forgetful(d20=99).search()) == {FIRST + ONE_DAY * 20}
    assert set(Counting(d3=0, d9=0, d20=99, d21=0).search()) == {FIRST + ONE_DAY * 20}


def test_days_that_are_known_to_be_gone_are_not_found_though_nothing_more_may_be_asked() -> None:
    vendor = Counting(d3=0, d4=0, d9=0, d20=99)
    gone = {FIRST + ONE_DAY * n for n in (3, 4, 9)}
    found = vendor.search(patience=0, gone=gone)
    assert FIRST + ONE_DAY * 20 in found
    assert not gone & found.keys()


def test_a_day_that_is_thought_to_be_gone_and_has_events_is_found() -> None:
    assert set(Counting(d3=50).search(gone={FIRST + ONE_DAY * 3})) == {FIRST + ONE_DAY * 3}


def test_days_that_are_not_published_are_not_counted() -> None:
    vendor = Counting(d5=0)
    published = {day: 100 for day in MONTH if day != FIRST + ONE_DAY * 5}
    assert recount(vendor.count, published, lambda: True) == {}
    assert vendor.questions == 2


@pytest.mark.parametrize(("more", "says"), [(0, set()), (1, {DAY})])
def test_tokens_are_compared_to_the_last_one(more: int, says: set[date]) -> None:
    said = {DAY: {**NO_TOKENS, "output_tokens": Decimal(9_007_199_254_740_000 + more)}}
    published = {DAY: Materialization(1, 5, {"output_tokens": 9_007_199_254_740_000.0})}
    assert set(restated(RAW_ANTHROPIC_USAGE, said, published)) == says


@pytest.mark.parametrize(("usd", "says"), [("12.30004", set()), ("12.3001", {DAY}), ("-12.3", {DAY})])
def test_money_is_compared_at_four_decimals(usd: str, says: set[date]) -> None:
    published = {DAY: Materialization(1, 5, {"amount_usd": 12.3})}
    assert set(restated(RAW_ANTHROPIC_COST, {DAY: {"amount_usd": Decimal(usd)}}, published)) == says


def test_a_published_day_that_the_vendor_leaves_empty_has_moved() -> None:
    published = {
        DAY: Materialization(1, 5, {"output_tokens": 3.0}),
        DAY + ONE_DAY: Materialization(2, 0, {}),
    }
    assert set(restated(RAW_ANTHROPIC_USAGE, {}, published)) == {DAY}


@pytest.mark.parametrize(("lines", "says"), [([], set()), ([0], set()), ([4], {DAY}), ([7], set())], ids=str)
def test_a_published_day_of_cursor_that_is_not_reported_any_more_has_not_moved(
    lines: list[int], says: set[date]
) -> None:
    published = {DAY: Materialization(1, 5, {"total_lines_added": 7.0})}
    rows = cursor_rows.daily_usage_rows(
        [[DailyUsage(user_id=Id("u1"), stated_day=DAY, total_lines_added=n) for n in lines]], NOON
    )
    assert set(restated(RAW_CURSOR_USAGE, sums(RAW_CURSOR_USAGE, rows), published)) == says


def test_a_day_on_which_nobody_did_anything_is_not_taken_for_one_that_is_gone() -> None:
    published = {
        DAY: Materialization(1, 5, {"total_lines_added": 0.0, "seconds": 0.4}),
        DAY + ONE_DAY: Materialization(2, 5, {"total_lines_added": 1.0}),
    }
    assert unreported(RAW_CURSOR_USAGE, {}, published) == {DAY + ONE_DAY}


def test_a_day_with_requests_and_without_lines_is_reported() -> None:
    published = {DAY: Materialization(1, 5, {"total_lines_added": 7.0})}
    rows = cursor_rows.daily_usage_rows(
        [[DailyUsage(user_id=Id("u1"), stated_day=DAY, chat_requests=1)]], NOON
    )
    said = sums(RAW_CURSOR_USAGE, rows)
    assert (
        set(restated(RAW_CURSOR_USAGE, said, published)),
        unreported(RAW_CURSOR_USAGE, said, published),
    ) == (
        {DAY},
        frozenset(),
    )


def test_a_day_that_was_recorded_by_hand_has_nothing_to_compare_with() -> None:
    assert restated(RAW_ANTHROPIC_USAGE, {}, {DAY: Materialization(1, None, {})}) == {}


def test_a_cursor_says_the_same_when_it_is_read_again() -> None:
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    ask = PlannedRun(("a", "b"), Days(DAY, DAY + ONE_DAY), {DAY: "x", DAY + ONE_DAY: "y"})
    state = State(
        next_poll_at=at,
        polls=7,
        outage=Outage(2, "it is down"),
        newest=DAY,
        restated={"a": {DAY: RestatedDay("x", 41)}},
        requested=ask,
        attempt=3,
        backoffs=[Backoff(ask, 2, at + timedelta(hours=1))],
    )
    assert State.read(state.write()) == state


@pytest.mark.parametrize(
    "cursor",
    [None, "", "nonsense", "[]", '{"next_poll_at": 5}', '{"backoffs": [{}]}', '{"of_another_version": 1}'],
)
def test_a_cursor_that_cannot_be_read_is_a_new_start(cursor: str | None) -> None:
    assert State.read(cursor) == State()
