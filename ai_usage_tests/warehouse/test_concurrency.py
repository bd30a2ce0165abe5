"""Several writers in one process: the table ends as if they had come one after the other."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ai_usage_assets.warehouse.duckdb import DuckDBEngine
from ai_usage_assets.warehouse.protocol import Job
from ai_usage_assets.warehouse.writing import replace
from ai_usage_tests.warehouse.music import MONDAY, ONE, PLAYS, play, rows


def test_four_writers_of_one_empty_day_leave_one_writers_rows(tmp_path: Path) -> None:
    for trial in range(8):
        engine = DuckDBEngine(tmp_path / f"{trial}.duckdb")
        with ThreadPoolExecutor(4) as writers:
            tries = [
                writers.submit(
                    replace, engine, PLAYS, rows(play(MONDAY, "a", n)), ONE(MONDAY), Job(f"run{n}", "step")
                )
                for n in range(4)
            ]
        assert [written.exception() for written in tries] == [None] * 4
        with engine.session() as session:
            assert session.fetch("select plays from plays where day = date '2026-03-02'").num_rows == 1
