"""Anthropic's analytics endpoints (beta): the vendor's own allocation of cost and usage to actors and keys."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from ai_usage_assets.days import ONE_DAY, Days, midnight
from ai_usage_assets.sources.anthropic.analytics_records import (
    AnalyticsCost,
    AnalyticsPage,
    AnalyticsRow,
    AnalyticsUsage,
)
from ai_usage_assets.sources.http.errors import PageExpiredError
from ai_usage_assets.sources.http.paging import page_token

if TYPE_CHECKING:
    from ai_usage_assets.sources.http.client import Endpoint, VendorHttp


R = TypeVar("R", bound=AnalyticsRow)

BETA = "analytics-usage-cost-2026-08-24"
COST, USAGE = "/v1/organizations/analytics/cost", "/v1/organizations/analytics/usage"
USAGE_GROUPS = ("actor", "api_key_id", "workspace_id", "model")
COST_GROUPS = (*USAGE_GROUPS, "cost_type", "token_type")
"""The last two do not count toward the limit of five groups."""
MAX_ROWS = 1000
FIRST_DAY = date(2026, 1, 1)
HISTORY = timedelta(days=364)
"""The vendor keeps 365 days up to now, and the oldest of them is not whole."""


def earliest_day(now: datetime) -> date:
    """The oldest UTC day that can be requested."""
    return max(FIRST_DAY, now.astimezone(UTC).date() - HISTORY)


def cost(http: "VendorHttp", days: Days) -> "tuple[Endpoint, list[AnalyticsCost]]":
    endpoint = http.endpoint(COST, headers={"anthropic-beta": BETA})
    return endpoint, _rows(endpoint, AnalyticsPage[AnalyticsCost], days, COST_GROUPS)


def usage(http: "VendorHttp", days: Days) -> list[AnalyticsUsage]:
    endpoint = http.endpoint(USAGE, headers={"anthropic-beta": BETA})
    return _rows(endpoint, AnalyticsPage[AnalyticsUsage], days, USAGE_GROUPS)


def _rows(endpoint: "Endpoint", page: type[AnalyticsPage[R]], days: Days, groups: tuple[str, ...]) -> list[R]:
    """All rows of the days; a day without usage has none.

    Raises:
        PageExpiredError: the vendor renewed its data twice while the pages were read.
        InvalidAnswerError: a row is not about one of the days, or not about a whole day.
    """
    params = {
        "starting_at": f"{days.starting_at:%Y-%m-%dT%H:%M:%SZ}",
        "ending_at": f"{days.ending_at:%Y-%m-%dT%H:%M:%SZ}",
        "time_bucket_width": "1d",
        "group_by[]": list(groups),
        "order_by": "time",
        "order": "asc",
        "limit": MAX_ROWS,
    }
    try:
        found = _all_pages(endpoint, page, params)
    except PageExpiredError:
        # the pages that were read belong to the old data, so all pages are read again
        found = _all_pages(endpoint, page, params)
    for row in found:
        if row.starting_at != midnight(row.day) or row.ending_at - row.starting_at != ONE_DAY:
            raise endpoint.invalid_answer(f"sent a row of {row.day} that is not one whole UTC day")
        if row.day not in days:
            raise endpoint.invalid_answer(f"sent {row.day}, which was not requested")
    return found


def _all_pages(endpoint: "Endpoint", page: type[AnalyticsPage[R]], params: dict[str, Any]) -> list[R]:
    return [row for rows in page_token(endpoint, page, params) for row in rows]
