"""How many rows and logical bytes a day of a company is, table by table: the sandbox's days, measured in DuckDB.

A week is landed, a size of company once. The bytes are BigQuery's own (8 for a number or a time, 16 for a NUMERIC, 2 and the UTF-8 bytes for a text), by the
statement that the product's audit uses.
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.resources import Settings
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.dialect import to_duckdb
from ai_usage_assets.warehouse.sql import logical_bytes
from benchmarks import homes
from benchmarks.contestants import data_plane
from benchmarks.contestants.given import SCHEMA, Given
from benchmarks.recording import HOME
from benchmarks.sampling import given_for, record
from benchmarks.serving import serving
from benchmarks.work import START_DATE, Work

RECORDING_SECONDS = 1800.0
DAYS = 7
"""A week, so that its weekend counts."""


@dataclass(frozen=True)
class Size:
    """Of a partitioned table per day, of another as a whole."""

    rows: float
    bytes: float


def sizes(people: int) -> dict[str, Size]:
    """Measured once a size of company, and kept beside the samples."""
    kept = HOME / f"sizes-{people}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        made = {name: asdict(size) for name, size in _landed(people).items()}
        kept.write_text(json.dumps(made, indent=1), encoding="utf-8")
    return {name: Size(**size) for name, size in json.loads(kept.read_text(encoding="utf-8")).items()}


def _landed(people: int) -> dict[str, Size]:
    work = Work(DAYS, people)
    record(work, RECORDING_SECONDS)
    with serving(work) as served, tempfile.TemporaryDirectory(dir=HOME) as name:
        folder = Path(name).absolute()
        homes.prepare(folder, work, "bare")
        given = given_for(work, work.window, served.url, folder)
        os.environ.update(given.environment(START_DATE))
        settings = Settings.from_env()
        data_plane.run(given, settings, build_defs(settings))
        return {table.name: _size(given, table) for table in TABLES if table.layer is not Layer.VIEW}


def _size(given: Given, table: Table) -> Size:
    measured = " + ".join(logical_bytes(column) for column in table.columns)
    query = to_duckdb(f"select count(*) as n, coalesce(sum({measured}), 0) as b from `{table.name}`")
    with duckdb.connect(str(given.database)) as connection:
        connection.execute(f"set search_path = '{SCHEMA}'")
        row = connection.execute(query).fetchone()
    assert row is not None
    days = DAYS if table.partition else 1
    return Size(row[0] / days, float(row[1]) / days)
