"""The engines of the tests: a new DuckDB file, a new dataset on BigQuery's emulator, and BigQuery (`live/`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_tests.support.live.project import LIVE_PROJECT, temporary_dataset

ON_PROJECT = [pytest.param("live", marks=pytest.mark.live)] if LIVE_PROJECT else []
ON_BIGQUERY = [
    pytest.param("bigquery", marks=[pytest.mark.emulator, pytest.mark.live_emulated]),
    *ON_PROJECT,
]
"""The tests of the live suite."""
ENGINES = ["duckdb", *ON_BIGQUERY]


def without_emulator(fixture: str = "engine") -> pytest.MarkDecorator:
    """For tests of the rows that a statement gives: the emulator runs it on DuckDB too, and one test of it is enough there."""
    return pytest.mark.parametrize(fixture, ["duckdb", *ON_PROJECT], indirect=True)


def engine_of(request: pytest.FixtureRequest, folder: Path) -> Engine:
    """The engine that the fixture's parameter names, without tables."""
    if request.param == "duckdb":
        return DuckDBEngine(folder / "ai_usage.duckdb")
    if request.param == "live":
        live: BigQueryEngine = request.getfixturevalue("live")
        return live
    return emulated(request.getfixturevalue("emulator"))


def emulated(emulator: str) -> BigQueryEngine:
    """A dataset of its own on the emulator, which exists already."""
    engine = BigQueryEngine("local", f"ai_usage_{uuid4().hex[:12]}", emulator_host=emulator)
    with engine.session() as session:
        session.execute("select 1")
    return engine


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    return engine_of(request, tmp_path)


@contextmanager
def made_once(request: pytest.FixtureRequest, folder: Path) -> Iterator[Engine]:
    """The same for a fixture of several tests."""
    if request.param == "live":
        with temporary_dataset(request.getfixturevalue("live_client")) as live:
            yield live
    else:
        yield engine_of(request, folder)


@pytest.fixture(scope="module", params=ENGINES)
def shared_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One engine for all tests of a file. Each test deletes the rows that it wrote."""
    with made_once(request, tmp_path_factory.mktemp("shared")) as engine:
        yield engine
