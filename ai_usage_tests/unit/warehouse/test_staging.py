"""What a write stages is dropped when it ends, however it ends, and a table that cannot be dropped hides nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ai_usage_assets.errors import InvalidRowsError
from ai_usage_assets.findings import ok
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.duckdb import engine as duckdb_engine
from ai_usage_assets.warehouse.duckdb import file as duckdb_file
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.errors import WarehouseUnavailableError
from ai_usage_assets.warehouse.preflight import findings
from ai_usage_assets.warehouse.staged_values import staged_values
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.sample_tables import ARTISTS, MONDAY, NOON, ONE, PLAYS, play, rows


class Staged:
    """The staged names that there are, by what the engine was told."""

    def __init__(self, engine: DuckDBEngine) -> None:
        self.engine = engine
        self.names: set[str] = set()
        self.made: list[str] = []


@pytest.fixture
def staged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Staged]:
    found = Staged(DuckDBEngine(tmp_path / "w.duckdb"))
    stage, discard = duckdb_engine.DuckDBSession.stage, duckdb_engine.DuckDBSession.discard

    def staging(session: Any, name: str, *rest: Any) -> Any:
        found.names.add(name)
        found.made.append(name)
        return stage(session, name, *rest)

    def discarding(session: Any, name: str) -> None:
        discard(session, name)
        found.names.remove(name)

    monkeypatch.setattr(duckdb_engine.DuckDBSession, "stage", staging)
    monkeypatch.setattr(duckdb_engine.DuckDBSession, "discard", discarding)
    yield found
    found.engine.close()


def artist(name: str) -> dict[str, Any]:
    times = {"first_seen_at": NOON, "last_seen_at": NOON}
    return {"artist_id": name, "name": name, "is_current": True, **times}


def names_of(staged: Staged) -> list[str]:
    """The names in order, without what differs from one write to the next."""
    return [re.sub("[0-9a-f]{12,}", "#", name) for name in staged.made]


def test_every_staged_table_of_a_write_is_dropped_when_it_ends_and_when_it_is_refused(
    staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_file, "KEPT_SECONDS", 600)
    monkeypatch.setattr(duckdb_file, "MAX_KEPT_SECONDS", 600)
    context = WriteContext("run", "step")
    replace(staged.engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY), context)
    replace(staged.engine, ARTISTS, rows(artist("a"), table=ARTISTS), None, context)
    assert (names_of(staged), staged.names) == (
        ["staged_plays_#", "staged_artists_#", "staged_artists_#_upserted"],
        set(),
    )

    # the next session takes the connection, and whatever stayed in it
    with staged.engine.session() as session:
        left = session.fetch("select table_name from duckdb_tables() where temporary")
        assert left.to_pylist() == []

    # the audit refuses what is staged
    with pytest.raises(InvalidRowsError):
        replace(staged.engine, PLAYS, rows(play(MONDAY, "a", -1)), ONE(MONDAY), context)
    assert (names_of(staged)[3:], staged.names) == (["staged_plays_#"], set())


def test_a_staged_table_that_cannot_be_dropped_hides_neither_the_result_nor_the_refusal(
    staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise OSError("dropped")

    monkeypatch.setattr(duckdb_engine.DuckDBSession, "discard", failing)
    context = WriteContext("run", "step")
    written = replace(staged.engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY), context)
    assert written.stats[MONDAY].rows == 1
    with pytest.raises(InvalidRowsError, match="plays is not negative: 1 row violates this"):
        replace(staged.engine, PLAYS, rows(play(MONDAY, "a", -1)), ONE(MONDAY), WriteContext("run", "other"))


def test_staged_values_are_dropped_when_the_step_that_needs_them_fails(staged: Staged) -> None:
    values = {"old": ["a", "b"], "new": ["c", "d"]}
    context = WriteContext("run", "step")
    with staged.engine.session(context) as session, staged_values(session, "people", values) as name:
        assert session.fetch(f"select * from `{name}` order by 1").to_pylist() == [
            {"old": "a", "new": "c"},
            {"old": "b", "new": "d"},
        ]
    with (
        pytest.raises(WarehouseUnavailableError, match="Table with name nowhere does not exist"),
        staged.engine.session(context) as session,
        staged_values(session, "people", values),
    ):
        session.execute("delete from nowhere where true")
    assert (len(staged.made), staged.names) == (2, set())


def test_a_look_at_the_warehouse_stages_one_table_and_drops_it(staged: Staged) -> None:
    with staged.engine.session():
        pass
    assert list(findings(staged.engine, "The warehouse")) == [
        ok("warehouse", "The warehouse can be read and written."),
        ok("schema", f"0 of {len(TABLES)} tables exist, as they are declared."),
    ]
    assert (names_of(staged), staged.names) == (["doctor_#"], set())
