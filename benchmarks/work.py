"""A piece of work to be measured: how many days of how large a company, and how the vendors behave meanwhile."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ai_usage_assets.days import Days

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The vendors' clock stands still, so that every contestant is answered alike, today and in a year."""
LAST_DAY = date(2026, 11, 19)
START_DATE = date(2024, 11, 1)


@dataclass(frozen=True, order=True)
class Work:
    days: int = 30
    people: int = 25
    latency_ms: int = 0
    """What each answer is held back by."""
    limits: bool = False
    """Whether Cursor's documented limits are in force."""
    events: int = 0
    """If not 0, Cursor answers with so many made-up events, spread evenly over the days."""

    @property
    def window(self) -> Days:
        return Days(LAST_DAY - timedelta(days=self.days - 1), LAST_DAY)

    def __str__(self) -> str:
        said = [f"{self.days} days", f"{self.people:,} people"]
        said += [f"answers after {self.latency_ms} ms"] if self.latency_ms else []
        said += ["Cursor's limits"] if self.limits else []
        said += [f"{self.events:,} events"] if self.events else []
        return ", ".join(said)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Round:
    """Contestants that take turns at one piece of work: A B C, A B C."""

    work: Work
    contestants: tuple[str, ...]
    repeats: int


PEERS = ("dlt", "dlt-parquet", "stock-range")
RECORDS = ("ours-stock-records", "ours-postgres")
OVERHEAD = ("empty-daily", "ours-daily", "import-dagster", "definitions-load", "sensor-tick")
UI = ("ui-empty", "ui-ours")
ACCESS = ("floor", "data-plane")

QUICK = (
    Round(Work(7, 25), (*ACCESS, "ours", *PEERS, "stock-daily"), 1),
    Round(Work(7, 25), ("import-dagster", "definitions-load", "empty-daily", "ours-daily"), 2),
)

FULL = (
    Round(Work(30, 25), (*ACCESS, "ours", *PEERS), 3),
    Round(Work(30, 25), (*OVERHEAD, *UI), 3),
    Round(Work(365, 25), (*ACCESS, "ours", "dlt-parquet"), 3),
    Round(Work(365, 25), ("dlt", "stock-range", "stock-daily", *RECORDS), 1),
    Round(Work(730, 25), (*ACCESS, "ours"), 3),
    Round(Work(30, 500), (*ACCESS, "ours", "dlt-parquet"), 1),
    Round(Work(30, 5000), ACCESS, 1),
    Round(Work(30, 25, latency_ms=300), ("data-plane", "ours"), 1),
    Round(Work(365, 25, latency_ms=300, limits=True), ("data-plane",), 1),
    Round(Work(400, 25, events=100_000), ACCESS, 1),
    Round(Work(400, 25, events=1_000_000), ACCESS, 1),
    Round(Work(400, 25, events=10_000_000), ("data-plane",), 1),
)
"""What `make bench` runs."""
