"""How often DuckDB's catalog is read, and that a change is seen: by this process, and by another one."""

import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from ai_usage_assets.warehouse.duckdb import catalog
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.sample_tables import SONGS


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
    subprocess.run([sys.executable, "-c", alter], check=True, timeout=60)
    assert has_column(engine, "mood")
