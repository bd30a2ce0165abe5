"""How many days of a long range a SELECT computes in one write."""

from datetime import date
from pathlib import Path

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.warehouse.chunks import in_chunks
from ai_usage_assets.warehouse.duckdb import engine as duckdb_engine
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Select, WriteContext
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.sample_tables import MONDAY, ONE, PLAYS, SONGS, play, rows

OF_PLAYS, OF_SONGS = Select("select 1 as n", (PLAYS,)), Select("select 1 as n", (SONGS,))
TWO_YEARS = Days(date(2025, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("select", "days", "lengths"),
    [
        (OF_PLAYS, TWO_YEARS, [92] * 7 + [86]),
        (OF_SONGS, TWO_YEARS, [366, 364]),
        (Select("select 1 as n"), TWO_YEARS, [366, 364]),
        (OF_PLAYS, Days(date(2025, 1, 1), date(2025, 4, 2)), [92]),
    ],
    ids=["of many rows", "of few rows", "of no table", "a quarter"],
)
def test_select_over_many_rows_computes_a_quarter_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, select: Select, days: Days, lengths: list[int]
) -> None:
    monkeypatch.setattr(duckdb_engine, "MANY_ROWS", 2)
    engine = DuckDBEngine(tmp_path / "music.duckdb")
    given = rows(*(play(MONDAY, song) for song in "abc"))
    replace(engine, PLAYS, given, ONE(MONDAY), WriteContext("run", "step"))
    assert [len(chunk.days or ()) for chunk in in_chunks(PLAYS, select, days, engine)] == lengths
    engine.close()
