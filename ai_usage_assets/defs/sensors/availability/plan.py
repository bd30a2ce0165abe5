"""Which run to ask for next: pure functions over days, assets and what was asked before. No Dagster, no HTTP."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias

from ai_usage_assets.days import ONE_DAY, Days

MOST_DAYS = 93
"""Of one run: three of Anthropic's windows; a failure costs at most a quarter of a year."""

Wants: TypeAlias = Mapping[str, Mapping[date, str]]
"""The days that each asset wants, with the digest of what the vendor says now; "" where the day is missing."""


@dataclass(frozen=True)
class Pause:
    """How long to wait after the n-th time in a row."""

    first: timedelta
    factor: int
    most: timedelta

    def after(self, times: int) -> timedelta:
        # the power is capped, for a time span has an end that `most` never sees
        return min(self.most, self.first * int(self.factor ** min(times - 1, 8)))


SILENT = Pause(timedelta(minutes=1), 2, timedelta(hours=1))
"""The vendor does not answer, or refuses."""
FAILED = Pause(timedelta(minutes=10), 2, timedelta(hours=6))
"""A run left wanted days behind."""
UNCHANGED = Pause(timedelta(hours=3), 8, timedelta(days=7))
"""A day was read again, and is still not what the vendor's sums say. Longer than a round of probes."""


@dataclass(frozen=True)
class Ask:
    """One run: some assets over contiguous days, all of them missing or all of them restated."""

    assets: tuple[str, ...]
    days: Days
    digests: dict[date, str] = field(default_factory=dict)
    """Of what the vendor says of each restated day."""

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

    def wanted(self, wants: Wants) -> "Ask | None":
        """What of it is wanted still; None if nothing is."""
        cells = [(asset, day) for asset, day, digest in cells_of(wants) if self.covers(asset, day, digest)]
        if not cells:
            return None
        days = [day for _, day in cells]
        return Ask(
            tuple(sorted({asset for asset, _ in cells})),
            Days(min(days), max(days)),
            {day: digest for day, digest in self.digests.items() if min(days) <= day <= max(days)},
        )

    def covers(self, asset: str, day: date, digest: str) -> bool:
        return asset in self.assets and day in self.days and self.digests.get(day, "") == digest


@dataclass(frozen=True)
class Hold:
    """What was asked for in vain, and is not asked for again for a while."""

    ask: Ask
    times: int
    until: datetime

    @property
    def narrowed(self) -> int:
        """Days of the next try: half of them from the second failure on, so that one bad day does not hold the others."""
        return MOST_DAYS if self.times < 2 else -(-len(self.ask.days) // 2)


def cells_of(wants: Wants) -> Iterator[tuple[str, date, str]]:
    return ((asset, day, digest) for asset, days in wants.items() for day, digest in days.items())


def missing(days: Days | None, present: Mapping[str, Collection[date]]) -> dict[str, dict[date, str]]:
    """Per asset the days that it does not have."""
    return {asset: {day: "" for day in days or () if day not in landed} for asset, landed in present.items()}


def plan(wants: Wants, holds: Sequence[Hold], now: datetime, most_days: int = MOST_DAYS) -> list[Ask]:
    """The runs that would give what is wanted and not held: missing days first, then restated ones, oldest first."""
    alike: dict[tuple[date, str, int], set[str]] = defaultdict(set)
    for asset, day, digest in cells_of(wants):
        held = [hold for hold in holds if hold.ask.covers(asset, day, digest)]
        if not any(now < hold.until for hold in held):
            alike[day, digest, min([most_days, *(hold.narrowed for hold in held)])].add(asset)
    sets: dict[tuple[bool, tuple[str, ...], int], dict[date, str]] = defaultdict(dict)
    for (day, digest, most), assets in alike.items():
        sets[bool(digest), tuple(sorted(assets)), most][day] = digest
    asks = [
        Ask(assets, part, {day: digests[day] for day in part} if restated else {})
        for (restated, assets, most), digests in sets.items()
        for days in contiguous(digests)
        for part in days.chunks(most)
    ]
    return sorted(asks, key=lambda ask: (ask.reason, ask.days, ask.assets))


def contiguous(days: Collection[date]) -> Iterator[Days]:
    """The days in runs without a gap, oldest first."""
    first = last = None
    for day in sorted(days):
        if first and last and day != last + ONE_DAY:
            yield Days(first, last)
            first = None
        first, last = first or day, day
    if first and last:
        yield Days(first, last)


def after_run(asked: Ask, wants: Wants, holds: Sequence[Hold], now: datetime) -> list[Hold]:
    """The holds once a run is over: what it left behind waits, and what it read again is given time to agree."""
    left = asked.wanted(wants)
    if left is None and asked.reason == "missing":
        return list(holds)
    held, pause = (left, FAILED) if left else (asked, UNCHANGED)
    same = [hold for hold in holds if overlap(hold.ask, held)]
    times = 1 + max((hold.times for hold in same), default=0)
    kept = [hold for hold in holds if not within(hold.ask, held)]
    return [*kept, Hold(held, times, now + pause.after(times))]


def still_due(holds: Sequence[Hold], wants: Wants, now: datetime) -> list[Hold]:
    """The holds that still matter: a hold is over when nobody wants what it holds, whoever landed it."""
    return [
        hold
        for hold in holds
        # one that lasts longer than any pause is of a clock that was wrong
        if hold.until <= now + UNCHANGED.most
        and (hold.ask.wanted(wants) or (hold.ask.digests and now < hold.until))
    ]


def overlap(one: Ask, other: Ask) -> bool:
    """Whether they have a cell in common."""
    return bool(set(one.assets) & set(other.assets)) and any(
        day in other.days and one.digests.get(day, "") == other.digests.get(day, "") for day in one.days
    )


def within(one: Ask, other: Ask) -> bool:
    """Whether the first is a part of the second, or an older saying of it."""
    return (
        set(one.assets) <= set(other.assets)
        and one.days.first >= other.days.first
        and one.days.last <= other.days.last
        and one.reason == other.reason
    )
