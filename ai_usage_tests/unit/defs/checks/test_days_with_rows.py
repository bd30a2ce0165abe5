"""When a check takes the days of its last result, and when it reads its table again."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.loaded_days import DaysWithRows, recent_days_with_rows
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine, DuckDBSession
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.sample_calls import calls

CHECK = "a_check"
CHANGED_AT = datetime(2026, 11, 20, 1, tzinfo=UTC)
# the table has the 3rd in place of the 5th and 6th, so that a read finds other days than the result has
IN_RESULT = DaysWithRows(
    Days(date(2026, 11, 2), date(2026, 11, 9)),
    frozenset({date(2026, 11, 2), date(2026, 11, 5), date(2026, 11, 6)}),
    CHANGED_AT,
)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DuckDBEngine:
    """A warehouse with calls from November 1 to 3. It says when a table was changed, as BigQuery does."""
    engine = DuckDBEngine(tmp_path / "ai_usage.duckdb")
    loaded = Days(date(2026, 11, 1), date(2026, 11, 3))
    replace(engine, RAW_CURSOR_EVENTS, calls(*loaded), loaded, WriteContext("run", "write"))
    monkeypatch.setattr(DuckDBSession, "changed_at", lambda *_: CHANGED_AT)
    return engine


def report(instance: dg.DagsterInstance, result: DaysWithRows) -> None:
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(RAW_CURSOR_EVENTS.name),
            check_name=CHECK,
            passed=True,
            metadata={name: dg.MetadataValue.text(value) for name, value in result.metadata.items()},
        )
    )


def read(first: int, last: int, *days: int) -> DaysWithRows:
    """What a read of the table finds, of the window and of the week after it."""
    window = Days(date(2026, 11, first), date(2026, 11, last))
    return DaysWithRows(window, frozenset(date(2026, 11, day) for day in days), CHANGED_AT)


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (2, 2, IN_RESULT),
        (2, 9, IN_RESULT),
        (3, 8, IN_RESULT),
        # the window begins before the result's, such as after AI_USAGE_START_DATE was changed to an earlier day
        (1, 3, read(1, 10, 1, 2, 3)),
        # it ends after the result's
        (3, 10, read(3, 17, 3)),
    ],
)
def test_a_result_is_used_again_for_a_window_within_its_own(
    engine: DuckDBEngine, instance: dg.DagsterInstance, first: int, last: int, found: DaysWithRows
) -> None:
    report(instance, IN_RESULT)
    window = Days(date(2026, 11, first), date(2026, 11, last))
    assert recent_days_with_rows(engine, instance, RAW_CURSOR_EVENTS, CHECK, window) == found


def test_a_result_from_before_a_change_of_the_table_is_not_used(
    engine: DuckDBEngine, instance: dg.DagsterInstance
) -> None:
    window = IN_RESULT.window
    before = DaysWithRows(window, IN_RESULT.days, CHANGED_AT - timedelta(microseconds=1))
    report(instance, before)
    found = recent_days_with_rows(engine, instance, RAW_CURSOR_EVENTS, CHECK, window)
    assert found == read(2, 16, 2, 3)
