"""The chunks of a long range: every day of the run once, in order."""

from datetime import date
from pathlib import Path

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.warehouse.chunks import Chunk, Chunks, in_chunks
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.sample_tables import PLAYS

RUN = Days(date(2026, 3, 2), date(2026, 3, 9))


def chunks(*bounds: tuple[int, int]) -> Chunks:
    return Chunks(Chunk(Days(date(2026, 3, first), date(2026, 3, last)), {}) for first, last in bounds)


def test_chunks_that_follow_each_other_are_taken_as_they_are(tmp_path: Path) -> None:
    given = chunks((2, 4), (5, 5), (6, 9))
    found = in_chunks(PLAYS, given, RUN, DuckDBEngine(tmp_path / "never.duckdb"))
    assert [str(chunk.days) for chunk in found] == [
        "2026-03-02...2026-03-04",
        "2026-03-05",
        "2026-03-06...2026-03-09",
    ]


@pytest.mark.parametrize(
    ("bounds", "taken", "reason"),
    [
        ([(3, 9)], 0, "a chunk of 2026-03-03...2026-03-09 does not continue the run's {run}: 2026-03-02 is due"),
        ([(1, 9)], 0, "a chunk of 2026-03-01...2026-03-09 does not continue the run's {run}: 2026-03-02 is due"),
        ([(2, 4), (6, 9)], 1, "a chunk of 2026-03-06...2026-03-09 does not continue the run's {run}: 2026-03-05 is due"),
        ([(2, 4), (4, 9)], 1, "a chunk of 2026-03-04...2026-03-09 does not continue the run's {run}: 2026-03-05 is due"),
        ([(2, 10)], 0, "a chunk of 2026-03-02...2026-03-10 does not continue the run's {run}: 2026-03-02 is due"),
        ([(2, 8)], 1, "the chunks end before 2026-03-09: the next day due is 2026-03-09"),
    ],
    ids=["late", "early", "a gap", "twice", "too long", "too short"],
)  # fmt: skip
def test_a_day_that_is_missing_or_there_twice_ends_the_run(
    tmp_path: Path, bounds: list[tuple[int, int]], taken: int, reason: str
) -> None:
    found = in_chunks(PLAYS, chunks(*bounds), RUN, DuckDBEngine(tmp_path / "never.duckdb"))
    for _ in range(taken):
        next(found)
    with pytest.raises(ValueError, match="due") as refused:
        next(found)
    assert str(refused.value) == reason.format(run=RUN)
