"""What a check says, to the last word: passed, severity, sentence, and all metadata, at the edges of its thresholds."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.freshness import newest_closed_day_is_loaded
from ai_usage_assets.defs.checks.loaded_days import DaysWithRows
from ai_usage_assets.defs.checks.metrics import Measure, MetricRow, metric_rows
from ai_usage_assets.defs.checks.missing_values import EXPECTED, HINT, result
from ai_usage_assets.defs.checks.retention import no_missing_day_near_retention_end
from ai_usage_assets.defs.checks.unexpectedly_empty import no_unexpectedly_empty_day
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
OCTOBER = Days(date(2026, 10, 1), date(2026, 10, 31))
FOUND = DaysWithRows(OCTOBER, frozenset({date(2026, 10, 3), date(2026, 10, 4)}), NOW)
KEPT = {
    "table_changed_at": "2026-11-20T09:30:00+00:00",
    "window": "2026-10-01...2026-10-31",
    "days_with_rows": "2026-10-03...2026-10-04",
}


def whole(result: dg.AssetCheckResult) -> dict[str, Any]:
    """Everything that a person, or an alert, can see of a result."""
    seen = {"passed": result.passed, "severity": result.severity.value, "description": result.description}
    return seen | {name: getattr(value, "value", value) for name, value in (result.metadata or {}).items()}


def day(number: int) -> date:
    return date(2026, 10, number)


def metric(*rows: tuple[int, str | None, int, int], name: str = "m") -> list[MetricRow]:
    return [MetricRow(name, day(n), subject, Decimal(part), Decimal(of)) for n, subject, part, of in rows]


ROWS = metric((3, "key-1", 60, 100), (7, "key-1", 10, 20), (5, "key-2", 0, 80), (5, None, 130, 200))
"""Part 200, whole 400."""
OF_KEYS = "- key-2: 80.0000 on 1 day(s), 2026-10-05 to 2026-10-05\n- key-1: 50.0000 on 2 day(s), 2026-10-03 to 2026-10-07"
BY_PART = "- key-1: 70.0000 on 2 day(s), 2026-10-03 to 2026-10-07\n- key-2: 0.0000 on 1 day(s), 2026-10-05 to 2026-10-05"
WITH_WORTH = (
    "- key-1: 70.0000 worth 120.0000 USD on 2 day(s), 2026-10-03 to 2026-10-07\n"
    "- key-2: 0.0000 worth 80.0000 USD on 1 day(s), 2026-10-05 to 2026-10-05"
)


@pytest.mark.parametrize(
    ("measure", "figure", "just_fails", "offending"),
    [
        (Measure.COVERAGE, 0.5, 0.500001, OF_KEYS),
        (Measure.SHARE, 0.5, 0.499999, BY_PART),
        (Measure.COUNT, 200.0, 199.9, BY_PART),
        (Measure.COUNT_WITH_WORTH, 200.0, 199.9, WITH_WORTH),
        (Measure.RELATIVE_DIFFERENCE, 0.5, 0.499999, OF_KEYS),
    ],
)
def test_a_metric_says_its_figure_and_who_makes_it_and_warns_beyond_its_tolerance(
    measure: Measure, figure: float, just_fails: float, offending: str
) -> None:
    found = metric_rows("fct_cost_daily", "m", OCTOBER, [*ROWS, *metric((1, "other", 9, 9), name="n")])
    expected = {
        "severity": "WARN",
        "description": None,
        "window": "2026-10-01...2026-10-31",
        "figure": figure,
        "meaning": measure.value,
        "part": 200.0,
        "whole": 400.0,
        "offending_rows": offending,
    }

    # exactly the tolerance is good
    assert whole(found.result(measure, figure, "Look.")) == expected | {"passed": True, "tolerance": figure}
    assert whole(found.result(measure, just_fails, "Look.")) == expected | {
        "passed": False,
        "tolerance": just_fails,
        "hint": "Look.",
    }


def test_a_metric_shows_twenty_rows_and_six_months_and_passes_without_anything_to_compare() -> None:
    many = metric(*((1 + n % 28, f"key-{n:02}", n, 0) for n in range(21)))
    months = [
        MetricRow("m_by_month", date(2026, month, 1), None, Decimal(month), Decimal(10 if month > 5 else 0))
        for month in range(4, 11)
    ]
    found = whole(
        metric_rows("fct_cost_daily", "m", OCTOBER, [*many, *months]).result(Measure.SHARE, 0.1, "Look.")
    )

    assert (found["passed"], found["figure"], found["part"]) == (True, "nothing to compare", 210.0)
    assert "hint" not in found
    assert found["trend"] == (
        "- 2026-05: nothing\n- 2026-06: 60.0%\n- 2026-07: 70.0%\n- 2026-08: 80.0%\n- 2026-09: 90.0%\n- 2026-10: 100.0%"
    )
    listed = found["offending_rows"].splitlines()
    assert (len(listed), listed[0]) == (20, "- key-20: 20.0000 on 1 day(s), 2026-10-21 to 2026-10-21")
    assert listed[-1] == "- key-01: 1.0000 on 1 day(s), 2026-10-02 to 2026-10-02"


def test_a_hundredth_of_the_records_may_lack_a_value_and_each_value_that_more_lack_is_named() -> None:
    (events,) = (expected for expected in EXPECTED if expected.table is RAW_CURSOR_EVENTS)
    counts = {
        "records": 1200,
        "without_kind": 12,
        "without_model": 13,
        "without_email": 1100,
        "tolerance": 0.01,
    }

    assert whole(
        result(events, {"records": 1200, "absent_0": 12, "absent_1": 13, "absent_2": 1100})
    ) == counts | {
        "passed": False,
        "severity": "WARN",
        "description": "raw_cursor_events: of 1,200 records 13 without model, 1,100 without e-mail",
        "hint": HINT,
    }
    few = {"records": 1200, "absent_0": 12, "absent_1": 0, "absent_2": None}
    assert whole(result(events, few)) == counts | {
        "passed": True,
        "severity": "WARN",
        "description": None,
        "without_model": 0,
        "without_email": 0,
    }


def test_days_at_risk_are_an_error_until_their_deadline_and_days_lost_in_a_week_are_a_warning() -> None:
    # the vendor has the days from 31 October; those to 14 November are at risk, those from 24 October are lost
    missing = [day(23), day(24), day(30), day(31), date(2026, 11, 14), date(2026, 11, 15)]
    common = {"oldest_day_at_the_vendor": "2026-10-31", **KEPT}
    lost = "2026-10-24, 2026-10-30"

    assert whole(no_missing_day_near_retention_end(RAW_CURSOR_EVENTS, missing, 20, NOW, FOUND)) == common | {
        "passed": False,
        "severity": "ERROR",
        "description": (
            "raw_cursor_events: 2026-10-31, 2026-11-14 not loaded, and no longer in Cursor's history after 2026-11-20"
        ),
        "days_at_risk": 2,
        "lost": f"{lost}: not loaded, and no longer in the vendor's history",
        "at_risk": "2026-10-31, 2026-11-14",
        "deadline": "2026-11-20",
        "hint": "Materialize raw_cursor_events for these days by 2026-11-20. Later they cannot be fetched.",
    }
    assert whole(
        no_missing_day_near_retention_end(RAW_CURSOR_EVENTS, missing[:3], 20, NOW, FOUND)
    ) == common | {
        "passed": False,
        "severity": "WARN",
        "description": f"raw_cursor_events: {lost} not loaded, and no longer in Cursor's history",
        "days_at_risk": 0,
        "lost": f"{lost}: not loaded, and no longer in the vendor's history",
    }
    kept = [missing[0], missing[-1]]
    assert whole(no_missing_day_near_retention_end(RAW_CURSOR_EVENTS, kept, 20, NOW, FOUND)) == common | {
        "passed": True,
        "severity": "WARN",
        "description": None,
        "days_at_risk": 0,
    }


def test_an_empty_day_is_a_warning_only_if_the_four_same_weekdays_before_had_rows() -> None:
    thursday, weeks = date(2026, 11, 19), [date(2026, 11, 19) - timedelta(weeks=n) for n in range(1, 5)]
    common = {"severity": "WARN", "due_day": "2026-11-19", **KEPT}
    good = common | {"passed": True, "description": None}

    def of(with_rows: list[date], empty: set[date]) -> dict[str, Any]:
        return whole(no_unexpectedly_empty_day(RAW_CURSOR_EVENTS, thursday, set(with_rows), empty, FOUND))

    assert of(weeks, {thursday}) == common | {
        "passed": False,
        "description": (
            "raw_cursor_events: no rows on Thursday 2026-11-19, but rows on each of the 4 Thursdays before"
        ),
        "hint": (
            "If it was not a holiday, see cursor's status page. When the vendor has the day's data again, the sensor loads "
            "it within a month. To load it by hand, materialize raw_cursor_events, 2026-11-19."
        ),
    }
    assert of(weeks[:3], {thursday}) == good
    assert of(weeks[1:], {thursday}) == good
    assert of(weeks, set()) == good


def test_the_newest_day_is_late_from_the_hour_on_that_it_is_due() -> None:
    lag, start = timedelta(hours=30), date(2026, 1, 1)

    def of(newest: date | None, now: datetime, start_date: date = start) -> dict[str, Any]:
        return whole(newest_closed_day_is_loaded(RAW_CURSOR_EVENTS, newest, start_date, lag, now, FOUND))

    due_at = datetime(2026, 11, 20, 6, tzinfo=UTC)
    late = {
        "passed": False,
        "severity": "ERROR",
        "description": "raw_cursor_events: 2026-11-17...2026-11-18 is not loaded, 24 hours late",
        "newest_day": "2026-11-16",
        "due_day": "2026-11-18",
        **KEPT,
        "hours_late": 24.0,
        "hint": (
            "See why cursor's sensor requests no run (the reason is in its skipped ticks), and why its last run failed. "
            "When the vendor answers, the sensor loads the day. To load it by hand, materialize raw_cursor_events, "
            "2026-11-17...2026-11-18."
        ),
    }
    good = {"passed": True, "severity": "ERROR", "description": None, **KEPT}
    assert of(date(2026, 11, 16), due_at) == late
    assert of(date(2026, 11, 17), due_at - timedelta(seconds=1)) == good | {
        "newest_day": "2026-11-17",
        "due_day": "2026-11-17",
    }
    assert of(None, due_at)["description"] == "raw_cursor_events: 2026-11-18 is not loaded, 0 hours late"
    first = of(None, due_at, date(2026, 11, 18))
    assert (first["passed"], first["newest_day"]) == (False, "None")
    # a day before the first one is never due
    assert of(None, due_at, date(2026, 11, 19)) == good | {"newest_day": "None", "due_day": "2026-11-18"}
