"""Estimates for a company of 100,000 people: the capacity of each part, and a simulation of rate limits and run queue.

Volumes per person and day are those of the sandbox in late 2026. CPU per row is measured and rounded. None of this was
run against a vendor.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from benchmarks.lower_bound import MINUTE

PEOPLE = 100_000
EVENTS_A_PERSON = 14.3
CODE_RECORDS_A_PERSON = 0.94
USAGE_ROWS_A_PERSON = 1.35
"""Per day, from the sandbox's company of 5,000 people."""
USAGE_ROW_BYTES = 450
EVENT_BYTES_IN_PARQUET = 80
EVENT_HASH_BYTES = 100
"""A dictionary's entry with a hash and a count."""
LOADS_A_DAY, FILE_BYTES = 1_500, 32 * 1024**2
"""BigQuery's limit of load jobs for a table, and the size at which a file is complete."""
PAGE = 1000
EVENT_LIMIT, GENERAL_LIMIT = 60, 20
LATENCY = 0.3
CPU_A_PAGE = 0.03
"""Seconds to parse, build and stage 1,000 events."""
MEMORY_GIB = 1.0
CALL_SECONDS = 90
MIB, GIB = 1024**2, 1024**3


@dataclass
class Limit:
    """The rate limit of one key, over a sliding minute."""

    per_minute: int
    started: deque[float] = field(default_factory=deque)

    def slot(self, ready: float) -> float:
        """Reserve a slot: when a request that is ready may start."""
        full = len(self.started) == self.per_minute
        start = max(ready, self.started.popleft() + MINUTE) if full else ready
        self.started.append(start)
        return start


def drain(pages: list[int], workers: int, keys: int) -> float:
    """Seconds until a queue of runs is done. A run has a number of pages, and a key with a rate limit of its own.

    A worker takes the next run when it has finished one, and requests page after page.
    """
    limits = [Limit(EVENT_LIMIT) for _ in range(keys)]
    waiting = deque(enumerate(pages))
    busy: list[tuple[float, int, int, int]] = []
    for worker in range(min(workers, len(waiting))):
        number, left = waiting.popleft()
        busy.append((0.0, worker, number % keys, left))
    heapify(busy)
    ended = 0.0
    while busy:
        ready, worker, key, left = heappop(busy)
        if not left:
            ended = max(ended, ready)
            if not waiting:
                continue
            number, left = waiting.popleft()
            key = number % keys
        done = limits[key].slot(ready) + LATENCY + CPU_A_PAGE
        heappush(busy, (done, worker, key, left - 1))
    return ended


def pages_of(days: int, people: int = PEOPLE) -> int:
    return math.ceil(days * people * EVENTS_A_PERSON / PAGE)


def spread(days: int, keys: int, people: int = PEOPLE) -> list[int]:
    """A backfill as runs of ten days, one run for the people of each key."""
    return [pages_of(10, people // keys) for _ in range(math.ceil(days / 10)) for _ in range(keys)]


def queue_table(days: int = 365) -> list[dict[str, str]]:
    """How long a year of Cursor's events takes, by workers and by keys. Each key is a team with its own limit."""
    rows = []
    for workers, keys in ((1, 1), (8, 1), (1, 8), (8, 8), (32, 32)):
        seconds = drain(spread(days, keys), workers, keys)
        rows.append(
            {
                "workers": str(workers),
                "keys with a limit of their own": str(keys),
                f"hours for {days} days": f"{seconds / 3600:,.1f}",
                "minutes for a day": f"{drain(spread_day(keys), workers, keys) / 60:,.1f}",
            }
        )
    return rows


def spread_day(keys: int) -> list[int]:
    return [pages_of(1, PEOPLE // keys)] * keys


def breaks_table() -> list[dict[str, str]]:
    """Each part: how many people it supports as it is, and what the design offers for more."""
    report_bytes = USAGE_ROWS_A_PERSON * USAGE_ROW_BYTES * 31
    parts = [
        (
            "Anthropic's usage report: 31 days in one response",
            CALL_SECONDS * 10 * MIB / report_bytes,
            "one response of more than 1 GB, in 90 s at 10 MiB/s",
            "request fewer days at a time, and one workspace at a time (`workspace_ids[]`); the rows add up to the same day",
        ),
        (
            "one process: the numbers of a day's equal events in memory",
            MEMORY_GIB * GIB / (EVENTS_A_PERSON * EVENT_HASH_BYTES),
            f"more than {MEMORY_GIB:.0f} GiB for one day",
            "answers of over a million records are requested by fewer days; rows beyond 250,000 are in files; run launchers spread a range",
        ),
        (
            "Cursor's 60 requests a minute: a day within its day",
            24 * 60 * EVENT_LIMIT * PAGE / EVENTS_A_PERSON,
            "requesting a day of events takes longer than a day",
            "one key cannot go faster; use one team and key per part of the company, each with its own limit",
        ),
        (
            "Cursor's 60 requests a minute: two years within a week",
            7 * 24 * 60 * EVENT_LIMIT * PAGE / (730 * EVENTS_A_PERSON),
            "the first backfill takes longer than a week",
            "start with the newest days; use one key per team",
        ),
        (
            "Cursor's daily rows: 20 requests a minute, within an hour",
            60 * GENERAL_LIMIT * PAGE,
            "a window of up to 30 days takes longer than an hour",
            "a window costs the same for 1 day and for 30, so backfills request whole windows",
        ),
        (
            "Claude Code: pages of a day in sequence, within an hour",
            3600 / LATENCY * PAGE / CODE_RECORDS_A_PERSON,
            "each page of a day needs the cursor of the page before it",
            "request several days at the same time (eight today)",
        ),
        (
            "Dagster's event storage",
            math.inf,
            "two events per asset and day, for any number of people",
            "use Postgres for more than one machine; SQLite with batched writes for one",
        ),
        (
            "BigQuery: statements per table",
            math.inf,
            "MERGE does not count against the limit of table modifications; two concurrent ones are queued",
            "pool limits of one writer per table",
        ),
        (
            "BigQuery: loading a chunk",
            LOADS_A_DAY * FILE_BYTES / (EVENTS_A_PERSON * EVENT_BYTES_IN_PARQUET),
            "the files of one day are more than the load jobs of a table and day",
            "files of 32 MiB, each with its own load job into one staging table, then one MERGE; larger files need fewer jobs",
        ),
    ]
    return [
        {
            "part": part,
            "people it supports": "any number" if math.isinf(people) else f"{people:,.0f}",
            "limit": limit,
            "what the design does": fix,
        }
        for part, people, limit, fix in sorted(parts, key=lambda row: row[1])
    ]


def main() -> None:
    for row in (*breaks_table(), *queue_table()):
        print("; ".join(f"{name}: {value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
