"""The checks of constraints find changes that were made to a table by other means than its asset."""

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_tests.support.harness import DAY, Harness, failed_checks

TABLE = "raw_cursor_usage"
NAMES = {"key_unique", "not_null", "valid_values", "columns_as_declared"}


@pytest.fixture
def loaded(harness: Harness) -> Harness:
    assert harness.materialize(TABLE, Days.one(DAY)).success
    return harness


def checked(loaded: Harness, table: str = TABLE) -> dg.ExecuteInProcessResult:
    """A run of the table's checks of constraints, by themselves."""
    with loaded.code_location() as defs:
        keys = {
            key
            for key in defs.resolve_asset_graph().asset_check_keys
            if key.asset_key.path == [table] and key.name in NAMES
        }
        job = defs.resolve_implicit_global_asset_job_def()
        return job.get_subset(asset_selection=set(), asset_check_selection=keys).execute_in_process(
            instance=loaded.instance
        )


def failing_checks(loaded: Harness, table: str = TABLE) -> set[str]:
    return {name.split(":")[1] for name in failed_checks(checked(loaded, table))}


def windows(result: dg.ExecuteInProcessResult, table: str) -> set[object]:
    """What the checks of a table's rows say that they looked at."""
    found = result.get_asset_check_evaluations()
    return {
        each.metadata["window"].value
        for each in found
        if each.asset_key.path == [table] and each.check_name in NAMES - {"columns_as_declared"}
    }


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


def test_a_views_rows_are_read_once_by_the_run_that_creates_it(harness: Harness) -> None:
    view, folder = "agg_monthly_rates", harness.folder / "identity"
    folder.mkdir(exist_ok=True)
    (folder / "fx.csv").write_text("month,currency,rate\n2026-09,EUR,0.91\n", encoding="utf-8")
    created = harness.materialize(f"identity_fx,{view}", Days.one(DAY))
    assert windows(created, view) == {"whole table, when the run created the view"}

    harness.execute("insert into identity_fx select * from identity_fx")
    assert failing_checks(harness, view) == {"key_unique"}
