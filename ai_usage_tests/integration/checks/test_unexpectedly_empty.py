"""An empty day is an answer, and a strange one where that weekday has had rows for four weeks: that is warned of."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.unexpectedly_empty import CHECK
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_tests.support.harness import Harness, check_metadata

THURSDAY = date(2026, 11, 19)
MONTH = Days(date(2026, 10, 22), THURSDAY)
EVENING = datetime(2026, 11, 20, 20, tzinfo=UTC)
"""Thursday is due since six."""
TABLE = "raw_cursor_events"


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """A month of Thursdays with rows, but the vendor's answer for the last one is empty."""
    with running(now=EVENING) as sandbox:
        sandbox.empty(THURSDAY, "cursor")
        harness = Harness(
            sandbox,
            tmp_path_factory.mktemp("month"),
            now=EVENING,
            env={"AI_USAGE_START_DATE": str(MONTH.first)},
        )
        assert harness.materialize(TABLE, MONTH).success
        yield harness


def check(month: Harness, now: datetime = EVENING) -> dg.AssetCheckEvaluation:
    return month.check(CHECK, now)[TABLE]


def test_an_empty_thursday_after_four_full_ones_is_warned_of_with_what_to_do(month: Harness) -> None:
    warned = check(month)

    assert (warned.passed, warned.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert warned.description == (
        "raw_cursor_events: no rows on Thursday 2026-11-19, but rows on each of the 4 Thursdays before"
    )
    assert f"materialize {TABLE}, 2026-11-19" in str(check_metadata(warned, "hint"))


def test_a_full_day_and_one_that_is_not_here_yet_are_not_warned_of(month: Harness) -> None:
    assert check(month, EVENING - timedelta(days=1)).passed
    assert check(month, EVENING + timedelta(days=1)).passed
