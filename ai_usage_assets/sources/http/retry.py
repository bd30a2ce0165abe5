"""When a failed call is made again, as data; and how a Retry-After is read."""

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
    """One policy for every call: 429, 5xx, 529, dropped connections, timeouts and cut-off answers, nothing else."""

    seconds: float = 90.0
    """What a call may take from its first request on, waits and retries included."""
    attempts: int = 8
    first_wait: float = 1.0
    most_wait: float = 32.0
    """Longer than half a minute: with doubling, a limit of one minute is outlived before the call gives up."""

    def backoff(self, attempt: int) -> float:
        """Seconds before the attempt after this one (1-based): doubling, plus up to half as much at random."""
        wait = min(self.most_wait, self.first_wait * 2.0 ** (attempt - 1))
        return wait * random.uniform(1.0, 1.5)


IMPATIENT = Retry(seconds=12.0, attempts=1)
"""For a question that is asked again anyway: no retry, and short enough for a few in a row within a minute."""


class Course:
    """One call under the policy: how long is left, and whether and when to ask again."""

    def __init__(self, retry: Retry, limiter: Limiter | None) -> None:
        self._retry = retry
        self._limiter = limiter
        self._failed = 0
        self._ends = time.monotonic() + retry.seconds

    @property
    def left(self) -> float:
        """Seconds until the call has to be over."""
        return self._ends - time.monotonic()

    def pause(self, error: Exception) -> float | bool:
        """Stamina's hook: seconds to wait before asking again, or False to give up now."""
        self._failed += 1
        if not isinstance(error, VendorError) or not error.passing or self._failed >= self._retry.attempts:
            return False
        wait = error.retry_after or self._retry.backoff(self._failed)
        if wait >= self.left:
            return False
        booked = self._limiter.book(after=wait, within=self.left) if self._limiter else wait
        return False if booked is None else booked


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds of a Retry-After header, whether it is a number or an HTTP date; None if it is neither."""
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
