"""Anthropic's Admin API: one method for each endpoint, from a request to typed records.

A report is accepted only if it has every requested day exactly once, and each is one whole UTC day.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, ClassVar, TypeVar

from ai_usage_assets.days import ONE_DAY, Days, midnight
from ai_usage_assets.sources.anthropic import analytics
from ai_usage_assets.sources.anthropic.analytics_records import AnalyticsCost, AnalyticsUsage
from ai_usage_assets.sources.anthropic.records import (
    AccountBucket,
    ApiKey,
    Bucket,
    ClaudeCodeRecord,
    CostBucket,
    Organization,
    UsageBucket,
    User,
    Workspace,
)
from ai_usage_assets.sources.http.client import Endpoint, Vendor, VendorClient, VendorHttp, checked_key
from ai_usage_assets.sources.http.paging import IdPage, TokenPage, after_id, page_token
from ai_usage_assets.sources.http.retry import Retry
from ai_usage_assets.sources.source import ANTHROPIC

T = TypeVar("T")

VERSION = "2023-06-01"
"""A later version renames fields of keys, so it is pinned."""

USAGE_GROUPS = ("api_key_id", "workspace_id", "model", "service_tier", "context_window")
ACCOUNT_GROUPS = ("account_id", "service_account_id", "workspace_id", "model", "service_tier")
"""The report takes at most five groups, so usage by account needs a request of its own."""
COST_GROUPS = ("workspace_id", "description")

MAX_BUCKETS = ANTHROPIC.max_days
MAX_RECORDS = 1000


class AnthropicAdmin(VendorClient):
    """Anthropic's Admin API with an Admin key."""

    MAX_DAYS: ClassVar[int] = ANTHROPIC.max_days
    """Days that one request of a report may span."""

    def __init__(
        self,
        api_key: str,
        base_url: str = ANTHROPIC.base_url,
        *,
        retry: Retry | None = None,
    ) -> None:
        hint = f"set {ANTHROPIC.key_variable} to an Admin key of the organization; a workspace's key may not read this"
        vendor = Vendor(ANTHROPIC, forbidden_hint=hint)
        headers = {"x-api-key": checked_key(vendor, api_key), "anthropic-version": VERSION}
        super().__init__(VendorHttp(vendor, base_url, headers=headers, retry=retry))

    def organization(self) -> Organization:
        """The organization that the key belongs to (organizations/me). It is the cheapest request."""
        return self._http.endpoint("/v1/organizations/me").get(Organization)

    def users(self) -> list[User]:
        """The current members (organizations/users)."""
        return self._list("/v1/organizations/users", IdPage[User])

    def api_keys(self) -> list[ApiKey]:
        """The API keys of every status (organizations/api_keys)."""
        return self._list("/v1/organizations/api_keys", IdPage[ApiKey])

    def workspaces(self, *, include_default: bool = True) -> list[Workspace]:
        """The workspaces, also the archived ones (organizations/workspaces).

        Args:
            include_default: whether to list the default workspace too.

        Raises:
            BadRequestError: the API is older than the parameter `include_default`.
        """
        more = {"include_default": "true"} if include_default else {}
        return self._list("/v1/organizations/workspaces", IdPage[Workspace], include_archived="true", **more)

    def messages_usage(self, days: Days, groups: Sequence[str] = USAGE_GROUPS) -> Iterator[UsageBucket]:
        """Tokens by key, workspace, model, tier and context window, one bucket for each day (usage_report/messages).

        Without groups, each day is one sum.

        Raises:
            InvalidAnswerError: a requested day is missing, repeated or not whole; buckets yielded before are not valid.
        """
        endpoint = self._http.endpoint("/v1/organizations/usage_report/messages")
        return _each_day_once(
            endpoint, page_token(endpoint, TokenPage[UsageBucket], _window(days, groups)), days
        )

    def account_usage(self, days: Days) -> Iterator[AccountBucket]:
        """Tokens by account, service account, workspace, model and tier, one bucket for each day (usage_report/messages).

        It includes all usage of the day again; usage with an API key names neither account.

        Raises:
            InvalidAnswerError: as for `messages_usage`.
        """
        endpoint = self._http.endpoint("/v1/organizations/usage_report/messages", counted_as="account_usage")
        return _each_day_once(
            endpoint, page_token(endpoint, TokenPage[AccountBucket], _window(days, ACCOUNT_GROUPS)), days
        )

    def cost_report(self, days: Days, groups: Sequence[str] = COST_GROUPS) -> Iterator[CostBucket]:
        """Cost lines by workspace and description, in cents, one bucket for each day (cost_report).

        Without groups, each day is one sum.

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
        """Claude Code's records of one UTC day (usage_report/claude_code).

        The vendor withholds records that are younger than an hour.

        Raises:
            InvalidAnswerError: a record is of another day, or its estimate is not in US dollars.
        """
        endpoint = self._http.endpoint("/v1/organizations/usage_report/claude_code")
        params = {"starting_at": day.isoformat(), "limit": MAX_RECORDS}
        for page in page_token(endpoint, TokenPage[ClaudeCodeRecord], params):
            for record in page:
                if record.date != day:
                    raise endpoint.invalid_answer(f"sent a record of {record.date} in the answer for {day}")
                for used in record.model_breakdown:
                    if used.estimated_cost:
                        _dollars_only(endpoint, used.estimated_cost.currency, day)
                yield record

    def analytics_cost(self, days: Days) -> list[AnalyticsCost]:
        """Cost of each actor and key, by workspace, model and kind of token, in cents (analytics/cost, beta).

        Raises:
            BadRequestError, ForbiddenError, NotFoundError: the vendor does not offer it to the organization.
            PageExpiredError: the vendor renewed its data twice while the pages were read.
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
        pages = after_id(self._http.endpoint(path), page, {"limit": MAX_RECORDS, **params})
        return [record for records in pages for record in records]


def _window(days: Days, groups: Sequence[str]) -> dict[str, Any]:
    return {
        "starting_at": f"{days.starting_at:%Y-%m-%dT%H:%M:%SZ}",
        "ending_at": f"{days.ending_at:%Y-%m-%dT%H:%M:%SZ}",
        "bucket_width": "1d",
        "group_by[]": list(groups),
        "limit": min(MAX_BUCKETS, len(days)),
    }


def _each_day_once(endpoint: Endpoint, pages: Iterable[list[Bucket[T]]], days: Days) -> Iterator[Bucket[T]]:
    """The buckets, if each requested day is there once and whole; the vendor also sends empty days."""
    due = set(days)
    for page in pages:
        for bucket in page:
            day = bucket.day
            if bucket.starting_at != midnight(day) or bucket.ending_at - bucket.starting_at != ONE_DAY:
                raise endpoint.invalid_answer(f"sent a bucket of {day} that is not one whole UTC day")
            if day not in due:
                raise endpoint.invalid_answer(
                    f"sent {day} twice" if day in days else f"sent {day}, which was not requested"
                )
            due.remove(day)
            yield bucket
    if due:
        raise endpoint.invalid_answer(
            f"left out {len(due)} of the {len(days)} requested days, the first is {min(due)}"
        )


def _dollars_only(endpoint: Endpoint, currency: str, day: date) -> None:
    if currency != "USD":
        named = currency if currency.isalpha() and len(currency) == 3 else "an unknown one"
        raise endpoint.invalid_answer(
            f"bills {day} in another currency, {named}",
            "only USD can be summed, and none of it was used; ask the vendor to bill in USD",
        )
