"""A workload to measure: the number of days, the size of the company, and how the vendors behave."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ai_usage_assets.days import Days

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The vendors' clock is stopped, so that every competitor gets the same responses at any time."""
LAST_DAY = date(2026, 11, 19)
START_DATE = date(2024, 11, 1)


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


PEERS = ("dlt", "dlt-parquet", "stock-range")
RECORDS = ("ours-stock-records", "ours-postgres")
OVERHEAD = ("empty-daily", "ours-daily", "import-dagster", "definitions-load", "sensor-tick")
UI = ("ui-empty", "ui-ours")
ACCESS = ("floor", "data-plane")

QUICK = (
    Round(Workload(7, 25), (*ACCESS, "ours", *PEERS, "stock-daily"), 1),
    Round(Workload(7, 25), ("import-dagster", "definitions-load", "empty-daily", "ours-daily"), 2),
)

FULL = (
    Round(Workload(30, 25), (*ACCESS, "ours", *PEERS), 3),
    Round(Workload(30, 25), (*OVERHEAD, *UI), 3),
    Round(Workload(365, 25), (*ACCESS, "ours", "dlt-parquet"), 3),
    Round(Workload(365, 25), ("dlt", "stock-range", "stock-daily", *RECORDS), 1),
    Round(Workload(730, 25), (*ACCESS, "ours"), 3),
    Round(Workload(30, 500), (*ACCESS, "ours", "dlt-parquet"), 1),
    Round(Workload(30, 5000), ACCESS, 1),
    Round(Workload(30, 25, latency_ms=300), ("data-plane", "ours"), 1),
    Round(Workload(365, 25, latency_ms=300, limits=True), ("data-plane",), 1),
    Round(Workload(400, 25, events=100_000), ACCESS, 1),
    Round(Workload(400, 25, events=1_000_000), ACCESS, 1),
    Round(Workload(400, 25, events=10_000_000), ("data-plane",), 1),
)
"""The rounds of `make bench`."""
