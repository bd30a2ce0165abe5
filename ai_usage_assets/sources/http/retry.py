"""The retry policy as data, the time that one call has, and the reading of Retry-After."""

import random
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ai_usage_assets.sources.http.errors import VendorError
from ai_usage_assets.sources.http.limiter import Limiter


@dataclass(frozen=True)
class Retry:
    """When a failed call is made again.

    Only 429, 5xx, 529, dropped connections, timeouts and truncated answers are retried.
    """

    max_seconds: float = 90.0
    """The time of a call from its first request on, with all waits and retries."""
    max_attempts: int = 8
    first_wait_seconds: float = 1.0
    max_wait_seconds: float = 32.0
    """Longer than half a minute: as the waits double, the retries outlast a limit of one minute."""

    def backoff(self, attempt: int) -> float:
        """Seconds to wait after this attempt (1-based): they double, plus up to half as much at random."""
        wait = min(self.max_wait_seconds, self.first_wait_seconds * 2.0 ** (attempt - 1))
        return wait * random.uniform(1.0, 1.5)


FAIL_FAST = Retry(max_seconds=12.0, max_attempts=1)
"""For a call that is repeated later anyway: no retry, and short enough for a few calls within a minute."""


class CallBudget:
    """The time and the attempts that one call has left."""

    def __init__(self, retry: Retry, limiter: Limiter | None) -> None:
        self._retry = retry
        self._limiter = limiter
        self._failures = 0
        self._ends_at = time.monotonic() + retry.max_seconds

    @property
    def seconds_left(self) -> float:
        """Seconds until the call must be over."""
        return self._ends_at - time.monotonic()

    def wait_after(self, error: Exception) -> float | bool:
        """Seconds to wait before the next attempt, or False to give up now; a hook of stamina."""
        self._failures += 1
        if not isinstance(error, VendorError) or not error.is_retryable:
            return False
        if self._failures >= self._retry.max_attempts:
            return False
        wait = error.retry_after or self._retry.backoff(self._failures)
        if wait >= self.seconds_left:
            return False
        booked = self._limiter.book(after=wait, within=self.seconds_left) if self._limiter else wait
        return False if booked is None else booked


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds of a Retry-After header, which is a number or an HTTP date; None if it is neither."""
    if header is None:
        return None
    if re.fullmatch(r"\d{1,9}(\.\d+)?", header.strip(), re.ASCII):
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
    except (ValueError, OverflowError):
        return None
