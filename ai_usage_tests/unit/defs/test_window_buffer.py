"""Fetching runs ahead of writing: nothing is lost, mixed up or hoarded on the way."""

from datetime import date, timedelta
from threading import Thread

import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.window_buffer import MOST_ROWS, Waiting
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.chunks import Chunk
from ai_usage_tests.support.sample_tables import PLAYS, SONGS

FIRST = date(2026, 10, 1)


def window(number: int, rows: int = 2) -> Chunk:
    days = Days.one(FIRST + timedelta(days=number))
    return Chunk(days, {PLAYS: pa.table({"n": [number] * rows}), SONGS: pa.table({"m": [number]})}, pages=1)


def values(chunk: Chunk, table: Table, column: str) -> list[int]:
    rows = chunk.tables[table]
    assert isinstance(rows, pa.Table)
    found: list[int] = rows[column].to_pylist()
    return found


def test_windows_that_wait_are_written_together_in_their_order() -> None:
    waiting = Waiting()
    for number in range(3):
        waiting.put(window(number))
    waiting.end()
    [joined] = waiting
    assert joined.days == Days(FIRST, FIRST + timedelta(days=2))
    assert values(joined, PLAYS, "n") == [0, 0, 1, 1, 2, 2]
    assert values(joined, SONGS, "m") == [0, 1, 2]
    assert joined.pages == 3


def test_what_arrived_before_a_fetch_broke_is_written_and_the_break_is_told_in_its_place() -> None:
    waiting = Waiting()
    waiting.put(window(0))
    waiting.end(ConnectionError("the vendor went away"))
    taken = iter(waiting)
    assert next(taken).days == Days.one(FIRST)
    with pytest.raises(ConnectionError, match="went away"):
        next(taken)


def test_a_fetch_waits_while_too_much_is_waiting_for_the_warehouse() -> None:
    waiting = Waiting()
    waiting.put(window(0, MOST_ROWS))
    ahead = Thread(target=waiting.put, args=(window(1),), daemon=True)
    ahead.start()
    ahead.join(0.2)
    assert ahead.is_alive()
    taken = iter(waiting)
    assert next(taken).row_count == MOST_ROWS + 1
    ahead.join(60)
    assert not ahead.is_alive()
    waiting.end()
    assert [each.row_count for each in taken] == [3]


def test_one_window_larger_than_all_that_may_wait_passes_alone() -> None:
    waiting = Waiting()
    waiting.put(window(0, MOST_ROWS * 2))
    waiting.end()
    assert [each.row_count for each in waiting] == [MOST_ROWS * 2 + 1]


def test_a_run_that_ends_lets_its_fetches_go() -> None:
    waiting = Waiting()
    waiting.put(window(0, MOST_ROWS))
    ahead = Thread(target=waiting.put, args=(window(1),), daemon=True)
    ahead.start()
    waiting.end()
    ahead.join(60)
    assert not ahead.is_alive()
    assert waiting.over


def test_a_write_holds_a_quarter_at_most_however_much_is_waiting() -> None:
    waiting = Waiting()
    for number in range(13):
        first = FIRST + timedelta(days=30 * number)
        waiting.put(Chunk(Days(first, first + timedelta(days=29)), {PLAYS: pa.table({"n": [number]})}, 1))
    waiting.end()
    assert [len(window.days or ()) for window in waiting] == [90, 90, 90, 90, 30]
