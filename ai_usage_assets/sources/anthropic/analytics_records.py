"""Records of Anthropic's analytics endpoints (beta), in its own shape: rows of one UTC day, group and actor."""

from datetime import date
from typing import Any, Generic, TypeVar

from msgspec import Struct

from ai_usage_assets.sources.anthropic.records import CacheCreation, ServerToolUse, Timed
from ai_usage_assets.sources.http.decode import Count, DecimalText, Instant
from ai_usage_assets.sources.http.paging import TokenPage
from ai_usage_assets.whitespace import trim

R = TypeVar("R", bound="AnalyticsRow")


class AnalyticsActor(Struct, kw_only=True):
    """Who used it: `user_actor`, `service_account_actor`, `federated_actor` or `api_actor`; each has an id of its own."""

    type: str | None = None
    user_id: str | None = None
    email_address: str | None = None
    """None for an account that is deleted."""
    deleted: bool | None = None
    """True also for a person who has left and whose e-mail is still told."""
    service_account_id: str | None = None
    api_key_id: str | None = None
    subject: str | None = None
    """What the cloud or the identity provider calls the caller."""
    provider: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.email_address = trim(self.email_address or "") or None

    @property
    def id(self) -> str | None:
        """The actor's id; of a federated one what its provider calls it, or the provider's own id."""
        own = self.user_id or self.service_account_id or self.api_key_id or self.subject
        names = ("account_id", "subscription_id", "project_number", "issuer")
        provider = self.provider or {}
        return own or next((str(provider[name]) for name in names if provider.get(name)), None)


class AnalyticsGroup(Struct, kw_only=True):
    """What a row is about. Each may be null, and then none is known or there is none."""

    actor: AnalyticsActor | None = None
    api_key_id: str | None = None
    """The key that authenticated, whoever the actor is; None is traffic without one."""
    workspace_id: str | None = None
    """The real id, of the default workspace too; None is a Claude Enterprise organization's only workspace."""
    model: str | None = None
    cost_type: str | None = None
    token_type: str | None = None


class AnalyticsRow(Timed, kw_only=True):
    starting_at: Instant
    ending_at: Instant
    group: AnalyticsGroup
    data_refreshed_at: Instant | None = None
    """Of the page that the row came with."""

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
    """None in rows by cost_type or token_type: a request has several."""


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
    """A page, which says once for all its rows how new they are."""

    data_refreshed_at: Instant | None = None

    def __post_init__(self) -> None:
        for row in self.data:
            row.data_refreshed_at = self.data_refreshed_at
