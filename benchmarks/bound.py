"""What latency and limits alone dictate: no parsing, no loading, nothing but waiting for answers.

Endpoints and vendors overlap each other; within an endpoint at most `at_once` requests are under way, and of any
`per_minute` + 1 in a row the last starts a minute after the first.
"""

from collections.abc import Mapping
from heapq import heapreplace

from benchmarks.feed import PATH as EVENTS
from benchmarks.server import CURSOR, CURSOR_PER_MINUTE, PER_MINUTE
from benchmarks.work import Work

MINUTE = 60.0
AT_ONCE = 8
"""Of one endpoint: as many as the product asks Claude Code's days at once. Anthropic publishes no number."""


def per_minute(path: str) -> int | None:
    return PER_MINUTE.get(path, CURSOR_PER_MINUTE) if path.startswith(CURSOR) else None


def finished(requests: int, latency: float, limit: int | None, at_once: int = AT_ONCE) -> float:
    """Seconds until the last of an endpoint's answers is there.

    >>> finished(8, 0.5, None), finished(9, 0.5, None), finished(61, 0.5, 60, at_once=60)
    (0.5, 1.0, 60.5)
    """
    lanes = [0.0] * at_once
    started: list[float] = []
    for number in range(requests):
        start = lanes[0]
        if limit and number >= limit:
            start = max(start, started[number - limit] + MINUTE)
        started.append(start)
        heapreplace(lanes, start + latency)
    return max(lanes) if requests else 0.0


def bound(work: Work, requests: Mapping[str, int], at_once: int = AT_ONCE) -> float:
    """Seconds below which no program can answer for these requests."""
    latency = work.latency_ms / 1000
    return max(
        (
            finished(count, latency, per_minute(path) if work.limits else None, at_once)
            for path, count in requests.items()
        ),
        default=0.0,
    )


def fewest(days: int, people: int, events_a_day: int) -> dict[str, int]:
    """The fewest requests that the vendors' documented windows and pages allow, registers aside."""
    windows = [min(30, days - first) for first in range(0, days, 30)]
    return {
        # by key, and by account
        "/v1/organizations/usage_report/messages": 2 * -(-days // 31),
        "/v1/organizations/cost_report": -(-days // 31),
        "/v1/organizations/usage_report/claude_code": days * max(1, -(-people // 1000)),
        "/teams/daily-usage-data": len(windows) * max(1, -(-people // 1000)),
        EVENTS: sum(max(1, -(-events_a_day * window // 1000)) for window in windows),
    }
