"""A warehouse of a few rows that are written by hand, and the command `ai-usage` on it: for tests of what a verb reads."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from ai_usage_assets.curated.select import select
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import View, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.write import create_view
from ai_usage_tests.support.command import Done, ai_usage
from ai_usage_tests.support.harness import NOW
from ai_usage_tests.support.rule_cases import Row, insert


class SmallWarehouse:
    """A DuckDB file with these tables and views, in a folder with the identity files and the pages."""

    def __init__(self, folder: Path, tables: Iterable[str], views: Iterable[str]) -> None:
        self.folder = folder
        self.engine = DuckDBEngine(folder / "ai_usage.duckdb")
        self.env = {
            "AI_USAGE_DUCKDB_PATH": str(folder / "ai_usage.duckdb"),
            "AI_USAGE_IDENTITY_DIR": str(folder / "identity"),
            "AI_USAGE_REPORT_DIR": str(folder / "reports"),
        }
        with self.engine.session() as session:
            ensure_tables(self.engine, session, [BY_NAME[name] for name in tables])
        for name in views:
            view = select(BY_NAME[name])
            assert isinstance(view, View)
            create_view(self.engine, BY_NAME[name], view, WriteContext("run", "view"))

    def given(self, name: str, rows: list[Row]) -> None:
        with self.engine.session() as session:
            session.execute(insert(BY_NAME[name], rows))

    def write(self, file: str, *lines: str) -> None:
        """Write an identity file."""
        path = self.folder / "identity" / file
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def run(self, line: str, now: datetime = NOW, **env: str) -> Done:
        self.engine.close()
        return ai_usage(line, self.folder, {**self.env, **env}, now)
