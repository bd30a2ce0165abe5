"""The competitors: how each is started, where its tables are, and which totals it must get right."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.competitors.parameters import Parameters
from benchmarks.dbt import project
from benchmarks.totals import DLT, FACTS, RAW

OURS = "ai_usage_assets.definitions"
STOCK = "benchmarks.competitors.stock"
EMPTY = "benchmarks.competitors.empty"
PAGE = "import ai_usage_assets.cli.main, ai_usage_assets.defs.resources, ai_usage_assets.report.page"
PAGE_MONTH = "2026-10"
PYTHON = Path(sys.executable)

Command = Callable[[Parameters], list[str]]


@dataclass(frozen=True)
class Competitor:
    description: str
    command: Command
    totals: dict[str, str] = field(default_factory=dict)
    """The queries whose results must equal the expected totals. Empty if it has no tables."""
    records: str = ""
    """Dagster's storage: shipped, bare or postgres."""
    newest_days: int = 0
    """How many of the newest days it loads; 0 means all."""
    prepare: Callable[[Parameters], None] | None = None
    """What a user has done before, and is not measured."""


def program(name: str, *more: str) -> Command:
    return lambda parameters: [
        str(PYTHON),
        "-m",
        f"benchmarks.competitors.{name}",
        parameters.as_argument(),
        *more,
    ]


def materialize(module: str) -> Command:
    """Dagster's command for a range or for one day."""

    def command(parameters: Parameters) -> list[str]:
        one = parameters.first == parameters.last
        days = (
            ["--partition", parameters.first]
            if one
            else ["--partition-range", f"{parameters.first}...{parameters.last}"]
        )
        return [str(PYTHON), "-m", "dagster", "asset", "materialize", "-m", module, "--select", "*", *days]

    return command


def fetch(parameters: Parameters) -> list[str]:
    """The product's own command for days."""
    return ai_usage("fetch", "--from", parameters.first, "--to", parameters.last)


def ai_usage(*arguments: str) -> list[str]:
    return [str(PYTHON.with_name("ai-usage")), *arguments]


def load(parameters: Parameters) -> None:
    """Load the days that a page reads.

    Raises:
        CalledProcessError: the days could not be loaded.
    """
    env = {**os.environ, **parameters.environment()}
    subprocess.run(fetch(parameters), env=env, cwd=parameters.home, capture_output=True, check=True)


def write_project(parameters: Parameters) -> None:
    project.write(project.folder(parameters), parameters)


def statement(text: str) -> Command:
    return lambda _: [str(PYTHON), "-c", text]


ALL = {**RAW, **FACTS}

COMPETITORS = {
    "floor": Competitor("plain httpx, msgspec, one bulk load per table, the same SQL", program("floor"), ALL),
    "data-plane": Competitor("the product without Dagster's event records", program("data_plane"), ALL),
    "ours": Competitor("`dagster asset materialize --select '*'`", materialize(OURS), ALL, records="shipped"),
    "ours-fetch": Competitor("`ai-usage fetch`", fetch, ALL, records="shipped"),
    "ours-stock-records": Competitor(
        "`ours` with an empty dagster.yaml", materialize(OURS), ALL, records="bare"
    ),
    "ours-postgres": Competitor(
        "`ours` with records in Postgres", materialize(OURS), ALL, records="postgres"
    ),
    "dlt-dbt": Competitor(
        "dlt's parquet loader, then `dbt build`: our tables and checks",
        program("dlt_dbt"),
        ALL,
        prepare=write_project,
    ),
    "dlt-parquet": Competitor("dlt's parquet loader alone: raw tables", program("dlt_peer", "parquet"), DLT),
    "dlt": Competitor("dlt's default loader alone: raw tables", program("dlt_peer"), DLT),
    "stock-range": Competitor(
        "Dagster's DuckDBPandasIOManager, one range run", materialize(STOCK), ALL, records="bare"
    ),
    "ours-daily": Competitor(
        "one day of all assets", materialize(OURS), ALL, records="shipped", newest_days=1
    ),
    "empty-daily": Competitor(
        "the same number of steps, all empty", materialize(EMPTY), records="shipped", newest_days=1
    ),
    "import-dagster": Competitor("import dagster", statement("import dagster")),
    "definitions-load": Competitor("import ai_usage_assets.definitions", statement(f"import {OURS}")),
    "start-floor": Competitor("the floor's imports", statement("import benchmarks.competitors.floor")),
    "start-dlt": Competitor(
        "import dlt and its DuckDB destination", statement("import dlt; dlt.destinations.duckdb")
    ),
    "start-dbt": Competitor(
        "`dbt parse` of an empty project",
        lambda parameters: project.command("parse", project.folder(parameters)),
        prepare=lambda parameters: project.write_empty(project.folder(parameters), parameters),
    ),
    "start-stock": Competitor(
        "import dagster, pandas and the IO manager",
        statement("import dagster, pandas, dagster_duckdb_pandas"),
    ),
    "page": Competitor(
        "`ai-usage report` of a month", lambda _: ai_usage("report", "--month", PAGE_MONTH), prepare=load
    ),
    "start-page": Competitor("the imports of the same command", statement(PAGE)),
}
STARTS = {
    "floor": ("start-floor",),
    **dict.fromkeys(("data-plane", "ours", "ours-fetch"), ("definitions-load",)),
    **dict.fromkeys(("ours-stock-records", "ours-postgres"), ("definitions-load",)),
    "dlt-dbt": ("start-dlt", "start-dbt"),
    **dict.fromkeys(("dlt", "dlt-parquet"), ("start-dlt",)),
    "stock-range": ("start-stock",),
}
"""What a competitor's start-up consists of."""
