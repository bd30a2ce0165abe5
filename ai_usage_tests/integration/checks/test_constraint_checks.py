"""The checks from the declarations see what somebody did to a table behind the door's back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.graph import environment, exported, failed_checks, materialise

DAY = Days.one(date(2026, 11, 18))
NAMES = {"key_unique", "not_null", "valid_values", "columns_as_declared"}


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    with running(now=datetime(2026, 11, 20, 12, tzinfo=UTC)) as sandbox:
        env = environment(sandbox, DuckDBEngine(tmp_path / "ai_usage.duckdb"), tmp_path)
        assert materialise(env, DAY, "raw_cursor_usage").success
        yield env


def failing_after(env: dict[str, str], tmp_path: Path, *tampering: str) -> set[str]:
    with DuckDBEngine(tmp_path / "ai_usage.duckdb").session() as session:
        for sql in tampering:
            session.execute(sql)
    with exported(env) as defs:
        job = defs.resolve_implicit_global_asset_job_def()
        keys = [
            key
            for key in defs.resolve_asset_graph().asset_check_keys
            if key.asset_key.path == ["raw_cursor_usage"] and key.name in NAMES
        ]
        result = job.get_subset(asset_selection=set(), asset_check_selection=set(keys)).execute_in_process()
    return {name.split(":")[1] for name in failed_checks(result)}


def test_an_untouched_table_passes(env: dict[str, str], tmp_path: Path) -> None:
    assert failing_after(env, tmp_path) == set()


@pytest.mark.parametrize(
    ("tampering", "check"),
    [
        ("insert into raw_cursor_usage select * from raw_cursor_usage limit 1", "key_unique"),
        ("update raw_cursor_usage set total_accepts = -1 where true", "valid_values"),
    ],
)
def test_tampered_rows_fail_that_check_alone(
    env: dict[str, str], tmp_path: Path, tampering: str, check: str
) -> None:
    assert failing_after(env, tmp_path, tampering) == {check}


def test_a_dropped_column_fails_the_columns_and_says_that_nothing_else_was_looked_at(
    env: dict[str, str], tmp_path: Path
) -> None:
    assert failing_after(env, tmp_path, "alter table raw_cursor_usage drop column total_accepts") == NAMES
