"""Partitions: UTC days, and which of them a run may have."""

from datetime import UTC, date, datetime

import pytest
from dagster._core.definitions.partitions.context import PartitionLoadingContext
from dagster._core.definitions.temporal_context import TemporalContext

from ai_usage_assets.defs.partitions import InvalidDaysError, daily

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_a_partition_key_is_compared_with_the_given_clock() -> None:
    days = daily(date(2026, 1, 1), lambda: NOW)
    context = PartitionLoadingContext(
        temporal_context=TemporalContext(effective_dt=NOW, last_event_id=None), dynamic_partitions_store=None
    )

    with pytest.raises(InvalidDaysError, match="the last closed day is 2026-01-04"):
        days.validate_partition_key("2026-01-05", context)
