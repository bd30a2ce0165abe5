"""The buffer between fetching and writing keeps every window, in order, within its bound."""

from datetime import date, timedelta
from threading import Thread

import pyarrow as pa
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.window_buffer import WindowBuffer
from ai_usage_assets.schema.model import Table
from ai_usage_assets.spool import MAX_ROWS, spool
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


def test_buffered_windows_are_written_together_in_order() -> None:
    buffer = WindowBuffer()
    for number in range(3):
        buffer.put(window(number))
    buffer.end()
    [joined] = buffer
    assert joined.days == Days(FIRST, FIRST + timedelta(days=2))
    assert values(joined, PLAYS, "n") == [0, 0, 1, 1, 2, 2]
    assert values(joined, SONGS, "m") == [0, 1, 2]
    assert joined.pages == 3


def test_windows_before_an_error_are_taken_before_it_is_raised() -> None:
    buffer = WindowBuffer()
    buffer.put(window(0))
    buffer.end(ConnectionError("the vendor went away"))
    taken = iter(buffer)
    assert next(taken).days == Days.one(FIRST)
    with pytest.raises(ConnectionError, match="went away"):
        next(taken)


def test_put_waits_while_the_buffer_is_full() -> None:
    buffer = WindowBuffer()
    buffer.put(window(0, MAX_ROWS))
    ahead = Thread(target=buffer.put, args=(window(1),), daemon=True)
    ahead.start()
    ahead.join(0.2)
    assert ahead.is_alive()
    taken = iter(buffer)
    assert next(taken).row_count == MAX_ROWS + 1
    ahead.join(60)
    assert not ahead.is_alive()
    buffer.end()
    assert [each.row_count for each in taken] == [3]


def test_a_window_larger_than_the_buffer_passes_alone() -> None:
    buffer = WindowBuffer()
    buffer.put(window(0, MAX_ROWS * 2))
    buffer.end()
    assert [each.row_count for each in buffer] == [MAX_ROWS * 2 + 1]


def test_end_releases_a_waiting_put() -> None:
    buffer = WindowBuffer()
    buffer.put(window(0, MAX_ROWS))
    ahead = Thread(target=buffer.put, args=(window(1),), daemon=True)
    ahead.start()
    buffer.end()
    ahead.join(60)
    assert not ahead.is_alive()
    assert buffer.is_ended


def test_a_write_holds_at_most_one_year() -> None:
    buffer = WindowBuffer()
    for number in range(13):
        first = FIRST + timedelta(days=30 * number)
        buffer.put(Chunk(Days(first, first + timedelta(days=29)), {PLAYS: pa.table({"n": [number]})}, 1))
    buffer.end()
    assert [len(window.days or ()) for window in buffer] == [360, 30]


def test_a_write_holds_at_most_as_many_rows_as_the_buffer() -> None:
    buffer = WindowBuffer()
    for number, rows in enumerate((10, MAX_ROWS * 2, 10)):
        # the rows of the second window are in files, and are not counted by the buffer's bound on memory
        buffer._windows.append(window(number, rows))
    buffer.end()
    assert [each.row_count for each in buffer] == [11, MAX_ROWS * 2 + 1, 11]


def test_rows_in_files_pass_through_the_buffer_as_they_are() -> None:
    buffer = WindowBuffer()
    spooled = spool(pa.schema([("n", pa.int64())]), [pa.table({"n": range(MAX_ROWS + 1)})])
    buffer.put(Chunk(Days.one(FIRST), {PLAYS: spooled}, 1))
    buffer.end()
    [chunk] = buffer
    assert chunk.tables[PLAYS] is spooled
    assert chunk.row_count == MAX_ROWS + 1
