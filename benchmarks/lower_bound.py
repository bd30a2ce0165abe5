"""The time that latency and rate limits alone require: no parsing and no loading, only waiting for responses.

Endpoints and vendors run at the same time. Within an endpoint at most `concurrency` requests are in flight, and of any
`per_minute` + 1 consecutive requests the last starts a minute after the first.
"""

from collections.abc import Mapping
from heapq import heapreplace

from benchmarks.server import CURSOR, CURSOR_PER_MINUTE, PER_MINUTE
from benchmarks.workload import Workload

MINUTE = 60.0
CONCURRENCY = 8
"""Requests in flight per endpoint, as the product sends them for Claude Code's days. Anthropic publishes no number."""


def per_minute(path: str) -> int | None:
    return PER_MINUTE.get(path, CURSOR_PER_MINUTE) if path.startswith(CURSOR) else None


def seconds_until_done(
    requests: int, latency: float, limit: int | None, concurrency: int = CONCURRENCY
) -> float:
    """Seconds until the last response of an endpoint has arrived.

    >>> seconds_until_done(8, 0.5, None), seconds_until_done(9, 0.5, None), seconds_until_done(61, 0.5, 60, concurrency=60)
    (0.5, 1.0, 60.5)
    """
    lanes = [0.0] * concurrency
    started: list[float] = []
    for number in range(requests):
        start = lanes[0]
        if limit and number >= limit:
            start = max(start, started[number - limit] + MINUTE)
        started.append(start)
        heapreplace(lanes, start + latency)
    return max(lanes) if requests else 0.0


def lower_bound(work: Workload, requests: Mapping[str, int], concurrency: int = CONCURRENCY) -> float:
    """The fewest seconds in which any program can complete these requests."""
    latency = work.latency_ms / 1000
    return max(
        (
            seconds_until_done(count, latency, per_minute(path) if work.limits else None, concurrency)
            for path, count in requests.items()
        ),
        default=0.0,
    )
