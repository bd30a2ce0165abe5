"""What the sensor on failures remembers: since when it has looked, and which checks are red that somebody knows of.

An hourly check that stays red is one message a day, not twenty-four. Of the rest each run's own tag says whether it
was told; a cursor that is lost costs a look back over a day, and a repetition at most.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import dagster as dg
import msgspec

from ai_usage_assets.days import Days
from ai_usage_assets.defs.sensors.alerts.message import subject

NOW = timedelta(0)
A_DAY = timedelta(days=1)
"""Until a check that is still red is told again, and until what could not be told is given up."""


class Told(msgspec.Struct):
    """The cursor."""

    since: datetime
    red: dict[str, datetime] = msgspec.field(default_factory=dict)
    """When each was told."""

    @classmethod
    def read(cls, cursor: str, now: datetime) -> "Told":
        """The last day, for a cursor that cannot be read or is ahead of the clock: nothing is missed."""
        try:
            told = msgspec.json.decode(cursor, type=cls)
            red = {check: at for check, at in told.red.items() if NOW <= now - at < A_DAY}
            since = told.since if now - told.since >= NOW else now - A_DAY
        except (msgspec.DecodeError, TypeError, ValueError):
            # of a time without a zone nobody knows when it is
            return cls(now - A_DAY)
        return cls(since, red)

    def write(self) -> str:
        return msgspec.json.encode(self).decode()

    def news(self, events: Iterable[dg.DagsterEvent], days: Days | None) -> list[dg.DagsterEvent]:
        """What is to be told of a run's events: all, without the red checks that are known. One that is green is red no more."""
        found = []
        for event in events:
            if (check := red(event, days)) in self.red:
                continue
            found.append(event)
            if check is None and event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                self.red.pop(subject(event.asset_check_evaluation_data, days), None)
        return found

    def remember(self, told: Iterable[dg.DagsterEvent], days: Days | None, at: datetime) -> None:
        """These were told then."""
        for event in told:
            if check := red(event, days):
                self.red.setdefault(check, at)


def red(event: dg.DagsterEvent, days: Days | None) -> str | None:
    """Which check the event says is red, if it does."""
    if event.event_type is not dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        return None
    found = event.asset_check_evaluation_data
    is_red = not found.passed and found.severity is dg.AssetCheckSeverity.ERROR
    return subject(found, days) if is_red else None
