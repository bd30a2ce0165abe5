"""Concurrent writers: the result is the same as if they had written one after the other, in some order."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import permutations
from pathlib import Path
from shutil import copyfile
from typing import Any
from unittest.mock import patch

import duckdb as duckdb_library
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.warehouse.bigquery import jobs as bigquery_jobs
from ai_usage_assets.warehouse.duckdb import file as duckdb_file
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.duckdb.file import DuckDBFile
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.stress.write_kinds import WRITE_KINDS, restatement_rows, table_rows
from ai_usage_tests.stress.writer_process import duckdb, started_writer, wait_for
from ai_usage_tests.support.hang import MAX_SECONDS
from ai_usage_tests.support.live.target import is_emulated, not_answered
from ai_usage_tests.support.sample_tables import (
    ARTISTS,
    MONDAY,
    NOON,
    ONE,
    PLAYS,
    THURSDAY,
    WEDNESDAY,
    play,
    rows,
)

BY_KIND = {kind.name: kind for kind in WRITE_KINDS}
DAY, RANGE, FACT = (BY_KIND[name] for name in ("a day", "a range", "a fact with its restatements"))
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def contended(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine whose table exists. The emulator has another message than BigQuery for a concurrent update."""
    words = f"{bigquery_jobs.CONTENDED.pattern}|failed to commit"
    monkeypatch.setattr(bigquery_jobs, "CONTENDED", re.compile(words, re.IGNORECASE))
    replace(engine, PLAYS, rows(), ONE(MONDAY), WriteContext("run", "before"))
    return engine


def at_once(*writes: Callable[[], Any]) -> None:
    with ThreadPoolExecutor(len(writes)) as writers:
        tries = [writers.submit(write) for write in writes]
    assert [tried.exception() for tried in tries] == [None] * len(writes)


def plays(engine: Engine, days: Days, song: str) -> Callable[[], Any]:
    given = rows(*(play(day, song) for day in days))
    return lambda: replace(engine, PLAYS, given, days, WriteContext(f"run-{song}", "step"))


def songs(engine: Engine) -> list[tuple[Any, ...]]:
    return [row[:2] for row in table_rows(engine, PLAYS)]


def sequential_rows(writes: Sequence[tuple[Days, str]]) -> list[tuple[Any, ...]]:
    held = {day: song for days, song in writes for day in days}
    return sorted(held.items())


def test_four_writers_of_one_empty_day_leave_rows_of_one(tmp_path: Path) -> None:
    for trial in range(8):
        engine = DuckDBEngine(tmp_path / f"{trial}.duckdb")
        at_once(*(plays(engine, ONE(MONDAY), f"song{n}") for n in range(4)))
        assert len(songs(engine)) == 1


def test_overlapping_runs_end_as_if_one_came_after_the_other(contended: Engine) -> None:
    runs = [(Days(MONDAY, WEDNESDAY), "early"), (Days(TUESDAY, THURSDAY), "late")]
    at_once(*(plays(contended, days, song) for days, song in runs))
    assert songs(contended) in [sequential_rows(order) for order in permutations(runs)]


@pytest.mark.parametrize("number", [2, 8, 25])
def test_runs_over_disjoint_days_all_write(contended: Engine, number: int, record_property: Any) -> None:
    """BigQuery runs two DML statements of a table at a time, and lets 20 more wait."""
    if number > 8 and is_emulated(contended):
        not_answered(f"{number} writers of a table (the emulator has no queue for DML)")
    runs = [(ONE(MONDAY + timedelta(days=n)), f"song{n}") for n in range(number)]
    started = time.monotonic()
    at_once(*(plays(contended, days, song) for days, song in runs))
    record_property("figure", f"{number} writers: {time.monotonic() - started:.1f} s")
    assert sorted(songs(contended)) == sequential_rows(runs)


@pytest.mark.parametrize("number", [2, 8])
def test_first_runs_that_create_the_same_tables_all_write(engine: Engine, number: int) -> None:
    if is_emulated(engine):
        not_answered(f"{number} first runs (the emulator refuses tables that are created at once)")
    runs = [(ONE(MONDAY + timedelta(days=n)), f"song{n}") for n in range(number)]
    # each has a client of its own, as processes have
    at_once(*(plays(engine.in_dataset(engine.dataset), days, song) for days, song in runs))
    assert sorted(songs(engine)) == sequential_rows(runs)


def test_two_processes_take_turns_with_the_file(tmp_path: Path) -> None:
    make = partial(duckdb, tmp_path / "ai_usage.duckdb")
    DAY.prepare(make())
    orders = []
    for first, second in permutations([(DAY, "b"), (RANGE, "a")]):
        alone = duckdb(tmp_path / f"{first[0].name}.duckdb")
        DAY.prepare(alone)
        for kind, version in (first, second):
            kind.write(alone, version)
        orders.append(table_rows(alone, PLAYS))
    with started_writer(make, DAY, "b") as (_, one), started_writer(make, RANGE, "a") as (_, other):
        wait_for(one, b"ended")
        wait_for(other, b"ended")
    assert table_rows(make(), PLAYS) in orders


def test_concurrent_lists_of_a_snapshot_table_lose_no_entry(tmp_path: Path) -> None:
    for trial in range(8):
        engine = DuckDBEngine(tmp_path / f"{trial}.duckdb")
        at_once(*(listed(engine, name) for name in "abcd"))
        assert [row[0] for row in table_rows(engine, ARTISTS)] == list("abcd")


def listed(engine: Engine, name: str) -> Callable[[], Any]:
    row = {"artist_id": name, "name": name, "first_seen_at": NOON, "last_seen_at": NOON, "is_current": True}
    return lambda: replace(
        engine, ARTISTS, rows(row, table=ARTISTS), None, WriteContext(f"run-{name}", "step")
    )


def test_concurrent_writes_of_a_fact_record_the_restatement_between_them(tmp_path: Path) -> None:
    for trial in range(8):
        engine = DuckDBEngine(tmp_path / f"{trial}.duckdb")
        at_once(lambda: FACT.write(engine, "a"), lambda: FACT.write(engine, "b"))  # noqa: B023 - awaited above
        published = {row[0]: row[5] for row in restatement_rows(engine)}
        assert published == {day: _total(engine, day) for day in FACT.days or ()}


def _total(engine: Engine, day: Any) -> Any:
    cost = FACT.table.column_names.index("cost_usd")
    return sum(row[cost] for row in table_rows(engine, FACT.table) if row[0] == day)


def test_busy_process_lets_another_one_open_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_file, "KEPT_SECONDS", 0.1)
    monkeypatch.setattr(duckdb_file, "MAX_KEPT_SECONDS", 1.0)
    engine = DuckDBEngine(tmp_path / "ai_usage.duckdb")
    path = str(tmp_path / "ai_usage.duckdb")
    script = (
        "from pathlib import Path; from ai_usage_assets.warehouse.duckdb.file import DuckDBFile\n"
        f"DuckDBFile(Path({path!r})).open().close(); print('in')"
    )
    with engine.session():
        other = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    until = time.monotonic() + MAX_SECONDS
    while other.poll() is None and time.monotonic() < until:
        # longer than KEPT_SECONDS, so that a session is open whenever the timer ends
        with engine.session():
            time.sleep(0.2)
        time.sleep(0.02)
    assert other.communicate(timeout=MAX_SECONDS)[0] == "in\n"


def test_closed_engine_leaves_every_row_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_file, "KEPT_SECONDS", 600)
    file, copy = tmp_path / "music.duckdb", tmp_path / "copy.duckdb"
    engine = DuckDBEngine(file)
    replace(engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY), WriteContext("run", "step"))
    # while the connection is kept, the rows are in the write-ahead log: a copy of the file would lack them
    assert file.with_name(f"{file.name}.wal").exists()

    engine.close()

    assert not file.with_name(f"{file.name}.wal").exists()
    copyfile(file, copy)
    copied = DuckDBEngine(copy)
    with copied.session() as session:
        assert session.fetch("select count(*) as n from plays").to_pylist() == [{"n": 1}]
    copied.close()
    # the file can be opened again
    with engine.session() as session:
        assert session.fetch("select count(*) as n from plays").to_pylist() == [{"n": 1}]
    engine.close()


def test_sessions_after_each_other_share_a_connection_and_concurrent_ones_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_file, "KEPT_SECONDS", 600)
    engine = DuckDBEngine(tmp_path / "music.duckdb")
    with patch("duckdb.connect", wraps=duckdb_library.connect) as connect:
        for _ in range(3):
            with engine.session() as session:
                session.fetch("select 1 as n")
        assert connect.call_count == 1
        with engine.session(), engine.session():
            assert connect.call_count == 2
        with engine.session():
            assert connect.call_count == 2
    engine.close()


def test_connection_of_a_session_that_failed_is_not_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_file, "KEPT_SECONDS", 600)
    engine = DuckDBEngine(tmp_path / "music.duckdb")
    replace(engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY), WriteContext("run", "step"))
    with suppress(ZeroDivisionError), engine.session() as failing:
        failing._connection.begin()
        failing._connection.execute("delete from plays")
        raise ZeroDivisionError
    with engine.session() as session:
        assert session.fetch("select count(*) as n from plays").to_pylist() == [{"n": 1}]
    engine.close()


def test_close_waits_for_a_timer_that_closes_the_file(tmp_path: Path) -> None:
    file = DuckDBFile(tmp_path / "music.duckdb")
    began, may_end, closed = threading.Event(), threading.Event(), threading.Event()

    class Closing:
        """A connection whose close() ends only when the test allows it."""

        def close(self) -> None:
            began.set()
            assert may_end.wait(MAX_SECONDS)
            closed.set()

    def close() -> bool:
        file.close()
        return closed.is_set()

    connection: Any = Closing()
    file._kept = connection
    with ThreadPoolExecutor(2) as threads:
        timer = threads.submit(file._close_kept, connection)
        assert began.wait(MAX_SECONDS)
        closing = threads.submit(close)
        # a close() that does not wait ends at once; one that waits cannot end before the timer
        wait([closing], timeout=0.5)
        may_end.set()
        timer.result(60)
        assert closing.result(60)


def test_close_stops_the_timers_of_all_sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_file, "KEPT_SECONDS", 600)
    engine, before = DuckDBEngine(tmp_path / "music.duckdb"), set(threading.enumerate())
    for _ in range(3):
        with engine.session() as session:
            session.fetch("select 1 as n")
    left = set(threading.enumerate()) - before
    engine.close()
    for thread in left:
        thread.join(60)
        assert not thread.is_alive()


def test_close_can_be_called_at_any_time(engine: Engine) -> None:
    engine.close()
    with engine.session() as session:
        session.fetch("select 1 as n")
    engine.close()
    engine.close()
