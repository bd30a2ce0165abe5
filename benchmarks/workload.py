"""A workload to measure: the number of days, the size of the company, and how the vendors behave."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ai_usage_assets.days import Days

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The vendors' clock is stopped, so that every competitor gets the same responses at any time."""
LAST_DAY = date(2026, 11, 19)


@dataclass(frozen=True, order=True)
class Workload:
    days: int = 30
    people: int = 25
    latency_ms: int = 0
    """Delay of each response, in milliseconds."""
    limits: bool = False
    """Whether Cursor's documented rate limits apply."""
    events: int = 0
    """If not 0, Cursor has this many generated events, spread evenly over the days."""

    @property
    def window(self) -> Days:
        return Days(LAST_DAY - timedelta(days=self.days - 1), LAST_DAY)

    def __str__(self) -> str:
        parts = [f"{self.days} days", f"{self.people:,} people"]
        parts += [f"{self.latency_ms} ms latency"] if self.latency_ms else []
        parts += ["Cursor's rate limits"] if self.limits else []
        parts += [f"{self.events:,} events"] if self.events else []
        return ", ".join(parts)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Round:
    """Competitors that run in turn on one workload: A B C, A B C."""

    work: Workload
    competitors: tuple[str, ...]
    repeats: int


YEAR, MONTH, TWO_YEARS = Workload(365), Workload(30), Workload(730)
PAGE = Workload(80, people=500)
"""From the first day of the month before the page's month."""
WAITING = Workload(365, latency_ms=300, limits=True)
MANY_EVENTS = Workload(400, events=10_000_000)
COMPARED = ("floor", "data-plane", "ours", "ours-fetch", "dlt-parquet", "dlt-dbt", "stock-range")
STARTS = ("start-floor", "start-dlt", "start-dbt", "start-stock", "import-dagster", "definitions-load")

QUICK = (
    Round(Workload(7), COMPARED, 1),
    Round(Workload(7), (*STARTS, "empty-daily", "ours-daily"), 1),
    Round(Workload(80, people=25), ("page", "start-page"), 1),
)

FULL = (
    Round(MONTH, (*COMPARED, "dlt"), 3),
    Round(MONTH, (*STARTS, "empty-daily", "ours-daily"), 3),
    Round(YEAR, COMPARED, 3),
    Round(YEAR, ("dlt", "ours-stock-records", "ours-postgres"), 1),
    Round(TWO_YEARS, ("floor", "data-plane", "ours"), 3),
    Round(PAGE, ("page", "start-page"), 3),
    Round(WAITING, ("data-plane",), 1),
    Round(MANY_EVENTS, ("data-plane",), 1),
)
"""The rounds of `make bench`."""
