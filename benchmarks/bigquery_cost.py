"""What the warehouse costs on BigQuery, computed from table sizes and from the statements that a run sends.

Nothing is measured on the emulator, because it bills nothing. Prices are Google's on-demand list prices for the US
multi-region, from cloud.google.com/bigquery/pricing in 2026. The free terabyte a month is not subtracted.
"""

from dataclasses import dataclass

from ai_usage_assets.curated.select import select
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import BY_NAME, TABLES
from ai_usage_assets.sources.anthropic.claude_code import MAX_DAYS
from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
from ai_usage_assets.sources.cursor.client import CursorAdmin
from ai_usage_assets.warehouse.chunks import MAX_DAYS_PER_WRITE
from benchmarks.bigquery_sizes import Size, sizes
from benchmarks.workload import Workload

USD_PER_TIB = 6.25
USD_PER_GIB_MONTH = 0.02
"""Price of active logical storage."""
MIN_BILLED_BYTES = 10 * 1024**2
"""A query is billed for at least this, for each table that it reads."""
SLOT_SECONDS_PER_GIB = 30.0
"""An estimate: scans and aggregations read about 35 MB per slot and second."""
MIN_SLOT_SECONDS = 0.5
"""An estimate: what a statement takes that reads almost nothing."""
GIB, TIB = 1024**3, 1024**4


@dataclass(frozen=True)
class Bill:
    """What one run, or several runs together, are billed for."""

    jobs: int = 0
    scanned: float = 0.0
    """Bytes that the statements read."""
    billed: float = 0.0
    """The same, with the minimum that is billed per table."""
    slot_seconds: float = 0.0

    def __add__(self, other: "Bill") -> "Bill":
        return Bill(
            self.jobs + other.jobs,
            self.scanned + other.scanned,
            self.billed + other.billed,
            self.slot_seconds + other.slot_seconds,
        )

    def __mul__(self, times: int) -> "Bill":
        return Bill(
            self.jobs * times,
            self.scanned * times,
            self.billed * times,
            self.slot_seconds * times,
        )

    @property
    def usd(self) -> float:
        return self.billed / TIB * USD_PER_TIB


def statement(*tables: float) -> Bill:
    """One query job that reads this many bytes of each table."""
    read = sum(tables)
    slots = max(MIN_SLOT_SECONDS, read / GIB * SLOT_SECONDS_PER_GIB)
    return Bill(1, read, sum(max(size, MIN_BILLED_BYTES) for size in tables), slots)


LOAD = Bill(jobs=1)
"""A load job is free, and uses slots that are not billed."""


def days_per_write(table: Table) -> int:
    if table.layer is not Layer.RAW:
        return MAX_DAYS_PER_WRITE
    if table.name.startswith("raw_claude_code"):
        return MAX_DAYS
    return AnthropicAdmin.MAX_DAYS if table.vendor == "anthropic" else CursorAdmin.MAX_DAYS


def write(table: Table, size: dict[str, Size], days: int) -> Bill:
    """One write: stage, audit, publish. `days` is the length of the chunk."""
    if table.layer is Layer.VIEW:
        return Bill(jobs=1)
    own = size[table.name].bytes * (days if table.partition else 1)
    if table.layer is Layer.CURATED:
        read = [
            size[read.name].bytes * (days if read.partition else 1)
            for read in select(table).inputs
            if read.name in size
        ]
        staged = statement(*read)
    else:
        staged = LOAD
    audits = statement(own)
    # MERGE ... ON FALSE reads the staged rows and the window's old ones
    publish = statement(own, own)
    # the restatements of a fact come from a comparison with the published rows
    restatements = statement(own, own) if table.restated_measures else Bill()
    upserted = statement(own, own) if table.layer is Layer.SNAPSHOT else Bill()
    return staged + upserted + audits + restatements + publish


def run(size: dict[str, Size], days: int) -> Bill:
    """One run that writes every table once, for this many days."""
    total = Bill()
    for table in TABLES:
        if table.layer is Layer.WRITE_LOG:
            continue
        if not table.partition:
            total += write(table, size, days)
            continue
        for window in Workload(days).window.chunks(days_per_write(table)):
            total += write(table, size, len(window))
    return total


def stored(size: dict[str, Size], days: int) -> float:
    """Bytes that are stored after this many days."""
    return sum(of.bytes * (days if BY_NAME[name].partition else 1) for name, of in size.items())


def checks(size: dict[str, Size], days: int) -> Bill:
    """The checks after a run read each partitioned table once more."""
    return sum(
        (statement(size[table.name].bytes * days) for table in TABLES if table.partition), start=Bill()
    )


def table(companies: tuple[int, ...]) -> list[dict[str, str]]:
    """The rows of the cost table in docs/performance.md."""
    rows = []
    for people in companies:
        size = sizes(people)
        a_day = run(size, 1) + checks(size, 1)
        for period, days, bill in (
            ("a day", 1, a_day),
            ("a month, day by day", 30, a_day * 30),
            ("a two-year backfill", 730, run(size, 730) + checks(size, 730)),
        ):
            stored_bytes = stored(size, days)
            rows.append(
                {
                    "people": f"{people:,}",
                    "what": period,
                    "read": size_of(bill.scanned),
                    "billed": size_of(bill.billed),
                    "jobs": f"{bill.jobs:,}",
                    "slot-seconds (estimate)": f"{bill.slot_seconds:,.0f}",
                    "queries": f"${bill.usd:,.3f}",
                    "stored": size_of(stored_bytes),
                    "storage a month": f"${stored_bytes / GIB * USD_PER_GIB_MONTH:,.3f}",
                }
            )
    return rows


def pruning(people: int, days: int = 730) -> list[dict[str, str]]:
    """What three queries read of two years: the whole table, the partitions, and the blocks that clustering leaves."""
    size, fact = sizes(people), BY_NAME["fct_cost_daily"]
    whole = size[fact.name].bytes * days
    month = size[fact.name].bytes * 30
    one_person = month / max(1, people)
    rows = []
    for query, partitions, clustered in (
        ("a month's cost by department", month, month),
        ("a month's cost of one person on one platform", month, one_person),
        ("yesterday's cost by model", size[fact.name].bytes, size[fact.name].bytes),
    ):
        rows.append(
            {
                "query": query,
                "whole table": size_of(whole),
                "its partitions": size_of(partitions),
                f"clustered by {', '.join(fact.cluster)}, at best": size_of(clustered),
            }
        )
    return rows


def size_of(count: float) -> str:
    for unit, minimum in (("TiB", TIB), ("GiB", GIB), ("MiB", 1024**2), ("KiB", 1024)):
        if count >= minimum:
            return f"{count / minimum:,.1f} {unit}"
    return f"{count:,.0f} B"
