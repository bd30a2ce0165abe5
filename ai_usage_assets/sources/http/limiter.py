"""A vendor's limit of requests per minute, kept on this side, so that it is never hit."""

import math
import time
from collections import deque
from collections.abc import Callable
from threading import Lock

WINDOW = 61.0
"""Seconds: a minute, and one more, because a request may take longer on its way than the one after it."""


class Limiter:
    """A sliding window: of any `per_minute` + 1 requests in a row, the last is a window later than the first.

    Safe between threads. A slot is booked when it is asked for, in whatever order it is then used:
    the bookings form `per_minute` lanes, each used once a window, so no window ever holds more.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if per_minute < 1:
            raise ValueError(f"{per_minute} requests per minute: it takes at least one")
        self._clock = clock
        self._sleep = sleep
        self._booked: deque[float] = deque(maxlen=per_minute)
        self._lock = Lock()

    def wait(self) -> None:
        """Book the next free slot and wait for it."""
        if seconds := self.book():
            self._sleep(seconds)

    def book(self, after: float = 0.0, within: float = math.inf) -> float | None:
        """Book the first free slot at least `after` seconds away; how many seconds away it is.

        None, and nothing booked, if that is more than `within` seconds.
        """
        with self._lock:
            now = self._clock()
            full = len(self._booked) == self._booked.maxlen
            seconds = max(after, self._booked[0] + WINDOW - now) if full else after
            if seconds > within:
                return None
            self._booked.append(now + seconds)
            return seconds
