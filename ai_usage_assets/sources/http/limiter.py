"""A client-side limit of requests per minute, so that the vendor's own limit is never reached."""

import math
import time
from collections import deque
from collections.abc import Callable
from threading import Lock

WINDOW_SECONDS = 61.0
"""A minute, and one second more, because a request may travel longer than the one after it."""


class Limiter:
    """A sliding window: of any `per_minute` + 1 requests in a row, the last is a window later than the first.

    Safe between threads. A slot is booked when it is requested, and it may be used in any order:
    the bookings form `per_minute` lanes, each used once in a window, so no window ever holds more.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if per_minute < 1:
            raise ValueError(f"The limit is {per_minute} requests per minute; it must be at least one.")
        self._clock = clock
        self._sleep = sleep
        self._booked: deque[float] = deque(maxlen=per_minute)
        self._lock = Lock()

    def wait(self) -> None:
        """Book the next free slot and wait for it."""
        if seconds := self.book():
            self._sleep(seconds)

    def book(self, after: float = 0.0, within: float = math.inf) -> float | None:
        """Book the first free slot that is at least `after` seconds away.

        Returns:
            Seconds until the slot; None, and nothing is booked, if that is more than `within` seconds.
        """
        with self._lock:
            now = self._clock()
            full = len(self._booked) == self._booked.maxlen
            seconds = max(after, self._booked[0] + WINDOW_SECONDS - now) if full else after
            if seconds > within:
                return None
            self._booked.append(now + seconds)
            return seconds
