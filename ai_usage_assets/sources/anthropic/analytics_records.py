"""Records of Anthropic's analytics endpoints (beta), with its own shape: one row for each UTC day, group and actor."""

from datetime import date
from typing import Any, Generic, TypeVar

from msgspec import Struct

from ai_usage_assets.sources.anthropic.records import CacheCreation, ServerToolUse, Timed
from ai_usage_assets.sources.http.decode import Count, DecimalText, Instant
from ai_usage_assets.sources.http.paging import TokenPage
from ai_usage_assets.whitespace import trim

R = TypeVar("R", bound="AnalyticsRow")


class AnalyticsActor(Struct, kw_only=True):
    """A `user_actor`, `service_account_actor`, `federated_actor` or `api_actor`; each kind has its own id."""

    type: str | None = None
    user_id: str | None = None
    email_address: str | None = None
    """None for a deleted account."""
    deleted: bool | None = None
    """Also true for a person who has left and whose e-mail is still sent."""
    service_account_id: str | None = None
    api_key_id: str | None = None
    subject: str | None = None
    """The name of the caller at the cloud or identity provider."""
    provider: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.email_address = trim(self.email_address or "") or None

    @property
    def id(self) -> str | None:
        """The actor's id; for a federated actor its name at the provider, or the id of the provider."""
        own = self.user_id or self.service_account_id or self.api_key_id or self.subject
        names = ("account_id", "subscription_id", "project_number", "issuer")
        provider = self.provider or {}
        return own or next((str(provider[name]) for name in names if provider.get(name)), None)


class AnalyticsGroup(Struct, kw_only=True):
    """The group of a row. A field is None if there is no value, or if the vendor does not know it."""

    actor: AnalyticsActor | None = None
    api_key_id: str | None = None
    """The key of the request, for every kind of actor; None for usage without a key."""
    workspace_id: str | None = None
    """The real id, also of the default workspace; None for the only workspace of a Claude Enterprise organization."""
    model: str | None = None
    cost_type: str | None = None
    token_type: str | None = None


class AnalyticsRow(Timed, kw_only=True):
    starting_at: Instant
    ending_at: Instant
    group: AnalyticsGroup
    data_refreshed_at: Instant | None = None
    """Of the page of the row."""

    @property
    def day(self) -> date:
        return self.starting_at.date()


class AnalyticsAmounts(Struct, kw_only=True):
    """Cents, with as many decimals as the vendor sends."""

    amount: DecimalText
    """After discounts, before credits."""
    currency: str
    list_amount: DecimalText | None = None
    """Before discounts."""
    requests: Count | None = None
    """None in rows by cost_type or token_type, because one request has several of them."""


class AnalyticsCost(AnalyticsRow, kw_only=True):
    cost: AnalyticsAmounts


class AnalyticsTokens(Struct, kw_only=True):
    uncached_input_tokens: Count
    cache_read_input_tokens: Count
    cache_creation: CacheCreation
    output_tokens: Count
    server_tool_use: ServerToolUse
    requests: Count | None = None


class AnalyticsUsage(AnalyticsRow, kw_only=True):
    usage: AnalyticsTokens


class AnalyticsPage(TokenPage[R], Generic[R], kw_only=True):
    """A page. It says once for all its rows when the data was refreshed."""

    data_refreshed_at: Instant | None = None

    def __post_init__(self) -> None:
        for row in self.data:
            row.data_refreshed_at = self.data_refreshed_at
