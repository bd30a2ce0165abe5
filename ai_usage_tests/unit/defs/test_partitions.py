"""Partitions: UTC days, and which of them a run may have."""

from datetime import UTC, date, datetime

import pytest
from dagster._core.definitions.partitions.context import PartitionLoadingContext
from dagster._core.definitions.temporal_context import TemporalContext

from ai_usage_assets.defs.partitions import InvalidDaysError, daily, started_months

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_a_partition_key_is_compared_with_the_given_clock() -> None:
    days = daily(date(2026, 1, 1), lambda: NOW)
    context = PartitionLoadingContext(
        temporal_context=TemporalContext(effective_dt=NOW, last_event_id=None), dynamic_partitions_store=None
    )

    with pytest.raises(InvalidDaysError, match="the last closed day is 2026-01-04"):
        days.validate_partition_key("2026-01-05", context)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (
            "2026-02",
            r"2026-02 has not begun, and the running month is 2026-01 \(UTC\)\. Nothing was written\.",
        ),
        ("2025-09", r"2025-09 is before the first month there is, 2025-10\."),
        ("2026-1", r"'2026-1' is not a month like 2026-10\."),
    ],
)
def test_months_with_a_page_are_those_that_have_begun(key: str, reason: str) -> None:
    months = started_months(date(2025, 10, 20), lambda: NOW)
    context = PartitionLoadingContext(
        temporal_context=TemporalContext(effective_dt=NOW, last_event_id=None), dynamic_partitions_store=None
    )
    # the month of the start date and the running one are among them
    assert months.get_partition_keys(current_time=NOW) == ["2025-10", "2025-11", "2025-12", "2026-01"]
    months.validate_partition_key("2026-01", context)
    with pytest.raises(InvalidDaysError, match=reason):
        months.validate_partition_key(key, context)
