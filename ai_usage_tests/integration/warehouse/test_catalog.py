"""How often DuckDB's catalog is read, and that a change is seen: by this process, and by another one."""

import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest

from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.warehouse.duckdb import catalog
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.hang import MAX_SECONDS
from ai_usage_tests.support.sample_tables import PLAYS, SONGS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "music.duckdb"


def has_column(engine: DuckDBEngine, name: str) -> bool:
    with engine.session() as session:
        stored = session.stored_table(SONGS.name)
        return stored is not None and name in stored.shape


def test_catalog_is_read_once_while_the_file_stays_open(path: Path) -> None:
    engine = DuckDBEngine(path)
    with engine.session() as session:
        session.execute(engine.create_table(SONGS))
        with patch.object(catalog, "_read", wraps=catalog._read) as read:
            assert [has_column(engine, "artist") for _ in range(5)] == [True] * 5
            assert read.call_count == 1


def test_created_tables_are_known_as_they_are_read(path: Path) -> None:
    engine = DuckDBEngine(path)
    tables = [table for table in TABLES if table.layer is not Layer.VIEW]
    with engine.session() as session, patch.object(catalog, "_read", wraps=catalog._read) as read:
        for table in tables:
            session.create_table(table, engine.create_table(table))
        known = {table.name: session.stored_table(table.name) for table in tables}
        assert read.call_count == 0
    engine.close()
    with engine.session() as session:
        assert known == {table.name: session.stored_table(table.name) for table in tables}


def test_table_that_cannot_be_described_is_not_created(path: Path) -> None:
    engine = DuckDBEngine(path)
    with engine.session() as session:
        with pytest.raises(duckdb.Error):
            session.create_table(PLAYS, engine.create_table(SONGS))
        assert session.stored_table(SONGS.name) is None


def test_change_by_another_engine_of_this_process_is_seen(path: Path) -> None:
    engine, other = DuckDBEngine(path), DuckDBEngine(path)
    with engine.session() as session:
        session.execute(engine.create_table(SONGS))
        assert not has_column(engine, "mood")
        with other.session() as changing:
            changing.execute(f"alter table `{SONGS.name}` add column mood string")
        assert has_column(engine, "mood")


def test_change_by_another_process_is_seen(path: Path) -> None:
    engine = DuckDBEngine(path)
    with engine.session() as session:
        session.execute(engine.create_table(SONGS))
    assert not has_column(engine, "mood")
    engine.close()
    alter = f"import duckdb; duckdb.connect({str(path)!r}).execute('alter table ai_usage.{SONGS.name} add column mood text')"
    subprocess.run([sys.executable, "-c", alter], check=True, timeout=MAX_SECONDS)
    assert has_column(engine, "mood")
