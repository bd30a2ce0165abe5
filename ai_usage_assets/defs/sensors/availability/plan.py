"""Which run to request next: pure functions over days, assets and earlier requests. No Dagster, no HTTP."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias

from ai_usage_assets.days import Days, contiguous

MAX_DAYS_PER_RUN = 93
"""Three of Anthropic's windows: a failure costs at most a quarter of a year."""

Backlog: TypeAlias = Mapping[str, Mapping[date, str]]
"""The days that each asset still needs, with the digest of what the vendor reports now; "" for a missing day."""


@dataclass(frozen=True)
class BackoffSchedule:
    """How long to wait after the n-th failure in a row."""

    first_delay: timedelta
    factor: int
    max_delay: timedelta

    def delay(self, times: int) -> timedelta:
        # the power is bounded, because a timedelta that is too large raises
        return min(self.max_delay, self.first_delay * int(self.factor ** min(times - 1, 8)))


OUTAGE = BackoffSchedule(timedelta(minutes=1), 2, timedelta(hours=1))
"""The vendor does not answer, or refuses."""
FAILED = BackoffSchedule(timedelta(minutes=10), 2, timedelta(hours=6))
"""A run left days of the backlog undone."""
UNCHANGED = BackoffSchedule(timedelta(hours=3), 8, timedelta(days=7))
"""A day was read again, and its sums still differ from the vendor's. Longer than a round of polls."""


@dataclass(frozen=True)
class PlannedRun:
    """One run: some assets over contiguous days, all of them missing or all of them restated."""

    assets: tuple[str, ...]
    days: Days
    digests: dict[date, str] = field(default_factory=dict)
    """Of each restated day: the digest of what the vendor reports."""

    @property
    def reason(self) -> str:
        return "restated" if self.digests else "missing"

    @property
    def key(self) -> str:
        """The same for the same assets, range and digests."""
        parts = (
            *self.assets,
            str(self.days),
            *(f"{day}={self.digests[day]}" for day in sorted(self.digests)),
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def remaining(self, backlog: Backlog) -> "PlannedRun | None":
        """The part of it that is still in the backlog; None if nothing is."""
        items = [item for item in items_of(backlog) if self.covers(*item)]
        if not items:
            return None
        days = [day for _, day, _ in items]
        return PlannedRun(
            tuple(sorted({asset for asset, _, _ in items})),
            Days(min(days), max(days)),
            {day: digest for day, digest in self.digests.items() if min(days) <= day <= max(days)},
        )

    def covers(self, asset: str, day: date, digest: str) -> bool:
        return asset in self.assets and day in self.days and self.digests.get(day, "") == digest


@dataclass(frozen=True)
class Backoff:
    """A run that did not do its work, and is not requested again before `until`."""

    run: PlannedRun
    times: int
    until: datetime

    @property
    def max_days(self) -> int:
        """Days of the next try: half of them from the second failure on, so that one bad day does not block the others."""
        return MAX_DAYS_PER_RUN if self.times < 2 else -(-len(self.run.days) // 2)


def items_of(backlog: Backlog) -> Iterator[tuple[str, date, str]]:
    return ((asset, day, digest) for asset, days in backlog.items() for day, digest in days.items())


def missing(days: Days | None, materialized: Mapping[str, Collection[date]]) -> dict[str, dict[date, str]]:
    """Per asset, the days that are not materialized."""
    return {asset: {day: "" for day in days or () if day not in have} for asset, have in materialized.items()}


def plan(
    backlog: Backlog, backoffs: Sequence[Backoff], now: datetime, max_days: int = MAX_DAYS_PER_RUN
) -> list[PlannedRun]:
    """The runs for the backlog without what waits: missing days first, then restated ones, oldest first."""
    assets_of: dict[tuple[date, str, int], set[str]] = defaultdict(set)
    for asset, day, digest in items_of(backlog):
        own = [backoff for backoff in backoffs if backoff.run.covers(asset, day, digest)]
        if not any(now < backoff.until for backoff in own):
            assets_of[day, digest, min([max_days, *(backoff.max_days for backoff in own)])].add(asset)
    days_of: dict[tuple[bool, tuple[str, ...], int], dict[date, str]] = defaultdict(dict)
    for (day, digest, longest), assets in assets_of.items():
        days_of[bool(digest), tuple(sorted(assets)), longest][day] = digest
    runs = [
        PlannedRun(names, part, {day: digests[day] for day in part} if restated else {})
        for (restated, names, longest), digests in days_of.items()
        for days in contiguous(digests)
        for part in days.chunks(longest)
    ]
    return sorted(runs, key=lambda run: (run.reason, run.days, run.assets))


def after_run(
    requested: PlannedRun, backlog: Backlog, backoffs: Sequence[Backoff], now: datetime
) -> list[Backoff]:
    """The backoffs once a run is over: what it left undone waits, and what it read again gets time to agree."""
    left = requested.remaining(backlog)
    if left is None and requested.reason == "missing":
        return list(backoffs)
    run, schedule = (left, FAILED) if left else (requested, UNCHANGED)
    times = 1 + max((backoff.times for backoff in backoffs if overlap(backoff.run, run)), default=0)
    others = [backoff for backoff in backoffs if not is_within(backoff.run, run)]
    return [*others, Backoff(run, times, now + schedule.delay(times))]


def active_backoffs(backoffs: Sequence[Backoff], backlog: Backlog, now: datetime) -> list[Backoff]:
    """The backoffs that still matter: one ends when its days are no longer in the backlog, whoever materialized them."""
    return [
        backoff
        for backoff in backoffs
        # one that lasts longer than any delay was made with a wrong clock
        if backoff.until <= now + UNCHANGED.max_delay
        and (backoff.run.remaining(backlog) or (backoff.run.digests and now < backoff.until))
    ]


def overlap(one: PlannedRun, other: PlannedRun) -> bool:
    """Whether they have an asset's day in common."""
    return bool(set(one.assets) & set(other.assets)) and any(
        day in other.days and one.digests.get(day, "") == other.digests.get(day, "") for day in one.days
    )


def is_within(one: PlannedRun, other: PlannedRun) -> bool:
    """Whether the first is a part of the second, or an older version of it."""
    return (
        set(one.assets) <= set(other.assets)
        and one.days.first >= other.days.first
        and one.days.last <= other.days.last
        and one.reason == other.reason
    )
