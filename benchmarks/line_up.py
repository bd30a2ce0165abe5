"""The contestants: how each is started, where its tables lie, and which sums it has to get right."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.contestants.given import SCHEMA, Given
from benchmarks.truth import DLT, FACTS, RAW

OURS = "ai_usage_assets.definitions"
STOCK = "benchmarks.contestants.stock"
EMPTY = "benchmarks.contestants.empty"
PYTHON = sys.executable


@dataclass(frozen=True)
class Contestant:
    says: str
    command: Callable[[Given], list[str]]
    sums: dict[str, str] = field(default_factory=dict)
    """What is read of its tables and must be true; none if it has no tables."""
    schema: str = SCHEMA
    records: str = ""
    """Dagster's storage: shipped, bare or postgres."""
    newest_days: int = 0
    """Only so many of the newest days; 0 is all."""
    module: str = ""


def program(name: str, *more: str) -> Callable[[Given], list[str]]:
    return lambda given: [PYTHON, "-m", f"benchmarks.contestants.{name}", given.as_argument(), *more]


def materialise(module: str) -> Callable[[Given], list[str]]:
    """What a person types, for the range or the day."""

    def command(given: Given) -> list[str]:
        one = given.first == given.last
        days = ["--partition", given.first] if one else ["--partition-range", f"{given.first}...{given.last}"]
        return [PYTHON, "-m", "dagster", "asset", "materialize", "-m", module, "--select", "*", *days]

    return command


def statement(text: str) -> Callable[[Given], list[str]]:
    return lambda _: [PYTHON, "-c", text]


ALL = {**RAW, **FACTS}

LINE_UP = {
    "fetching": Contestant("the floor's requests sent again, the answers thrown away", program("fetching")),
    "floor": Contestant("bare httpx, msgspec, one bulk load a table, the same SQL", program("floor"), ALL),
    "data-plane": Contestant("the product without Dagster's records", program("data_plane"), ALL),
    "ours": Contestant(
        "dagster asset materialize, records in sqlite", materialise(OURS), ALL, records="shipped"
    ),
    "ours-stock-records": Contestant(
        "the same in a bare DAGSTER_HOME", materialise(OURS), ALL, records="bare"
    ),
    "ours-postgres": Contestant("the same, records in Postgres", materialise(OURS), ALL, records="postgres"),
    "dlt": Contestant("dlt, its default loader; raw tables only", program("dlt_peer"), DLT),
    "dlt-parquet": Contestant(
        "dlt, the parquet loader; raw tables only", program("dlt_peer", "parquet"), DLT
    ),
    "stock-range": Contestant(
        "DuckDBPandasIOManager, one range run", materialise(STOCK), ALL, records="bare"
    ),
    "stock-daily": Contestant(
        "DuckDBPandasIOManager, a run a day, five days",
        program("stock_daily"),
        ALL,
        records="bare",
        newest_days=5,
    ),
    "ours-daily": Contestant("a day of all assets", materialise(OURS), ALL, records="shipped", newest_days=1),
    "empty-daily": Contestant(
        "as many steps with nothing in them", materialise(EMPTY), records="shipped", newest_days=1
    ),
    "import-dagster": Contestant("import dagster", statement("import dagster")),
    "definitions-load": Contestant("import ai_usage_assets.definitions", statement(f"import {OURS}")),
    "sensor-tick": Contestant("one tick of every sensor", program("sensor_tick"), records="shipped"),
    "ui-ours": Contestant("dagster dev until it answers", program("ui"), records="shipped", module=OURS),
    "ui-empty": Contestant("the same with empty assets", program("ui"), records="shipped", module=EMPTY),
}
