"""What a sensor remembers between its ticks, as JSON in Dagster's cursor. What can be read off the record is not here."""

from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from ai_usage_assets.defs.sensors.availability.plan import Ask, Hold


@dataclass(frozen=True)
class Moved:
    """A published day that the vendor sums up otherwise now."""

    digest: str
    """Of what the vendor says."""
    publication: int
    """Dagster's id of the materialization that it was compared with: a newer one is to be compared anew."""


@dataclass(frozen=True)
class Silence:
    """The vendor gave no answer that could be used, so many times in a row."""

    times: int
    says: str


class State(msgspec.Struct, kw_only=True):
    """A cursor that is lost or cannot be read costs a probe, and at most one needless run a restated day."""

    look_again_at: datetime | None = None
    """When the vendor is asked next; None is now."""
    days: int | None = None
    """That the next probe looks back, while the vendor is too slow to tell all of them at once."""
    probes: int = 0
    """Answered so far, for a vendor whose reports are asked in turn."""
    silence: Silence | None = None
    newest: date | None = None
    """The newest day that the vendor tells whole."""
    moved: dict[str, dict[date, Moved]] = msgspec.field(default_factory=dict)
    """By asset."""
    asked: Ask | None = None
    """The run that was asked for last, until it is over."""
    attempt: int = 0
    """Of that run: how many there were for the same request before it."""
    holds: list[Hold] = msgspec.field(default_factory=list)
    lists_asked: int = 0
    """How often registers that have never landed were asked for by themselves."""
    lists_again_at: datetime | None = None

    @classmethod
    def read(cls, cursor: str | None) -> "State":
        """The state of a cursor; a new one if the cursor is none, or of another version, or broken."""
        try:
            state = msgspec.json.decode(cursor or "{}", type=cls)
        except (msgspec.DecodeError, ValueError):
            return cls()
        moments = [state.look_again_at, state.lists_again_at, *(hold.until for hold in state.holds)]
        # a time without a zone cannot be compared with now
        return cls() if any(moment and moment.tzinfo is None for moment in moments) else state

    def write(self) -> str:
        return msgspec.json.encode(self).decode()
