"""Rows and logical bytes per day of a company, for each table, measured in DuckDB with the sandbox's days.

One week is loaded for each size of company. The bytes are BigQuery's logical bytes: 8 for a number or a time, 16 for a
NUMERIC, and 2 plus the UTF-8 bytes for a text. The statement is the one that the product's audit uses.
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from ai_usage_assets.definitions import build_defs
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.sql import logical_bytes
from ai_usage_assets.warehouse.translations import to_duckdb
from benchmarks import instances
from benchmarks.competitors import data_plane
from benchmarks.competitors.parameters import SCHEMA, Parameters
from benchmarks.recording import HOME
from benchmarks.running_server import running_server
from benchmarks.sampling import parameters_for, record
from benchmarks.workload import Workload

RECORDING_SECONDS = 1800.0
MAX_MEASURED = 5_000
DAYS = 7
"""One week, so that a weekend is included."""


@dataclass(frozen=True)
class Size:
    """The size of one day of a partitioned table, or of a whole table that is not partitioned."""

    rows: float
    columns: dict[str, float]
    """Bytes by column: BigQuery bills only the columns that a statement names."""

    @property
    def bytes(self) -> float:
        return sum(self.columns.values())

    def __mul__(self, times: float) -> "Size":
        return Size(self.rows * times, {name: size * times for name, size in self.columns.items()})


def sizes(people: int) -> dict[str, Size]:
    """Measured once for each size of company, and stored beside the samples. Above MAX_MEASURED they are extrapolated."""
    if people > MAX_MEASURED:
        return {name: size * (people / MAX_MEASURED) for name, size in sizes(MAX_MEASURED).items()}
    path = HOME / f"sizes-{people}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        measured = {name: asdict(size) for name, size in _load(people).items()}
        path.write_text(json.dumps(measured, indent=1), encoding="utf-8")
    return {name: Size(**size) for name, size in json.loads(path.read_text(encoding="utf-8")).items()}


def _load(people: int) -> dict[str, Size]:
    work = Workload(DAYS, people)
    record(work, RECORDING_SECONDS)
    with running_server(work) as server, tempfile.TemporaryDirectory(dir=HOME) as name:
        folder = Path(name).absolute()
        instances.prepare(folder, work, "bare")
        parameters = parameters_for(work, work.window, server.url, folder)
        os.environ.update(parameters.environment())
        settings = Settings.from_env()
        data_plane.run(parameters, settings, build_defs(settings))
        return {table.name: _size(parameters, table) for table in TABLES if table.layer is not Layer.VIEW}


def _size(parameters: Parameters, table: Table) -> Size:
    measured = ", ".join(
        f"coalesce(sum({logical_bytes(column)}), 0) as `{column.name}`" for column in table.columns
    )
    query = to_duckdb(f"select count(*) as row_count, {measured} from `{table.name}`")
    days = DAYS if table.partition else 1
    with duckdb.connect(str(parameters.database)) as connection:
        connection.execute(f"set search_path = '{SCHEMA}'")
        try:
            found = connection.execute(query).fetchone()
        except duckdb.CatalogException:
            # the tables of the day that is not over are not in the samples; they are small
            found = None
    rows, *sums = found or [0] * (1 + len(table.columns))
    return Size(
        rows / days,
        {name: float(size) / days for name, size in zip(table.column_names, sums, strict=True)},
    )
