"""How many days of a long range a SELECT computes in one write."""

from pathlib import Path

import pytest

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.warehouse.chunks import in_chunks
from ai_usage_assets.warehouse.duckdb import engine as duckdb_engine
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Select, WriteContext
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.sample_tables import MONDAY, ONE, PLAYS, SONGS, play, rows

OF_PLAYS, OF_SONGS = Select("select 1 as n", (PLAYS,)), Select("select 1 as n", (SONGS,))
FULL = Days(MONDAY, MONDAY + 11 * ONE_DAY)
"""Each of them has three plays."""
TWO_YEARS = Days(FULL.first, FULL.first + 729 * ONE_DAY)


@pytest.mark.parametrize(
    ("select", "days", "lengths"),
    [
        (OF_PLAYS, FULL, [2] * 6),
        (OF_PLAYS, Days(FULL.first, FULL.first + 18 * ONE_DAY), [3] * 6 + [1]),
        (OF_PLAYS, TWO_YEARS, [121] * 6 + [4]),
        (OF_PLAYS, Days(FULL.end, TWO_YEARS.last), [366, 352]),
        (OF_PLAYS, ONE(MONDAY), [1]),
        (OF_SONGS, TWO_YEARS, [366, 364]),
        (Select("select 1 as n"), TWO_YEARS, [366, 364]),
    ],
    ids=["full days", "some full days", "few full days", "days without rows", "a day", "no days", "no table"],
)
def test_a_select_reads_about_so_many_rows_in_a_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, select: Select, days: Days, lengths: list[int]
) -> None:
    monkeypatch.setattr(duckdb_engine, "MANY_ROWS", 6)
    engine = DuckDBEngine(tmp_path / "music.duckdb")
    given = rows(*(play(day, song) for day in FULL for song in "abc"))
    replace(engine, PLAYS, given, FULL, WriteContext("run", "step"))
    assert [len(chunk.days or ()) for chunk in in_chunks(PLAYS, select, days, engine)] == lengths
    engine.close()


def test_rows_and_a_select_without_days_are_one_chunk(tmp_path: Path) -> None:
    engine, given = DuckDBEngine(tmp_path / "music.duckdb"), rows(play(MONDAY, "a"))
    [of_rows] = in_chunks(PLAYS, given, TWO_YEARS, engine)
    assert (of_rows.days, of_rows.tables) == (TWO_YEARS, {PLAYS: given})
    [of_select] = in_chunks(SONGS, OF_PLAYS, None, engine)
    assert (of_select.days, of_select.tables) == (None, {SONGS: OF_PLAYS})


def test_a_day_of_too_many_rows_is_computed_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_engine, "MANY_ROWS", 1)
    engine = DuckDBEngine(tmp_path / "music.duckdb")
    replace(
        engine, PLAYS, rows(*(play(MONDAY, song) for song in "abc")), ONE(MONDAY), WriteContext("run", "step")
    )
    week = Days(MONDAY, MONDAY + 1 * ONE_DAY)
    assert [len(chunk.days or ()) for chunk in in_chunks(PLAYS, OF_PLAYS, week, engine)] == [1, 1]
    engine.close()
