"""The limit per minute, with a simulated clock."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

import pytest

from ai_usage_assets.sources.http.limiter import WINDOW_SECONDS, Limiter


@dataclass
class Clock:
    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def limiter(clock: Clock, per_minute: int) -> Limiter:
    return Limiter(per_minute, clock=clock.read, sleep=clock.sleep)


def test_requests_within_the_limit_do_not_wait() -> None:
    clock = Clock()
    limit = limiter(clock, 20)

    for _ in range(20):
        limit.wait()
    assert clock.slept == []


def test_the_request_after_the_limit_waits_until_the_first_is_a_window_old() -> None:
    clock = Clock()
    limit = limiter(clock, 2)
    limit.wait()
    clock.now += 10
    limit.wait()

    limit.wait()
    assert clock.slept == [WINDOW_SECONDS - 10]


def test_a_window_is_no_shorter_than_a_minute() -> None:
    assert WINDOW_SECONDS >= 60


def test_many_threads_book_each_slot_once() -> None:
    limit = Limiter(5, clock=lambda: 0.0)

    with ThreadPoolExecutor(8) as pool:
        booked = sorted(pool.map(lambda _: limit.book() or 0.0, range(20)))
    assert booked == [0.0] * 5 + [WINDOW_SECONDS] * 5 + [2 * WINDOW_SECONDS] * 5 + [3 * WINDOW_SECONDS] * 5


def test_a_slot_after_the_deadline_is_not_booked() -> None:
    limit = Limiter(1, clock=lambda: 0.0)
    limit.book()

    assert limit.book(within=WINDOW_SECONDS - 1) is None
    assert limit.book(within=WINDOW_SECONDS) == WINDOW_SECONDS


@pytest.mark.parametrize("seed", range(20))
def test_no_window_has_more_requests_than_the_limit_in_any_order_of_bookings(seed: int) -> None:
    """Retries book a later slot, and new calls book the next one; together they stay within the limit."""
    random, now, used = Random(seed), 0.0, []
    limit = Limiter(7, clock=lambda: now)
    for _ in range(300):
        now += random.choice([0, 0, 0, 1, 5])
        seconds = limit.book(after=random.choice([0, 0, 2, 32]))
        assert seconds is not None
        used.append(now + seconds)

    used.sort()
    assert min(later - earlier for earlier, later in zip(used, used[7:], strict=False)) >= WINDOW_SECONDS


def test_a_limit_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Limiter(0)


def test_a_huge_limit_takes_no_memory() -> None:
    assert Limiter(10**9).book() == 0
