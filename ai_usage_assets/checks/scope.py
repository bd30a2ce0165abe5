"""Which days a check looks at: the run's, or all of them when it is run by itself."""

from collections.abc import Mapping
from datetime import date

from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    PARTITION_NAME_TAG,
)

from ai_usage_assets.days import Days

ALL = Days(date(2000, 1, 1), date(2099, 12, 31))


def days_of_run(tags: Mapping[str, str]) -> Days:
    """The days that the run's tags name; a range has no partition of its own in a check's context."""
    first = tags.get(ASSET_PARTITION_RANGE_START_TAG) or tags.get(PARTITION_NAME_TAG)
    last = tags.get(ASSET_PARTITION_RANGE_END_TAG) or tags.get(PARTITION_NAME_TAG)
    return Days(date.fromisoformat(first), date.fromisoformat(last)) if first and last else ALL
