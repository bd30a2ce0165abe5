"""The competitors: how each is started, where its tables are, and which totals it must get right."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.competitors.parameters import SCHEMA, Parameters
from benchmarks.totals import DLT, FACTS, RAW

OURS = "ai_usage_assets.definitions"
STOCK = "benchmarks.competitors.stock"
EMPTY = "benchmarks.competitors.empty"
PYTHON = sys.executable


@dataclass(frozen=True)
class Competitor:
    description: str
    command: Callable[[Parameters], list[str]]
    totals: dict[str, str] = field(default_factory=dict)
    """The queries whose results must equal the expected totals. Empty if it has no tables."""
    schema: str = SCHEMA
    records: str = ""
    """Dagster's storage: shipped, bare or postgres."""
    newest_days: int = 0
    """How many of the newest days it loads; 0 means all."""
    module: str = ""


def program(name: str, *more: str) -> Callable[[Parameters], list[str]]:
    return lambda parameters: [
        PYTHON,
        "-m",
        f"benchmarks.competitors.{name}",
        parameters.as_argument(),
        *more,
    ]


def materialize(module: str) -> Callable[[Parameters], list[str]]:
    """The command that a user enters, for a range or for one day."""

    def command(parameters: Parameters) -> list[str]:
        one = parameters.first == parameters.last
        days = (
            ["--partition", parameters.first]
            if one
            else ["--partition-range", f"{parameters.first}...{parameters.last}"]
        )
        return [PYTHON, "-m", "dagster", "asset", "materialize", "-m", module, "--select", "*", *days]

    return command


def statement(text: str) -> Callable[[Parameters], list[str]]:
    return lambda _: [PYTHON, "-c", text]


ALL = {**RAW, **FACTS}

COMPETITORS = {
    "fetching": Competitor(
        "the floor's requests, sent again; the responses are discarded", program("fetching")
    ),
    "floor": Competitor("plain httpx, msgspec, one bulk load per table, the same SQL", program("floor"), ALL),
    "data-plane": Competitor("the product without Dagster's event records", program("data_plane"), ALL),
    "ours": Competitor(
        "dagster asset materialize, records in sqlite", materialize(OURS), ALL, records="shipped"
    ),
    "ours-stock-records": Competitor(
        "the same, with an empty dagster.yaml", materialize(OURS), ALL, records="bare"
    ),
    "ours-postgres": Competitor("the same, records in Postgres", materialize(OURS), ALL, records="postgres"),
    "dlt": Competitor("dlt, its default loader; raw tables only", program("dlt_peer"), DLT),
    "dlt-parquet": Competitor(
        "dlt, the parquet loader; raw tables only", program("dlt_peer", "parquet"), DLT
    ),
    "stock-range": Competitor(
        "DuckDBPandasIOManager, one range run", materialize(STOCK), ALL, records="bare"
    ),
    "stock-daily": Competitor(
        "DuckDBPandasIOManager, one run per day, five days",
        program("stock_daily"),
        ALL,
        records="bare",
        newest_days=5,
    ),
    "ours-daily": Competitor(
        "one day of all assets", materialize(OURS), ALL, records="shipped", newest_days=1
    ),
    "empty-daily": Competitor(
        "the same number of steps, all empty", materialize(EMPTY), records="shipped", newest_days=1
    ),
    "import-dagster": Competitor("import dagster", statement("import dagster")),
    "definitions-load": Competitor("import ai_usage_assets.definitions", statement(f"import {OURS}")),
    "sensor-tick": Competitor("one tick of every sensor", program("sensor_tick"), records="shipped"),
    "ui-ours": Competitor(
        "dagster dev until its first response", program("ui"), records="shipped", module=OURS
    ),
    "ui-empty": Competitor("the same with empty assets", program("ui"), records="shipped", module=EMPTY),
}
