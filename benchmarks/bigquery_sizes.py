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
from ai_usage_assets.warehouse.dialect import to_duckdb
from ai_usage_assets.warehouse.sql import logical_bytes
from benchmarks import instances
from benchmarks.competitors import data_plane
from benchmarks.competitors.parameters import SCHEMA, Parameters
from benchmarks.recording import HOME
from benchmarks.running_server import running_server
from benchmarks.sampling import parameters_for, record
from benchmarks.workload import START_DATE, Workload

RECORDING_SECONDS = 1800.0
DAYS = 7
"""One week, so that a weekend is included."""


@dataclass(frozen=True)
class Size:
    """The size of one day of a partitioned table, or of a whole table that is not partitioned."""

    rows: float
    bytes: float


def sizes(people: int) -> dict[str, Size]:
    """Measured once for each size of company, and stored beside the samples."""
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
        os.environ.update(parameters.environment(START_DATE))
        settings = Settings.from_env()
        data_plane.run(parameters, settings, build_defs(settings))
        return {table.name: _size(parameters, table) for table in TABLES if table.layer is not Layer.VIEW}


def _size(parameters: Parameters, table: Table) -> Size:
    measured = " + ".join(logical_bytes(column) for column in table.columns)
    query = to_duckdb(f"select count(*) as n, coalesce(sum({measured}), 0) as b from `{table.name}`")
    with duckdb.connect(str(parameters.database)) as connection:
        connection.execute(f"set search_path = '{SCHEMA}'")
        row = connection.execute(query).fetchone()
    assert row is not None
    days = DAYS if table.partition else 1
    return Size(row[0] / days, float(row[1]) / days)
