"""Which days a check looks at: the run's, or all of them when it is run by itself."""

from collections.abc import Mapping
from datetime import date

from ai_usage_assets.days import Days
from ai_usage_assets.partitions import days_tagged

ALL = Days(date(2000, 1, 1), date(2099, 12, 31))


def days_of_run(tags: Mapping[str, str]) -> Days:
    """The days that the run's tags name."""
    return days_tagged(tags) or ALL
