"""Schema drift: a changed declaration, and a table that was changed by hand, on both engines."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace as changed
from pathlib import Path
from shutil import copyfile
from typing import Any
from uuid import uuid4

import pytest

from ai_usage_assets.schema.columns import count, text
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.curated import DIM_USERS
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Engine, Session
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.errors import SchemaDriftError, WarehouseUnavailableError
from ai_usage_assets.warehouse.schema_drift import SchemaDrift
from ai_usage_tests.integration.warehouse.test_contract import fetch, write
from ai_usage_tests.support.emulator.proxy import Fault, in_front_of
from ai_usage_tests.support.emulator.recording import recording
from ai_usage_tests.support.engines import emulated
from ai_usage_tests.support.sample_tables import MONDAY, ONE, PLAYS, SONGS, play, rows

MONDAYS = "where day = date '2026-03-02'"


class RecordingSession:
    """A session that records its statements."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.done: list[str] = []

    def execute(self, sql: str) -> None:
        self.done.append(sql)
        self._session.execute(sql)

    def create_table(self, table: Table, statement: str) -> None:
        self.done.append(statement)
        self._session.create_table(table, statement)

    def update_definition(self, table: Table, drift: SchemaDrift) -> None:
        self.done.append(f"update {table.name}")
        self._session.update_definition(table, drift)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def ensured(engine: Engine, *tables: Table) -> list[str]:
    """The statements that bring the tables to their declarations."""
    with engine.session() as session:
        recording = RecordingSession(session)
        ensure_tables(engine, recording, tables)
    return recording.done


def by_hand(engine: Engine, *statements: str) -> None:
    with engine.session() as session:
        for statement in statements:
            session.execute(statement)


def said(engine: Engine, table: Table) -> dict[str, str | None]:
    """The stored descriptions; that of the table is under the table's name."""
    if isinstance(engine, BigQueryEngine):
        kept = engine._client.get_table(engine.qualified(table.name))
        return {table.name: kept.description, **{field.name: field.description for field in kept.schema}}
    columns = fetch(
        engine, f"select column_name, comment from duckdb_columns where table_name = '{table.name}'"
    )
    (own,) = fetch(engine, f"select comment from duckdb_tables where table_name = '{table.name}'")
    return {table.name: own["comment"], **{row["column_name"]: row["comment"] for row in columns}}


def declared(table: Table) -> dict[str, str | None]:
    return {
        table.name: table.full_description,
        **{column.name: column.description for column in table.columns},
    }


def redescribed(table: Table, name: str, says: str) -> Table:
    columns = tuple(
        changed(column, description=says) if column.name == name else column for column in table.columns
    )
    return changed(table, columns=columns)


def test_new_table_has_descriptions_and_needs_no_further_statement(
    engine: Engine,
) -> None:
    assert ensured(engine, PLAYS) == [engine.create_table(PLAYS)]
    assert said(engine, PLAYS) == declared(PLAYS)
    assert ensured(engine, PLAYS) == []


def test_changed_descriptions_are_updated_at_once(engine: Engine) -> None:
    write(engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY))
    reworded = changed(
        redescribed(PLAYS, "song", "The song's name; \\ isn't an id."), description="Who heard what."
    )
    assert ensured(engine, reworded) == ["update plays"]
    assert said(engine, reworded) == declared(reworded)
    assert ensured(engine, reworded) == []
    # nothing else of the table changed
    assert fetch(engine, f"select song from plays {MONDAYS}") == [{"song": "a"}]


def test_added_column_has_description_and_default_for_new_rows(
    engine: Engine,
) -> None:
    write(engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY))
    wider = changed(PLAYS, columns=(*PLAYS.columns, count("skips", "How often it was skipped.", "7")))
    ensured(engine, wider)
    by_hand(engine, "insert into plays (day, song) values (date '2026-03-02', 'by hand')")
    assert said(engine, wider) == declared(wider)
    found = fetch(engine, f"select song, skips from plays {MONDAYS} order by song")
    assert found == [{"song": "a", "skips": None}, {"song": "by hand", "skips": 7}]
    assert ensured(engine, wider) == []


def test_several_added_columns_have_their_descriptions_and_defaults(engine: Engine) -> None:
    write(engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY))
    added = (count("skips", "It's skipped.", "7"), text("mood", "The mood."), count("likes", "Liked.", "1"))
    wider = changed(PLAYS, columns=(*PLAYS.columns, *added))
    ensured(engine, wider)
    by_hand(engine, "insert into plays (day, song) values (date '2026-03-02', 'by hand')")
    assert said(engine, wider) == declared(wider)
    found = fetch(engine, f"select song, skips, mood, likes from plays {MONDAYS} order by song")
    assert [tuple(row.values()) for row in found] == [("a", None, None, None), ("by hand", 7, None, 1)]
    assert ensured(engine, wider) == []


def test_column_that_another_writer_adds_meanwhile_is_no_error(engine: Engine) -> None:
    write(engine, PLAYS, rows(play(MONDAY, "a")), ONE(MONDAY))
    wider = changed(PLAYS, columns=(*PLAYS.columns, count("skips", "How often it was skipped.", "7")))
    with engine.session() as session:
        drift = session.schema_drift(wider)
        for _ in range(2):
            session.update_definition(wider, drift)
        assert session.schema_drift(wider) == SchemaDrift()


@pytest.mark.emulator
def test_definition_is_changed_by_one_statement_for_all_columns(emulator: str) -> None:
    engine = emulated(emulator)
    ensured(engine, PLAYS)
    added = (count("skips", "Skipped.", "7"), text("mood", "The mood."), count("likes", "Liked.", "1"))
    newer = redescribed(changed(PLAYS, columns=(*PLAYS.columns, *added)), "song", "Its name.")
    newer = redescribed(newer, "played_at", "In UTC.")
    with recording() as calls:
        ensured(engine, newer)
    add, alter, describe = "ADD COLUMN IF NOT EXISTS", "ALTER TABLE `plays`", "SET OPTIONS (description = "
    columns = [
        f"{add} `{column.name}` {column.type} OPTIONS (description = '{column.description}')"
        for column in added
    ]
    assert [call.sql for call in calls if call.sql] == [
        f"{alter} {', '.join(columns)}",
        f"{alter} ALTER COLUMN `skips` SET DEFAULT 7",
        f"{alter} ALTER COLUMN `likes` SET DEFAULT 1",
        f"{alter} ALTER COLUMN `song` {describe}'Its name.'), ALTER COLUMN `played_at` {describe}'In UTC.')",
    ]
    assert {call.method for call in calls} == {"GET", "POST"}


def tagged(body: bytes, forward: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """A table whose column `listener` has a policy tag, as an administrator of the company sets it."""
    found = forward()
    for field in found["schema"]["fields"]:
        if field["name"] == "listener":
            field["policyTags"] = {"names": ["projects/p/locations/us/taxonomies/1/policyTags/2"]}
    return found


@pytest.mark.emulator
def test_changed_description_leaves_policy_tags_alone(emulator: str) -> None:
    with in_front_of(emulator) as proxy:
        engine = BigQueryEngine("local", f"tagged_{uuid4().hex[:12]}", emulator_host=proxy.url)
        ensured(engine, PLAYS)
        proxy.faults = [Fault(r"GET .*/tables/plays", tagged)]
        proxy.lines.clear()
        assert ensured(engine, PLAYS) == []
        assert proxy.seen("POST") == 0
        with recording() as calls:
            ensured(engine, redescribed(PLAYS, "listener", "Who listened."))
    sent = [call for call in calls if call.method != "GET"]
    # a request that sets the schema would need the right to set policy tags, or would take them away
    assert [call.sql for call in sent] == [
        "ALTER TABLE `plays` ALTER COLUMN `listener` SET OPTIONS (description = 'Who listened.')"
    ]


def test_crash_after_changed_definition_leaves_file_that_opens(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path / "ai_usage.duckdb")
    wider = changed(DIM_USERS, columns=(*DIM_USERS.columns, count("seats", "Held on that day.", "7")))
    with engine.session() as session:
        for number, table in enumerate([DIM_USERS, redescribed(DIM_USERS, "email", "Who."), wider]):
            ensure_tables(engine, session, [table])
            # these are the files that a killed process would leave
            left = tmp_path / str(number)
            left.mkdir()
            for file in tmp_path.glob("ai_usage.duckdb*"):
                copyfile(file, left / file.name)
            assert ensured(DuckDBEngine(left / "ai_usage.duckdb"), table) == []


def crash_at(moment: str, engine: DuckDBEngine, table: Table) -> None:
    """Bring the table to its declaration, as long as DuckDB does not write the file further than this."""
    with engine.session() as session:
        session._connection.execute(f"set debug_checkpoint_abort = '{moment}'")
        ensure_tables(engine, session, [table])


@pytest.mark.parametrize("moment", ["after_free_list_write", "before_header", "before_truncate"])
def test_crash_while_a_definition_is_written_leaves_file_that_opens(tmp_path: Path, moment: str) -> None:
    wider = changed(DIM_USERS, columns=(*DIM_USERS.columns, count("seats", "Held on that day.", "7")))
    for table in (DIM_USERS, redescribed(DIM_USERS, "email", "Who."), wider):
        engine = DuckDBEngine(tmp_path / "ai_usage.duckdb")
        with pytest.raises(WarehouseUnavailableError, match="FatalException"):
            crash_at(moment, engine, table)
        engine.close()
        again = DuckDBEngine(tmp_path / "ai_usage.duckdb")
        ensured(again, table)
        assert ensured(again, table) == []
        again.close()


def test_log_that_cannot_be_read_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "ai_usage.duckdb"
    engine = DuckDBEngine(path)
    ensured(engine, PLAYS)
    engine.close()
    table = "create table t (a timestamptz default current_timestamp); comment on column t.a is 'When.'"
    writer = f"import duckdb, os; c = duckdb.connect({str(path)!r}); c.execute({table!r}); os._exit(0)"
    subprocess.run([sys.executable, "-c", writer], check=True)
    with pytest.raises(
        WarehouseUnavailableError, match=f"{path} cannot be opened.* after a crash. Move {path}.wal away"
    ):
        DuckDBEngine(path).session().__enter__()
    path.with_name(f"{path.name}.wal").unlink()
    assert ensured(DuckDBEngine(path), PLAYS) == []


def test_manual_change_is_refused_with_statements_that_undo_it(engine: Engine) -> None:
    by_hand(engine, "create table songs (song string not null, artist string not null, tempo int64)")
    with pytest.raises(SchemaDriftError) as refused:
        ensured(engine, SONGS)
    said_so, undo = str(refused.value).split("Change it back: ")
    assert "column artist is STRING NOT NULL, declared STRING; column tempo is not declared" in said_so
    by_hand(engine, *undo.rstrip(";").split("; "))
    # only the descriptions differ from the declaration now
    assert ensured(engine, SONGS) == ["update songs"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("alter table songs alter column artist set data type bytes", "column artist is .+, declared STRING"),
        (
            "alter table songs alter column song drop not null",
            "column song is STRING, declared STRING NOT NULL",
        ),
    ],
    ids=["type", "mode"],
)
def test_change_that_cannot_be_undone_is_refused_with_rename_statement(
    tmp_path: Path, change: str, says: str
) -> None:
    engine = DuckDBEngine(tmp_path / "ai_usage.duckdb")
    write(engine, SONGS, rows({"song": "a", "artist": "x"}, table=SONGS), None)
    by_hand(engine, change)
    with pytest.raises(SchemaDriftError, match=says) as refused:
        write(engine, SONGS, rows({"song": "b", "artist": "y"}, table=SONGS), None)
    aside = str(refused.value).split("Rename the table: ")[1].split(";")[0]
    by_hand(engine, aside)
    write(engine, SONGS, rows({"song": "b", "artist": "y"}, table=SONGS), None)
    assert fetch(engine, "select song from songs") == [{"song": "b"}]
    assert fetch(engine, "select song from songs_old") == [{"song": "a"}]
