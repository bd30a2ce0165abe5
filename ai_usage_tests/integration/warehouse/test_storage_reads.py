"""Many rows are read by the Storage Read API, here a gRPC server on loopback; by REST if it may not be used."""

import logging
from collections.abc import Iterator
from uuid import uuid4

import grpc
import pyarrow as pa
import pytest

from ai_usage_assets.warehouse.bigquery import reads
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.bigquery.reads import Reader
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.engines import emulated
from ai_usage_tests.support.sample_tables import MONDAY, ONE, PLAYS, play, rows
from ai_usage_tests.support.storage_read_server import StorageReadServer, serving

COUNT = 300
SQL = "select day, song, plays, spent_usd, played_at from plays where day = DATE '2026-03-02' order by song"
GIVEN = rows(*(play(MONDAY, f"song {n:03}", None if n % 2 else n) for n in range(COUNT)))


@pytest.fixture(autouse=True)
def few_rows_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "REST_ROWS", COUNT - 1)
    reads.say_once.cache_clear()


@pytest.fixture(scope="module")
def stored(emulator: str) -> BigQueryEngine:
    engine = emulated(emulator)
    replace(engine, PLAYS, GIVEN, ONE(MONDAY), WriteContext(f"run-{uuid4().hex[:8]}", "plays"))
    return engine


@pytest.fixture
def server() -> Iterator[StorageReadServer]:
    # one song has another name, so that it shows where the rows come from
    songs = ["streamed", *GIVEN["song"].to_pylist()[1:]]
    wanted = ["day", "song", "plays", "spent_usd", "played_at"]
    with serving(GIVEN.set_column(1, "song", pa.array(songs)).select(wanted)) as server:
        server.batch_rows = 40
        yield server


@pytest.fixture
def engine(stored: BigQueryEngine, server: StorageReadServer) -> Iterator[BigQueryEngine]:
    stored._reader = Reader(server.open_client)
    yield stored
    stored._reader.close()


def read(engine: BigQueryEngine, sql: str = SQL) -> pa.Table:
    with engine.session() as session:
        return session.read(sql)


def test_many_rows_are_streamed(engine: BigQueryEngine, server: StorageReadServer) -> None:
    assert read(engine) == server.rows
    [session] = server.sessions
    assert session.parent == "projects/local"
    assert session.max_stream_count == 1
    read(engine)
    assert len(server.sessions) == 2


def test_both_ways_give_the_same_types(engine: BigQueryEngine, server: StorageReadServer) -> None:
    streamed = read(engine)
    engine._reader = Reader()
    by_rest = read(engine)
    assert streamed.schema.remove_metadata() == by_rest.schema.remove_metadata()
    assert streamed.slice(1) == by_rest.slice(1)


def test_few_rows_and_internal_reads_are_not_streamed(
    engine: BigQueryEngine, server: StorageReadServer
) -> None:
    assert read(engine, f"{SQL} limit 10").num_rows == 10
    with engine.session() as session:
        assert session.fetch(SQL).num_rows == COUNT
    assert not server.sessions


@pytest.mark.parametrize("status", [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNIMPLEMENTED])
def test_a_refusal_is_said_once_and_rows_come_by_rest(
    engine: BigQueryEngine,
    server: StorageReadServer,
    caplog: pytest.LogCaptureFixture,
    status: grpc.StatusCode,
) -> None:
    server.refusal = status
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert read(engine)["song"].to_pylist() == GIVEN["song"].to_pylist()
    [line] = [record.getMessage() for record in caplog.records if record.name == reads.__name__]
    assert "roles/bigquery.readSessionUser (bigquery.readsessions.create) on the project local" in line
    assert len(server.sessions) == 1


def test_an_emulator_has_no_storage_read_api(emulator: str) -> None:
    assert emulated(emulator)._reader._open_client() is None
