"""Each vendor asked cheaply: which closed days it has data for, and which published days it sums up otherwise now.

A day's answer is turned into rows by the very code that lands it, and summed like the metadata that it was published
with, so that both sides of the comparison mean the same.
"""

import hashlib
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.defs.freshness import LAG
from ai_usage_assets.defs.records import Publication
from ai_usage_assets.defs.sensors.availability.plan import contiguous
from ai_usage_assets.schema.model import INT64, Table
from ai_usage_assets.schema.tables.anthropic import RAW_ANTHROPIC_COST, RAW_ANTHROPIC_USAGE
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS, RAW_CURSOR_USAGE
from ai_usage_assets.sources.anthropic import rows as anthropic_rows
from ai_usage_assets.sources.cursor import rows as cursor_rows
from ai_usage_assets.sources.source import ANTHROPIC, CURSOR
from ai_usage_assets.warehouse.retention_guard import figures

if TYPE_CHECKING:
    import pyarrow as pa

    from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
    from ai_usage_assets.sources.cursor.client import CursorAdmin


FOUR_DECIMALS = Decimal("0.00005")
"""Money that differs by less is the same at four decimals."""
MOST_COUNTS = 12
"""Questions in search of the days whose number of events moved; what is left unsearched is read again whole."""
SEARCH_SECONDS = 20.0
"""A tick has sixty, and the answer after the last question may be slow."""
LANDED_AT = datetime(1970, 1, 1, tzinfo=UTC)
"""Rows of a probe land nowhere."""

Published: TypeAlias = Callable[[str], Mapping[date, Publication]]
"""By asset, what was recorded of the days that are compared."""
Totals: TypeAlias = Mapping[str, Decimal]
Digests: TypeAlias = dict[date, str]


@dataclass(frozen=True)
class Answer:
    """What one probe found out."""

    shown: frozenset[date]
    """The asked days that the vendor has data for."""
    moved: dict[str, Digests]
    """Of each table that was looked at, the published days that are others now, with a digest of what they are."""


Probe: TypeAlias = Callable[[Any, Days, Published, int], Answer]
"""Asks the client about some days; the number says how many probes were answered before."""


def anthropic(client: "AnthropicAdmin", days: Days, published: Published, turn: int) -> Answer:
    """One request: the tokens of each day, and every second time its cost.

    Where the cost moved the tokens are asked as well: if both did, one run reads both.
    """
    usage, cost = RAW_ANTHROPIC_USAGE, RAW_ANTHROPIC_COST
    said: dict[date, Totals] = {}
    found: dict[str, Digests] = {}
    if turn % 2:
        said = sums(cost, anthropic_rows.cost_rows(client.cost_report(days, groups=()), LANDED_AT))
        found[cost.name] = moved(cost, said, published(cost.name))
    if not turn % 2 or found[cost.name]:
        said = sums(usage, anthropic_rows.usage_rows(client.messages_usage(days, groups=()), LANDED_AT))
        found[usage.name] = moved(usage, said, published(usage.name))
    return Answer(shown(said), found)


def cursor(client: "CursorAdmin", days: Days, published: Published, turn: int) -> Answer:
    """Two requests, the activity of each day and the number of events of all; more if that number moved.

    What an event costs can move while their number stays; that is not to be had cheaply. A day that is not reported
    any more is not restated: it keeps its rows, and a run would not change them.
    """
    activity, events = RAW_CURSOR_USAGE, RAW_CURSOR_EVENTS
    said = sums(activity, cursor_rows.daily_usage_rows(client.daily_usage(days), LANDED_AT))
    counts = {day: p.rows for day, p in published(events.name).items() if p.rows is not None}
    gone = unreported(activity, said, published(activity.name))
    return Answer(
        shown(said),
        {
            activity.name: moved(activity, said, published(activity.name)),
            events.name: recounted(client.count_events, counts, patience(), gone),
        },
    )


def sums(table: Table, rows: "pa.Table") -> dict[date, Totals]:
    """The totals of each day that has rows; where the vendor's history is rolling, of each that has figures."""
    measures = [column.name for column in figures(table)] if table.has_rolling_history else []
    grouped = rows.group_by("ingest_date").aggregate(
        [*((name, "sum") for name in table.total_columns), *((name, "max") for name in measures)]
    )
    return {
        row["ingest_date"]: {name: Decimal(row[f"{name}_sum"] or 0) for name in table.total_columns}
        for row in grouped.to_pylist()
        if not measures or any(row[f"{name}_max"] for name in measures)
    }


def unreported(
    table: Table, said: Mapping[date, Totals], published: Mapping[date, Publication]
) -> frozenset[date]:
    """The days that were published with figures, and of which the vendor says nothing now."""
    return frozenset(
        day
        for day, publication in published.items()
        if day not in said and any(publication.totals.get(name) for name in table.total_columns)
    )


def shown(said: Mapping[date, Totals]) -> frozenset[date]:
    return frozenset(day for day, totals in said.items() if any(totals.values()))


def moved(table: Table, said: Mapping[date, Totals], published: Mapping[date, Publication]) -> Digests:
    """The days whose totals are not what was published; a day that the vendor leaves empty has zeros.

    Where the vendor's history is rolling, a day with rows that it leaves empty has not moved: it keeps them.
    """
    nothing = dict.fromkeys(table.total_columns, Decimal(0))
    return {
        day: digest(*said.get(day, nothing).values())
        for day, publication in published.items()
        if publication.rows is not None
        and not (table.has_rolling_history and publication.rows and day not in said)
        and any(
            differ(table, name, value, publication.totals.get(name, 0.0))
            for name, value in said.get(day, nothing).items()
        )
    }


def differ(table: Table, name: str, said: Decimal, published: float) -> bool:
    """Tokens exactly; money at four decimals, since its published sum is a float."""
    if table.by_name[name].type == INT64:
        return said != round(published)
    return abs(said - Decimal(published)) >= FOUR_DECIMALS


def digest(*values: object) -> str:
    return hashlib.sha256("|".join(str(value) for value in values).encode()).hexdigest()[:12]


def recounted(
    count: Callable[[Days], int],
    published: Mapping[date, int],
    patient: Callable[[], bool],
    gone: Collection[date] = (),
) -> Digests:
    """The days whose number of events is not the published one, found by halving; what is not searched counts whole.

    Days without an event now keep the rows that they were published with, and are not found. `gone` are days that are
    likely to be such: they are asked for by themselves, so that they do not make the others look different.
    """
    found: Digests = {}

    def search(days: Days, vendor: int) -> None:
        if vendor in {0, sum(published[day] for day in days)}:
            # a day that was published without events has none now either, or keeps the rows that it has
            return
        if len(days) == 1 or not patient():
            found.update({day: digest(days, vendor) for day in days})
            return
        left, right = divided(days, published, vendor)
        in_left = count(left)
        search(left, in_left)
        search(right, vendor - in_left)

    likely_gone = published.keys() & set(gone)
    for days in (*contiguous(published.keys() - likely_gone), *contiguous(likely_gone)):
        search(days, count(days))
    return found


def divided(days: Days, published: Mapping[date, int], vendor: int) -> tuple[Days, Days]:
    """Two parts: where the newer days alone have what the vendor counts, before them; else halves.

    A rolling history loses its oldest days, so that one more question tells them apart from the rest.
    """
    newer = 0
    for first in reversed(list(days)[1:]):
        newer += published[first]
        if newer >= vendor:
            break
    if newer == vendor:
        return Days(days.first, first - ONE_DAY), Days(first, days.last)
    left, right = days.chunks(-(-len(days) // 2))
    return left, right


def patience() -> Callable[[], bool]:
    """Whether another question may be asked: a bounded number of them, for a bounded time."""
    asked, ends = iter(range(MOST_COUNTS)), time.monotonic() + SEARCH_SECONDS
    return lambda: next(asked, None) is not None and time.monotonic() < ends


@dataclass(frozen=True)
class Watched:
    """How a vendor is looked at."""

    vendor: str
    title: str
    ask: Probe
    days: int
    """That one probe looks back."""
    every: timedelta
    told_after: timedelta
    """After its end, before a day is taken for whole."""
    empty_after: timedelta
    """After its end, before a day that has no data is taken for a quiet one: it is late, or nobody did anything."""
    leading: str
    """The asset whose days, when they move, are read again in all assets: the others are made of the same calls."""


WATCHED = (
    Watched(
        vendor="anthropic",
        title="Anthropic",
        ask=anthropic,
        days=ANTHROPIC.max_days,
        every=timedelta(minutes=15),
        # tokens and cost are told within minutes, Claude Code's records after an hour: one run for all of them
        told_after=timedelta(hours=1),
        empty_after=LAG["anthropic"],
        leading=RAW_ANTHROPIC_USAGE.name,
    ),
    Watched(
        vendor="cursor",
        title="Cursor",
        ask=cursor,
        days=CURSOR.max_days,
        # it sums up once an hour, and wants to be asked no more often
        every=timedelta(hours=1),
        told_after=timedelta(hours=1),
        empty_after=timedelta(hours=12),
        leading=RAW_CURSOR_USAGE.name,
    ),
)
