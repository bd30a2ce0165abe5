"""What the alert sensor remembers: which runs it has seen, and which failing checks it has sent.

An hourly check that keeps failing is one message a day, not twenty-four. Whether a run was sent is in the run's own tag.
A cursor that is lost costs a look at the last day again, and at most one repetition.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import dagster as dg
import msgspec

from ai_usage_assets.days import Days
from ai_usage_assets.defs.sensors.alerts.message import subject

NOW = timedelta(0)
A_DAY = timedelta(days=1)
"""Until a check that still fails is sent again, and until an alert that cannot be sent is given up."""


class AlertState(msgspec.Struct):
    """The cursor."""

    since: datetime
    failing: dict[str, datetime] = msgspec.field(default_factory=dict)
    """When each was sent."""

    @classmethod
    def read(cls, cursor: str, now: datetime) -> "AlertState":
        """The last day, for a cursor that cannot be read or is ahead of the clock: nothing is missed."""
        try:
            state = msgspec.json.decode(cursor, type=cls)
            failing = {check: at for check, at in state.failing.items() if NOW <= now - at < A_DAY}
            since = state.since if now - state.since >= NOW else now - A_DAY
        except (msgspec.DecodeError, TypeError, ValueError):
            # a time without a zone cannot be compared
            return cls(now - A_DAY)
        return cls(since, failing)

    def write(self) -> str:
        return msgspec.json.encode(self).decode()

    def new_events(self, events: Iterable[dg.DagsterEvent], days: Days | None) -> list[dg.DagsterEvent]:
        """The events of a run that were not sent yet: all but failing checks that are known. A check that passes is forgotten."""
        found = []
        for event in events:
            if (check := failing(event, days)) in self.failing:
                continue
            found.append(event)
            if check is None and event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                self.failing.pop(subject(event.asset_check_evaluation_data, days), None)
        return found

    def remember(self, state: Iterable[dg.DagsterEvent], days: Days | None, at: datetime) -> None:
        """These were sent at this instant."""
        for event in state:
            if check := failing(event, days):
                self.failing.setdefault(check, at)


def failing(event: dg.DagsterEvent, days: Days | None) -> str | None:
    """Which check fails by this event, if one does."""
    if event.event_type is not dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        return None
    found = event.asset_check_evaluation_data
    is_failing = not found.passed and found.severity is dg.AssetCheckSeverity.ERROR
    return subject(found, days) if is_failing else None
