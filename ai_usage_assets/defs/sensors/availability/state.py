"""What an availability sensor remembers between its ticks, as JSON in Dagster's cursor.

What Dagster's records hold is not repeated here.
"""

from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from ai_usage_assets.defs.sensors.availability.plan import Backoff, PlannedRun


@dataclass(frozen=True)
class RestatedDay:
    """A materialized day for which the vendor reports other sums now."""

    digest: str
    """Of what the vendor reports."""
    materialization: int
    """The storage id of the materialization that it was compared with; a newer one is compared again."""


@dataclass(frozen=True)
class Outage:
    """The vendor gave no usable answer, so many times in a row."""

    times: int
    message: str


class State(msgspec.Struct, kw_only=True):
    """A cursor that is lost or cannot be read costs one poll, and at most one needless run for each restated day."""

    next_poll_at: datetime | None = None
    """When the vendor is polled next; None is now."""
    max_days: int | None = None
    """Days of the next poll, while the vendor is too slow to report all of them at once."""
    polls: int = 0
    """Answered so far: some reports are requested only every second time."""
    outage: Outage | None = None
    newest: date | None = None
    """The newest day that the vendor reports completely."""
    restated: dict[str, dict[date, RestatedDay]] = msgspec.field(default_factory=dict)
    """By asset."""
    requested: PlannedRun | None = None
    """The run that was requested last, until it is over."""
    attempt: int = 0
    """Of that run: how many earlier runs had the same request."""
    backoffs: list[Backoff] = msgspec.field(default_factory=list)
    snapshot_requests: int = 0
    """How often snapshot tables that were never materialized were requested by themselves."""
    next_snapshot_request_at: datetime | None = None

    @classmethod
    def read(cls, cursor: str | None) -> "State":
        """The state of a cursor; a new one if there is none, or if it is of another version or broken."""
        try:
            state = msgspec.json.decode(cursor or "{}", type=cls)
        except (msgspec.DecodeError, ValueError):
            return cls()
        moments = [state.next_poll_at, state.next_snapshot_request_at, *(b.until for b in state.backoffs)]
        # a time without a zone cannot be compared with now
        return cls() if any(moment and moment.tzinfo is None for moment in moments) else state

    def write(self) -> str:
        return msgspec.json.encode(self).decode()
