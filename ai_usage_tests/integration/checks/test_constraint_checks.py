"""The checks of constraints find changes that were made to a table by other means than its asset."""

import pytest

from ai_usage_assets.days import Days
from ai_usage_tests.support.harness import DAY, Harness, failed_checks

TABLE = "raw_cursor_usage"
NAMES = {"key_unique", "not_null", "valid_values", "columns_as_declared"}


@pytest.fixture
def loaded(harness: Harness) -> Harness:
    assert harness.materialize(TABLE, Days.one(DAY)).success
    return harness


def failing_checks(loaded: Harness) -> set[str]:
    with loaded.code_location() as defs:
        keys = {
            key
            for key in defs.resolve_asset_graph().asset_check_keys
            if key.asset_key.path == [TABLE] and key.name in NAMES
        }
        job = defs.resolve_implicit_global_asset_job_def()
        result = job.get_subset(asset_selection=set(), asset_check_selection=keys).execute_in_process()
    return {name.split(":")[1] for name in failed_checks(result)}


def test_an_unchanged_table_passes(loaded: Harness) -> None:
    assert failing_checks(loaded) == set()


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("insert into raw_cursor_usage select * from raw_cursor_usage limit 1", "key_unique"),
        ("update raw_cursor_usage set total_accepts = -1 where true", "valid_values"),
    ],
)
def test_changed_rows_fail_that_check_alone(loaded: Harness, statement: str, check: str) -> None:
    loaded.execute(statement)
    assert failing_checks(loaded) == {check}


def test_a_dropped_column_fails_every_check(loaded: Harness) -> None:
    loaded.execute("alter table raw_cursor_usage drop column total_accepts")
    assert failing_checks(loaded) == NAMES
