"""Rows in several files reach the table once, whatever happens to an upload on its way."""

import time
from collections.abc import Iterator
from uuid import uuid4

import pyarrow as pa
import pytest

from ai_usage_assets import spool
from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.spool import SpooledRows
from ai_usage_assets.warehouse.bigquery import uploads
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.bigquery.jobs import Timeouts
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.errors import WarehouseUnavailableError
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.bigquery_answers import SoonGivenUp
from ai_usage_tests.support.emulator.proxy import MAX_SECONDS, Fault, Proxy, in_front_of
from ai_usage_tests.support.sample_tables import MONDAY, ONE, PLAYS, play, rows

START, BYTES = r"POST /upload/", r"PUT /upload/"
SONGS = 250


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three files, each sent by a resumable upload."""
    monkeypatch.setattr(spool, "GROUP_ROWS", 100)
    monkeypatch.setattr(spool, "FILE_BYTES", 1)
    monkeypatch.setattr(uploads, "MULTIPART_BYTES", 0)


def spooled(count: int = SONGS) -> SpooledRows:
    table = rows(*(play(MONDAY, f"song {n}") for n in range(count)))
    return spool.spool(table.schema, [table])


def write(engine: Engine, given: SpooledRows | pa.Table) -> None:
    replace(engine, PLAYS, given, ONE(MONDAY), WriteContext(f"run-{uuid4().hex[:8]}", "plays"))


def songs(engine: Engine) -> tuple[int, int]:
    """How many rows and how many songs the table has."""
    sql = "select count(*) as n, count(distinct song) as songs from plays where day = DATE '2026-03-02'"
    with engine.session() as session:
        [row] = session.fetch(sql).to_pylist()
    return row["n"], row["songs"]


def test_rows_in_several_files_are_one_write(engine: Engine) -> None:
    given = spooled()
    assert len(given.files) == 3
    write(engine, rows(play(MONDAY, "old")))
    write(engine, given)
    assert songs(engine) == (SONGS, SONGS)


def test_rows_in_several_files_are_audited_as_one(engine: Engine) -> None:
    table = rows(*(play(MONDAY, f"song {n}") for n in range(SONGS)), play(MONDAY, "song 0"))
    write(engine, rows(play(MONDAY, "old")))
    with pytest.raises(InvalidRowsError, match="is unique"):
        write(engine, spool.spool(table.schema, [table]))
    assert songs(engine) == (1, 1)


@pytest.fixture
def proxy(emulator: str) -> Iterator[Proxy]:
    with in_front_of(emulator) as proxy:
        yield proxy


@pytest.fixture
def behind(proxy: Proxy) -> BigQueryEngine:
    engine = BigQueryEngine("local", f"uploads_{uuid4().hex[:12]}", emulator_host=proxy.url)
    write(engine, rows(play(MONDAY, "old")))
    proxy.lines.clear()
    return engine


@pytest.mark.parametrize("do", ["cut", "reset", "drop", "unavailable"])
@pytest.mark.parametrize("line", [START, BYTES])
def test_an_upload_that_fails_is_sent_again_and_its_rows_are_there_once(
    proxy: Proxy, behind: BigQueryEngine, do: str, line: str
) -> None:
    given = spooled()
    proxy.faults = [Fault(line, do, times=2)]
    write(behind, given)
    assert songs(behind) == (SONGS, SONGS)
    assert proxy.faults[0].times == 0
    assert proxy.seen(START) > len(given.files)


@pytest.mark.parametrize("do", ["cut", "reset"])
def test_an_upload_that_fails_late_is_sent_again(proxy: Proxy, behind: BigQueryEngine, do: str) -> None:
    behind._timeouts = SoonGivenUp(call_seconds=1.0)
    proxy.faults = [Fault(BYTES, do, delay_seconds=1.5, times=2)]
    write(behind, spooled())
    assert songs(behind) == (SONGS, SONGS)
    assert proxy.faults[0].times == 0


def test_an_upload_that_always_fails_late_ends(proxy: Proxy, behind: BigQueryEngine) -> None:
    behind._timeouts = SoonGivenUp(call_seconds=0.5)
    proxy.faults = [Fault(BYTES, "cut", delay_seconds=0.7)]
    begun = time.monotonic()
    with pytest.raises(WarehouseUnavailableError):
        write(behind, spooled())
    assert time.monotonic() - begun < MAX_SECONDS
    assert proxy.seen(BYTES) == uploads.SLOW_ATTEMPTS
    proxy.faults = []
    behind._timeouts = Timeouts()
    assert songs(behind) == (1, 1)


def test_all_files_go_into_one_staging_table_by_jobs_of_their_own(
    proxy: Proxy, behind: BigQueryEngine
) -> None:
    given = spooled()
    write(behind, given)
    assert proxy.seen(r"POST .*/tables\b") == 1
    assert proxy.seen(BYTES) == len(given.files)
    assert proxy.seen(r"DELETE .*/tables/staged") == 1
