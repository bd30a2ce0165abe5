"""Anthropic's Admin API: the registers and the three reports. What a page is, is paging.py's; what a day is, is ours.

A report is taken only if it holds every asked day exactly once, each a whole UTC day.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar

from ai_usage_assets.days import ONE_DAY, Days, midnight
from ai_usage_assets.sources.anthropic import analytics
from ai_usage_assets.sources.anthropic.analytics_records import AnalyticsCost, AnalyticsUsage
from ai_usage_assets.sources.anthropic.records import (
    MAX_DAYS,
    AccountBucket,
    AccountUsage,
    ApiKey,
    Bucket,
    ClaudeCodeRecord,
    CostBucket,
    CostLine,
    MessagesUsage,
    Organization,
    UsageBucket,
    User,
    Workspace,
)
from ai_usage_assets.sources.http.client import Endpoint, Vendor, VendorHttp, checked_key
from ai_usage_assets.sources.http.errors import InvalidAnswerError
from ai_usage_assets.sources.http.paging import IdPage, TokenPage, after_id, page_token
from ai_usage_assets.sources.http.retry import Retry

__all__ = [
    "AccountBucket",
    "AccountUsage",
    "AnalyticsCost",
    "AnalyticsUsage",
    "AnthropicAdmin",
    "ApiKey",
    "ClaudeCodeRecord",
    "CostBucket",
    "CostLine",
    "MessagesUsage",
    "Organization",
    "UsageBucket",
    "User",
    "Workspace",
]

T = TypeVar("T")

VERSION = "2023-06-01"
"""A later version renames fields of keys, so it is pinned."""

USAGE_GROUPS = ("api_key_id", "workspace_id", "model", "service_tier", "context_window")
ACCOUNT_GROUPS = ("account_id", "service_account_id", "workspace_id", "model", "service_tier")
"""Five is the most that the report takes, so accounts need a request of their own."""
COST_GROUPS = ("workspace_id", "description")

MAX_BUCKETS = MAX_DAYS
MAX_RECORDS = 1000


class AnthropicAdmin:
    """Anthropic's Admin API with an Admin key. Safe between threads; a context manager."""

    MAX_DAYS: ClassVar[int] = MAX_DAYS
    """Days that one request of a report can hold; a longer run is paged."""

    def __init__(
        self,
        api_key: str,
        base_url: str = "https://api.anthropic.com",
        *,
        key_variable: str = "ANTHROPIC_ADMIN_API_KEY",
        url_variable: str = "ANTHROPIC_ADMIN_BASE_URL",
        retry: Retry | None = None,
    ) -> None:
        vendor = Vendor(
            name="Anthropic",
            key_variable=key_variable,
            url_variable=url_variable,
            forbidden_hint=f"make {key_variable} an Admin key of the organization; a workspace's key cannot ask this",
        )
        headers = {"x-api-key": checked_key(vendor, api_key), "anthropic-version": VERSION}
        self._http = VendorHttp(vendor, base_url, headers=headers, retry=retry)
        self.requests = self._http.requests

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def organization(self) -> Organization:
        """The organization the key belongs to (organizations/me): the cheapest question there is."""
        return self._http.endpoint("/v1/organizations/me").get(Organization)

    def users(self) -> list[User]:
        """Everybody who is a member now (organizations/users)."""
        return self._list("/v1/organizations/users", IdPage[User])

    def api_keys(self) -> list[ApiKey]:
        """Every API key of whatever status (organizations/api_keys)."""
        return self._list("/v1/organizations/api_keys", IdPage[ApiKey])

    def workspaces(self, *, include_default: bool = True) -> list[Workspace]:
        """Every workspace, the archived ones included, and the default one unless told not to (organizations/workspaces).

        Raises:
            BadRequestError: the API is older than the parameter `include_default`.
        """
        more = {"include_default": "true"} if include_default else {}
        return self._list("/v1/organizations/workspaces", IdPage[Workspace], include_archived="true", **more)

    def messages_usage(self, days: Days, groups: Sequence[str] = USAGE_GROUPS) -> Iterator[UsageBucket]:
        """Tokens by key, workspace, model, tier and context window, a bucket a day (usage_report/messages).

        Without groups a day is one sum.

        Raises:
            InvalidAnswerError: an asked day is missing, doubled or not whole; what was yielded before is not to be used.
        """
        endpoint = self._http.endpoint("/v1/organizations/usage_report/messages")
        return _each_day_once(
            endpoint, page_token(endpoint, TokenPage[UsageBucket], _window(days, groups)), days
        )

    def account_usage(self, days: Days) -> Iterator[AccountBucket]:
        """Tokens by account, service account, workspace, model and tier, a bucket a day (usage_report/messages).

        It holds all of the day's traffic again: what carries an API key names neither account.

        Raises:
            InvalidAnswerError: as for `messages_usage`.
        """
        endpoint = self._http.endpoint("/v1/organizations/usage_report/messages", counted_as="account_usage")
        return _each_day_once(
            endpoint, page_token(endpoint, TokenPage[AccountBucket], _window(days, ACCOUNT_GROUPS)), days
        )

    def cost_report(self, days: Days, groups: Sequence[str] = COST_GROUPS) -> Iterator[CostBucket]:
        """Cost lines by workspace and description, in cents, a bucket a day (cost_report).

        Without groups a day is one sum.

        Raises:
            InvalidAnswerError: as for `messages_usage`, and if a line is not in US dollars.
        """
        endpoint = self._http.endpoint("/v1/organizations/cost_report")
        pages = page_token(endpoint, TokenPage[CostBucket], _window(days, groups))
        for bucket in _each_day_once(endpoint, pages, days):
            for line in bucket.results:
                _dollars_only(endpoint, line.currency, bucket.day)
            yield bucket

    def claude_code(self, day: date) -> Iterator[ClaudeCodeRecord]:
        """Claude Code's records of one UTC day (usage_report/claude_code); younger than an hour, they are withheld.

        Raises:
            InvalidAnswerError: a record is of another day, or its estimate is not in US dollars.
        """
        endpoint = self._http.endpoint("/v1/organizations/usage_report/claude_code")
        question = {"starting_at": day.isoformat(), "limit": MAX_RECORDS}
        for page in page_token(endpoint, TokenPage[ClaudeCodeRecord], question):
            for record in page:
                if record.date != day:
                    raise endpoint.invalid_answer(
                        f"holds a record of {record.date} where {day} was asked for"
                    )
                for used in record.model_breakdown:
                    if used.estimated_cost:
                        _dollars_only(endpoint, used.estimated_cost.currency, day)
                yield record

    def analytics_cost(self, days: Days) -> list[AnalyticsCost]:
        """What each actor and key cost, by workspace, model and kind of token, in cents (analytics/cost, beta).

        Raises:
            BadRequestError, ForbiddenError, NotFoundError: the organization is not offered it.
            PageExpiredError: twice the vendor renewed its data while the pages were read.
            InvalidAnswerError: a row is not about one of the days, or not in US dollars.
        """
        endpoint, rows = analytics.cost(self._http, days)
        for row in rows:
            _dollars_only(endpoint, row.cost.currency, row.day)
        return rows

    def analytics_usage(self, days: Days) -> list[AnalyticsUsage]:
        """Tokens and requests of each actor and key, by workspace and model (analytics/usage, beta).

        Raises:
            VendorError: as for `analytics_cost`.
        """
        return analytics.usage(self._http, days)

    def _list(self, path: str, page: type[IdPage[T]], **params: str) -> list[T]:
        question = {"limit": MAX_RECORDS, **params}
        return [record for data in after_id(self._http.endpoint(path), page, question) for record in data]


def _window(days: Days, groups: Sequence[str]) -> dict[str, Any]:
    return {
        "starting_at": f"{days.starting_at:%Y-%m-%dT%H:%M:%SZ}",
        "ending_at": f"{days.ending_at:%Y-%m-%dT%H:%M:%SZ}",
        "bucket_width": "1d",
        "group_by[]": list(groups),
        "limit": min(MAX_BUCKETS, len(days)),
    }


def _each_day_once(endpoint: Endpoint, pages: Iterable[list[Bucket[T]]], days: Days) -> Iterator[Bucket[T]]:
    """The buckets, if they are the asked days, each whole and each once; the vendor sends empty days as well."""
    due = set(days)
    for page in pages:
        for bucket in page:
            day = bucket.day
            if bucket.starting_at != midnight(day) or bucket.ending_at - bucket.starting_at != ONE_DAY:
                raise endpoint.invalid_answer(f"has a bucket about {day} that is not one whole UTC day")
            if day not in due:
                raise endpoint.invalid_answer(
                    f"holds {day} twice" if day in days else f"holds {day}, which was not asked for"
                )
            due.remove(day)
            yield bucket
    if due:
        raise endpoint.invalid_answer(
            f"leaves out {len(due)} of the {len(days)} asked days, {min(due)} first"
        )


def _dollars_only(endpoint: Endpoint, currency: str, day: date) -> None:
    if currency != "USD":
        named = currency if currency.isalpha() and len(currency) == 3 else "an unknown one"
        raise InvalidAnswerError(
            endpoint.http.vendor.name,
            endpoint.path,
            what=f"bills {day} in another currency, {named}",
            hint="only USD can be summed, and none of it was used; ask the vendor to bill in USD",
        )
