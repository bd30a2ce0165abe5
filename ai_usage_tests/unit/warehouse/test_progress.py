"""The line of a long write's progress, and what a write is recorded with for each day."""

from datetime import date
from unittest.mock import patch

from ai_usage_assets.days import Days
from ai_usage_assets.warehouse import progress
from ai_usage_assets.warehouse.engine import DayStats, Written

DAYS = Days(date(2026, 10, 1), date(2026, 10, 2))
FIRST, TOTAL = DayStats(3, 70, {"cost_usd": 1.5}), DayStats(5, 90, {})


def test_the_progress_of_a_write_has_its_days_rows_and_the_time_that_is_left() -> None:
    with patch("time.monotonic", side_effect=[100.0, 104.0, 104.0]):
        done = progress.Progress(Days(DAYS.first, date(2026, 10, 10)))
        done.add(Written(DAYS, {DAYS.first: FIRST, DAYS.last: TOTAL}, "job", 1.25), is_main_table=True)
        # another table of the same response
        done.add(Written(DAYS, {DAYS.first: FIRST}, "job", 0.5), is_main_table=False)
        assert str(done) == "2 of 10 days, 8 rows, 0.5 days/s, about 16 s left"
        assert done.write_seconds == 1.75
        done.add(Written(None, {None: TOTAL}, "job", 0), is_main_table=True)
        assert str(done) == "2 of 10 days, 13 rows, 0.5 days/s, about 16 s left"


def test_each_written_day_has_its_statistics_and_one_without_rows_has_zeros() -> None:
    nothing = DayStats(0, 0, {})

    assert list(progress.per_partition(Written(DAYS, {DAYS.first: FIRST}, "job", 0))) == [
        ("2026-10-01", FIRST),
        ("2026-10-02", nothing),
    ]
    assert list(progress.per_partition(Written(None, {None: TOTAL}, "job", 0))) == [(None, TOTAL)]
    assert list(progress.per_partition(Written(None, {}, "job", 0))) == [(None, nothing)]
