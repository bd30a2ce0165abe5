"""A write whose rows another transaction holds: it is tried again after growing waits, and then refused with nothing written."""

import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.errors import WarehouseBusyError
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.sample_tables import MONDAY, ONE, PLAYS, play, rows

CONTEXT = WriteContext("run", "step")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    found = DuckDBEngine(tmp_path / "w.duckdb")
    yield found
    found.close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the engine has waited after each conflict."""
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    return found


def songs(engine: DuckDBEngine) -> list[str]:
    with engine.session() as session:
        return [row["song"] for row in session.fetch("select song from plays").to_pylist()]


def test_a_write_that_conflicts_every_time_is_refused_with_the_number_of_tries(
    engine: DuckDBEngine, waits: list[float], tmp_path: Path
) -> None:
    replace(engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY), CONTEXT)
    with duckdb.connect(str(tmp_path / "w.duckdb")) as other:
        other.begin()
        other.execute("delete from ai_usage.plays")
        with pytest.raises(WarehouseBusyError) as refused:
            replace(engine, PLAYS, rows(play(MONDAY, "c")), ONE(MONDAY), CONTEXT)
        other.rollback()
    # no wait follows the last try
    assert str(refused.value) == (
        f"other runs write table plays: {len(waits) + 1} tries failed with a conflict. Nothing was written. "
        "Run it again when the other runs have ended."
    )
    assert len(waits) == 8
    assert all(0.05 * 2**n <= wait <= 0.1 * 2**n for n, wait in enumerate(waits))
    assert songs(engine) == ["a"]
