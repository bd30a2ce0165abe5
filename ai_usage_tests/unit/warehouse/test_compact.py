"""A DuckDB file that is written anew has the rows and no past; and how descriptions get into a file."""

from contextlib import AbstractContextManager
from pathlib import Path

import duckdb
import pytest

from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.warehouse.duckdb.comments import comments
from ai_usage_assets.warehouse.duckdb.compact import compact
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_tests.support.sample_tables import SONGS

PERSON = "nobody.sees@example.com"


def test_a_compacted_file_has_no_deleted_row_and_keeps_its_tables_and_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "it's.duckdb"
    engine = DuckDBEngine(path)
    with engine.session(WriteContext("run", "step")) as session:
        ensure_tables(engine, session, [SONGS])
        session.execute(f"insert into songs values ('a', '{PERSON}'), ('b', 'who stays')")
    engine.close()
    with engine.session(WriteContext("run", "step")) as session:
        session.execute("delete from songs where song = 'a'")
    engine.close()
    path.chmod(0o640)
    # what a compaction left that was killed
    path.with_name(f"{path.name}.compacting").write_text("half of a file")

    compact(path)

    assert PERSON.encode() not in path.read_bytes()
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(path.name)] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o640
    with engine.session() as session:
        assert session.fetch("select * from songs").to_pylist() == [{"song": "b", "artist": "who stays"}]
        stored = session.stored_table("songs")
        assert stored
        assert (stored.description, stored.column_descriptions["song"]) == (
            SONGS.full_description,
            "The song.",
        )
    engine.close()
    compact(path)
    assert path.exists()


def test_a_new_file_that_cannot_be_finished_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "songs.duckdb"
    engine = DuckDBEngine(path)
    with engine.session(WriteContext("run", "step")) as session:
        ensure_tables(engine, session, [SONGS])
    engine.close()
    before, connect = path.read_bytes(), duckdb.connect

    class FullDisk(AbstractContextManager["FullDisk"]):
        def execute(self, _: str) -> None:
            raise duckdb.IOException("No space left on device")

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(
        duckdb, "connect", lambda name: FullDisk() if name.endswith(".compacting") else connect(name)
    )
    with pytest.raises(duckdb.IOException):
        compact(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "kind", "column"), [("dim_users", "table", "email"), ("v_cost", "view", "user_email")]
)
def test_descriptions_are_comments_on_the_table_or_view_and_its_columns(
    name: str, kind: str, column: str
) -> None:
    table = BY_NAME[name]
    about, of_column = (
        text.replace("'", "''") for text in (table.full_description, table.by_name[column].description)
    )
    on_column = f"""comment on column "{name}"."{column}" is '{of_column}'"""
    assert comments(table, [column]) == [f"""comment on {kind} "{name}" is '{about}'""", on_column]
    assert comments(table, [column], is_reworded=False) == [on_column]
